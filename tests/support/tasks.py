"""Tasks, and the items that they are stored as."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from taskapi import clock, positions, uuid7
from taskapi.dynamo.attributes import attributes
from taskapi.dynamo.entity import Key
from taskapi.dynamo.paging import Page
from taskapi.dynamo.stamp import Stamp
from taskapi.dynamo.table import Table
from taskapi.tasks import place
from taskapi.tasks.pages import TaskPages
from taskapi.tasks.query import ListQuery
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK, Task
from tests.support.proxy_events import OWNER, TASK_ID

POSITION = positions.at(uuid7.milliseconds(TASK_ID))
CREATED = "2026-11-20T09:30:00.123Z"
FIRST_WRITE = Stamp.at(clock.milliseconds(CREATED)).write_id
EARLIER_WRITE = Stamp.at(clock.milliseconds(CREATED) + 1).write_id


class Listed(NamedTuple):
    """A page, of tasks."""

    tasks: list[Task]
    next_cursor: str | None


class Tasks(TaskStore):
    """All operations on tasks: those of the functions' two stores."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._pages = TaskPages(table)

    def read(self, owner: str, query: ListQuery) -> Page:
        """See TaskPages.read."""
        return self._pages.read(owner, query)

    def list(self, owner: str, query: ListQuery) -> Listed:
        """A page's tasks."""
        page = self.read(owner, query)
        return Listed([Task.from_json(json.loads(text)) for text in page.items], page.next_cursor)


def task_key(owner: str, task_id: str) -> Key:
    """The key of a task."""
    return Key(TASK, owner, task_id)


def task(**changes: Any) -> Task:
    """An open task of the default owner, with these members changed."""
    plain = Task(
        id=TASK_ID,
        user_id=OWNER,
        title="Pay rent",
        description=None,
        completed=False,
        completed_at=None,
        due=None,
        priority="none",
        tags=(),
        list_id=None,
        position=POSITION,
        checklist=(),
        trashed_at=None,
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
        "checklist": [entry._asdict() for entry in stored.checklist] or None,
        "home": place.home(stored.list_id, stored.position, stored.id),
        "completed": stored.completed,
        "completed_at": stored.completed_at,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "version": stored.version,
        "write_id": stored.etag,
        "created_write_id": FIRST_WRITE,
    }
    if stored.completed:
        members["closed"] = stored.completed_at
    if stored.trashed_at:
        trashed_seconds = clock.milliseconds(stored.trashed_at) // 1000
        members |= {"closed": f"T#{stored.trashed_at}", "trashed_at": stored.trashed_at}
        members["expires_at"] = trashed_seconds + 30 * 86_400
    elif not stored.completed:
        members |= {"open_since": stored.created_at, "open_due": stored.due or "~", "place": members["home"]}
    return {**task_key(stored.user_id, stored.id).as_item(), **attributes(members | more)}


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
    return {**task_key(owner, task_id).as_item(), **attributes(members)}
