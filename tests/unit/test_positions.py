"""Places in an order by hand. That npm's library takes the same keys is for tests/conformance/test_positions.py."""

from __future__ import annotations

import itertools

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


def _keys() -> st.SearchStrategy[str]:
    """Keys of every length of the integer, most of them close to one another, up to the longest."""

    def key(head: str, digits: str, fraction: str) -> str:
        length = ord(head) - ord("a") + 1 if head >= "a" else ord("Z") - ord(head) + 1
        return head + digits[:length].ljust(length, digits[-1]) + fraction.rstrip("0")

    heads = st.sampled_from("aaabhzyZZYBA")
    digits = st.text("0z", min_size=1, max_size=26) | st.text("01Vyz", min_size=1, max_size=26)
    fractions = st.text("01Vz", max_size=6) | st.text("0z", max_size=220)
    return st.builds(key, heads, digits, fractions).filter(positions.is_valid)


KEYS = _keys()


class TestBetween:
    """Keys between two others."""

    @given(KEYS, KEYS)
    def test_one_is_strictly_between(self, one: str, other: str) -> None:
        low, high = sorted((one, other))
        if low == high:
            with pytest.raises(ValueError, match="no key is between"):
                positions.between(low, high)
            return
        key = positions.between(low, high)
        assert low < key < high
        self.check_is_key(key)

    @given(KEYS)
    def test_one_is_before_and_one_behind(self, key: str) -> None:
        before, behind = positions.between(None, key), positions.between(key, None)
        assert before < key < behind
        self.check_is_key(before)
        self.check_is_key(behind)

    def check_is_key(self, key: str) -> None:
        """But for its length, which is the caller's to look at."""
        assert positions.is_valid(key) or (len(key) > positions.LONGEST and positions.is_valid(key[:254].rstrip("0")))

    @given(KEYS, KEYS)
    def test_the_other_way_round_there_is_none(self, one: str, other: str) -> None:
        low, high = sorted((one, other))
        with pytest.raises(ValueError, match="no key is between"):
            positions.between(high, low)

    @given(KEYS, KEYS)
    def test_it_is_no_longer_than_it_must_be(self, one: str, other: str) -> None:
        """It has at most one character more than the longer one, and an integer as long as one of the two."""
        low, high = sorted((one, other))
        if low != high:
            assert len(positions.between(low, high)) <= max(len(low), len(high)) + 1

    @pytest.mark.parametrize(
        ("low", "high", "expected"),
        [
            # The examples of the library's own tests
            (None, None, "a0"),
            (None, "a0", "Zz"),
            (None, "Zz", "Zy"),
            ("a0", None, "a1"),
            ("a1", None, "a2"),
            ("a0", "a1", "a0V"),
            ("a1", "a2", "a1V"),
            ("a0V", "a1", "a0l"),
            ("Zz", "a0", "ZzV"),
            ("Zz", "a1", "a0"),
            (None, "Y00", "Xzzz"),
            ("bzz", None, "c000"),
            ("a0", "a0V", "a0G"),
            ("a0", "a0G", "a08"),
            ("b125", "b129", "b127"),
            ("a0", "a1V", "a1"),
            ("Zz", "a01", "a0"),
            (None, "a0V", "a0"),
            (None, "b999", "b99"),
            (None, LOWEST + "V", LOWEST + "G"),
            (HIGHEST[:-1] + "y", None, HIGHEST),
            (HIGHEST, None, HIGHEST + "V"),
        ],
    )
    def test_it_is_the_library_s(self, low: str | None, high: str | None, expected: str) -> None:
        assert positions.between(low, high) == expected


class TestSpread:
    """Many at once."""

    @given(st.none() | KEYS, st.none() | KEYS, st.integers(0, 120))
    def test_they_are_in_order_between_the_two(self, one: str | None, other: str | None, count: int) -> None:
        low, high = sorted((one, other)) if one and other else (one, other)
        if low == high and low is not None and count:
            with pytest.raises(ValueError, match="no key is between"):
                positions.spread(low, high, count)
            return
        keys = positions.spread(low, high, count)
        assert len(keys) == count
        ends = [*([low] if low else []), *keys, *([high] if high else [])]
        assert all(before < behind for before, behind in itertools.pairwise(ends))

    def test_fifty_between_two_that_are_close_need_few_characters(self) -> None:
        assert max(map(len, positions.spread("a0", "a01", 51))) <= 5
        assert max(map(len, positions.spread("a0", "a1", 51))) <= 4
        assert max(map(len, positions.spread("a0", None, 51))) == 2
