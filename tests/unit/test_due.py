"""Due dates: whole days and instants."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import due

OFFSETS = st.integers(min_value=-23 * 60 - 59, max_value=23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
DATES = st.dates().map(date.isoformat)
INSTANTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS).map(datetime.isoformat)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        # Whole days
        ("2026-12-01", "2026-12-01"),
        ("2028-02-29", "2028-02-29"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        # Instants
        ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00.000Z"),
        ("2026-12-01t09:30:00z", "2026-12-01T09:30:00.000Z"),
        ("2026-12-01T09:30:00-00:00", "2026-12-01T09:30:00.000Z"),
        ("2026-12-01T09:30:00+01:00", "2026-12-01T08:30:00.000Z"),
        ("2026-12-01T00:30:00+01:00", "2026-11-30T23:30:00.000Z"),
        ("2026-12-31T23:30:00-03:30", "2027-01-01T03:00:00.000Z"),
        # Fractions, of any length, are cut off below the millisecond
        ("2026-12-01T09:30:00.1Z", "2026-12-01T09:30:00.100Z"),
        ("2026-12-01T09:30:00.12Z", "2026-12-01T09:30:00.120Z"),
        ("2026-12-01T09:30:00.1239Z", "2026-12-01T09:30:00.123Z"),
        ("2026-12-01T23:59:59.99999999999999Z", "2026-12-01T23:59:59.999Z"),
        # The farthest zones: Kiribati, Baker Island, Chatham in summer
        ("2026-12-01T00:00:00+14:00", "2026-11-30T10:00:00.000Z"),
        ("2026-12-01T23:59:59-12:00", "2026-12-02T11:59:59.000Z"),
        ("2026-12-01T00:00:00+13:45", "2026-11-30T10:15:00.000Z"),
        ("2026-12-01T00:00:00+23:59", "2026-11-30T00:01:00.000Z"),
        # The hour that Berlin has twice (25 October 2026): the offset tells the two apart
        ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00.000Z"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00.000Z"),
        # A leap second (RFC 3339 section 5.6) is the last millisecond that clocks have
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"),
        ("2026-12-31T23:59:60.5Z", "2026-12-31T23:59:59.999Z"),
        ("2026-12-31T18:59:60-05:00", "2026-12-31T23:59:59.999Z"),
        ("2027-01-01T05:29:60+05:30", "2026-12-31T23:59:59.999Z"),
        ("9999-12-31t23:59:60z", "9999-12-31T23:59:59.999Z"),
        # Years at the end of the calendar
        ("0001-01-01T00:00:00-14:00", "0001-01-01T14:00:00.000Z"),
        ("9999-12-31T23:59:59+00:01", "9999-12-31T23:58:59.000Z"),
    ],
)
def test_the_stored_form(written: str, stored: str) -> None:
    assert due.parse(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "tomorrow",
        "2026-12",
        "2026-335",
        "2026-W49-2",
        "20261201",
        "2026-2-1",
        "26-12-01",
        "+2026-12-01",
        "02026-12-01",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "2026-12-01 ",
        "2026-12-01\n",
        "\u0662\u0660\u0662\u0666-12-01",
        "2026\u201012\u201001",
        # No offset: not an instant
        "2026-12-01T09:30:00",
        "2026-12-01T09:30:00.000",
        # Not RFC 3339
        "2026-12-01T09:30Z",
        "2026-12-01T0930Z",
        "2026-12-01 09:30:00Z",
        "2026-12-01T09:30:00,5Z",
        "2026-12-01T09:30:00.Z",
        "2026-12-01T09:30:00+01",
        "2026-12-01T09:30:00+0100",
        "2026-12-01T09:30:00+01:00:00",
        "2026-12-01T09:30:00 Z",
        "2026-12-01T09:30:00Z\n",
        "2026-12-01T09:30:00\u221201:00",
        "20261201T093000Z",
        # No such time of day
        "2026-12-01T24:00:00Z",
        "2026-12-01t24:00:00.000z",
        "2026-12-01T24:00:00+24:00",
        "2026-12-01T25:00:00Z",
        "2026-12-01T09:60:00Z",
        "2026-12-01T09:30:61Z",
        "2026-02-30T09:30:00Z",
        # A leap second is at 23:59:60 in UTC
        "2016-12-31T23:58:60Z",
        "2016-12-31T22:59:60Z",
        "2016-12-31T23:59:60+01:00",
        "2016-12-31T23:59:60-00:01",
        "2016-12-31T00:00:60Z",
        "2016-12-31T23:59:60",
        # No such offset (RFC 3339 section 5.6: hours up to 23, minutes up to 59)
        "2026-12-01T09:30:00+24:00",
        "2026-12-01T09:30:00-99:00",
        "2026-12-01T09:30:00+00:60",
        "2026-12-01T09:30:00-01:99",
        # Beyond the calendar once in UTC
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        due.parse(written)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("tomorrow", "neither a date nor an instant"),
        ("2016-12-31T22:59:60Z", "no leap second"),
        ("9999-12-31T23:59:59-00:01", "outside the years 1 to 9999"),
    ],
)
def test_why(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        due.parse(written)


@given(DATES | INSTANTS)
def test_parsing_is_idempotent(written: str) -> None:
    stored = due.parse(written)
    assert due.parse(stored) == stored


@given(INSTANTS)
def test_an_instant_stays_the_same_to_the_millisecond(written: str) -> None:
    stored, meant = datetime.fromisoformat(due.parse(written)), datetime.fromisoformat(written)
    assert timedelta(0) <= meant - stored < timedelta(milliseconds=1)


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_strings(one: str, other: str) -> None:
    earlier, later = sorted([one, other], key=datetime.fromisoformat)
    assert due.parse(earlier) <= due.parse(later)


@given(DATES, INSTANTS)
def test_a_day_sorts_before_its_own_instants_and_after_those_of_the_day_before(day: str, written: str) -> None:
    stored = due.parse(written)
    on = datetime.fromisoformat(stored).astimezone(UTC).date().isoformat()
    assert (due.parse(day) < stored) == (day <= on)


@given(st.text(max_size=40))
def test_junk_raises_nothing_but_value_error(written: str) -> None:
    with contextlib.suppress(ValueError):
        due.parse(written)
