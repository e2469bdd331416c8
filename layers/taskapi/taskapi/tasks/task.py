"""What a task is, as the contract shows it and as its owner writes it; without pydantic, which only bodies need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring as _text
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from taskapi.dynamo.entity import Entity, id_of
from taskapi.dynamo.stamp import ETAG
from taskapi.errors import TaskNotFound

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item

Priority = Literal["none", "low", "medium", "high"]

# Lengths are characters, after trimming and normalising.
LONGEST_TITLE: Final = 500
LONGEST_DESCRIPTION: Final = 16_384
LONGEST_TAG: Final = 50
MOST_TAGS: Final = 20

UNDATED: Final = "~"
"""``open_due`` of a task without a due date: sorts after every digit, so undated tasks come last."""


class TaskContent(NamedTuple):
    """The members of a task that its owner writes, validated and normalised.

    Attributes:
        title: 1 to 500 characters.
        description: Up to 16,384 characters, or None.
        due: ``2026-12-01`` (a whole day) or ``2026-12-01T09:30:00.000Z`` (an instant), or None.
        tags: Up to 20, unique ignoring case, in the owner's order.
    """

    title: str
    description: str | None = None
    due: str | None = None
    priority: Priority = "none"
    tags: tuple[str, ...] = ()
    completed: bool = False


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
        return cls(**{**document, "tags": tuple(document["tags"])})

    def as_json(self) -> dict[str, Any]:
        """As the contract shows it."""
        return {**self._asdict(), "tags": list(self.tags)}


def _json(item: Item, owner: str) -> str:
    # Text by text: a dictionary and json.dumps of it take twice the CPU for a page, and boto3's TypeDeserializer more.
    return (
        f'{{"id":{_text(id_of(item))},"user_id":{_text(owner)},"title":{_text(item["title"]["S"])}'
        f',"description":{_text(item["description"]["S"]) if "description" in item else "null"}'
        f',"completed":{"true" if item["completed"]["BOOL"] else "false"}'
        f',"completed_at":{_text(item["completed_at"]["S"]) if "completed_at" in item else "null"}'
        f',"due":{_text(item["due"]["S"]) if "due" in item else "null"},"priority":{_text(item["priority"]["S"])}'
        f',"tags":[{",".join([_text(tag["S"]) for tag in item["tags"]["L"]]) if "tags" in item else ""}]'
        f',"created_at":{_text(item["created_at"]["S"])},"updated_at":{_text(item["updated_at"]["S"])}'
        f',"version":{item["version"]["N"]},"etag":{_text(item[ETAG]["S"])}}}'
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
        "open_since",
        "open_due",
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
        "created_at",
        "updated_at",
        "version",
        ETAG,
    ),
)
