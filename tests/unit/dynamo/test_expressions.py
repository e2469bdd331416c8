"""DynamoDB expressions: every name and value a placeholder, every placeholder used."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.dynamo.expressions import Placeholders, Update

NAMES = st.sampled_from(["title", "due", "tags", "version", "completed", "open_due", "updated_at"])
VALUES = st.text(max_size=3) | st.booleans() | st.integers() | st.lists(st.text(max_size=3), max_size=2).map(tuple)
SCALARS = st.text(max_size=3) | st.integers()
OPERANDS = st.lists(st.integers(), min_size=1, max_size=4)

Call = Callable[[Update], None]


def call(method: str, *arguments: Any) -> Call:
    """A call of one of Update's methods, to be made later."""
    return lambda update: getattr(update, method)(*arguments)


CALLS: st.SearchStrategy[Call] = st.one_of(
    st.builds(call, st.just("set"), NAMES, VALUES),
    st.builds(call, st.just("set_or_remove"), NAMES, st.none() | VALUES),
    st.builds(call, st.just("set_if_absent"), NAMES, SCALARS),
    st.builds(call, st.just("copy"), NAMES, NAMES),
    st.builds(call, st.just("copy_or_set"), NAMES, NAMES, SCALARS),
    st.builds(call, st.just("increment"), NAMES),
    st.builds(call, st.just("remove"), NAMES),
    st.builds(call, st.just("remove"), NAMES, NAMES),
    st.builds(call, st.just("require_existing"), NAMES),
    st.builds(call, st.just("require_absent"), NAMES),
    st.builds(call, st.just("require_equal"), NAMES, SCALARS),
    st.builds(call, st.just("require_absent_or_below"), NAMES, st.text(max_size=3)),
    st.builds(call, st.just("require_absent_or_above"), NAMES, st.integers()),
    st.builds(call, st.just("require_one_of"), NAMES, OPERANDS),
    st.builds(call, st.just("require_absent_or_none_of"), NAMES, NAMES, OPERANDS),
)


@given(st.lists(CALLS, min_size=1, max_size=8))
def test_what_is_declared_is_used_and_what_is_used_is_declared(calls: list[Call]) -> None:
    # Given any sequence of calls
    update = Update()
    try:
        for make in calls:
            make(update)
        arguments = update.as_arguments()
    except ValueError:
        return  # contradictory, and said so before DynamoDB would
    # When the expressions are built, then DynamoDB, which refuses unused and undeclared placeholders, is happy
    expressions = f"{arguments['UpdateExpression']} {arguments.get('ConditionExpression', '')}"
    declared_names = set(arguments.get("ExpressionAttributeNames", {}))
    declared_values = set(arguments.get("ExpressionAttributeValues", {}))
    assert set(re.findall(r"#\w+", expressions)) == declared_names
    assert set(re.findall(r":\w+", expressions)) == declared_values
    # And no empty map is sent, which it refuses too
    assert arguments.get("ExpressionAttributeNames") != {}
    assert arguments.get("ExpressionAttributeValues") != {}
    # And no attribute is written twice
    set_clause, _, remove_clause = arguments["UpdateExpression"].partition("REMOVE ")
    written = re.findall(r"(#\w+) =", set_clause) + remove_clause.split(", ")
    assert len(written) == len(set(written))


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_text_of_a_user_gets_into_an_expression(title: str, tag: str) -> None:
    # Given texts of a user, when they are set
    update = Update()
    update.set("title", title)
    update.set("tags", (tag,))
    arguments = update.as_arguments()
    # Then they are values and the expression stays the same
    assert arguments["UpdateExpression"] == "SET #title = :v0, #tags = :v1"
    assert arguments["ExpressionAttributeValues"] == {":v0": {"S": title}, ":v1": {"L": [{"S": tag}]}}


def expression_of(*calls: Call) -> dict[str, Any]:
    """What these calls come to."""
    update = Update()
    for make in calls:
        make(update)
    return update.as_arguments()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (call("set", "title", "x"), "SET #title = :v0"),
        (call("set_or_remove", "title", "x"), "SET #title = :v0"),
        (call("set_or_remove", "title", ""), "SET #title = :v0"),
        (call("set_or_remove", "completed", False), "SET #completed = :v0"),
        (call("set_or_remove", "title", None), "REMOVE #title"),
        (call("set_or_remove", "tags", ()), "REMOVE #tags"),
        (call("set_if_absent", "created_at", "x"), "SET #created_at = if_not_exists(#created_at, :v0)"),
        (call("copy", "open_since", "created_at"), "SET #open_since = #created_at"),
        (call("copy_or_set", "open_due", "due", "~"), "SET #open_due = if_not_exists(#due, :v0)"),
        (call("increment", "version"), "SET #version = if_not_exists(#version, :v0) + :v1"),
        (call("remove", "due", "tags"), "REMOVE #due, #tags"),
    ],
)
def test_update_clauses(make: Call, expected: str) -> None:
    assert expression_of(make)["UpdateExpression"] == expected


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (call("require_existing", "title"), "attribute_exists(#title)"),
        (call("require_absent", "title"), "attribute_not_exists(#title)"),
        (call("require_equal", "completed", True), "#completed = :v0"),
        (
            call("require_absent_or_below", "updated_at", "x"),
            "(attribute_not_exists(#updated_at) OR #updated_at < :v0)",
        ),
        (call("require_one_of", "version", [1, 2]), "#version IN (:v0, :v1)"),
        (
            call("require_absent_or_none_of", "title", "version", [1, 2]),
            "(attribute_not_exists(#title) OR NOT #version IN (:v0, :v1))",
        ),
    ],
)
def test_conditions(make: Call, expected: str) -> None:
    assert expression_of(call("remove", "x"), make)["ConditionExpression"] == expected


def test_everything_together() -> None:
    arguments = expression_of(
        call("set", "title", "x"),
        call("remove", "tags"),
        call("increment", "version"),
        call("require_existing", "title"),
        call("require_one_of", "version", [3]),
    )
    assert arguments == {
        "UpdateExpression": "SET #title = :v0, #version = if_not_exists(#version, :v1) + :v2 REMOVE #tags",
        "ConditionExpression": "attribute_exists(#title) AND #version IN (:v3)",
        "ExpressionAttributeNames": {"#title": "title", "#tags": "tags", "#version": "version"},
        "ExpressionAttributeValues": {":v0": {"S": "x"}, ":v1": {"N": "0"}, ":v2": {"N": "1"}, ":v3": {"N": "3"}},
    }


def test_setting_and_removing_the_same_attribute_is_a_fault() -> None:
    with pytest.raises(ValueError, match=r"^both set and removed: #due, #tags$"):
        expression_of(*(call(method, name, ()) for method in ("set", "remove") for name in ("tags", "due")))


def test_setting_the_same_attribute_twice_is_one_too() -> None:
    with pytest.raises(ValueError, match=r"^set twice: due$"):
        expression_of(call("set", "due", "x"), call("set", "due", "y"))


def test_placeholders_leave_out_what_is_empty() -> None:
    placeholders = Placeholders()
    assert placeholders.as_arguments() == {}
    assert (placeholders.name("pk"), placeholders.name("pk")) == ("#pk", "#pk")
    assert placeholders.as_arguments() == {"ExpressionAttributeNames": {"#pk": "pk"}}
    assert (placeholders.value("a"), placeholders.value("a")) == (":v0", ":v1")
