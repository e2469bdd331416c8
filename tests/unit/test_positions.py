"""Places in an order by hand. That npm's library takes the same keys is for tests/conformance/test_positions.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import positions

LOWEST = "A" + "0" * 26
HIGHEST = "z" * 27
LAST = 62**8 - 1
"""In the year 8888. No id is minted, and no write made, more than a day ahead of the clock."""
TIMES = st.integers(min_value=0, max_value=LAST)


@pytest.mark.parametrize(
    "key",
    [
        "a0",
        "a0V",
        "az",
        "b00",
        "b125",
        "Zz",
        "Z0",
        "Yzz",
        "h00000000",
        HIGHEST,
        HIGHEST + "z" * (positions.LONGEST - 27),
        LOWEST + "1",
        LOWEST[:-1] + "1",
        "a0" + "0" * 252 + "1",
    ],
)
def test_keys_of_the_library(key: str) -> None:
    assert positions.is_valid(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "-",
        "a-",
        "a",
        "a00",
        "a0V0",
        "zz",
        "h1",
        "0",
        "00",
        "9a",
        "Y0",
        LOWEST,
        LOWEST + "0",
        HIGHEST[:-1],
        "a0" + "V" * (positions.LONGEST - 1),
        "a0 ",
        " a0",
        "a0\n",
        "a0#",
        "a\u0660",
        "\u00e90",
        "a0\u0000",
    ],
)
def test_what_is_none(key: str) -> None:
    assert not positions.is_valid(key)


@given(st.text(max_size=300) | st.text("0Aaz", max_size=30))
def test_what_is_valid_has_only_letters_and_digits_and_fits(key: str) -> None:
    if positions.is_valid(key):
        assert key.isascii()
        assert key.isalnum()
        assert len(key) <= positions.LONGEST


@given(TIMES, TIMES)
def test_keys_of_instants_are_in_the_order_of_time(one: int, other: int) -> None:
    assert (positions.at(one) < positions.at(other)) == (one < other)
    assert (positions.at(one) == positions.at(other)) == (one == other)


@given(TIMES)
def test_the_key_of_an_instant_is_one(ms: int) -> None:
    assert positions.is_valid(positions.at(ms))
    assert len(positions.at(ms)) == 9


def test_the_key_of_an_instant_is_as_documented() -> None:
    assert positions.at(0) == "h00000000"
    assert positions.at(61) == "h0000000z"
    assert positions.at(62) == "h00000010"
    assert positions.at(LAST) == "hzzzzzzzz"
