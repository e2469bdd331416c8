"""What a task is, as the contract shows it and as its owner writes it; without pydantic, which only bodies need."""

from __future__ import annotations

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
        return cls(**_document(item, owner))

    def as_json(self) -> dict[str, Any]:
        """As the contract shows it."""
        return self._asdict()


def _document(item: Item, owner: str) -> dict[str, Any]:
    # Attribute by attribute rather than by boto3's TypeDeserializer, which costs seven times the CPU a page.
    return {
        "id": id_of(item),
        "user_id": owner,
        "title": item["title"]["S"],
        "description": item["description"]["S"] if "description" in item else None,
        "completed": item["completed"]["BOOL"],
        "completed_at": item["completed_at"]["S"] if "completed_at" in item else None,
        "due": item["due"]["S"] if "due" in item else None,
        "priority": item["priority"]["S"],
        "tags": tuple([tag["S"] for tag in item["tags"]["L"]]) if "tags" in item else (),
        "created_at": item["created_at"]["S"],
        "updated_at": item["updated_at"]["S"],
        "version": int(item["version"]["N"]),
        "etag": item[ETAG]["S"],
    }


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
    document=_document,
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
