"""Deleting a list: all of it or, where its tasks are many, some of it and the rest by the same request again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Key
from taskapi.dynamo.table import Table
from taskapi.errors import ListNotFound, PreconditionFailed
from taskapi.lists.deletion import Deletion, ListDeletion
from taskapi.lists.list import LIST, ListContent
from taskapi.lists.store import ListStore
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.calls import counted
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import task_item, write_all
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STALE = Precondition(match=EntityTags(etags=("9",)))


@pytest.fixture
def table(client: DynamoDBClient) -> Table:
    return Table(client, TABLE_NAME)


@pytest.fixture
def a_list(table: Table, owner: str) -> Key:
    key = Key(LIST, owner, uuid7.mint(START_MS))
    ListStore(table).replace(key, ListContent("Moving house"))
    return key


class Ticking:
    """A clock that goes on by a second each time that it is read."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def __call__(self) -> float:
        self._seconds += 1.0
        return self._seconds


def trashed(store: Tasks, owner: str) -> set[str]:
    page = store.list(owner, ListQuery(status="trashed", sort="trashed_at", limit=100))
    assert page.next_cursor is None
    return {task.id for task in page.tasks}


def test_its_open_tasks_are_in_the_trash_and_nothing_else_is(
    store: Tasks, client: DynamoDBClient, table: Table, owner: str, a_list: Key
) -> None:
    # Given a list with open and completed tasks, and tasks elsewhere
    open_ones = write_all(client, [task_item(owner, START_MS + n, list_id=a_list.id) for n in range(5)])
    done = store.create(owner, TaskContent("Done", completed=True, list_id=a_list.id))
    elsewhere = [
        store.create(owner, TaskContent("Inbox")),
        store.create(owner, TaskContent("B", list_id=uuid7.mint(1))),
    ]

    # When it is deleted
    assert ListDeletion(table).delete(a_list) == Deletion(5, is_done=True)

    # Then so are its open tasks, whole, and it is gone
    assert trashed(store, owner) == set(open_ones)
    assert [store.get(task_key(owner, task.id)) for task in (done, *elsewhere)] == [done, *elsewhere]
    with pytest.raises(ListNotFound):
        ListStore(table).get(a_list)
    with pytest.raises(ListNotFound):
        ListDeletion(table).delete(a_list)

    # And a task that is restored is in the list's place again
    assert store.restore(task_key(owner, open_ones[0])).list_id == a_list.id


def test_when_time_runs_out_the_same_request_goes_on(
    store: Tasks, client: DynamoDBClient, table: Table, owner: str, a_list: Key
) -> None:
    # Given a function that has time for few tasks
    ids = write_all(client, [task_item(owner, START_MS + n, list_id=a_list.id) for n in range(12)])

    # When it is asked again and again
    answers = [ListDeletion(table, Ticking()).delete(a_list) for _ in range(3)]

    # Then each request does a part, and the list goes last
    assert [answer.is_done for answer in answers] == [False, False, True]
    assert sum(answer.trashed for answer in answers) == 12
    assert trashed(store, owner) == set(ids)


def test_thousands_of_tasks(engine: Engine, client: DynamoDBClient, table: Table, owner: str, a_list: Key) -> None:
    """``LIST_TASKS`` sets how many there are."""
    few = Capability.LARGE_PARTITIONS in engine.lacks
    count = int(os.environ.get("LIST_TASKS") or (200 if few else 2_000))
    write_all(client, [task_item(owner, START_MS + n, list_id=a_list.id) for n in range(count)])
    total, requests = 0, 0
    while requests < 60:
        requests += 1
        answer = ListDeletion(table).delete(a_list)
        total += answer.trashed
        if answer.is_done:
            break
    assert (answer.is_done, total) == (True, count)


def test_a_task_that_moves_away_meanwhile_stays(
    store: Tasks, client: DynamoDBClient, table: Table, owner: str, a_list: Key
) -> None:
    # Given two tasks, of which the second is taken out of the list while the first is trashed
    first, second = write_all(client, [task_item(owner, START_MS + n, list_id=a_list.id) for n in range(2)])
    moved: list[str] = []

    def move(**_: object) -> None:
        if not moved:
            moved.append(second)
            store.update(task_key(owner, second), {"list_id": None})

    client.meta.events.register("before-call.dynamodb.UpdateItem", move)
    answer = ListDeletion(table).delete(a_list)
    client.meta.events.unregister("before-call.dynamodb.UpdateItem", move)

    # Then it stays
    assert answer == Deletion(1, is_done=True)
    assert trashed(store, owner) == {first}
    assert store.get(task_key(owner, second)).trashed_at is None


def test_a_stale_entity_tag_changes_nothing(
    store: Tasks, client: DynamoDBClient, table: Table, owner: str, a_list: Key
) -> None:
    write_all(client, [task_item(owner, START_MS, list_id=a_list.id)])
    with pytest.raises(PreconditionFailed) as failed:
        ListDeletion(table).delete(a_list, STALE)
    assert failed.value.current == ListStore(table).get(a_list).as_json()
    assert trashed(store, owner) == set()


def test_a_matching_one_holds_through_all_requests(
    client: DynamoDBClient, table: Table, owner: str, a_list: Key
) -> None:
    write_all(client, [task_item(owner, START_MS + n, list_id=a_list.id) for n in range(8)])
    current = Precondition(match=EntityTags(etags=(ListStore(table).get(a_list).etag,)))
    assert not ListDeletion(table, Ticking()).delete(a_list, current).is_done
    assert ListDeletion(table).delete(a_list, current).is_done


def test_round_trips(client: DynamoDBClient, table: Table, owner: str, a_list: Key) -> None:
    write_all(client, [task_item(owner, START_MS + n, list_id=a_list.id) for n in range(2)])
    with counted(client) as calls:
        ListDeletion(table).delete(a_list)
    assert calls.operations == ["GetItem", "Query", "UpdateItem", "UpdateItem", "Query", "UpdateItem"]
