"""What each function may do: its own statement, and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infrastructure.template import FUNCTIONS, OPERATIONS, ROOT, Document, logical_id

TABLE = {"Fn::GetAtt": ["TasksTable", "Arn"]}
INDEXES = [
    {"Fn::Sub": "${TasksTable.Arn}/index/" + name}
    for name in ("open-by-created", "open-by-due", "completed", "by-updated")
]
ALLOWED = {
    "create_task": ("dynamodb:PutItem", TABLE),
    "list_tasks": ("dynamodb:Query", [TABLE, *INDEXES]),
    "get_task": ("dynamodb:GetItem", TABLE),
    "replace_task": ("dynamodb:UpdateItem", TABLE),
    "update_task": ("dynamodb:UpdateItem", TABLE),
    "delete_task": ("dynamodb:UpdateItem", TABLE),
    "toggle_task": ("dynamodb:UpdateItem", TABLE),
}
# What SAM attaches to a traced function: writing its own logs and traces.
MANAGED_POLICIES = [
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
]


def role(deployed: Document, function: str) -> dict[str, Any]:
    """The properties of the role that a function runs under."""
    name, attribute = deployed.properties(logical_id(function))["Role"]["Fn::GetAtt"]
    assert attribute == "Arn"
    return deployed.properties(name)


def statements(policies: list[Any]) -> Iterator[dict[str, Any]]:
    """Every statement, those under a condition too."""
    for policy in policies:
        document = policy["Fn::If"][1] if "Fn::If" in policy else policy
        yield from document["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_may_do_its_one_action_on_the_table_and_nothing_else(deployed: Document, operation: str) -> None:
    # Given the role of the function
    policies = role(deployed, operation)["Policies"]

    # When its statements are listed, then there is one, of one action
    action, resource = ALLOWED[operation]
    assert list(statements(policies)) == [{"Effect": "Allow", "Action": action, "Resource": resource}]


def test_the_authorizer_may_read_the_secret_only_when_there_is_one(deployed: Document) -> None:
    # Given the authorizer's role
    [policy] = role(deployed, "authorizer")["Policies"]

    # When JwtSecretArn is given, then it may read that secret; when not, it may do nothing
    condition, given, otherwise = policy["Fn::If"]
    assert condition == "HasJwtSecret"
    assert given["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": {"Ref": "JwtSecretArn"}}
    ]
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_every_function_has_a_role_of_its_own(deployed: Document) -> None:
    roles = [deployed.properties(logical_id(function))["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS]

    assert len(set(roles)) == len(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_has_no_managed_policy_but_those_of_logs_and_traces(deployed: Document, function: str) -> None:
    assert role(deployed, function)["ManagedPolicyArns"] == MANAGED_POLICIES


def test_no_statement_has_a_wildcard(deployed: Document) -> None:
    # Given every role that the template makes
    found = [
        statement
        for properties in deployed.of_type("AWS::IAM::Role").values()
        for statement in statements(properties.get("Policies", []))
    ]

    # When their actions and resources are read, then each names one thing
    assert len(found) == len(FUNCTIONS)
    assert [statement for statement in found if "*" in json.dumps(statement)] == []


def test_nothing_may_scan_the_table(deployed: Document) -> None:
    assert "dynamodb:Scan" not in json.dumps(deployed.body)
    assert "dynamodb:*" not in json.dumps(deployed.body)


def test_nothing_scans_the_table() -> None:
    # Given the code that runs on Lambda
    sources = [path for folder in ("layers/taskapi/taskapi", "functions") for path in (ROOT / folder).rglob("*.py")]
    assert sources

    # When it is searched for the call, then there is none
    scanning = re.compile(r"\.scan\(|[\"']scan[\"']|get_paginator", re.IGNORECASE)
    assert [path.name for path in sources if scanning.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_only_its_own_route_may_invoke_an_operation(deployed: Document, operation: str) -> None:
    # Given everything that may invoke the function
    permissions = [
        permission
        for permission in deployed.of_type("AWS::Lambda::Permission").values()
        if permission["FunctionName"] == {"Ref": logical_id(operation)}
    ]

    # When the grants are read, then there is one, for one method and path of this API
    method, path = OPERATIONS[operation]
    [permission] = permissions
    assert permission["Principal"] == "apigateway.amazonaws.com"
    arn, names = permission["SourceArn"]["Fn::Sub"]
    assert arn.endswith(f"/{method.upper()}{re.sub('{[^}]*}', '*', path)}")
    assert names["__ApiId__"] == {"Ref": "TaskApi"}
