"""TaskStore: each operation of the API as one DynamoDB round trip.

Every write carries a condition, and a failed condition brings the item back (``ReturnValuesOnConditionCheckFailure``),
so nothing is ever read before it is written. What a write assumes and cannot know (that a task is open, say) is part
of the condition; when it turns out wrong, the item says so and the write is built anew: the second trip is the
exception.

botocore sends a request again when the reply was lost; :mod:`taskapi.stamp` is how a write recognises that it was
applied already. That is the success, not a conflict.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import taskapi
from taskapi import clock, uuid7
from taskapi.budget import DEFAULT_BUDGET, ReadBudget
from taskapi.dynamodb import ConditionFailed, Put, Table, TransactionRefused
from taskapi.errors import (
    IdempotencyKeyReused,
    PreconditionFailed,
    StoreUnavailable,
    TaskNotFound,
)
from taskapi.expressions import Update
from taskapi.idempotency import (
    KEPT_SECONDS,
    IdempotencyRecord,
    fingerprint,
    first_answer,
)
from taskapi.preconditions import UNCONDITIONAL, Precondition
from taskapi.stamp import Stamp
from taskapi.task import (
    ETAG,
    TOMBSTONE_SECONDS,
    UNDATED,
    Item,
    Task,
    TaskContent,
    TaskKey,
    attribute,
    created_at,
    is_tombstone,
)

if TYPE_CHECKING:
    import taskapi.pages
    from taskapi.pages import Page
    from taskapi.query import ListQuery

MOST_ATTEMPTS: Final = 16
"""Times that one write is built anew before it gives up on a task that others keep changing under it."""

_LIVE: Final = "title"
"""An attribute that every task has and no tombstone has."""


Change = Callable[[Update, Stamp, "Item | None"], None]
"""Adds one operation's clauses to an update, given its stamp and the item as last seen (None: not seen)."""


class _Write(NamedTuple):
    """One operation's write of one task.

    Attributes:
        change: Adds the operation's own clauses.
        creates: Whether a task that is not there (or deleted) may come to be.
        deletes: Whether the task is a tombstone afterwards.
        is_done: Whether a live item that meets the precondition needs no write at all.
    """

    change: Change
    creates: bool = False
    deletes: bool = False
    is_done: Callable[[Item], bool] = lambda _item: False


