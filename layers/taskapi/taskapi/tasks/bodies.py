"""The request bodies of tasks."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from taskapi import due, text, uuid7
from taskapi.http.body import VISIBLE, Body, Patch, Position, array, cleaned, few_unknown, refused
from taskapi.tasks.task import (
    LONGEST_DESCRIPTION,
    LONGEST_ENTRY,
    LONGEST_TAG,
    LONGEST_TITLE,
    MOST_DESCRIPTION_BYTES,
    MOST_ENTRIES,
    MOST_TAGS,
    ChecklistEntry,
    Priority,
    Task,
    TaskContent,
)

_ENTRY_ID = re.compile(r"[\x21-\x7e]{1,36}")


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


def _not_too_big(description: str) -> str:
    if len(description.encode()) > MOST_DESCRIPTION_BYTES:
        raise refused("too_long", f"Must be at most {MOST_DESCRIPTION_BYTES:,} bytes long in UTF-8.")
    return description


def _list_id(value: str) -> str:
    uuid = uuid7.parse(value)
    if uuid is None:
        raise refused("invalid_list_id", "Must be a UUID of version 7 (RFC 9562), or null for the inbox.")
    return uuid


def _entry_id(value: str) -> str:
    if not _ENTRY_ID.fullmatch(value):
        raise refused("invalid_entry_id", "Must be 1 to 36 visible ASCII characters.")
    return value


def _with_ids_of_their_own(entries: tuple[NewEntry, ...]) -> tuple[NewEntry, ...]:
    if len({entry.id for entry in entries}) != len(entries):
        raise refused("duplicate_entry_id", "The ids of a checklist's entries must differ.")
    return entries


Title = Annotated[str, cleaned(text.one_line, LONGEST_TITLE), VISIBLE]
Description = Annotated[str, cleaned(text.lines, LONGEST_DESCRIPTION), AfterValidator(_not_too_big)]
Due = Annotated[str, AfterValidator(_due)]
Tag = Annotated[str, cleaned(text.one_line, LONGEST_TAG), VISIBLE]
Tags = Annotated[tuple[Tag, ...], array(MOST_TAGS), AfterValidator(_unique)]
ListId = Annotated[str, AfterValidator(_list_id)]


class NewEntry(Body):
    """An entry of a checklist."""

    id: Annotated[str, AfterValidator(_entry_id)]
    title: Annotated[str, cleaned(text.one_line, LONGEST_ENTRY), VISIBLE]
    completed: bool = False


Entry = Annotated[NewEntry, BeforeValidator(lambda value: few_unknown(value, ChecklistEntry._fields))]
Checklist = Annotated[tuple[Entry, ...], array(MOST_ENTRIES), AfterValidator(_with_ids_of_their_own)]

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
    list_id: ListId | None = None
    position: Position | None = None
    checklist: Checklist = ()

    def content(self) -> TaskContent:
        """The task that the body describes; an empty description is none."""
        members = {"description": self.description or None, "checklist": _entries(self.checklist)}
        return TaskContent(**dict(self) | members)


class TaskPatch(Patch):
    """Body of ``PATCH …/tasks/{task_id}``.

    ``title`` and ``completed`` can't be cleared; clearing another gives its default.
    """

    READ_ONLY = _READ_ONLY
    CLEARED = {"priority": "none", "tags": (), "checklist": ()}  # noqa: RUF012

    title: Title = ""
    description: Description | None = None
    due: Due | None = None
    priority: Priority | None = None
    tags: Tags | None = None
    completed: bool = False
    list_id: ListId | None = None
    position: Position | None = None
    checklist: Checklist | None = None

    def changes(self) -> dict[str, Any]:
        """As of every patch; a checklist as the task has it."""
        changes = super().changes()
        if "checklist" in changes:
            changes["checklist"] = _entries(self.checklist or ())
        return changes


def _entries(checklist: tuple[NewEntry, ...]) -> tuple[ChecklistEntry, ...]:
    return tuple(ChecklistEntry(entry.id, entry.title, entry.completed) for entry in checklist)
