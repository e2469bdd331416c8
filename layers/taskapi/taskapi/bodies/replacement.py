"""The body of a replacement."""

from __future__ import annotations

from pydantic import ConfigDict

from taskapi.bodies.whole_task import WholeTask


class TaskReplacement(WholeTask):
    """Body of ``PUT …/tasks/{task_id}``: the whole task; a member left out takes its default, as in a new task."""

    model_config = ConfigDict(defer_build=False)
