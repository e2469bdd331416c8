"""What a task is, as the contract shows it and as its owner writes it; without pydantic, which only bodies need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring as _text
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from taskapi.dynamo.entity import Entity, id_of
from taskapi.dynamo.stamp import ETAG
from taskapi.errors import TaskNotFound
from taskapi.tasks import place

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from taskapi.dynamo.attributes import Item

Priority = Literal["none", "low", "medium", "high"]

# Lengths are characters, after trimming and normalising.
LONGEST_TITLE: Final = 500
LONGEST_DESCRIPTION: Final = 16_384
MOST_DESCRIPTION_BYTES: Final = 32_768
"""Of UTF-8. An item and its copies in indexes may have 400 KB together; an open task is in four."""
LONGEST_TAG: Final = 50
MOST_TAGS: Final = 20
LONGEST_ENTRY: Final = 150
MOST_ENTRIES: Final = 50

UNDATED: Final = "~"
"""``open_due`` of a task without a due date: sorts after every digit, so undated tasks come last."""


TRASHED: Final = "T#"
"""Of ``closed``, before the time, of a task in the trash: those stand behind all that are completed."""
TRASH_MARK: Final = "trashed_at"
"""An attribute of tasks in the trash alone."""
OPEN: Final = ("open_since", "open_due", "place")
"""Attributes that put a task into the indexes of open ones."""
INDEXED: Final = (*OPEN, "closed")


class ChecklistEntry(NamedTuple):
    """A part of a task that is ticked off by itself; ``id`` is the client's, unique in the task."""

    id: str
    title: str
    completed: bool = False


class TaskContent(NamedTuple):
    """The members of a task that its owner writes, validated and normalised.

    Attributes:
        title: 1 to 500 characters.
        description: Up to 16,384 characters, or None.
        due: ``2026-12-01`` (a whole day) or ``2026-12-01T09:30:00.000Z`` (an instant), or None.
        tags: Up to 20, unique ignoring case, in the owner's order.
        list_id: A UUIDv7, or None for the inbox.
        position: A key of taskapi.positions; None is the place at the end that the task's id gives.
        checklist: Up to 50 entries, in the owner's order.
    """

    title: str
    description: str | None = None
    due: str | None = None
    priority: Priority = "none"
    tags: tuple[str, ...] = ()
    completed: bool = False
    list_id: str | None = None
    position: str | None = None
    checklist: tuple[ChecklistEntry, ...] = ()


class Task(NamedTuple):
    """The resource, member by member (``Task`` in docs/openapi.yaml). Timestamps are RFC 3339, UTC, milliseconds."""

    id: str
    user_id: str
    title: str
    description: str | None
    completed: bool
    completed_at: str | None
    due: str | None
    priority: str
    tags: tuple[str, ...]
    list_id: str | None
    position: str
    checklist: tuple[ChecklistEntry, ...]
    trashed_at: str | None
    created_at: str
    updated_at: str
    version: int
    etag: str

    @classmethod
    def from_item(cls, item: Item, owner: str) -> Task:
        """The task in a live item of ``owner``'s partition."""
        return cls.from_json(json.loads(_json(item, owner)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Task:
        """The inverse of :meth:`as_json`."""
        checklist = tuple(ChecklistEntry(**entry) for entry in document["checklist"])
        return cls(**{**document, "tags": tuple(document["tags"]), "checklist": checklist})

    def as_json(self) -> dict[str, Any]:
        """As the contract shows it."""
        return {**self._asdict(), "tags": list(self.tags), "checklist": [entry._asdict() for entry in self.checklist]}


def _json(item: Item, owner: str) -> str:
    list_id, position = place.list_and_position(item)
    # Text by text: a dictionary and json.dumps of it take twice the CPU for a page, and boto3's TypeDeserializer more.
    return (
        f'{{"id":{_text(id_of(item))},"user_id":{_text(owner)},"title":{_text(item["title"]["S"])}'
        f',"description":{_text(item["description"]["S"]) if "description" in item else "null"}'
        f',"completed":{"true" if item["completed"]["BOOL"] else "false"}'
        f',"completed_at":{_text(item["completed_at"]["S"]) if "completed_at" in item else "null"}'
        f',"due":{_text(item["due"]["S"]) if "due" in item else "null"},"priority":{_text(item["priority"]["S"])}'
        f',"tags":[{",".join([_text(tag["S"]) for tag in item["tags"]["L"]]) if "tags" in item else ""}]'
        f',"list_id":{_text(list_id) if list_id else "null"},"position":"{position}"'
        f',"checklist":[{_entries(item["checklist"]["L"]) if "checklist" in item else ""}]'
        f',"trashed_at":{_text(item[TRASH_MARK]["S"]) if TRASH_MARK in item else "null"}'
        f',"created_at":{_text(item["created_at"]["S"])},"updated_at":{_text(item["updated_at"]["S"])}'
        f',"version":{item["version"]["N"]},"etag":{_text(item[ETAG]["S"])}}}'
    )


def _entries(checklist: Sequence[AttributeValueTypeDef]) -> str:
    return ",".join(
        [
            f'{{"id":{_text(entry["id"]["S"])},"title":{_text(entry["title"]["S"])}'
            f',"completed":{"true" if entry["completed"]["BOOL"] else "false"}}}'
            for entry in [each["M"] for each in checklist]
        ]
    )


TASK: Final = Entity(
    noun="task",
    prefix="TASK#",
    parameter="task_id",
    bad_id="invalid_task_id",
    id_ahead="task_id_ahead",
    not_found=TaskNotFound,
    content=(
        "title",
        "description",
        "due",
        "priority",
        "tags",
        "completed",
        "completed_at",
        "checklist",
        "home",
        TRASH_MARK,
        *INDEXED,
    ),
    json=_json,
    shown=(
        "title",
        "description",
        "completed",
        "completed_at",
        "due",
        "priority",
        "tags",
        "home",
        "checklist",
        TRASH_MARK,
        "created_at",
        "updated_at",
        "version",
        ETAG,
    ),
)
