"""Every list of the contract: which tasks are in it, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Key
from taskapi.tasks import place
from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.tasks.task import OPEN, UNDATED, Task, TaskContent
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.items import read_one
from tests.engines.walks import served, walk, walk_ids
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DUES = [
    "2026-12-01",
    "2026-12-01T09:00:00.000Z",
    None,
    "2025-01-01",
    "2026-12-01",
    "2026-12-01",
    "2026-11-30T23:59:59.999Z",
    None,
    "2026-12-05",
]
OTHER_LIST = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"


@pytest.fixture
def tasks(store: Tasks, owner: str, clock: Clock) -> list[Task]:
    """Tasks in every state, whose creation, last change and completion come in different orders; the live ones."""
    keys = []
    for number, due in enumerate(DUES):
        keys.append(task_key(owner, store.create(owner, TaskContent(title=f"Task {number}", due=due)).id))
        clock.ms += 1_000
    for number in (8, 1, 5, 6, 2):
        store.toggle(keys[number])
        clock.ms += 1_000
    for number in (3, 1):  # 1 is completed
        store.update(keys[number], {"due": "2026-12-24"})
        clock.ms += 1_000
    store.update(keys[4], {"list_id": OTHER_LIST})
    store.update(keys[3], {"position": "zzzzzzzzzzzzzzzzzzzzzzzzzzz"})
    store.update(keys[6], {"position": "a0"})  # which is completed
    store.toggle(keys[2])  # open again
    for number in (0, 5, 7):  # 5 is completed
        store.delete(keys[number])
        clock.ms += 1_000
    store.restore(keys[0])
    for number in (6, 8):  # both are completed
        store.delete(keys[number])
        clock.ms += 1_000
    for number in (0, 5):
        store.delete(keys[number], permanent=True)
    store.replace(task_key(owner, keys[7].id), TaskContent(title="Back again", due="2026-12-02"))
    born_completed = store.create(owner, TaskContent(title="Born completed", completed=True, due="2026-12-03"))
    keys.append(task_key(owner, born_completed.id))
    return [store.get(key) for key in keys if key not in (keys[0], keys[5])]


def belongs(task: Task, status: Status, sort: Sort) -> bool:
    if sort == "position" and task.list_id is not None:
        return False  # of the lists that have an order, :func:`served` asks for the inbox
    if task.trashed_at is not None or status == "trashed":
        return task.trashed_at is not None and status == "trashed"
    return status == "all" or task.completed == (status == "completed")


def sort_value(task: Task, sort: Sort) -> str:
    match sort:
        case "created_at":
            return f"{task.created_at} {task.id}"
        case "updated_at":
            return task.updated_at
        case "due":
            return task.due or UNDATED
        case "position":
            return f"{task.position} {task.id}"
        case "completed_at":
            assert task.completed_at is not None
            return task.completed_at
        case "trashed_at":
            assert task.trashed_at is not None
            return task.trashed_at


def expected_values(tasks: Sequence[Task], status: Status, sort: Sort, *, ascending: bool) -> list[str]:
    values = [sort_value(task, sort) for task in tasks if belongs(task, status, sort)]
    return sorted(values, reverse=not ascending)


@pytest.mark.parametrize("ascending", [True, False], ids=["asc", "desc"])
@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_a_list_has_its_tasks_in_its_order(
    store: Tasks, owner: str, tasks: list[Task], status: Status, sort: Sort, ascending: bool
) -> None:
    query = served(status, sort, ascending=ascending)
    listed = store.list(owner, query)

    assert listed.next_cursor is None
    assert {task.id: task for task in listed.tasks} == {
        task.id: task for task in tasks if belongs(task, status, sort)
    }, "exactly the tasks that belong, as reading each one shows them"
    assert [sort_value(task, sort) for task in listed.tasks] == expected_values(
        tasks, status, sort, ascending=ascending
    )


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_pages_are_cuts_of_the_whole(store: Tasks, owner: str, status: Status, sort: Sort) -> None:
    """Equal sort values included: their order is the engine's business, but it is one order."""
    for ascending in (True, False):
        whole = store.list(owner, served(status, sort, ascending=ascending))
        for limit in (1, 3):
            paged = walk(store, owner, served(status, sort, ascending=ascending, limit=limit))
            assert paged == whole.tasks, (ascending, limit)


def test_defaults_are_all_tasks_the_newest_first(store: Tasks, owner: str, tasks: list[Task]) -> None:
    listed = store.list(owner, ListQuery()).tasks

    assert [task.id for task in listed] == sorted((task.id for task in tasks if task.trashed_at is None), reverse=True)


def test_undated_tasks_are_last_by_due(store: Tasks, owner: str, tasks: list[Task]) -> None:
    dues = [task.due for task in store.list(owner, ListQuery(status="open", sort="due", ascending=True)).tasks]

    assert None in dues
    assert dues == sorted(dues, key=lambda due: (due is None, due))


@pytest.mark.parametrize(
    "changes", [{"due": "2026-12-01"}, {"due": None}, {"position": "a0"}, {"list_id": OTHER_LIST}], ids=str
)
def test_no_index_of_open_tasks_holds_a_completed_one(
    store: Tasks, client: DynamoDBClient, key: Key, changes: dict[str, Any]
) -> None:
    """Whatever was changed of it since: an index read in vain would have to be paid for by every page."""
    store.replace(key, TaskContent(title="Done", completed=True, due="2026-11-01"))
    after = store.update(key, changes)

    item = read_one(client, key)
    assert item is not None
    assert not item.keys() & set(OPEN)
    assert walk_ids(store, key.owner, ListQuery(status="completed", sort="completed_at")) == [key.id]
    reopened = store.toggle(key)
    assert (reopened.due, reopened.list_id, reopened.position) == (after.due, after.list_id, after.position)
    by_due = store.list(key.owner, ListQuery(status="open", sort="due")).tasks
    by_place = store.list(key.owner, served("open", "position", within=place.in_list(after.list_id))).tasks
    assert by_due == by_place == [reopened]


def test_a_list_shows_the_write_just_made(store: Tasks, owner: str) -> None:
    """Which is why every index is a local one, read strongly consistent."""
    for _ in range(3):
        task = store.create(owner, TaskContent(title="A", due="2026-12-01"))
        for sort in ("created_at", "due"):
            listed = store.list(owner, ListQuery(status="open", sort=sort, limit=100)).tasks
            assert task in listed
        done = store.toggle(task_key(owner, task.id))
        assert done in store.list(owner, ListQuery(status="completed", sort="completed_at", limit=1)).tasks
        assert store.list(owner, ListQuery(status="open", limit=100)).tasks == []


def test_records_of_idempotency_keys_are_in_no_list(store: Tasks, owner: str) -> None:
    task, _ = store.create_once(owner, TaskContent(title="A", due="2026-12-01"), "key-1")

    for status, sort in ACCESS_PATHS:
        expected = [] if status in ("completed", "trashed") else [task]
        assert store.list(owner, served(status, sort)).tasks == expected


def test_a_task_minted_offline_takes_its_place_by_creation(store: Tasks, owner: str, clock: Clock) -> None:
    now = store.create(owner, TaskContent(title="Now"))
    offline, _ = store.replace(task_key(owner, uuid7.mint(START_MS - 86_400_000)), TaskContent(title="Yesterday"))

    for status in ("all", "open"):
        assert store.list(owner, ListQuery(status=status)).tasks == [now, offline]
    assert store.list(owner, ListQuery(sort="updated_at")).tasks == [offline, now]
