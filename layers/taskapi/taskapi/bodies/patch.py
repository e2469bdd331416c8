"""The body of an update.

Absent is not null: a member that a merge patch leaves out is left alone, one that is null is cleared (RFC 7396).
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from taskapi.bodies import Body, Description, Due, Tags, Title
from taskapi.errors import ValidationFailed, Violation
from taskapi.task import Priority


class TaskPatch(Body):
    """Body of ``PATCH …/tasks/{task_id}``: a JSON Merge Patch (RFC 7396).

    ``title`` and ``completed`` can't be cleared; clearing ``priority`` or ``tags`` gives their defaults.
    """

    model_config = ConfigDict(defer_build=False)

    _CLEARED: ClassVar[dict[str, Any]] = {"priority": "none", "tags": ()}

    title: Title = ""
    description: Description | None = None
    due: Due | None = None
    priority: Priority | None = None
    tags: Tags | None = None
    completed: bool = False

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """As for every body; besides, an empty patch is refused.

        Raises:
            ValidationFailed: something is wrong, or there is nothing to change.
        """
        patch = super().from_decoded(value)
        if not patch.model_fields_set:
            raise ValidationFailed([Violation("empty_patch", "The patch must have at least one member.")])
        return patch

    def changes(self) -> dict[str, Any]:
        """Member name to new value, for the members that the patch has; None means: remove it."""
        changes = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            changes[name] = self._CLEARED.get(name) if value in (None, "") else value
        return changes
