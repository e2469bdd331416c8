"""A page costs no more than its read budget, and a walk of such pages still finds everything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from taskapi.dynamo.table import ReadBudget, Table
from taskapi.http.request import Request
from taskapi.http.response import page_of
from taskapi.tasks.query import ListQuery
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.calls import counted
from tests.engines.engine import TABLE_NAME, Capability
from tests.engines.items import RawItem, task_item, tombstone_item, write_all
from tests.engines.walks import pages, walk_ids
from tests.support.proxy_events import proxy_event
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LAMBDA_RESPONSE_BYTES = 6 * 1024 * 1024
"""The most that a function may answer synchronously ("Lambda quotas", AWS Lambda Developer Guide)."""


def budgeted(client: DynamoDBClient, clock: Clock, budget: ReadBudget) -> Tasks:
    return Tasks(Table(client, TABLE_NAME, budget, now_ms=clock))


def test_without_time_a_page_is_one_query_and_the_walk_still_finds_all(
    client: DynamoDBClient, owner: str, clock: Clock
) -> None:
    store = budgeted(client, clock, ReadBudget(milliseconds=0))
    items = [task_item(owner, START_MS + n, priority="high" if n in (0, 17, 29) else "low") for n in range(30)]
    ids = write_all(client, items)
    query = ListQuery(status="open", limit=2, priority="high", ascending=True)
    read: list[str] = []
    empty_pages = 0
    walk = pages(store, owner, query)
    while True:
        with counted(client) as calls:
            page = next(walk, None)
        if page is None:
            break
        assert calls.operations == ["Query"]
        read += [task.id for task in page.tasks]
        empty_pages += not page.tasks

    assert read == [ids[0], ids[17], ids[29]]
    assert empty_pages, "a page may be empty and still not the last"


def test_tombstones_use_it_up_too(client: DynamoDBClient, owner: str, clock: Clock) -> None:
    store = budgeted(client, clock, ReadBudget(milliseconds=0))
    live = write_all(client, [task_item(owner, START_MS + n) for n in (0, 20)])
    write_all(client, [tombstone_item(owner, START_MS + n, START_MS + 100) for n in range(1, 20)])

    for ascending in (True, False):
        assert walk_ids(store, owner, ListQuery(ascending=ascending, limit=3)) == (live if ascending else live[::-1])


@pytest.mark.requires(Capability.CAPACITY)
@pytest.mark.parametrize("units", [1, 8, 40])
def test_units(client: DynamoDBClient, owner: str, clock: Clock, units: int) -> None:
    """A budget ends the page; the query that crosses it is the last, and no query reads more than the budget."""
    store = budgeted(client, clock, ReadBudget(units=units, milliseconds=60_000))
    items = [task_item(owner, START_MS + n, description="x" * 1_900) for n in range(200)]
    items[150]["priority"] = {"S": "high"}
    match = write_all(client, items)[150]
    found: list[str] = []
    walk = pages(store, owner, ListQuery(status="open", limit=1, priority="high"))
    while True:
        with counted(client) as calls:
            page = next(walk, None)
        if page is None:
            break
        spent = [capacity["CapacityUnits"] for capacity in calls.capacity]
        assert sum(spent[:-1]) < units
        assert sum(spent) <= 2 * units + 1
        found += [task.id for task in page.tasks]

    assert found == [match]


def bulky(owner: str, number: int, text: str) -> RawItem:
    """A task with the largest legal description, title and tags, all of one kind of character."""
    tags = tuple(text * (48 // len(text)) + f"{tag:02}" for tag in range(20))
    return task_item(
        owner,
        START_MS + number,
        title=text * (500 // len(text)),
        description=text * min(16_384, 32_768 // len(text.encode())),
        tags=tags,
    )


def answered(store: Tasks, owner: str, parameters: dict[str, list[str]]) -> tuple[dict[str, Any], int, str | None]:
    """The page as the function answers it: its document, its size in bytes as Lambda counts it, and its cursor."""
    request = Request.from_event(proxy_event("list_tasks", sub=owner, query=parameters))
    page = store.read(owner, ListQuery.from_parameters(parameters))
    proxy = page_of(page, request).as_proxy({})
    return json.loads(proxy["body"]), len(json.dumps(proxy, ensure_ascii=False).encode()), page.next_cursor


@pytest.mark.requires(Capability.CAPACITY)
@pytest.mark.parametrize(
    "text", ["x", "é", "🏠", '"', "\\"], ids=["ascii", "two bytes", "four bytes", "quote", "backslash"]
)
def test_a_page_of_the_largest_tasks_is_cut_short_and_fits_the_response(
    store: Tasks, client: DynamoDBClient, owner: str, text: str
) -> None:
    ids: list[str] = []
    for start in range(0, 100, 10):
        ids += write_all(client, [bulky(owner, start + n, text) for n in range(10)])
    parameters = {"limit": ["100"], "order": ["asc"]}
    read: list[str] = []
    while True:
        document, size, cursor = answered(store, owner, parameters)
        assert size <= LAMBDA_RESPONSE_BYTES
        assert document["items"], "every page makes progress, and a cursor promises that something follows"
        read += [item["id"] for item in document["items"]]
        if cursor is None:
            break
        assert len(document["items"]) < 100
        parameters = {**parameters, "cursor": [cursor]}

    assert read == ids


@pytest.mark.requires(Capability.CAPACITY)
def test_large_tasks_behind_a_query_that_was_not_filled_fit_too(
    store: Tasks, client: DynamoDBClient, owner: str
) -> None:
    """The first query ends just below its mebibyte with tasks to spare for a second one."""
    for start in range(0, 112, 8):
        write_all(client, [bulky(owner, start + n, '"') for n in range(8)])
    # Among the first 101 by creation: enough that are left out for a second query to be needed.
    write_all(client, [tombstone_item(owner, START_MS + n, START_MS + 200) for n in range(48)])
    parameters = {"limit": ["100"], "order": ["asc"]}
    read = 0
    while True:
        document, size, cursor = answered(store, owner, parameters)
        assert size <= LAMBDA_RESPONSE_BYTES, f"{len(document['items'])} tasks on a page"
        read += len(document["items"])
        if cursor is None:
            break
        parameters = {**parameters, "cursor": [cursor]}

    assert read == 112