class TaskStore:
    """The tasks of all users.

    Attributes:
        read_budget: The most that one page may cost.

    Every method raises :class:`~taskapi.errors.TooManyRequests` or :class:`~taskapi.errors.StoreUnavailable` when
    DynamoDB does not serve it.
    """

    def __init__(
        self,
        table: Table,
        *,
        now_ms: Callable[[], int] = clock.now_ms,
        read_budget: ReadBudget = DEFAULT_BUDGET,
    ) -> None:
        """Make a store.

        Args:
            table: Where the tasks are.
            now_ms: The clock, in Unix milliseconds.
            read_budget: The most that one page may cost.
        """
        self._table = table
        self._now_ms = now_ms
        self.read_budget = read_budget

    def create(self, owner: str, content: TaskContent) -> Task:
        """Add a task under a new id."""
        stamp = Stamp.at(self._now_ms())
        item = _new_item(owner, content, stamp)
        # Under an id of 74 fresh random bits there is only what a first attempt has put there whose reply was lost.
        with contextlib.suppress(ConditionFailed):
            self._table.put_new(item)
        return Task.from_item(item, owner)

    def create_once(self, owner: str, content: TaskContent, idempotency_key: str | None) -> tuple[Task, bool]:
        """Add a task under a new id, or find that the same request did so in the last 24 hours.

        Args:
            owner: The user.
            content: The task.
            idempotency_key: The client's ``Idempotency-Key``; None makes it a plain :meth:`create`.

        Returns:
            The task as first answered, and whether this is a replay.

        Raises:
            IdempotencyKeyReused: the key was used for another task content.
        """
        if idempotency_key is None:
            return self.create(owner, content), False
        stamp = Stamp.at(self._now_ms())
        now = stamp.ms // 1000
        item = _new_item(owner, content, stamp)
        record = IdempotencyRecord(
            owner, idempotency_key, fingerprint(content), stamp.write_id, now + KEPT_SECONDS, item
        )
        # TTL removes a record up to days late: one that has expired is overwritten.
        unused = Put(
            record.as_item(),
            "attribute_not_exists(pk) OR expires_at <= :now",
            {"ExpressionAttributeValues": {":now": attribute(now)}},
        )
        try:
            self._table.put_all([Put(item), unused])
        except TransactionRefused as refused:
            existing = refused.items[1]
            if existing is None:  # two equal ids of 74 random bits: not in this world's lifetime
                raise StoreUnavailable from refused
            if existing["fingerprint"]["S"] != record.fingerprint:
                raise IdempotencyKeyReused from None
            return first_answer(existing, owner), existing["write_id"]["S"] != stamp.write_id
        return Task.from_item(item, owner), False

    def get(self, key: TaskKey) -> Task:
        """Read a task.

        Raises:
            TaskNotFound: there is none, or it was deleted.
        """
        item = self._table.get(key.as_item())
        if item is None or is_tombstone(item):
            raise TaskNotFound
        return Task.from_item(item, key.owner)

    def replace(
        self, key: TaskKey, content: TaskContent, precondition: Precondition = UNCONDITIONAL
    ) -> tuple[Task, bool]:
        """Create the task, or replace all that its owner writes.

        ``created_at`` is kept and ``version`` counted on, over a tombstone too.

        Returns:
            The task, and whether it was created by this call.

        Raises:
            PreconditionFailed: the precondition does not hold.
        """

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            birth = created_at(key.task_id)
            update.set("title", content.title)
            update.set_or_remove("description", content.description)
            update.set_or_remove("due", content.due)
            update.set("priority", content.priority)
            update.set_or_remove("tags", content.tags)
            update.set("completed", content.completed)
            update.set_if_absent("created_at", birth)
            update.set_if_absent("created_write_id", stamp.write_id)
            update.remove("deleted_at", "expires_at")
            if content.completed:
                _complete(update, stamp)
            else:
                update.copy_or_set("open_since", "created_at", birth)
                update.set("open_due", content.due or UNDATED)
                update.remove("completed_at")

        item, write_id = self._write(key, precondition, _Write(change, creates=True))
        # Holds the id of the write that the task came to be with, be it the first one or one over a tombstone.
        return Task.from_item(item, key.owner), item["created_write_id"]["S"] == write_id

    def update(self, key: TaskKey, changes: Mapping[str, Any], precondition: Precondition = UNCONDITIONAL) -> Task:
        """Change some members of a task.

        Args:
            key: The task.
            changes: Member of :class:`~taskapi.task.TaskContent` to its new value; None or () removes it.
            precondition: What must hold of the task.

        Raises:
            TaskNotFound: there is none.
            PreconditionFailed: the precondition does not hold.
        """

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

        item, _ = self._write(key, precondition, _Write(change))
        return Task.from_item(item, key.owner)

    def delete(self, key: TaskKey, precondition: Precondition = UNCONDITIONAL) -> None:
        """Turn a task into a tombstone: its content is gone, its version goes on, TTL removes it after 30 days.

        Raises:
            TaskNotFound: there is none, or no longer.
            PreconditionFailed: the precondition does not hold.
        """

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            update.set("deleted_at", stamp.time)
            update.set("expires_at", stamp.ms // 1000 + TOMBSTONE_SECONDS)
            update.remove("title", "description", "due", "priority", "tags", "completed", "created_write_id")
            update.remove("open_since", "open_due", "completed_at")

        self._write(key, precondition, _Write(change, deletes=True))

    def toggle(self, key: TaskKey, completed: bool | None = None, precondition: Precondition = UNCONDITIONAL) -> Task:
        """Complete or reopen a task.

        Args:
            key: The task.
            completed: The state to set, which leaves a task that is in it untouched; None flips, which takes a second
                round trip when the task turns out to be completed.
            precondition: What must hold of the task.

        Raises:
            TaskNotFound: there is none.
            PreconditionFailed: the precondition does not hold.
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

        def is_done(item: Item) -> bool:
            return item["completed"]["BOOL"] is completed

        item, _ = self._write(key, precondition, _Write(change, is_done=is_done))
        return Task.from_item(item, key.owner)

    def list(self, owner: str, query: ListQuery) -> Page:
        """One page of a user's tasks; see :func:`taskapi.pages.read_page`.

        Raises:
            InvalidCursor: the query's cursor is not one of this query.
        """
        # Imported by the operation that lists alone: it is a fortieth of the others' initialisation. Looked up in the
        # package that this module is of, since there may be several of it in one process (the local runner).
        if not hasattr(taskapi, "pages"):
            importlib.import_module("taskapi.pages")
        return taskapi.pages.read_page(self._table, owner, query, self.read_budget)

    def _write(self, key: TaskKey, precondition: Precondition, write: _Write) -> tuple[Item, str]:
        """Apply a write under its own and the client's conditions; the item afterwards, and the write's id.

        Raises:
            TaskNotFound: no live task, and the write does not create one.
            PreconditionFailed: the precondition does not hold.
            StoreUnavailable: others kept changing the task through all attempts, or a reply was lost and nobody can
                tell any more whether the write was applied.
        """
        seen: Item | None = None
        for attempt in range(MOST_ATTEMPTS):
            if attempt > 1:  # The second is for what the first learnt of the task. After that, others are racing us.
                self._table.pause(attempt)
            # Another may have written in this very millisecond, or with a clock that is ahead of ours.
            earliest = 0 if seen is None else clock.milliseconds(seen["updated_at"]["S"]) + 1
            stamp = Stamp.at(max(self._now_ms(), earliest))
            try:
                return self._table.update(key.as_item(), _update(write, stamp, seen, precondition)), stamp.write_id
            except ConditionFailed as failed:
                settled = _settle(failed, write, stamp, precondition, key.owner)
                if settled is not None:
                    return settled, stamp.write_id
                seen = failed.item
        raise StoreUnavailable("Other requests keep changing the task.")


def _settle(
    failed: ConditionFailed, write: _Write, stamp: Stamp, precondition: Precondition, owner: str
) -> Item | None:
    """What a refused write comes to.

    Returns:
        The item, when the write was applied before or has nothing to do; None when it is to be tried again.

    Raises:
        As TaskStore._write.
    """
    live = failed.item if failed.item is not None and not is_tombstone(failed.item) else None
    if failed.item is not None and stamp.was_applied_to(failed.item, was_resent=failed.was_resent):
        if live is None and not write.deletes:
            raise StoreUnavailable("The store did not answer in time, and the task was deleted since.")
        return failed.item  # as this write left it, or those of others since
    if live is None and not write.creates:
        raise TaskNotFound
    if not precondition.holds_for(None if live is None else live[ETAG]["S"]):
        raise _precondition_failed(precondition, live, owner)
    return live if live is not None and write.is_done(live) else None


def _update(write: _Write, stamp: Stamp, seen: Item | None, precondition: Precondition) -> Update:
    """An attempt's expressions: the operation's own, the stamp, and the client's conditions."""
    update = Update()
    write.change(update, stamp, seen)
    stamp.put_on(update)
    match, none_match = precondition.match, precondition.none_match
    if match is not None or not write.creates:
        update.require_existing(_LIVE)
    if match is not None and not match.any:
        update.require_one_of(ETAG, match.etags)
    if none_match is not None:
        if none_match.any:
            update.require_absent(_LIVE)
        else:
            update.require_absent_or_none_of(_LIVE, ETAG, none_match.etags)
    return update


def _new_item(owner: str, content: TaskContent, stamp: Stamp) -> dict[str, Any]:
    """A task that comes to be under a new id, as an item."""
    key, now = TaskKey(owner, uuid7.mint(stamp.ms)), stamp.time
    members: dict[str, Any] = {
        "title": content.title,
        "description": content.description,
        "due": content.due,
        "priority": content.priority,
        "tags": content.tags,
        "completed": content.completed,
        "created_at": now,
        "updated_at": now,
        "version": 1,
        ETAG: stamp.write_id,
        "created_write_id": stamp.write_id,
    }
    if content.completed:
        members["completed_at"] = now
    else:
        members |= {"open_since": now, "open_due": content.due or UNDATED}
    present = {name: attribute(value) for name, value in members.items() if value is not None and value != ()}
    return {**key.as_item(), **present}


def _complete(update: Update, stamp: Stamp) -> None:
    """Into the index of completed tasks, out of those of open ones; a task that is there keeps its time."""
    update.set_if_absent("completed_at", stamp.time)
    update.remove("open_since", "open_due")


def _reopen(update: Update) -> None:
    """Out of the index of completed tasks, into those of open ones; `open_due` is the caller's to set."""
    update.copy("open_since", "created_at")
    update.remove("completed_at")


def _precondition_failed(precondition: Precondition, live: Item | None, owner: str) -> PreconditionFailed:
    if live is None:
        return PreconditionFailed(None, "There is no task with this id.")
    current = Task.from_item(live, owner)
    if precondition.match is not None and not precondition.match.name(current.etag):
        return PreconditionFailed(current)
    if precondition.none_match is not None and precondition.none_match.any:
        return PreconditionFailed(current, "There is a task with this id already.")
    return PreconditionFailed(current, "The task is one that If-None-Match names.")
