"""The exception tree, violations and JSON Pointers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.errors import (
    ConfigurationError,
    ConfigurationFault,
    InvalidCursor,
    PreconditionFailed,
    TaskApiError,
    ValidationFailed,
    Violation,
    pointer,
)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        # RFC 6901 section 5, and arrays.
        ((), ""),
        (("title",), "/title"),
        (("tags", 3), "/tags/3"),
        (("",), "/"),
        (("a/b",), "/a~1b"),
        (("m~n",), "/m~0n"),
        (("~1",), "/~01"),
        ((" ",), "/ "),
    ],
)
def test_pointer_escapes_as_rfc_6901_says(tokens: tuple[object, ...], expected: str) -> None:
    assert pointer(*tokens) == expected


@given(st.lists(st.text(), max_size=4))
def test_a_pointer_can_be_read_back(tokens: list[str]) -> None:
    # Given any member names, when a pointer is made of them and taken apart as RFC 6901 section 4 says
    found = [part.replace("~1", "/").replace("~0", "~") for part in pointer(*tokens).split("/")[1:]]
    # Then they come back
    assert found == tokens


@pytest.mark.parametrize(
    ("violation", "expected"),
    [
        (Violation("required", "Why.", "/title"), {"pointer": "/title", "code": "required", "detail": "Why."}),
        (
            Violation("repeated", "Why.", "limit", "parameter"),
            {"parameter": "limit", "code": "repeated", "detail": "Why."},
        ),
        (
            Violation("repeated", "Why.", "If-Match", "header"),
            {"header": "If-Match", "code": "repeated", "detail": "Why."},
        ),
        (Violation("wrong_type", "Why."), {"pointer": "", "code": "wrong_type", "detail": "Why."}),
    ],
)
def test_a_violation_says_what_it_points_into(violation: Violation, expected: dict[str, str]) -> None:
    assert violation.as_json() == expected


def test_an_error_has_its_types_detail_unless_told_otherwise() -> None:
    assert InvalidCursor().detail == InvalidCursor.default_detail
    assert str(InvalidCursor("This one.")) == "This one."
    assert TaskApiError("").detail == ""


def test_errors_carry_what_happened() -> None:
    violation = Violation("required", "Why.")
    assert ValidationFailed([violation]).violations == (violation,)
    assert PreconditionFailed("Why.").current is None


def test_a_configuration_error_names_every_fault() -> None:
    error = ConfigurationError([ConfigurationFault("A", "is required"), ConfigurationFault("B", "is wrong")])
    assert str(error) == "A: is required; B: is wrong"
