"""The evaluator that the least-privilege tests rest on, by the rules of the IAM User Guide."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infrastructure.policies import AccessRequest, is_allowed

TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/tasks"
LEADING = "dynamodb:LeadingKeys"
READ = AccessRequest("dynamodb:GetItem", TABLE, {LEADING: ["USER#alice"]})


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE} | changes


def test_what_no_statement_allows_is_refused() -> None:
    assert not is_allowed([], READ)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"Action": ["dynamodb:PutItem", "dynamodb:GetItem"]}, True),
        ({"Action": "DynamoDB:getitem"}, True),
        ({"Action": "dynamodb:Get*"}, True),
        ({"Action": "dynamodb:Get?tem"}, True),
        ({"Action": "dynamodb:PutItem"}, False),
        ({"Action": "dynamodb:Get"}, False),
        ({"Resource": [TABLE, f"{TABLE}/index/due"]}, True),
        ({"Resource": f"{TABLE}/index/*"}, False),
        ({"Resource": TABLE + "2"}, False),
        ({"Resource": TABLE.upper()}, False),
        ({"Resource": "*"}, True),
    ],
)
def test_action_and_resource_both_have_to_match(changes: dict[str, Any], expected: bool) -> None:
    assert is_allowed([statement(**changes)], READ) is expected


def test_a_deny_wins() -> None:
    assert not is_allowed([statement(), statement(Effect="Deny")], READ)


def test_a_deny_of_something_else_does_not_matter() -> None:
    assert is_allowed([statement(), statement(Effect="Deny", Action="dynamodb:Scan")], READ)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["USER#alice"], True),
        (["USER#alice", "USER#bob"], True),
        (["USER#alice", "ORDER#1"], False),
        (["user#alice"], False),
        (["XUSER#alice"], False),
        # A request without the key has no value that fails: the trap of ForAllValues.
        (None, True),
    ],
)
def test_for_all_values_wants_every_value_to_match(values: list[str] | None, expected: bool) -> None:
    condition = {"ForAllValues:StringLike": {LEADING: "USER#*"}}
    request = AccessRequest("dynamodb:GetItem", TABLE, {} if values is None else {LEADING: values})

    assert is_allowed([statement(Condition=condition)], request) is expected


@pytest.mark.parametrize(("wanted", "with_key", "without"), [("false", True, False), ("true", False, True)])
def test_null_asks_whether_the_request_has_the_key(wanted: str, with_key: bool, without: bool) -> None:
    statements = [statement(Condition={"Null": {LEADING: wanted}})]

    assert is_allowed(statements, READ) is with_key
    assert is_allowed(statements, AccessRequest("dynamodb:GetItem", TABLE)) is without


@pytest.mark.parametrize(
    ("value", "expected"),
    [(["dynamodb.eu-central-1.amazonaws.com"], True), (["s3.amazonaws.com"], False), (None, False)],
)
def test_an_equality_wants_the_key_and_its_value(value: list[str] | None, expected: bool) -> None:
    condition = {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}}
    request = AccessRequest("dynamodb:GetItem", TABLE, {} if value is None else {"kms:ViaService": value})

    assert is_allowed([statement(Condition=condition)], request) is expected


def test_all_conditions_have_to_hold() -> None:
    condition = {"StringEquals": {LEADING: "USER#alice"}, "Null": {LEADING: "true"}}

    assert not is_allowed([statement(Condition=condition)], READ)


@pytest.mark.parametrize(
    "changes",
    [
        {"NotAction": "dynamodb:Scan"},
        {"Condition": {"NumericLessThan": {LEADING: "1"}}},
        {"Condition": {"ForAnyValue:StringLike": {LEADING: "*"}}},
    ],
)
def test_what_it_does_not_know_it_does_not_guess(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not known here"):
        is_allowed([statement(**changes)], READ)
