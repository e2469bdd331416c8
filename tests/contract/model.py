"""A user's tasks as a plain dictionary: what every operation should do, and nothing of how the store does it.

Etags are the store's own to choose; here they are all :data:`ANY_ETAG`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taskapi import clock, uuid7
from taskapi.errors import PreconditionFailed, TaskNotFound
from taskapi.tasks.query import Sort, Status
from taskapi.tasks.task import Task, TaskContent

ANY_ETAG = "*"


@dataclass(frozen=True)
class Condition:
    """A precondition in plain terms.

    Attributes:
        must_exist: ``If-Match: *``.
        must_be: ``If-Match`` with the entity tag of one version.
        must_not_exist: ``If-None-Match: *``.
    """

    must_exist: bool = False
    must_be: int | None = None
    must_not_exist: bool = False

    def holds(self, version: int | None) -> bool:
        """Whether it holds for a task's version; None for no task."""
        if version is None:
            return not self.must_exist and self.must_be is None
        return not self.must_not_exist and self.must_be in (None, version)


@dataclass(frozen=True)
class Entry:
    """A task, or a grave (``task`` as it last was, ``deleted``)."""

    task: Task
    deleted: bool = False


@dataclass(frozen=True)
class Listing:
    """Which tasks a list has, in plain terms.

    Attributes:
        first_day: ``due_from`` as a date.
        end_day: ``due_before`` as a date.
        tag: In any case.
        text: ``q``, in any case.
    """

    status: Status
    sort: Sort
    priority: str | None = None
    tag: str | None = None
    text: str | None = None
    first_day: str | None = None
    end_day: str | None = None

    def has(self, task: Task) -> bool:
        """Whether a task is in it."""
        texts = [task.title, task.description or "", *task.tags]
        day = None if task.due is None else task.due[:10]
        return (
            self.status in ("all", "completed" if task.completed else "open")
            and self.priority in (None, task.priority)
            and (self.tag is None or self.tag.casefold() in {tag.casefold() for tag in task.tags})
            and (self.text is None or any(self.text.casefold() in text.casefold() for text in texts))
            and (self.first_day is None or (day is not None and day >= self.first_day))
            and (self.end_day is None or (day is not None and day < self.end_day))
        )

    def place(self, task: Task) -> tuple[bool, str]:
        """Where a task stands in it, ascending; equal ones may stand either way."""
        if self.sort == "due":
            return (task.due is None, task.due or "")
        if self.sort == "created_at" and self.status == "all":
            return (False, task.id)
        return (False, str(getattr(task, self.sort)))


@dataclass
class Model:
    """One user's tasks.

    Attributes:
        entries: By task id, graves included.
    """

    owner: str
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def tasks(self) -> dict[str, Task]:
        """The live tasks by id."""
        return {task_id: entry.task for task_id, entry in self.entries.items() if not entry.deleted}

    def version(self, task_id: str) -> int | None:
        """A live task's version."""
        task = self.tasks.get(task_id)
        return None if task is None else task.version

    def create(self, task_id: str, content: TaskContent, now_ms: int) -> Task:
        """A new task under an id that the store has minted."""
        assert task_id not in self.entries
        now = clock.timestamp(now_ms)
        return self._keep(self._new(task_id, content, created_at=now, updated_at=now, version=1))

    def get(self, task_id: str) -> Task:
        """Raises TaskNotFound."""
        task = self.tasks.get(task_id)
        if task is None:
            raise TaskNotFound
        return task

    def replace(self, task_id: str, content: TaskContent, condition: Condition, now_ms: int) -> tuple[Task, bool]:
        """Raises PreconditionFailed."""
        before = self.entries.get(task_id)
        self._check(task_id, condition)
        now = self._now(task_id, now_ms)
        if before is None:
            created_at = clock.timestamp(uuid7.milliseconds(task_id))
            return self._keep(self._new(task_id, content, created_at, now, 1)), True
        after = self._new(task_id, content, before.task.created_at, now, before.task.version + 1)
        if not before.deleted and content.completed and before.task.completed:
            after = after._replace(completed_at=before.task.completed_at)
        return self._keep(after), before.deleted

    def update(self, task_id: str, changes: Mapping[str, Any], condition: Condition, now_ms: int) -> Task:
        """Raises TaskNotFound, PreconditionFailed."""
        task = self.get(task_id)
        self._check(task_id, condition)
        now = self._now(task_id, now_ms)
        after = task._replace(**changes, updated_at=now, version=task.version + 1)
        if after.completed != task.completed:
            after = after._replace(completed_at=now if after.completed else None)
        return self._keep(after)

    def toggle(self, task_id: str, completed: bool | None, condition: Condition, now_ms: int) -> Task:
        """Raises TaskNotFound, PreconditionFailed."""
        task = self.get(task_id)
        self._check(task_id, condition)
        if completed is task.completed:
            return task
        return self.update(task_id, {"completed": not task.completed}, Condition(), now_ms)

    def delete(self, task_id: str, condition: Condition, now_ms: int) -> None:
        """Raises TaskNotFound, PreconditionFailed."""
        task = self.get(task_id)
        self._check(task_id, condition)
        now = self._now(task_id, now_ms)
        self.entries[task_id] = Entry(task._replace(updated_at=now, version=task.version + 1), deleted=True)

    def _check(self, task_id: str, condition: Condition) -> None:
        if not condition.holds(self.version(task_id)):
            task = self.tasks.get(task_id)
            raise PreconditionFailed("", task.as_json() if task else None)

    def _now(self, task_id: str, now_ms: int) -> str:
        """The clock's time, but always after the task's last change."""
        now = clock.timestamp(now_ms)
        entry = self.entries.get(task_id)
        if entry is None or now > entry.task.updated_at:
            return now
        return clock.timestamp(clock.milliseconds(entry.task.updated_at) + 1)

    def _new(self, task_id: str, content: TaskContent, created_at: str, updated_at: str, version: int) -> Task:
        return Task(
            id=task_id,
            user_id=self.owner,
            title=content.title,
            description=content.description,
            completed=content.completed,
            completed_at=updated_at if content.completed else None,
            due=content.due,
            priority=content.priority,
            tags=content.tags,
            created_at=created_at,
            updated_at=updated_at,
            version=version,
            etag=ANY_ETAG,
        )

    def _keep(self, task: Task) -> Task:
        self.entries[task.id] = Entry(task)
        return task
