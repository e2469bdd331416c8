"""The task: what it is, where it lives in the table, and its item and JSON forms.

Standard library only: the operations that read no body must not pay for pydantic at initialisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from taskapi import clock, uuid7
from taskapi.stamp import WRITE_IDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = Mapping[str, "AttributeValueTypeDef"]
"""A DynamoDB item, attribute name to typed value: ``{"title": {"S": "Pay rent"}}``."""

Priority = Literal["none", "low", "medium", "high"]

LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 16_384
LONGEST_TAG = 50
MOST_TAGS = 20
"""Of a task; lengths are characters, after trimming and normalising."""

PARTITION_KEY = "pk"
SORT_KEY = "sk"
TASK_PREFIX = "TASK#"

ETAG = WRITE_IDS[0]
"""Attribute of a task's entity tag: the id of its last write, which no other write of any task has."""

UNDATED = "~"
"""``open_due`` of a task without a due date: sorts after every digit, so undated tasks come last."""

TOMBSTONE_SECONDS = 30 * 24 * 3600
"""How long a deleted task's tombstone is kept before DynamoDB's TTL may remove it."""


def partition(owner: str) -> str:
    """The partition key of everything that belongs to ``owner``, the ``sub`` of a verified token."""
    return f"USER#{owner}"


class TaskKey(NamedTuple):
    """The primary key of one task.

    Attributes:
        owner: The authenticated user; never a value that the client chose.
        task_id: UUIDv7 in canonical form.
    """

    owner: str
    task_id: str

    def as_item(self) -> dict[str, AttributeValueTypeDef]:
        """``{"pk": {"S": "USER#…"}, "sk": {"S": "TASK#…"}}``."""
        return {PARTITION_KEY: {"S": partition(self.owner)}, SORT_KEY: {"S": TASK_PREFIX + self.task_id}}


class TaskContent(NamedTuple):
    """The members of a task that its owner writes, validated and normalised.

    Attributes:
        title: 1 to 500 characters.
        description: Up to 16,384 characters, or None.
        due: ``2026-12-01`` (a whole day) or ``2026-12-01T09:30:00.000Z`` (an instant), or None.
        priority: ``none``, ``low``, ``medium`` or ``high``.
        tags: Up to 20, unique ignoring case, in the owner's order.
        completed: Whether it is done.
    """

    title: str
    description: str | None = None
    due: str | None = None
    priority: Priority = "none"
    tags: tuple[str, ...] = ()
    completed: bool = False


class Task(NamedTuple):
    """A task as it is stored. Timestamps are RFC 3339 in UTC with milliseconds; ``version`` counts its writes from 1.

    Attributes:
        etag: What tells this state of this task from all others, of any task: opaque, 19 URL-safe characters.
    """

    task_id: str
    owner: str
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

    @property
    def entity_tag(self) -> str:
        """The value of the ``ETag`` header (RFC 9110 section 8.8.3): ``etag``, quoted."""
        return f'"{self.etag}"'

    def as_json(self) -> dict[str, object]:
        """The resource as the contract shows it (design of the ``Task`` schema in docs/task-api.md)."""
        return {
            "id": self.task_id,
            "user_id": self.owner,
            "title": self.title,
            "description": self.description,
            "completed": self.completed,
            "completed_at": self.completed_at,
            "due": self.due,
            "priority": self.priority,
            "tags": self.tags,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "version": self.version,
            "etag": self.etag,
        }

    @classmethod
    def from_item(cls, item: Item, owner: str) -> Task:
        """The task in an item of ``owner``'s partition that is not a tombstone.

        Explicit per attribute rather than by boto3's TypeDeserializer, which costs seven times the CPU a page.
        """
        return cls(
            task_id=task_id_of(item),
            owner=owner,
            title=item["title"]["S"],
            description=_optional(item, "description"),
            completed=item["completed"]["BOOL"],
            completed_at=_optional(item, "completed_at"),
            due=_optional(item, "due"),
            priority=item["priority"]["S"],
            tags=tuple([tag["S"] for tag in item["tags"]["L"]]) if "tags" in item else (),
            created_at=item["created_at"]["S"],
            updated_at=item["updated_at"]["S"],
            version=int(item["version"]["N"]),
            etag=item[ETAG]["S"],
        )


def _optional(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def task_id_of(item: Item) -> str:
    """The id in an item's sort key."""
    return item[SORT_KEY]["S"][len(TASK_PREFIX) :]


def is_tombstone(item: Item) -> bool:
    """Whether the item stands for a deleted task. True also after ``expires_at``: TTL removes late, never early."""
    return "deleted_at" in item


def created_at(task_id: str) -> str:
    """When a task counts as created: the instant in its id.

    ``GET …/tasks`` sorts all tasks by id and open ones by ``created_at``; taking one from the other keeps both orders
    the same, for tasks that a client minted offline and sent hours later, and for those of a clock that is ahead.
    """
    return clock.timestamp(uuid7.milliseconds(task_id))


def attribute(value: str | bool | int | Sequence[str]) -> AttributeValueTypeDef:
    """A task member's DynamoDB form: S, BOOL, N, or L of S for tags (a set would lose their order)."""
    if isinstance(value, bool):  # before int: a bool is one
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    return {"L": [{"S": tag} for tag in value]}
