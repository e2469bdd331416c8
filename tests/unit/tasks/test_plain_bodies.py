"""The body of toggle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.errors import ValidationFailed
from taskapi.tasks.plain_bodies import TaskCompletion


@pytest.mark.parametrize("wanted", [True, False])
def test_it_names_the_state_to_set(wanted: bool) -> None:
    assert TaskCompletion.from_decoded({"completed": wanted}) == TaskCompletion(wanted)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [("", "wrong_type")]),
        (True, [("", "wrong_type")]),
        ({"completed": None}, [("/completed", "wrong_type")]),
        ({"completed": 1}, [("/completed", "wrong_type")]),
        ({"completed": "true"}, [("/completed", "wrong_type")]),
        ({"completed": True, "title": "x"}, [("/title", "unknown_member")]),
        ({"completed": None, "title": "x"}, [("/title", "unknown_member"), ("/completed", "wrong_type")]),
        ({"a/b": 1}, [("/a~1b", "unknown_member")]),
    ],
)
def test_anything_else_is_refused(body: object, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(ValidationFailed) as raised:
        TaskCompletion.from_decoded(body)
    assert [(violation.at, violation.code) for violation in raised.value.violations] == expected


@pytest.mark.parametrize("body", [{}, None])
def test_without_a_state_the_task_is_flipped(body: object) -> None:
    # What generated clients send where their caller gives no body
    assert TaskCompletion.from_decoded(body).completed is None


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ([], ["The body must be a JSON object."]),
        ({"completed": 1, "title": "x"}, ["The contract has no such member here.", "Must be true or false."]),
    ],
)
def test_what_is_wrong_is_said(body: object, details: list[str]) -> None:
    with pytest.raises(ValidationFailed) as raised:
        TaskCompletion.from_decoded(body)
    assert [violation.detail for violation in raised.value.violations] == details


def test_the_violations_are_capped() -> None:
    with pytest.raises(ValidationFailed) as raised:
        TaskCompletion.from_decoded({"completed": True, **{str(number): 1 for number in range(10_000)}})
    assert len(raised.value.violations) == 50


@given(st.dictionaries(st.text(), st.booleans() | st.integers(), max_size=3))
def test_only_a_lone_boolean_passes_or_nothing(body: dict[str, object]) -> None:
    try:
        TaskCompletion.from_decoded(body)
    except ValidationFailed:
        assert body.keys() - {"completed"} or not isinstance(body["completed"], bool)
    else:
        assert body.keys() <= {"completed"}
