"""Moving a task by hand: before another of the open ones, behind it, or to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from taskapi import positions
from taskapi.dynamo.entity import Key
from taskapi.errors import (
    StateError,
    StoreUnavailable,
    TaskNotFound,
    TaskTrashed,
    ValidationFailed,
    Violation,
    pointer,
)
from taskapi.preconditions import UNCONDITIONAL, Precondition
from taskapi.tasks import place
from taskapi.tasks.order import ListOrder, Standing
from taskapi.tasks.store import TaskStore

if TYPE_CHECKING:
    from taskapi.dynamo.table import Table
    from taskapi.tasks.plain_bodies import TaskMove
    from taskapi.tasks.task import Task

MOST_ATTEMPTS: Final = 8
"""Times that the neighbours are looked up anew, since others moved them meanwhile."""
SPACED: Final = 50
"""Tasks that get new positions where there is no room: with as many there is room in between for long."""


class _Moved(Exception):
    """A neighbour is not where it was a moment ago."""


class TaskMoves:
    """Moves of all users' tasks."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._tasks = TaskStore(table)

    def move(self, key: Key, to: TaskMove, precondition: Precondition = UNCONDITIONAL) -> Task:
        """Give a task the position that it is to have.

        Where no key is between the neighbours, or none of 255 characters, those on one side are spaced out first, from
        the far end on, so that the order holds at every moment.

        Raises:
            ValidationFailed: there is no open task in the list to stand before or behind.
        """
        for attempt in range(MOST_ATTEMPTS):
            if attempt:
                self._table.pause(attempt)
            task = self._tasks.get(key)
            if task.trashed_at is not None:
                raise TaskTrashed(None, task.as_json(), task.etag)
            list_id = to.list_id if to.changes_list else task.list_id
            try:
                low, high = self._gap(key, list_id, to)
                position = self._position(key, list_id, low, high)
            except (_Moved, StateError, TaskNotFound):  # of a neighbour
                continue
            if to.changes_list:
                return self._tasks.update(key, {"list_id": list_id, "position": position}, precondition)
            # Where another puts the task into another list meanwhile, it stays there.
            within = place.in_list(list_id)
            return self._tasks.update(key, {"position": position}, precondition, assumed_list=within)
        raise StoreUnavailable("Other requests keep moving the tasks of the list.")

    def _gap(self, key: Key, list_id: str | None, to: TaskMove) -> tuple[Standing | None, Standing | None]:
        """Between which two the task is to be; None is an end of the list."""
        beside = to.before or to.after
        if beside is None:
            last = self._neighbours(key, list_id, None, 1, ascending=False)
            return (last[0] if last else None), None
        home = self._home_of_open(key, list_id, beside, "before" if to.before else "after")
        found = self._neighbours(key, list_id, home, 2, ascending=to.before is None)
        if not found or found[0].id != beside:
            raise _Moved
        other = found[1] if len(found) > 1 else None
        return (found[0], other) if to.after else (other, found[0])

    def _home_of_open(self, key: Key, list_id: str | None, beside: str, member: str) -> str:
        item = None if beside == key.id else self._table.get(key._replace(id=beside).as_item())
        if item is None or not item.get("place", {"S": ""})["S"].startswith(place.in_list(list_id)):
            detail = "Must be another task, an open one of the list."
            raise ValidationFailed([Violation("not_a_neighbour", detail, pointer(member))])
        return item["place"]["S"]

    def _position(self, key: Key, list_id: str | None, low: Standing | None, high: Standing | None) -> str:
        if low is None and high is None:
            return positions.at(self._table.now_ms())
        if low is None or high is None or low.position < high.position:
            position = positions.between(low and low.position, high and high.position)
            if len(position) <= positions.LONGEST:
                return position
        for first, ascending in ((high, True), (low, False)):
            made = None if first is None else self._make_room(key, list_id, first, ascending=ascending)
            if made is not None:
                return made
        raise StoreUnavailable("There is no room between the tasks of the list.")

    def _make_room(self, key: Key, list_id: str | None, first: Standing, *, ascending: bool) -> str | None:
        """Space out the tasks from one on; a position between it and what was before. None: there is no room there."""
        home, count = place.home(list_id, first.position, first.id), SPACED
        while True:
            found = self._neighbours(key, list_id, home, count + 1, ascending=ascending)
            is_all = len(found) <= count
            for size in range(min(count, len(found)), 0 if is_all else count // 2, -1):
                keys = _spread([each.position for each in found[: size + 1]], size, ascending=ascending)
                if keys is not None:
                    for each, position in zip(reversed(found[:size]), reversed(keys[1:]), strict=True):
                        changes = {"list_id": list_id, "position": position}
                        self._tasks.update(key._replace(id=each.id), changes, each.unchanged)
                    return keys[0]
            if is_all:
                return None
            count *= 2

    def _neighbours(
        self, key: Key, list_id: str | None, home: str | None, count: int, *, ascending: bool
    ) -> list[Standing]:
        return ListOrder(self._table, key.owner, list_id).read(count, home, ascending=ascending, without=key.id)


def _spread(old: list[str], size: int, *, ascending: bool) -> list[str] | None:
    """Positions for a task that comes and, behind it, the first so many; None where there is no room for them.

    All are behind what these have now: otherwise one that is not written yet would be among those that are.
    """
    last, end = old[size - 1], old[size] if len(old) > size else None
    low, high = (last, end) if ascending else (end, last)
    if low == high:
        return None
    keys = positions.spread(low, high, size + 1)
    return None if max(map(len, keys)) > positions.LONGEST else keys if ascending else keys[::-1]
