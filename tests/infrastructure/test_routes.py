"""The API: its routes, who guards them, and what its stage does."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest

from local.template.operations import OPERATIONS
from tests.infrastructure.deployment import decided
from tests.infrastructure.template import Document, logical_id

INTEGRATION = "x-amazon-apigateway-integration"
BEARER: Final[list[dict[str, list[str]]]] = [{"BearerToken": []}]


def paths(deployed: Document) -> dict[str, dict[str, Any]]:
    """Path to method to operation, of the API's OpenAPI document."""
    return deployed.properties("TaskApi")["Body"]["paths"]  # type: ignore[no-any-return]


def served(deployed: Document, operation: str) -> dict[str, Any]:
    """An operation in that document."""
    route = OPERATIONS[operation]
    return paths(deployed)[route.path][route.method.lower()]  # type: ignore[no-any-return]


def authorizer(deployed: Document) -> dict[str, Any]:
    """The API's one authorizer."""
    [scheme] = deployed.properties("TaskApi")["Body"]["components"]["securitySchemes"].values()
    assert scheme["in"] == "header"
    assert scheme["name"] == "Authorization"
    return scheme["x-amazon-apigateway-authorizer"]  # type: ignore[no-any-return]


def test_the_routes_are_those_of_the_contract_and_a_preflight_for_each_path(deployed: Document) -> None:
    # Given the contract
    expected = {(each.path, each.method.lower()) for each in OPERATIONS.values()}
    expected |= {(path, "options") for path, _ in expected}

    # When the deployed API's routes are listed, then there are no others
    assert {(path, method) for path, methods in paths(deployed).items() for method in methods} == expected


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_route_is_served_by_its_function(deployed: Document, operation: str) -> None:
    integration = served(deployed, operation)[INTEGRATION]

    assert integration["type"] == "aws_proxy"
    assert integration["httpMethod"] == "POST"
    # By the alias, so that a deployment can move the traffic.
    assert f"${{{logical_id(operation)}Aliaslive}}" in json.dumps(integration["uri"])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_route_is_behind_the_authorizer(deployed: Document, operation: str) -> None:
    assert served(deployed, operation)["security"] == BEARER


def test_only_preflights_are_open(deployed: Document) -> None:
    # Given every route of the API
    routes = [(method, route) for methods in paths(deployed).values() for method, route in methods.items()]

    # When those without the authorizer are listed, then they are the preflights, which browsers send without a token
    assert {method for method, route in routes if route.get("security") != BEARER} == {"options"}


def test_the_authorizer_judges_the_token_and_is_believed_for_a_minute_at_most(deployed: Document) -> None:
    found = authorizer(deployed)

    assert found["type"] == "token"
    assert found["authorizerResultTtlInSeconds"] == 60
    # By the alias on AWS; SAM CLI's local gateway, in its own account, has but the function.
    [_, names] = authorizer(Document(decided(deployed.body, {})))["authorizerUri"]["Fn::Sub"]
    assert names == {"__FunctionArn__": {"Fn::Sub": "${AuthorizerFunction.Arn}:live"}}


@pytest.mark.parametrize("value", ["Bearer aa.bb.cc", "bearer a-_9.b-_9.c-_9", "BEARER  a.b.c"])
def test_a_signed_token_reaches_the_authorizer(deployed: Document, value: str) -> None:
    assert re.fullmatch(authorizer(deployed)["identityValidationExpression"], value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "Bearer", "Bearer ", "Bearer a", "Bearer a.b", "Bearer a.b.", "Bearer a.b.c.d", "Bearer a.b.c d"),
        *("a.b.c", " Bearer a.b.c", "Bearer a.b.c\n", "Bearer a.b.c=", "Bearer a..c", "Bearer é.b.c", "Basic a.b.c"),
    ],
)
def test_what_is_no_signed_token_does_not_reach_the_authorizer(deployed: Document, value: str) -> None:
    assert not re.fullmatch(authorizer(deployed)["identityValidationExpression"], value)


def test_there_is_one_stage_named_v1_and_it_is_traced(deployed: Document) -> None:
    [stage] = deployed.of_type("AWS::ApiGateway::Stage").values()

    assert stage["StageName"] == "v1"
    assert stage["TracingEnabled"] is True


def test_a_changed_parameter_is_deployed_to_the_stage(written: Document) -> None:
    # Given that SAM makes a new deployment for a changed text only, and a parameter's value is not in the text,
    # when the API is deployed, then it is deployed always
    assert written.properties("TaskApi")["AlwaysDeploy"] is True


def test_the_api_is_regional(deployed: Document) -> None:
    assert deployed.properties("TaskApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, ("500", "1000")), ({"ThrottlingRateLimit": "50", "ThrottlingBurstLimit": "80"}, ("50", "80"))],
)
def test_requests_are_throttled(deployed: Document, given: dict[str, str], expected: tuple[str, str]) -> None:
    stage = decided(deployed.body, given)["Resources"]["TaskApiv1Stage"]["Properties"]
    [settings] = stage["MethodSettings"]

    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == expected


def test_a_line_of_the_access_log_is_json_and_holds_nothing_that_a_client_writes_freely(deployed: Document) -> None:
    # Given the access log's format
    setting = deployed.properties("TaskApiv1Stage")["AccessLogSetting"]
    assert setting["DestinationArn"] == {"Fn::GetAtt": ["AccessLogs", "Arn"]}

    # When a line is written
    line = json.loads(re.sub(r"\$context[\w.]*", "-", setting["Format"]))

    # Then it finds the request and its user's pseudonym; path, query, headers and claims are not in it
    assert {"request_id", "route", "status", "user"} <= line.keys()
    variables = set(re.findall(r"\$context\.([\w.]+)", setting["Format"]))
    assert variables == {
        *("requestTime", "requestId", "httpMethod", "resourcePath", "status", "responseLength", "responseLatency"),
        *("integrationLatency", "authorizer.latency", "authorizer.status", "authorizer.principalId"),
        *("identity.sourceIp", "error.responseType"),
    }
