"""The subject on its way through API Gateway's authorizer context."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import subject

SUBS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("sub", "encoded"),
    [
        ("alice", "alice"),
        ("auth0|5f7c8ec7c33c6c004bbafe82", "auth0|5f7c8ec7c33c6c004bbafe82"),
        ("https://a.example/u?x=1&y=2", "https://a.example/u?x=1&y=2"),
        ("a b+c", "a b+c"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("\u00fc", "%C3%BC"),
        ("\u65e5\u672c", "%E6%97%A5%E6%9C%AC"),
    ],
)
def test_plain_ascii_looks_as_it_is(sub: str, encoded: str) -> None:
    assert subject.encode(sub) == encoded
    assert subject.decode(encoded) == sub


@given(SUBS)
def test_it_arrives_as_it_left_and_travels_as_ascii(sub: str) -> None:
    assert subject.decode(subject.encode(sub)) == sub
    assert subject.encode(sub).isascii()


@given(SUBS, SUBS)
def test_no_two_subjects_become_one(one: str, other: str) -> None:
    assert (subject.encode(one) == subject.encode(other)) == (one == other)


def test_what_it_did_not_make_is_an_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        subject.decode("%FF")
