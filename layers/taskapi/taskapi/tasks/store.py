"""The operations on one task, each as one DynamoDB round trip where what it assumes is so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from taskapi import positions
from taskapi.dynamo.entity import EXPIRY, KEPT_SECONDS, created_at
from taskapi.dynamo.idempotency import Once
from taskapi.dynamo.versioned import VersionedItems, Write
from taskapi.errors import StateError, TaskNotTrashed, TaskTrashed
from taskapi.preconditions import UNCONDITIONAL, Precondition
from taskapi.tasks import place
from taskapi.tasks.task import OPEN, TASK, TRASH_MARK, TRASHED, UNDATED, Task, TaskContent

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

        def members(stamp: Stamp, task_id: str) -> Mapping[str, Value | None]:
            home = place.home(content.list_id, content.position, task_id)
            state = (
                {"completed_at": stamp.time, "closed": stamp.time}
                if content.completed
                else {"open_since": stamp.time, "open_due": content.due or UNDATED, "place": home}
            )
            return {**_attributes(content._asdict()), "home": home, **state}

        once = None if idempotency_key is None else Once.of(idempotency_key, content)
        item, was_replayed = self._items.create(owner, members, once)
        return Task.from_item(item, owner), was_replayed

    def get(self, key: Key) -> Task:
        """Read a task."""
        return Task.from_item(self._items.get(key), key.owner)

    def replace(self, key: Key, content: TaskContent, precondition: Precondition = UNCONDITIONAL) -> tuple[Task, bool]:
        """Create the task, or replace all that its owner writes; whether it was created comes second."""

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            home = place.home(content.list_id, content.position, key.id)
            for name, value in _attributes(content._asdict()).items():
                update.set_or_remove(name, value)
            update.set("home", home)
            update.remove(TRASH_MARK)
            if content.completed:
                _close(update, stamp)
                return
            update.remove("completed_at", "closed")
            update.copy_or_set("open_since", "created_at", created_at(key.id))
            update.set("open_due", content.due or UNDATED)
            update.set("place", home)

        item, was_created = self._items.replace(key, change, precondition)
        return Task.from_item(item, key.owner), was_created

    def update(
        self,
        key: Key,
        changes: Mapping[str, Any],
        precondition: Precondition = UNCONDITIONAL,
        *,
        assumed_list: str | None = None,
    ) -> Task:
        """Change some members of :class:`TaskContent`; None or () removes one.

        Takes one round trip where the task is open and in another list than the one that is named, two otherwise; with
        a position and no list always two, but where the task is in the list of which ``assumed_list`` is the beginning
        of the homes.
        """

        def change(update: Update, stamp: Stamp, seen: Item | None) -> None:
            update.require_absent(TRASH_MARK)
            for name, value in _attributes(changes).items():
                update.set_or_remove(name, value)
            within = assumed_list if seen is None else place.in_list(place.list_and_position(seen)[0])
            home = _new_home(update, key.id, changes, stamp.ms, within)
            if home is not None:
                update.set("home", home)
            completed: bool | None = changes.get("completed")
            if completed is True:
                _close(update, stamp)
            elif completed is False:
                _reopen(update, keeps_due="due" not in changes, keeps_place=home is None)
            elif home is not None or "due" in changes:
                completed = seen is not None and seen["completed"]["BOOL"]
                update.require_equal("completed", completed)
            if completed is False and home is not None:
                update.set("place", home)
            if completed is False and "due" in changes:
                update.set("open_due", changes["due"] or UNDATED)

        reads = "position" in changes and "list_id" not in changes and assumed_list is None
        item, _ = self._items.write(key, Write(change, reads=reads, refusal=_refusal_in_trash), precondition)
        return Task.from_item(item, key.owner)

    def delete(self, key: Key, precondition: Precondition = UNCONDITIONAL, *, permanent: bool = False) -> None:
        """Put a task into the trash, or delete it for good, be it in the trash or not."""
        if permanent:
            self._items.delete(key, precondition)
        else:
            self._trash(key, precondition)

    def restore(self, key: Key, precondition: Precondition = UNCONDITIONAL) -> Task:
        """Take a task out of the trash, as it was; one round trip where it was open, two where it was completed.

        Raises:
            TaskNotTrashed: it is not there.
        """

        def change(update: Update, stamp: Stamp, seen: Item | None) -> None:
            completed = seen is not None and seen["completed"]["BOOL"]
            update.require_existing(TRASH_MARK)
            update.require_absent_or_above(EXPIRY, stamp.ms // 1000)
            update.require_equal("completed", completed)
            update.remove(TRASH_MARK, EXPIRY)
            if completed:
                update.copy("closed", "completed_at")
            else:
                _reopen(update)

        write = Write(change, refusal=lambda item: None if _is_trashed(item) else TaskNotTrashed)
        item, _ = self._items.write(key, write, precondition)
        return Task.from_item(item, key.owner)

    def toggle(self, key: Key, completed: bool | None = None, precondition: Precondition = UNCONDITIONAL) -> Task:
        """Complete or reopen a task, leaving one that is so untouched.

        None flips, which takes a second round trip when the task turns out to be completed.
        """

        def change(update: Update, stamp: Stamp, seen: Item | None) -> None:
            target = completed if completed is not None else not (seen is not None and seen["completed"]["BOOL"])
            update.require_absent(TRASH_MARK)
            update.require_equal("completed", not target)
            update.set("completed", target)
            if target:
                _close(update, stamp)
            else:
                _reopen(update)

        write = Write(change, is_done=lambda item: item["completed"]["BOOL"] is completed, refusal=_refusal_in_trash)
        item, _ = self._items.write(key, write, precondition)
        return Task.from_item(item, key.owner)

    def _trash(self, key: Key, precondition: Precondition) -> None:
        """It can be restored for 30 days; a task that is there already stays as it is."""

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            update.require_absent(TRASH_MARK)
            update.set(TRASH_MARK, stamp.time)
            update.set("closed", TRASHED + stamp.time)
            update.set(EXPIRY, stamp.ms // 1000 + KEPT_SECONDS)
            update.remove(*OPEN)

        self._items.write(key, Write(change, deletes=True, is_done=_is_trashed), precondition)


def _is_trashed(item: Item) -> bool:
    return TRASH_MARK in item


def _refusal_in_trash(item: Item) -> type[StateError] | None:
    return TaskTrashed if _is_trashed(item) else None


def _attributes(members: Mapping[str, Any]) -> dict[str, Value | None]:
    """Those of some members of :class:`TaskContent`, but for where the task stands."""
    attributes = {name: value for name, value in members.items() if name not in ("list_id", "position")}
    if "checklist" in attributes:
        attributes["checklist"] = tuple(entry._asdict() for entry in attributes["checklist"])
    return attributes


def _new_home(update: Update, task_id: str, changes: Mapping[str, Any], ms: int, within: str | None) -> str | None:
    """The home after the changes, None where it stays as it is; adds the conditions under which that is so.

    ``within`` is what its home before begins with, where that is known.
    """
    if "list_id" in changes and "position" in changes:
        return place.home(changes["list_id"], changes["position"], task_id)
    if "list_id" in changes:
        there = place.in_list(changes["list_id"])
        if within == there:
            update.require_prefix("home", there)
            return None
        update.require_other_prefix("home", there)
        return place.home(changes["list_id"], positions.at(ms), task_id)
    if "position" in changes and within is not None:
        update.require_prefix("home", within)
        return place.home(within.removesuffix("#"), changes["position"], task_id)
    return None


def _close(update: Update, stamp: Stamp) -> None:
    """Into the index of closed tasks, out of those of open ones; a task that is there keeps its time."""
    update.set_if_absent("completed_at", stamp.time)
    update.copy_or_set("closed", "completed_at", stamp.time)
    update.remove(*OPEN)


def _reopen(update: Update, *, keeps_due: bool = True, keeps_place: bool = True) -> None:
    """Out of the index of closed tasks, into those of open ones: the caller sets what is not kept."""
    update.remove("completed_at", "closed")
    update.copy("open_since", "created_at")
    if keeps_due:
        update.copy_or_set("open_due", "due", UNDATED)
    if keeps_place:
        update.copy("place", "home")
