"""The body of a create."""

from __future__ import annotations

from pydantic import ConfigDict

from taskapi.bodies.whole_task import WholeTask


class TaskCreation(WholeTask):
    """Body of ``POST …/tasks``."""

    model_config = ConfigDict(defer_build=False)
