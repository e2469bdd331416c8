"""Deleting a list, its open tasks first: in steps, where they are many."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from taskapi.dynamo.entity import Key
from taskapi.dynamo.versioned import VersionedItems
from taskapi.errors import StateError, TaskNotFound
from taskapi.lists.list import LIST
from taskapi.preconditions import UNCONDITIONAL, Precondition
from taskapi.tasks.order import ListOrder
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK

if TYPE_CHECKING:
    from taskapi.dynamo.table import Table

LONGEST: Final = 6.0
"""Seconds after which no further task is begun; the function has ten. One after the other, since a partition takes
1,000 write units a second ("Best practices for designing and using partition keys effectively", DynamoDB Developer
Guide) and a task takes seven."""
AT_ONCE: Final = 100
"""Tasks that are looked up at once."""


class Deletion(NamedTuple):
    """How far a deletion has come: tasks that it put into the trash, and whether the list itself is gone."""

    trashed: int
    is_done: bool


class ListDeletion:
    """Deletions of all users' lists."""

    def __init__(self, table: Table, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._lists = VersionedItems(table, LIST)
        self._tasks = TaskStore(table)
        self._monotonic = monotonic

    def delete(self, key: Key, precondition: Precondition = UNCONDITIONAL) -> Deletion:
        """Put the list's open tasks into the trash, each by itself, and delete the list last.

        Whatever ends it, the same request goes on where it was.

        Raises:
            ListNotFound: there is none.
            PreconditionFailed: of the list.
            StoreError: DynamoDB does not serve it; what was trashed before stays so.
        """
        end = self._monotonic() + LONGEST
        self._lists.require(key, precondition)
        order, trashed = ListOrder(self._table, key.owner, key.id), 0
        while tasks := order.read(AT_ONCE):
            for task in tasks:
                if self._monotonic() >= end:
                    return Deletion(trashed, is_done=False)
                try:
                    self._tasks.delete(Key(TASK, key.owner, task.id), task.unchanged)
                    trashed += 1
                except (StateError, TaskNotFound):  # it has changed: the next look tells whether it is still there
                    continue
        self._lists.delete(key, precondition)
        return Deletion(trashed, is_done=True)
