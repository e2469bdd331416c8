"""Users with very many tasks: lists stay exact, and a page costs what it cost with few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from taskapi import clock as wall_clock
from taskapi import uuid7
from taskapi.dynamo.table import ReadBudget, Table
from taskapi.tasks import place
from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from tests.contract.ticking_clock import START_MS
from tests.engines.calls import counted
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import delete_all, listed_since, task_item, write_all
from tests.engines.walks import served
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Open tasks, completed ones and those in the trash take turns, so that no list is a contiguous piece of the table.
MANY = 10_000
FEW = 600
"""Where a partition of ten thousand would take minutes."""


@dataclass(frozen=True)
class Partition:
    """A user with many tasks.

    Attributes:
        owner: The user.
        ids: Their tasks' ids in the order of creation; of every three the first is open, the second completed, and
            the third in the trash.
    """

    owner: str
    ids: list[str]

    def expected(self, status: Status) -> list[str]:
        """A list's ids in ascending order, which by construction is the same for every sort."""
        live = [task_id for number, task_id in enumerate(self.ids) if number % 3 < 2]
        return {"all": live, "open": self.ids[0::3], "completed": self.ids[1::3], "trashed": self.ids[2::3]}[status]


STATES: tuple[Status, ...] = ("open", "completed", "trashed")


def now_ms() -> int:
    """Within the 30 days that the trash is kept."""
    return START_MS + 3_600_000


@pytest.fixture(scope="module")
def partition(engine: Engine, shared_client: DynamoDBClient) -> Iterator[Partition]:
    """Tasks that were created, and are due, in the order of their ids; completed, or thrown away, at once."""
    count = FEW if Capability.LARGE_PARTITIONS in engine.lacks else MANY
    owner = "auth0|many"
    moments = range(START_MS, START_MS + count)
    items = [
        task_item(owner, ms, due=wall_clock.timestamp(ms), **listed_since(STATES[number % 3], ms))
        for number, ms in enumerate(moments)
    ]
    ids = write_all(shared_client, items)
    assert [uuid7.milliseconds(task_id) for task_id in ids] == list(moments)
    yield Partition(owner, ids)
    if Capability.LARGE_PARTITIONS in engine.lacks:
        delete_all(shared_client, items)


@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_a_walk_is_exact_and_every_page_of_it_one_call(
    shared_client: DynamoDBClient, partition: Partition, status: Status, sort: Sort
) -> None:
    store = Tasks(Table(shared_client, TABLE_NAME, now_ms=now_ms))
    # All of them from the oldest on, the others from the newest.
    query = served(status, sort, ascending=status == "all", limit=100)
    read: list[str] = []
    while True:
        with counted(shared_client) as calls:
            page = store.list(partition.owner, query)
        # For the lists of all, those in the trash are read in vain.
        assert len(calls) <= (2 if status == "all" else 1)
        read += [task.id for task in page.tasks]
        assert len(read) <= len(partition.ids)
        if page.next_cursor is None:
            break
        query = replace(query, cursor=page.next_cursor)

    expected = partition.expected(status)
    assert read == (expected if query.ascending else expected[::-1])


@pytest.mark.requires(Capability.CAPACITY)
@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_a_page_costs_the_same_with_few_others_and_with_many(
    shared_client: DynamoDBClient, partition: Partition, status: Status, sort: Sort
) -> None:
    """Which `make capacity` shows for up to 50,000 of them."""
    store = Tasks(Table(shared_client, TABLE_NAME, now_ms=now_ms))
    few = "auth0|few"
    if not store.list(few, ListQuery(limit=1)).tasks:
        due = wall_clock.timestamp(START_MS)
        write_all(
            shared_client,
            [task_item(few, START_MS + n, due=due, **listed_since(STATES[n % 3], START_MS + n)) for n in range(180)],
        )
    units = []
    for owner in (few, partition.owner):
        with counted(shared_client) as calls:
            page = store.list(owner, served(status, sort, limit=50))
        assert len(page.tasks) == 50
        units.append(sum(capacity["CapacityUnits"] for capacity in calls.capacity))

    assert units[1] == pytest.approx(units[0], rel=0.05)


@pytest.mark.requires(Capability.CAPACITY)
def test_a_page_of_a_list_in_its_order_costs_the_same_beside_large_ones(shared_client: DynamoDBClient) -> None:
    store = Tasks(Table(shared_client, TABLE_NAME))
    before, own, behind = (uuid7.mint(ms) for ms in (1, 2, 3))
    units = []
    for owner, others in (("auth0|one-list", 0), ("auth0|many-lists", 1_000)):
        write_all(shared_client, [task_item(owner, START_MS + n, list_id=own) for n in range(60)])
        for list_id in (None, before, behind):
            write_all(shared_client, [task_item(owner, START_MS + n, list_id=list_id) for n in range(others)])
        for ascending in (True, False):
            query = served("open", "position", within=place.in_list(own), ascending=ascending)
            with counted(shared_client) as calls:
                page = store.list(owner, query)
            assert (len(page.tasks), calls.operations) == (50, ["Query"])
            units.append(sum(capacity["CapacityUnits"] for capacity in calls.capacity))

    assert units == pytest.approx([units[0]] * 4, rel=0.05)


@pytest.mark.requires(Capability.LARGE_PARTITIONS)
@pytest.mark.requires(Capability.CAPACITY)
def test_one_match_in_fifty_thousand_is_found_within_the_budget_of_each_request(shared_client: DynamoDBClient) -> None:
    owner, count, at = "auth0|needle", 50_000, 31_415
    budget = ReadBudget()
    store = Tasks(Table(shared_client, TABLE_NAME, budget))

    def items() -> Iterator[dict[str, object]]:
        for number in range(count):
            title = "The needle" if number == at else "Hay"
            yield task_item(owner, START_MS + number, title=title)

    match = write_all(shared_client, items())[at]
    query = ListQuery(status="open", q="needle")
    found: list[str] = []
    requests = 0
    while True:
        with counted(shared_client) as calls:
            page = store.list(owner, query)
        requests += 1
        spent = [capacity["CapacityUnits"] for capacity in calls.capacity]
        assert sum(spent[:-1]) < budget.units, "it went on after its budget was used up"
        assert max(spent) <= 257, "no query reads more than a mebibyte"
        found += [task.id for task in page.tasks]
        if page.next_cursor is None:
            break
        query = replace(query, cursor=page.next_cursor)

    assert found == [match]
    assert requests > 10
