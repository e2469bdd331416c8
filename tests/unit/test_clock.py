"""Timestamps: UTC, milliseconds, Z."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import clock

INSTANTS = st.integers(min_value=0, max_value=clock.LATEST_MS)


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (1_795_167_000_123, "2026-11-20T09:30:00.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (clock.LATEST_MS, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_timestamp(ms: int, expected: str) -> None:
    assert clock.timestamp(ms) == expected
    assert clock.milliseconds(expected) == ms


@given(INSTANTS)
def test_no_millisecond_is_lost_on_the_way_there_and_back(ms: int) -> None:
    assert clock.milliseconds(clock.timestamp(ms)) == ms


@given(INSTANTS, INSTANTS)
def test_timestamps_sort_as_their_instants(one: int, other: int) -> None:
    assert (clock.timestamp(one) < clock.timestamp(other)) == (one < other)


def test_beyond_the_year_9999_is_an_error_rather_than_a_wrong_timestamp() -> None:
    with pytest.raises(OverflowError):
        clock.timestamp(clock.LATEST_MS + 1)


def test_now_is_the_wall_clock() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= clock.now_ms() <= time.time_ns() // 1_000_000
