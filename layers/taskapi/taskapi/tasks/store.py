"""The operations on one task, each as one DynamoDB round trip where what it assumes is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from taskapi.dynamo.entity import created_at
from taskapi.dynamo.idempotency import Once
from taskapi.dynamo.versioned import VersionedItems, Write
from taskapi.preconditions import UNCONDITIONAL, Precondition
from taskapi.tasks.task import TASK, UNDATED, Task, TaskContent

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item, Value
    from taskapi.dynamo.entity import Key
    from taskapi.dynamo.expressions import Update
    from taskapi.dynamo.stamp import Stamp
    from taskapi.dynamo.table import Table


class TaskStore:
    """The tasks of all users.

    Every method raises :class:`~taskapi.errors.StoreError` when DynamoDB does not serve it, with a key ``TaskNotFound``
    (but :meth:`replace`, which makes a task), and with a precondition ``PreconditionFailed``.
    """

    def __init__(self, table: Table) -> None:
        self._items = VersionedItems(table, TASK)

    def create(self, owner: str, content: TaskContent) -> Task:
        """Add a task under a new id."""
        return self.create_once(owner, content, None)[0]

    def create_once(self, owner: str, content: TaskContent, idempotency_key: str | None) -> tuple[Task, bool]:
        """As :meth:`create`, or the task as first answered within 24 hours, and whether it is that.

        Raises:
            IdempotencyKeyReused: the key was used for another content.
        """

        def members(stamp: Stamp) -> Mapping[str, Value | None]:
            if content.completed:
                return {**content._asdict(), "completed_at": stamp.time}
            return {**content._asdict(), "open_since": stamp.time, "open_due": content.due or UNDATED}

        once = None if idempotency_key is None else Once(idempotency_key, content._asdict())
        item, was_replayed = self._items.create(owner, members, once)
        return Task.from_item(item, owner), was_replayed

    def get(self, key: Key) -> Task:
        """Read a task."""
        return Task.from_item(self._items.get(key), key.owner)

    def replace(self, key: Key, content: TaskContent, precondition: Precondition = UNCONDITIONAL) -> tuple[Task, bool]:
        """Create the task, or replace all that its owner writes; whether it was created comes second."""

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            for name, value in content._asdict().items():
                update.set_or_remove(name, value)
            if content.completed:
                _complete(update, stamp)
            else:
                update.copy_or_set("open_since", "created_at", created_at(key.id))
                update.set("open_due", content.due or UNDATED)
                update.remove("completed_at")

        item, was_created = self._items.replace(key, change, precondition)
        return Task.from_item(item, key.owner), was_created

    def update(self, key: Key, changes: Mapping[str, Any], precondition: Precondition = UNCONDITIONAL) -> Task:
        """Change some members of :class:`TaskContent`; None or () removes one."""

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            for name, value in changes.items():
                update.set_or_remove(name, value)
            completed = changes.get("completed")
            if completed is True:
                _complete(update, stamp)
            elif completed is False:
                _reopen(update)
            if completed is not True and "due" in changes:
                # May leave an `open_due` on a completed task; the open list drops what is completed.
                update.set("open_due", changes["due"] or UNDATED)
            elif completed is False:
                update.copy_or_set("open_due", "due", UNDATED)

        item, _ = self._items.write(key, Write(change), precondition)
        return Task.from_item(item, key.owner)

    def delete(self, key: Key, precondition: Precondition = UNCONDITIONAL) -> None:
        """Delete a task."""
        self._items.delete(key, precondition)

    def toggle(self, key: Key, completed: bool | None = None, precondition: Precondition = UNCONDITIONAL) -> Task:
        """Complete or reopen a task, leaving one that is so untouched.

        None flips, which takes a second round trip when the task turns out to be completed.
        """

        def change(update: Update, stamp: Stamp, seen: Item | None) -> None:
            target = completed if completed is not None else not (seen is not None and seen["completed"]["BOOL"])
            update.require_equal("completed", not target)
            update.set("completed", target)
            if target:
                _complete(update, stamp)
            else:
                _reopen(update)
                update.copy_or_set("open_due", "due", UNDATED)

        write = Write(change, is_done=lambda item: item["completed"]["BOOL"] is completed)
        item, _ = self._items.write(key, write, precondition)
        return Task.from_item(item, key.owner)


def _complete(update: Update, stamp: Stamp) -> None:
    """Into the index of completed tasks, out of those of open ones; a task that is there keeps its time."""
    update.set_if_absent("completed_at", stamp.time)
    update.remove("open_since", "open_due")


def _reopen(update: Update) -> None:
    """Out of the index of completed tasks, into those of open ones; `open_due` is the caller's to set."""
    update.copy("open_since", "created_at")
    update.remove("completed_at")
