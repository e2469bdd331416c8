"""Each function under exactly the statements that the deployed stack gives its role: what it needs works, nothing else.

The stack is moto's; every request of the handler's own client is judged by tests.infrastructure.policies.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
import pytest
from botocore.handlers import BUILTIN_HANDLERS

from local.template.operations import OPERATIONS
from taskapi.dynamo.client import create_client
from taskapi.dynamo.table import Table
from taskapi.settings import Settings
from taskapi.tokens.secret import fetch_secret
from tests.infrastructure.deployment import ACCOUNT, REGION, deployed_stack
from tests.infrastructure.dynamodb_access import LEADING_KEYS, access_requests, enforce, table_arn
from tests.infrastructure.policies import AccessRequest, is_allowed
from tests.infrastructure.template import Document, logical_id
from tests.operations import CASES
from tests.operations.case import Request
from tests.support.function_modules import load_operation
from tests.support.proxy_events import FakeContext, proxy_event

INDEXES = ("by-updated", "open-by-created", "open-by-due", "open-by-place", "closed")
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:task-api/jwt-AbCdEf"
USERS = (f"auth0|{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def stack(deployed: Document) -> Iterator[dict[str, str]]:
    with deployed_stack(deployed.body, {"JwtSecretArn": SECRET, "JwtJwksUrl": ""}) as ids:
        yield ids


def may_read(operation: str, index: str) -> bool:
    """Whether the table of operations names the index."""
    return OPERATIONS[operation].indexes in ("*", index)


@pytest.fixture(scope="module")
def table_name(stack: dict[str, str]) -> str:
    return stack["TasksTable"]


def role_statements(stack: dict[str, str], function: str) -> list[dict[str, Any]]:
    """What the deployed role's own policies say, names of resources filled in."""
    roles = boto3.client("iam", region_name=REGION)
    role = stack[f"{logical_id(function)}Role"]
    names = roles.list_role_policies(RoleName=role)["PolicyNames"]
    # moto keeps a stack's policy as Python writes it, not as JSON.
    documents: list[Any] = [roles.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in ast.literal_eval(document)["Statement"]]


def respond(
    operation: str, stack: dict[str, str], statements: Sequence[Mapping[str, Any]] | None, event: Mapping[str, Any]
) -> Any:
    """An operation's answer to a request, its client held to the statements (None: to none); what it asked for."""
    functions = boto3.client("lambda", region_name=REGION)
    deployed = functions.get_function_configuration(FunctionName=stack[logical_id(operation)])
    settings = Settings.from_environment(deployed["Environment"]["Variables"])
    client = create_client(settings.dynamodb_endpoint)
    asked = [] if statements is None else enforce(client, statements)
    handler = load_operation(operation).over(settings, Table(client, settings.table_name))
    return handler(proxy_event(operation, **event), FakeContext()), asked


def prepared(stack: dict[str, str], request: Request) -> dict[str, Any]:
    """A request's event, by a user of its own; what there is before it is put there without a role."""
    ids = {"sub": next(USERS)}

    def serve(operation: str, event: Mapping[str, Any]) -> Mapping[str, str]:
        response, _ = respond(operation, stack, None, {**ids, **event})
        assert response["statusCode"] < 300, response["body"]
        headers: Mapping[str, str] = response["headers"]
        return headers

    return {**ids, **request.prepare(serve)}


@pytest.mark.parametrize("operation", CASES)
def test_an_operation_works_under_its_role(stack: dict[str, str], operation: str) -> None:
    # Given the statements of the deployed role
    statements = role_statements(stack, operation)

    # When the operation serves every kind of request that it knows
    requests = CASES[operation].requests
    served = [respond(operation, stack, statements, prepared(stack, request)) for request in requests]

    # Then none is refused, and all that it has been granted was asked for
    assert [response["statusCode"] for response, _ in served] == [request.status for request in requests]
    asked = [request for _, requests in served for request in requests]
    assert {request.action for request in asked} == {*OPERATIONS[operation].actions}
    arn = table_arn(stack["TasksTable"])
    # Every grant is of the table, too, which an operation that reads but one index has no need of
    assert {request.resource for request in asked} | {arn} == {arn} | {
        f"{arn}/index/{name}" for name in INDEXES if may_read(operation, name)
    }


@pytest.mark.parametrize("operation", CASES)
def test_an_operation_without_its_statement_does_not_work(stack: dict[str, str], operation: str) -> None:
    response, asked = respond(operation, stack, [], prepared(stack, CASES[operation].plain[0]))

    assert asked
    assert response["statusCode"] == 500
    assert json.loads(response["body"])["code"] == "internal_error"


