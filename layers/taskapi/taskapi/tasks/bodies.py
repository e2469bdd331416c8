"""The request bodies of tasks."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator

from taskapi import due, text
from taskapi.errors import ValidationFailed, Violation
from taskapi.http.body import VISIBLE, Body, array, cleaned, refused
from taskapi.tasks.task import (
    LONGEST_DESCRIPTION,
    LONGEST_TAG,
    LONGEST_TITLE,
    MOST_TAGS,
    Priority,
    Task,
    TaskContent,
)


def _due(value: str) -> str:
    try:
        return due.parse(value)
    except ValueError:
        raise refused(
            "invalid_due",
            "Must be a date such as 2026-12-01, or an instant with an offset such as 2026-12-01T09:30:00+01:00.",
        ) from None


def _unique(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len({text.fold(tag) for tag in tags}) != len(tags):
        raise refused("duplicate_tag", "Tags must differ from one another by more than case.")
    return tags


Title = Annotated[str, cleaned(text.one_line, LONGEST_TITLE), VISIBLE]
Description = Annotated[str, cleaned(text.lines, LONGEST_DESCRIPTION)]
Due = Annotated[str, AfterValidator(_due)]
Tag = Annotated[str, cleaned(text.one_line, LONGEST_TAG), VISIBLE]
Tags = Annotated[tuple[Tag, ...], array(MOST_TAGS), AfterValidator(_unique)]

_READ_ONLY = frozenset(Task._fields) - frozenset(TaskContent._fields)


class WholeTask(Body):
    """Body of ``POST …/tasks`` and ``PUT …/tasks/{task_id}``; a member left out takes its default."""

    READ_ONLY = _READ_ONLY

    title: Title
    description: Description | None = None
    due: Due | None = None
    priority: Priority = "none"
    tags: Tags = ()
    completed: bool = False

    def content(self) -> TaskContent:
        """The task that the body describes; an empty description is none."""
        return TaskContent(**dict(self) | {"description": self.description or None})


class TaskPatch(Body):
    """Body of ``PATCH …/tasks/{task_id}``: a JSON Merge Patch (RFC 7396).

    Absent is not null: a member left out is left alone, one that is null is cleared. ``title`` and ``completed`` can't
    be; clearing ``priority`` or ``tags`` gives their defaults.
    """

    READ_ONLY = _READ_ONLY
    _CLEARED: ClassVar[dict[str, Any]] = {"priority": "none", "tags": ()}

    title: Title = ""
    description: Description | None = None
    due: Due | None = None
    priority: Priority | None = None
    tags: Tags | None = None
    completed: bool = False

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """As for every body; besides, an empty patch is refused."""
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
