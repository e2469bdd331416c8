"""The bodies of toggle and move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.errors import ValidationFailed
from taskapi.tasks.plain_bodies import TaskCompletion, TaskMove


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


ONE = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
OTHER = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
OF_VERSION_4 = "01939f6e-8c1b-4a30-9c9e-2f6f1f0a7b10"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, TaskMove()),
        ({}, TaskMove()),
        ({"list_id": None}, TaskMove(changes_list=True)),
        ({"list_id": ONE}, TaskMove(changes_list=True, list_id=ONE)),
        ({"list_id": ONE.upper()}, TaskMove(changes_list=True, list_id=ONE)),
        ({"before": OTHER}, TaskMove(before=OTHER)),
        ({"after": OTHER.upper()}, TaskMove(after=OTHER)),
        ({"list_id": ONE, "after": OTHER}, TaskMove(True, ONE, None, OTHER)),
        ({"list_id": None, "before": OTHER}, TaskMove(True, None, OTHER, None)),
    ],
)
def test_where_a_task_goes(body: object, expected: TaskMove) -> None:
    assert TaskMove.from_decoded(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [("", "wrong_type")]),
        ("end", [("", "wrong_type")]),
        ({"before": None}, [("/before", "wrong_type")]),
        ({"after": None}, [("/after", "wrong_type")]),
        ({"list_id": 7}, [("/list_id", "wrong_type")]),
        ({"before": [ONE]}, [("/before", "wrong_type")]),
        ({"list_id": "inbox"}, [("/list_id", "invalid_list_id")]),
        ({"list_id": ""}, [("/list_id", "invalid_list_id")]),
        ({"list_id": OF_VERSION_4}, [("/list_id", "invalid_list_id")]),
        ({"before": "1"}, [("/before", "invalid_task_id")]),
        ({"after": f"{ONE} "}, [("/after", "invalid_task_id")]),
        ({"after": OF_VERSION_4}, [("/after", "invalid_task_id")]),
        ({"before": ONE, "after": OTHER}, [("/after", "not_allowed")]),
        ({"before": ONE, "after": ONE}, [("/after", "not_allowed")]),
        ({"position": "a0"}, [("/position", "unknown_member")]),
        ({"changes_list": True}, [("/changes_list", "unknown_member")]),
        (
            {"title": "x", "after": "1", "before": 1, "list_id": "x"},
            [
                ("/title", "unknown_member"),
                ("/list_id", "invalid_list_id"),
                ("/before", "wrong_type"),
                ("/after", "invalid_task_id"),
                ("/after", "not_allowed"),
            ],
        ),
    ],
    ids=str,
)
def test_where_it_can_not_go(body: object, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(ValidationFailed) as raised:
        TaskMove.from_decoded(body)
    assert [(violation.at, violation.code) for violation in raised.value.violations] == expected