@pytest.mark.parametrize("operation", CASES)
@pytest.mark.parametrize("missing", ["Action", "Resource"])
def test_an_operation_with_another_ones_statement_does_not_work(
    stack: dict[str, str], operation: str, missing: str
) -> None:
    other = {"Action": "dynamodb:DescribeTable", "Resource": table_arn("another-table")}
    statements = [each | {missing: other[missing]} for each in role_statements(stack, operation)]

    response, _ = respond(operation, stack, statements, prepared(stack, CASES[operation].plain[0]))

    assert response["statusCode"] == 500


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_other_action_on_the_table_is_refused(stack: dict[str, str], table_name: str, operation: str) -> None:
    # Given every action of DynamoDB's API, and those that are permissions only
    model = boto3.client("dynamodb", region_name=REGION).meta.service_model
    actions = {*model.operation_names, "ConditionCheckItem", "PartiQLSelect", "PartiQLUpdate", "PartiQLDelete"}
    assert len(actions) > 50

    # When each is asked for on a user's partition
    statements = role_statements(stack, operation)
    context = {LEADING_KEYS: ["USER#alice"]}
    allowed = {
        action
        for action in actions
        if is_allowed(statements, AccessRequest(f"dynamodb:{action}", table_arn(table_name), context))
    }

    # Then the table's are allowed
    assert {f"dynamodb:{action}" for action in allowed} == {*OPERATIONS[operation].actions}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("resource", "leading", "expected"),
    [
        ("{table}", ["USER#alice"], True),
        ("{table}2", ["USER#alice"], False),
        ("{table}/stream/2026-11-20T00:00:00.000", ["USER#alice"], False),
        ("{table}/backup/01", ["USER#alice"], False),
        ("another-table", ["USER#alice"], False),
        ("{table}", ["ORDER#1"], False),
        ("{table}", ["user#alice"], False),
        ("{table}", [""], False),
        ("{table}", ["USER#alice", "ORDER#1"], False),
        ("{table}", None, False),
    ],
)
def test_other_tables_and_other_keys_are_refused(
    stack: dict[str, str], operation: str, resource: str, leading: list[str] | None, expected: bool
) -> None:
    context = {} if leading is None else {LEADING_KEYS: leading}
    arn = table_arn(resource.format(table=stack["TasksTable"]))
    statements = role_statements(stack, operation)

    for action in OPERATIONS[operation].actions:
        assert is_allowed(statements, AccessRequest(action, arn, context)) is expected


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("index", [*INDEXES, "another"])
def test_indexes_may_be_read_only_where_the_table_of_operations_says_so(
    stack: dict[str, str], table_name: str, operation: str, index: str
) -> None:
    resource = f"{table_arn(table_name)}/index/{index}"
    statements = role_statements(stack, operation)

    for action in ("Query", "Scan", "GetItem"):
        request = AccessRequest(f"dynamodb:{action}", resource, {LEADING_KEYS: ["USER#alice"]})
        reads = may_read(operation, index) and request.action in OPERATIONS[operation].actions
        assert is_allowed(statements, request) is reads


def test_the_authorizer_may_read_its_secret_and_nothing_else(stack: dict[str, str], table_name: str) -> None:
    # Given the authorizer's statements, and what reading the secret asks for
    statements = role_statements(stack, "authorizer")
    read = AccessRequest("secretsmanager:GetSecretValue", SECRET)

    # When its requests are judged, then that is allowed, and no other secret, action or service
    assert is_allowed(statements, read)
    assert not is_allowed(statements, dataclasses.replace(read, resource=SECRET + "2"))
    for client in ("secretsmanager", "dynamodb"):
        for action in boto3.client(client, region_name=REGION).meta.service_model.operation_names:
            resource = SECRET if client == "secretsmanager" else table_arn(table_name)
            request = AccessRequest(f"{client}:{action}", resource, {LEADING_KEYS: ["USER#alice"]})
            assert is_allowed(statements, request) is (request == dataclasses.replace(read, context=request.context))


def test_reading_the_secret_is_all_that_the_authorizer_asks_of_aws(stack: dict[str, str]) -> None:
    # Given a secret
    secrets = boto3.client("secretsmanager", region_name=REGION)
    arn = secrets.create_secret(Name="task-api/jwt", SecretString="x" * 32)["ARN"]
    asked: list[str] = []
    # Every session that is made from here on has it, also the one that fetch_secret makes
    handler = ("before-call.*.*", lambda model, **_: asked.append(model.name))
    BUILTIN_HANDLERS.append(handler)

    # When the authorizer's key source fetches it, then it makes the one call that it is allowed
    try:
        assert fetch_secret(arn, "AWSCURRENT") == "x" * 32
    finally:
        BUILTIN_HANDLERS.remove(handler)
    assert asked == ["GetSecretValue"]


def test_the_judge_sees_every_item_of_a_transaction() -> None:
    # Given a transaction whose second item is in nobody's partition
    items = [{"Put": {"TableName": "tasks", "Item": {"pk": {"S": key}}}} for key in ("USER#alice", "ORDER#1")]

    # When IAM is asked, then it is asked for both
    asked = list(access_requests("TransactWriteItems", {"TransactItems": items}))
    assert [(each.action, each.context[LEADING_KEYS]) for each in asked] == [
        ("dynamodb:PutItem", ["USER#alice"]),
        ("dynamodb:PutItem", ["ORDER#1"]),
    ]
