"""Every operation is one call to DynamoDB, counted where it leaves the client."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from taskapi.dynamo.entity import Key
from taskapi.errors import PreconditionFailed, TaskNotFound
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.calls import counted
from tests.engines.engine import Capability
from tests.engines.items import listed_since, task_item, write_all
from tests.engines.walks import served
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
CONTENT = TaskContent(title="Pay rent", due="2026-12-01")
MOVED = TaskContent(title="Pay rent", list_id=LIST_ID, position="a0")
STALE = Precondition(match=EntityTags(etags=("9",)))

OPERATIONS: dict[str, tuple[Callable[[Tasks, Key], object], str]] = {
    "create": (lambda store, key: store.create(key.owner, CONTENT), "PutItem"),
    "create with Idempotency-Key": (
        lambda store, key: store.create_once(key.owner, CONTENT, "k"),
        "TransactWriteItems",
    ),
    "get": (lambda store, key: store.get(key), "GetItem"),
    "replace": (lambda store, key: store.replace(key, CONTENT), "UpdateItem"),
    "update": (lambda store, key: store.update(key, {"title": "B"}), "UpdateItem"),
    "update the due date": (lambda store, key: store.update(key, {"due": "2026-12-02"}), "UpdateItem"),
    "update the checklist": (lambda store, key: store.update(key, {"checklist": ()}), "UpdateItem"),
    "move to another list": (lambda store, key: store.update(key, {"list_id": LIST_ID}), "UpdateItem"),
    "move to a position in a list": (
        lambda store, key: store.update(key, {"list_id": LIST_ID, "position": "a0"}),
        "UpdateItem",
    ),
    "move within the list that is named": (
        lambda store, key: store.update(key, {"list_id": None, "position": "a0"}),
        "UpdateItem",
    ),
    "update everything": (lambda store, key: store.update(key, {**MOVED._asdict(), "completed": True}), "UpdateItem"),
    "update and complete": (lambda store, key: store.update(key, {"completed": True}), "UpdateItem"),
    "delete": (lambda store, key: store.delete(key), "UpdateItem"),
    "delete for good": (lambda store, key: store.delete(key, permanent=True), "UpdateItem"),
    "toggle to completed": (lambda store, key: store.toggle(key), "UpdateItem"),
    "set completed": (lambda store, key: store.toggle(key, completed=True), "UpdateItem"),
    "set open, which it is": (lambda store, key: store.toggle(key, completed=False), "UpdateItem"),
}


@pytest.mark.parametrize(("operate", "expected"), OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_on_an_open_task(
    store: Tasks,
    client: DynamoDBClient,
    key: Key,
    operate: Callable[[Tasks, Key], object],
    expected: str,
) -> None:
    store.replace(key, CONTENT)
    with counted(client) as calls:
        operate(store, key)

    assert calls.operations == [expected]


@pytest.mark.parametrize(("operate", "expected"), OPERATIONS.values(), ids=OPERATIONS)
def test_a_refusal_costs_no_more(
    store: Tasks,
    client: DynamoDBClient,
    key: Key,
    operate: Callable[[Tasks, Key], object],
    expected: str,
) -> None:
    """There is no such task: what does not create says so after one call."""
    with counted(client) as calls, contextlib.suppress(TaskNotFound):
        operate(store, key)

    assert calls.operations == [expected]


def test_a_stale_entity_tag_is_told_with_the_current_task_at_no_further_call(
    store: Tasks, client: DynamoDBClient, key: Key
) -> None:
    task, _ = store.replace(key, CONTENT)
    writes: list[Callable[[], object]] = [
        lambda: store.replace(key, CONTENT, STALE),
        lambda: store.update(key, {"title": "B"}, STALE),
        lambda: store.delete(key, STALE),
        lambda: store.delete(key, STALE, permanent=True),
        lambda: store.toggle(key, None, STALE),
    ]
    for write in writes:
        with counted(client) as calls, pytest.raises(PreconditionFailed) as failed:
            write()
        assert (calls.operations, failed.value.current) == (["UpdateItem"], task.as_json())


@pytest.mark.parametrize(
    ("changes", "completed", "expected"),
    [
        # What of an item decides can't be said in an update expression
        ({"position": "a0"}, False, ["GetItem", "UpdateItem"]),
        ({"position": None}, False, ["GetItem", "UpdateItem"]),
        ({"position": "a0"}, True, ["GetItem", "UpdateItem"]),
        ({"position": "a0", "completed": True}, False, ["GetItem", "UpdateItem"]),
        # A write assumes an open task, which is in another list than the one that is named
        ({"list_id": None}, False, ["UpdateItem"] * 2),
        ({"list_id": LIST_ID}, True, ["UpdateItem"] * 2),
        ({"list_id": LIST_ID, "position": "a0"}, True, ["UpdateItem"] * 2),
        ({"due": "2026-12-02"}, True, ["UpdateItem"] * 2),
        # But not where the patch says whether it is
        ({"due": "2026-12-02", "completed": True}, True, ["UpdateItem"]),
        ({"due": "2026-12-02", "completed": False}, True, ["UpdateItem"]),
        ({"list_id": LIST_ID, "completed": False}, True, ["UpdateItem"]),
        ({"title": "B", "checklist": ()}, True, ["UpdateItem"]),
    ],
    ids=str,
)
def test_what_depends_on_the_task_is_two_calls(
    store: Tasks, client: DynamoDBClient, key: Key, changes: dict[str, Any], completed: bool, expected: list[str]
) -> None:
    store.replace(key, CONTENT._replace(completed=completed))
    with counted(client) as calls:
        store.update(key, changes)

    assert calls.operations == expected


def test_reopening_and_completing_in_a_list_is_as_cheap(store: Tasks, client: DynamoDBClient, key: Key) -> None:
    store.replace(key, MOVED)
    with counted(client) as calls:
        store.toggle(key, True)
        store.replace(key, MOVED)
        store.toggle(key)
        store.update(key, {"completed": False})
        store.toggle(key, True)
        store.toggle(key, False)

    assert calls.operations == ["UpdateItem"] * 6


@pytest.mark.requires(Capability.CAPACITY)
def test_write_units(store: Tasks, client: DynamoDBClient, key: Key) -> None:
    """Of tasks below 1 KB: one for the item, and one for each entry of an index that is written or removed."""
    writes: list[tuple[Callable[[], object], float]] = [
        (lambda: store.replace(key, CONTENT), 5),
        (lambda: store.update(key, {"title": "B"}), 6),
        (lambda: store.update(key, {"list_id": LIST_ID}), 7),
        (lambda: store.toggle(key, True), 7),
        (lambda: store.toggle(key, False), 7),
        (lambda: store.delete(key, permanent=True), 6),
    ]
    units = []
    for write, _ in writes:
        with counted(client, measuring=True) as calls:
            write()
        units.append(sum(capacity["CapacityUnits"] for capacity in calls.capacity))

    assert units == [most for _, most in writes]


def test_replacing_nothing_is_one_call(store: Tasks, client: DynamoDBClient, key: Key) -> None:
    with counted(client) as calls:
        store.replace(key, CONTENT)

    assert calls.operations == ["UpdateItem"]


def test_a_reopening_toggle_is_two_calls_when_blind_and_one_when_told(
    store: Tasks, client: DynamoDBClient, key: Key
) -> None:
    store.replace(key, TaskContent(title="A", completed=True))
    with counted(client) as blind:
        assert not store.toggle(key).completed
    store.toggle(key)
    with counted(client) as told:
        assert not store.toggle(key, completed=False).completed

    assert blind.operations == ["UpdateItem"] * 2
    assert told.operations == ["UpdateItem"]


@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
@pytest.mark.parametrize("ascending", [True, False])
def test_every_unfiltered_page_is_one_query(
    store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort, ascending: bool
) -> None:
    """From the first page to the last, also where exactly a page is left."""
    states: tuple[Status, ...] = ("completed", "open", "trashed")
    items = [task_item(owner, START_MS + n, **listed_since(states[n // 12], START_MS + 50 + n)) for n in range(36)]
    # Those in the trash are read in vain for the lists of all, as tombstones are.
    write_all(client, items[:24] if status == "all" else items)
    expected = 24 if status == "all" else 12
    for limit in (4, 5, expected, 100):
        cursor, pages = None, 0
        while cursor is not None or not pages:
            query = served(status, sort, ascending=ascending, limit=limit, cursor=cursor)
            with counted(client) as calls:
                cursor = store.list(owner, query).next_cursor
            pages += 1
            assert calls.operations == ["Query"]
        assert pages == -(-expected // limit)


def test_an_empty_list_is_one_query(store: Tasks, client: DynamoDBClient, owner: str) -> None:
    with counted(client) as calls:
        page = store.list(owner, ListQuery())

    assert (page.tasks, page.next_cursor, calls.operations) == ([], None, ["Query"])
