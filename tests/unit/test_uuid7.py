"""UUID version 7."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import clock, uuid7

INSTANTS = st.integers(min_value=0, max_value=clock.LATEST_MS)


@given(INSTANTS)
def test_a_minted_id_is_a_uuid_of_version_7(ms: int) -> None:
    # Given an instant, when an id is minted
    text = uuid7.mint(ms)
    # Then the standard library reads version and variant in it, and the instant is in its first 48 bits
    parsed = uuid.UUID(text)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == ms == uuid7.milliseconds(text)
    assert str(parsed) == text == uuid7.parse(text)


@given(INSTANTS, INSTANTS)
def test_ids_sort_by_their_instants(one: int, other: int) -> None:
    if one != other:
        assert (uuid7.mint(one) < uuid7.mint(other)) == (one < other)


def test_ids_of_one_millisecond_differ_in_every_random_bit() -> None:
    # Given many ids of the same instant
    ids = [uuid.UUID(uuid7.mint(0)).int for _ in range(200)]
    # When one looks at which bits are ever set, and ever clear, then it is all 74 random ones and no other
    ever_set = ever_clear = 0
    for value in ids:
        ever_set |= value
        ever_clear |= ~value & (1 << 128) - 1
    assert len(set(ids)) == 200
    assert (ever_set & ever_clear).bit_count() == 74


@given(INSTANTS)
def test_upper_case_is_accepted_and_made_canonical(ms: int) -> None:
    text = uuid7.mint(ms)
    assert uuid7.parse(text.upper()) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("019a9f6e-8c1b-4a30-9c9e-2f6f1f0a7b11", id="version 4"),
        pytest.param("019a9f6e-8c1b-6a30-9c9e-2f6f1f0a7b11", id="version 6"),
        pytest.param("019a9f6e-8c1b-7a30-7c9e-2f6f1f0a7b11", id="variant 0"),
        pytest.param("019a9f6e-8c1b-7a30-cc9e-2f6f1f0a7b11", id="Microsoft's variant"),
        pytest.param("019a9f6e8c1b7a309c9e2f6f1f0a7b11", id="no hyphens"),
        pytest.param("{019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11}", id="braces"),
        pytest.param("urn:uuid:019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", id="URN"),
        pytest.param("019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b1", id="one digit short"),
        pytest.param("019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b111", id="one digit more"),
        pytest.param("019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11\n", id="trailing newline"),
        pytest.param(" 019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", id="leading space"),
        pytest.param("019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7bg1", id="no hexadecimal digit"),
        pytest.param("019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b1\u0661", id="Arabic digit"),
        pytest.param("\u212a19a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", id="Kelvin sign"),
        pytest.param("019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b1\uff11", id="full-width digit"),
        pytest.param("019a9f6e\u20108c1b-7a30-9c9e-2f6f1f0a7b11", id="another hyphen"),
        pytest.param("\ud80019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", id="surrogate"),
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    assert uuid7.parse(text) is None


@given(st.text(max_size=40))
def test_what_parses_is_canonical(text: str) -> None:
    parsed = uuid7.parse(text)
    assert parsed is None or (uuid7.parse(parsed) == parsed and parsed == text.lower())
