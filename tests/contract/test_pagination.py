"""Walks by cursor: where they end, and what they return while tasks change under them."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Key
from taskapi.errors import StateError
from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.items import RawItem, listed_since, task_item, tombstone_item, write_all
from tests.engines.walks import pages, served, walk_ids
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVERY_LIST = pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
BOTH_ORDERS = pytest.mark.parametrize("ascending", [True, False], ids=["asc", "desc"])


def some(owner: str, count: int, status: Status = "open", *, tied: bool = False, **members: Any) -> list[RawItem]:
    """Tasks of one state, created (and completed, or trashed) a millisecond after one another, or all at once."""
    return [
        task_item(
            owner,
            START_MS - 1_000 + (0 if tied else number),
            due="2026-12-01" if tied or number % 3 else None,
            **listed_since(status, START_MS + (0 if tied else number)),
            **members,
        )
        for number in range(count)
    ]


@EVERY_LIST
@BOTH_ORDERS
class TestTheEnd:
    def test_a_page_that_is_exactly_full_is_the_last(
        self, store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort, ascending: bool
    ) -> None:
        ids = write_all(client, some(owner, 6, status))
        for limit, expected in ((6, [6]), (3, [3, 3]), (5, [5, 1])):
            query = served(status, sort, ascending=ascending, limit=limit)
            read = list(pages(store, owner, query))
            assert [len(page.tasks) for page in read] == expected
            assert sorted(task.id for page in read for task in page.tasks) == sorted(ids)

    def test_a_filter_that_leaves_the_rest_empty(
        self, store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort, ascending: bool
    ) -> None:
        """Wherever the matches are: at the page's start, at its end, or just within it."""
        for place in (0, 4, 7):
            user = f"{owner}-{place}"
            items = some(user, 8, status)
            items[place]["priority"] = {"S": "high"}
            [match] = write_all(client, [items[place]])
            write_all(client, items)
            for limit in (1, 8):
                query = served(status, sort, ascending=ascending, limit=limit, priority="high")
                page = store.list(user, query)
                assert ([task.id for task in page.tasks], page.next_cursor) == ([match], None)

    def test_no_match_at_all(
        self, store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort, ascending: bool
    ) -> None:
        write_all(client, some(owner, 8, status))
        page = store.list(owner, served(status, sort, ascending=ascending, limit=2, priority="low"))

        assert (page.tasks, page.next_cursor) == ([], None)


@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
@BOTH_ORDERS
def test_tombstones_are_skipped_and_make_no_page_short(
    store: Tasks, client: DynamoDBClient, owner: str, sort: Sort, ascending: bool
) -> None:
    graves = [tombstone_item(owner, START_MS - 1_000 + number, START_MS - 990 + number) for number in range(0, 30, 2)]
    live = [task_item(owner, START_MS - 1_000 + number) for number in (1, 11, 21, 23)]
    ids = write_all(client, live)
    write_all(client, graves)
    expected = ids if ascending else ids[::-1]

    for limit in (1, 3, 4, 50):
        query = ListQuery(sort=sort, ascending=ascending, limit=limit)
        read = [[task.id for task in page.tasks] for page in pages(store, owner, query)]
        assert read == [expected[start : start + limit] for start in range(0, 4, limit)]


def test_only_tombstones_is_an_empty_list(store: Tasks, client: DynamoDBClient, owner: str) -> None:
    write_all(client, [tombstone_item(owner, START_MS - 1_000 + n, START_MS) for n in range(30)])
    page = store.list(owner, ListQuery(limit=3))

    assert (page.tasks, page.next_cursor) == ([], None)


def test_the_page_size_may_change_on_the_way(store: Tasks, client: DynamoDBClient, owner: str) -> None:
    ids = write_all(client, some(owner, 10))
    query = ListQuery(status="open", sort="due", ascending=True, limit=2)
    read: list[str] = []
    for limit in (2, 5, 1, 100):
        page = store.list(owner, replace(query, limit=limit))
        read += [task.id for task in page.tasks]
        query = replace(query, cursor=page.next_cursor)

    assert sorted(read) == sorted(ids)
    assert query.cursor is None


Change = Callable[[Tasks, Key], object]


def _delete_and_create_again(store: Tasks, key: Key) -> None:
    store.delete(key, permanent=True)
    store.replace(key, TaskContent(title="Back"))


def _delete_and_restore(store: Tasks, key: Key) -> None:
    store.delete(key)
    store.restore(key)


CHANGES: dict[str, Change] = {
    "put into the trash": lambda store, key: store.delete(key),
    "deleted": lambda store, key: store.delete(key, permanent=True),
    "completed": lambda store, key: store.toggle(key, completed=True),
    "reopened": lambda store, key: store.toggle(key, completed=False),
    "renamed": lambda store, key: store.update(key, {"title": "Other"}),
    "made due earlier": lambda store, key: store.update(key, {"due": "2020-01-01"}),
    "made due later": lambda store, key: store.update(key, {"due": "2030-01-01"}),
    "moved up": lambda store, key: store.update(key, {"position": "Zz"}),
    "moved down": lambda store, key: store.update(key, {"position": "zzzzzzzzzzzzzzzzzzzzzzzzzzz"}),
    "moved to another list": lambda store, key: store.update(key, {"list_id": uuid7.mint(START_MS)}),
    "replaced": lambda store, key: store.replace(key, TaskContent(title="Other")),
    "deleted and created again": _delete_and_create_again,
    "put into the trash and restored": _delete_and_restore,
}


@pytest.mark.parametrize(
    ("tied", "ascending"),
    [(False, True), (False, False), (True, False)],
    ids=["distinct-asc", "distinct-desc", "tied-desc"],
)
@EVERY_LIST
def test_a_walk_goes_on_whatever_happens_to_the_task_that_it_stands_on(
    store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort, ascending: bool, tied: bool
) -> None:
    """After each page the task that its cursor names is changed, and so is one that is still to come."""
    write_all(client, some(owner, 2 * len(CHANGES), status, tied=tied))
    query = served(status, sort, ascending=ascending, limit=2)
    before = walk_ids(store, owner, replace(query, limit=100))
    touched = {task_id for number, task_id in enumerate(before) if number % 2}
    read: list[str] = []
    changes = iter(CHANGES.values())
    for page in pages(store, owner, query):
        read += [task.id for task in page.tasks]
        standing_on = before.index(read[-1])
        for change in itertools.islice(changes, 1):
            for task_id in before[standing_on : standing_on + 5 : 4]:
                if task_id in touched:
                    with contextlib.suppress(StateError):  # as most are in the trash
                        change(store, task_key(owner, task_id))

    untouched = [task_id for task_id in before if task_id not in touched]
    assert [task_id for task_id in read if task_id in untouched] == untouched


@EVERY_LIST
@BOTH_ORDERS
def test_tasks_that_come_to_be_during_a_walk_disturb_nothing(
    store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort, ascending: bool
) -> None:
    ids = write_all(client, some(owner, 6, status))
    read: list[str] = []
    for page in pages(store, owner, served(status, sort, ascending=ascending, limit=2)):
        read += [task.id for task in page.tasks]
        for due in ("2020-01-01", "2040-01-01"):
            if len(read) < 6:
                new = store.create(owner, TaskContent(title="New", due=due, completed=status == "completed"))
                if status == "trashed":
                    store.delete(task_key(owner, new.id))

    assert sorted(task_id for task_id in read if task_id in ids) == sorted(ids)
    assert len(read) == len(set(read))
