"""Cursors that no list has returned: refused, or read as a place in one's own list; never an error of the engine."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskapi import positions, uuid7
from taskapi.dynamo.cursor import Position, encode
from taskapi.errors import InvalidCursor
from taskapi.tasks.query import ACCESS_PATHS, ListQuery
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.items import task_item, write_all
from tests.support.tasks import Tasks, item_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Parameters = dict[str, list[str]]
DUE_RANGES: list[Parameters] = [
    {"due_from": ["2026-12-01"]},
    {"due_before": ["2026-12-01"]},
    {"due_from": ["2026-12-01"], "due_before": ["2026-12-10"]},
    {"due_from": ["2026-12-01T00:00:00+14:00"], "due_before": ["2026-12-01T00:00:00-11:00"]},
    {"due_from": ["2026-12-01"], "due_before": ["2026-12-01"]},
]
LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
LISTS: list[Parameters] = [
    {"status": [status], "sort": [sort], **({"list": ["inbox"]} if sort == "position" else {})}
    for status, sort in ACCESS_PATHS
]
LISTS += [{"status": ["open"], "sort": ["position"], "list": [LIST_ID]}, {"list": ["inbox"]}]
RANGED = 2 * len(LISTS)
LISTS += [{"status": ["open"], "sort": ["due"], **parameters} for parameters in DUE_RANGES]
QUERIES = [
    ListQuery.from_parameters({**parameters, "order": [order]}) for parameters in LISTS for order in ("asc", "desc")
]

TASK_IDS = st.sampled_from(["00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"]) | st.uuids(
    version=4
).map(lambda uuid: f"{str(uuid)[:14]}7{str(uuid)[15:]}")
SORT_VALUES = (
    st.sampled_from(["~", "0000-00-00", "9999-99-99", "9999-99-99T99:99:99.999Z", "2026-11-30", "2026-11-30~", ":"])
    | st.dates().map(str)
    | st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.000Z}".rjust(24, "0"))
    | st.text(max_size=30)
)


@pytest.fixture
def tasks(client: DynamoDBClient, owner: str) -> None:
    """A few tasks on both sides of every bound above."""
    dues = [None, "2026-11-30", "2026-12-01", "2026-12-01T00:00:00.000Z", "2026-12-09", "2026-12-10"]
    write_all(client, [task_item(owner, START_MS - 10 + number, due=due) for number, due in enumerate(dues)])
    write_all(client, [task_item(owner, START_MS, completed_ms=START_MS + 1)])


@pytest.mark.usefixtures("tasks")
@given(st.sampled_from(QUERIES), TASK_IDS, st.none() | SORT_VALUES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_well_formed_one_for_any_place(
    store: Tasks, owner: str, query: ListQuery, task_id: str, sort_value: str | None
) -> None:
    """Of the right shape and query, but for a place where no task is, or that the list can't have."""
    try:
        page = store.list(owner, replace(query, cursor=encode(Position(task_id, sort_value), query)))
    except InvalidCursor:
        return
    assert all(query.includes(item_of(task)) for task in page.tasks)


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize("query", QUERIES[RANGED:], ids=lambda query: f"{query.key_range}-{query.ascending}")
def test_at_and_around_both_ends_of_a_range(store: Tasks, owner: str, query: ListQuery) -> None:
    """Where the engine refuses a start key that lies outside, or on, the range of the key condition."""
    assert query.key_range is not None
    days = ["2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02", "2026-12-09", "2026-12-10"]
    ends = [query.key_range.low, query.key_range.high, "~", "0000-00-00", "9999-99-99"]
    instants = [f"{day}T{time}Z" for day in days for time in ("00:00:00.000", "09:59:59.999", "10:00:00.000")]
    served = 0
    for value in (*days, *instants, *ends):
        position = Position("01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", value)
        try:
            store.list(owner, replace(query, cursor=encode(position, query)))
        except InvalidCursor:
            continue
        served += 1
    assert served or query.key_range.low == query.key_range.high


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize("query", [query for query in QUERIES if query.sort == "position"], ids=str)
def test_at_both_ends_of_a_list_in_its_order(store: Tasks, owner: str, query: ListQuery) -> None:
    """Places that a task can have are served, all others refused; the engine has an error for neither."""
    keys = ["A" + "0" * 25 + "1", "a0", positions.at(START_MS), "z" * 27, "z" * positions.LONGEST]
    for key, task_id in itertools.product(keys, (uuid7.LOWEST, uuid7.HIGHEST)):
        place = f"{query.within}{key}#{task_id}"
        page = store.list(owner, replace(query, cursor=encode(Position(task_id, place), query)))
        assert all(query.includes(item_of(task)) for task in page.tasks)
        for other in (
            f"inbox$#{task_id}",
            f"inbox#\u0000#{task_id}",
            f"{place[:-1]}",
            f"{query.within}{'z' * 1_024}#{task_id}",
        ):
            with pytest.raises(InvalidCursor):
                store.list(owner, replace(query, cursor=encode(Position(task_id, other), query)))


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_one_of_another_list_is_refused(store: Tasks, client: DynamoDBClient, owner: str, query: ListQuery) -> None:
    write_all(client, [task_item(owner, START_MS + n, due="2026-12-01", title="rent") for n in range(2)])
    others = [
        replace(query, ascending=not query.ascending),
        replace(query, priority="none"),
        replace(query, tags=("home",)),
        replace(query, q="rent"),
        *(other for other in QUERIES if other.fingerprint() != query.fingerprint()),
    ]
    value = None if query.access_path.index is None else "2026-12-01"
    for other in others:
        cursor = encode(Position("01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", value), other)
        with pytest.raises(InvalidCursor):
            store.list(owner, replace(query, cursor=cursor))


def test_one_that_was_tampered_with_is_refused(store: Tasks, owner: str) -> None:
    for number in range(2):
        store.create(owner, TaskContent(title=str(number), due="2026-12-01"))
    query = ListQuery(status="open", sort="due", ascending=True, limit=1)
    good = store.list(owner, query).next_cursor
    assert good is not None
    parts = json.loads(base64.urlsafe_b64decode(good + "=="))

    def encoded(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    bad = ["", " ", good[:-1], good + "=", good + "A", good[::-1], f" {good}", good.upper(), "null", "e30", "W10"]
    wrong: list[object] = [[], {}, None, 7, parts[:1], [*parts, "x"], [parts[0], 7, parts[2]]]
    bad += [encoded(value) for value in wrong]
    bad += [encoded([parts[0], parts[1].upper(), parts[2]]), encoded([parts[0], parts[1], "2026-12-01\n"])]
    bad += [encoded([parts[0], "IDEMPOTENCY#0", parts[2]]), encoded([parts[0], parts[1], {"S": "2026-12-01"}])]
    bad += ["é" * 10, "A" * 100_000, encoded([[]] * 30), base64.urlsafe_b64encode(b"[" * 150).decode()]
    for cursor in bad:
        with pytest.raises(InvalidCursor):
            store.list(owner, replace(query, cursor=cursor))
    assert len(store.list(owner, replace(query, cursor=good)).tasks) == 1
