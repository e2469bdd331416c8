"""``due_from`` and ``due_before``: whole days and instants, and users in every time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from taskapi import due
from taskapi.errors import ValidationFailed
from taskapi.tasks.query import ListQuery
from tests.contract.ticking_clock import START_MS
from tests.engines.items import task_item, write_all
from tests.engines.walks import walk
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DUES = [
    "2026-11-30",
    "2026-11-30T23:59:59.999Z",
    "2026-12-01",
    "2026-12-01T00:00:00.000Z",
    "2026-12-01T10:00:00.000Z",
    "2026-12-01T23:59:59.999Z",
    "2026-12-02",
    "2026-12-02T00:00:00.000Z",
    "2026-12-10",
    "2026-12-31",
    "2027-01-01",
    None,
]


@pytest.fixture
def tasks(client: DynamoDBClient, owner: str) -> None:
    """A task for each of those due dates."""
    write_all(client, [task_item(owner, START_MS + number, due=value) for number, value in enumerate(DUES)])


def listed(store: Tasks, owner: str, **parameters: str) -> list[str | None]:
    """The due dates of the open tasks in a range, walked up at once and down in small pages."""
    query = {"status": ["open"], "sort": ["due"], **{name: [value] for name, value in parameters.items()}}
    found = walk(store, owner, ListQuery.from_parameters(query))
    down = walk(store, owner, ListQuery.from_parameters({**query, "order": ["desc"], "limit": ["4"]}))
    assert sorted(task.id for task in down) == sorted(task.id for task in found)
    assert [task.due for task in down] == [task.due for task in found][::-1]
    return [task.due for task in found]


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        # Dates: whole days, the first inside, the last outside. Instants count by the day of the bound's own offset,
        # which for a date is the day in UTC.
        ({"due_from": "2026-12-01", "due_before": "2026-12-02"}, DUES[2:6]),
        ({"due_from": "2026-12-01"}, DUES[2:11]),
        ({"due_before": "2026-12-01"}, DUES[0:2]),
        ({"due_from": "2026-12-10", "due_before": "2027-01-01"}, DUES[8:10]),
        ({"due_from": "2027-01-01"}, DUES[10:11]),
        ({"due_before": "2026-11-30"}, []),
        ({"due_from": "2027-01-02"}, []),
        ({"due_from": "2026-12-01", "due_before": "2026-12-01"}, []),
        # Instants: to the millisecond; a day counts as that of the bound.
        ({"due_from": "2026-12-01T10:00:00Z", "due_before": "2026-12-01T10:00:00.001Z"}, [DUES[2], DUES[4]][1:]),
        ({"due_from": "2026-12-01T10:00:00.001Z", "due_before": "2026-12-02T00:00:00Z"}, [DUES[2], DUES[5]]),
        ({"due_before": "2026-12-01T10:00:00Z"}, DUES[0:2] + DUES[3:4]),
        ({"due_from": "0001-01-01", "due_before": "9999-12-31"}, DUES[:-1]),
        ({"due_from": "9999-12-31T23:59:59.999Z"}, []),
        ({"due_before": "0001-01-01T00:00:00Z"}, []),
    ],
)
def test_range(store: Tasks, owner: str, parameters: dict[str, str], expected: list[str | None]) -> None:
    assert listed(store, owner, **parameters) == expected


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize(
    ("due_from", "due_before"),
    [
        ("2026-12-02", "2026-12-01"),
        ("2026-12-01T10:00:00Z", "2026-12-01T09:00:00Z"),
        ("2026-12-01T10:00:00Z", "2026-12-01"),
        ("9999-12-31", "0001-01-01"),
    ],
)
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_an_end_before_the_start_is_an_empty_range_or_refused(
    store: Tasks, owner: str, due_from: str, due_before: str, order: str
) -> None:
    """Never an error of the engine, which does not take BETWEEN with its bounds the wrong way round."""
    parameters = {"status": ["open"], "sort": ["due"], "order": [order]}
    try:
        query = ListQuery.from_parameters({**parameters, "due_from": [due_from], "due_before": [due_before]})
    except ValidationFailed:
        return
    page = store.list(owner, query)
    assert (page.tasks, page.next_cursor) == ([], None)


# Where and when it is now; the user's own days are what "today" means.
PLACES = [
    ("Europe/Berlin", "2026-12-01T00:00:00"),  # midnight exactly
    ("Europe/Berlin", "2026-12-01T23:59:59"),
    ("Europe/Berlin", "2026-03-29T12:00:00"),  # a day of 23 hours
    ("Europe/Berlin", "2026-10-25T12:00:00"),  # a day of 25 hours
    ("America/New_York", "2026-11-01T01:30:00"),  # an hour that comes twice
    ("America/Sao_Paulo", "2018-11-04T12:00:00"),  # a day that begins at one o'clock
    ("Pacific/Kiritimati", "2026-12-01T08:00:00"),  # +14:00, the first to have each day
    ("Pacific/Pago_Pago", "2026-12-01T22:00:00"),  # -11:00, among the last
    ("Asia/Kathmandu", "2026-12-01T00:10:00"),  # +05:45
    ("Australia/Lord_Howe", "2026-04-05T12:00:00"),  # a change of half an hour
    ("UTC", "2026-12-31T23:00:00"),
]


@pytest.mark.parametrize(("zone", "local_now"), PLACES)
def test_today_overdue_and_the_next_seven_days_where_the_user_is(
    store: Tasks, client: DynamoDBClient, owner: str, zone: str, local_now: str
) -> None:
    """As docs/task-api.md tells a frontend to ask: by the user's own midnights, with their offsets.

    The expectation is computed on local dates and instants, without the strings that the store compares.
    """
    here = ZoneInfo(zone)
    today = datetime.fromisoformat(local_now).date()

    def midnight(day: date) -> datetime:
        # In UTC: Python compares and adds local times by the clock on the wall, which jumps.
        return datetime.combine(day, time(), here).astimezone(UTC)

    def bound(day: date) -> str:
        # The first instant of the local day, with its offset; one o'clock where midnight is skipped.
        return midnight(day).astimezone(here).isoformat()

    days = [today + timedelta(days=offset) for offset in (-1, 0, 1, 6, 7)]
    instants = [midnight(day) + delta for day in days for delta in (-_MS, timedelta(0))]
    dated = [due.parse(moment.isoformat()) for moment in (*days, *instants)]
    write_all(client, [task_item(owner, START_MS + n, due=value) for n, value in enumerate([None, *dated])])

    def expected(first: date | None, end: date) -> list[str]:
        kept = [day.isoformat() for day in days if (first is None or day >= first) and day < end]
        kept += [
            due.parse(instant.isoformat())
            for instant in instants
            if (first is None or instant >= midnight(first)) and instant < midnight(end)
        ]
        return sorted(kept)

    tomorrow, week = today + timedelta(days=1), today + timedelta(days=7)
    assert listed(store, owner, due_from=bound(today), due_before=bound(tomorrow)) == expected(today, tomorrow)
    assert listed(store, owner, due_before=bound(today)) == expected(None, today)
    assert listed(store, owner, due_from=bound(today), due_before=bound(week)) == expected(today, week)


_MS = timedelta(milliseconds=1)
