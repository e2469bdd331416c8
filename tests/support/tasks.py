"""Tasks, and the items that they are stored as."""

from __future__ import annotations

from typing import Any

from taskapi import clock
from taskapi.stamp import Stamp
from taskapi.task import Task, TaskKey, attribute
from tests.support.proxy_events import OWNER, TASK_ID

CREATED = "2026-11-20T09:30:00.123Z"
FIRST_WRITE = Stamp.at(clock.milliseconds(CREATED)).write_id
EARLIER_WRITE = Stamp.at(clock.milliseconds(CREATED) + 1).write_id


def task(**changes: Any) -> Task:
    """An open task of the default owner, with these members changed."""
    plain = Task(
        task_id=TASK_ID,
        owner=OWNER,
        title="Pay rent",
        description=None,
        completed=False,
        completed_at=None,
        due=None,
        priority="none",
        tags=(),
        created_at=CREATED,
        updated_at=CREATED,
        version=1,
        etag=EARLIER_WRITE,
    )
    return plain._replace(**changes)


def item_of(stored: Task, **more: Any) -> dict[str, Any]:
    """The item of a task, with its index attributes; ``more`` adds attributes (Python values)."""
    members: dict[str, Any] = {
        "title": stored.title,
        "description": stored.description,
        "due": stored.due,
        "priority": stored.priority,
        "tags": stored.tags,
        "completed": stored.completed,
        "completed_at": stored.completed_at,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "version": stored.version,
        "write_id": stored.etag,
        "created_write_id": FIRST_WRITE,
    }
    if not stored.completed:
        members |= {"open_since": stored.created_at, "open_due": stored.due or "~"}
    present = {name: attribute(value) for name, value in (members | more).items() if value is not None and value != ()}
    return {**TaskKey(stored.owner, stored.task_id).as_item(), **present}


def tombstone(*, version: int = 2, owner: str = OWNER, task_id: str = TASK_ID) -> dict[str, Any]:
    """The item of a deleted task."""
    members: dict[str, Any] = {
        "created_at": CREATED,
        "updated_at": CREATED,
        "deleted_at": CREATED,
        "expires_at": 1_766_000_000,
        "version": version,
        "write_id": EARLIER_WRITE,
    }
    return {**TaskKey(owner, task_id).as_item(), **{name: attribute(value) for name, value in members.items()}}
