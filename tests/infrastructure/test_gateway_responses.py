"""Errors that API Gateway makes itself: problem documents (RFC 9457) as the functions make them, for browsers too."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from taskapi.http.cors import EXPOSED
from taskapi.http.problem import PROBLEMS
from tests.infrastructure.intrinsics import evaluate
from tests.infrastructure.template import Document

RESPONSES = {
    "UNAUTHORIZED": (401, "unauthorized"),
    "ACCESS_DENIED": (401, "unauthorized"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "route_not_found"),
    "INVALID_SIGNATURE": (404, "route_not_found"),
    "EXPIRED_TOKEN": (404, "route_not_found"),
    "RESOURCE_NOT_FOUND": (404, "route_not_found"),
    "BAD_REQUEST_BODY": (400, "bad_request"),
    "BAD_REQUEST_PARAMETERS": (400, "bad_request"),
    "WAF_FILTERED": (403, "forbidden"),
    "REQUEST_TOO_LARGE": (413, "payload_too_large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type"),
    "THROTTLED": (429, "too_many_requests"),
    "QUOTA_EXCEEDED": (429, "too_many_requests"),
    "AUTHORIZER_FAILURE": (500, "internal_error"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "internal_error"),
    "API_CONFIGURATION_ERROR": (500, "internal_error"),
    "INTEGRATION_FAILURE": (504, "internal_error"),
    "INTEGRATION_TIMEOUT": (504, "timeout"),
    "DEFAULT_4XX": (None, "bad_request"),
    "DEFAULT_5XX": (None, "internal_error"),
}
"""Type to status, where it is ours to set, and code."""

KNOWN_VARIABLES = {"$context.path": "/v1/users/me/tasks", "$context.requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}
VARIABLE = re.compile(r"\$[A-Za-z][\w.]*")


@pytest.fixture
def responses(deployed: Document) -> dict[str, Any]:
    return deployed.properties("TaskApi")["Body"]["x-amazon-apigateway-gateway-responses"]  # type: ignore[no-any-return]


def problem(response: dict[str, Any]) -> dict[str, Any]:
    """The body as a client gets it: variables substituted, which is all that API Gateway does with it."""
    [(media_type, template)] = response["responseTemplates"].items()
    assert media_type == "application/json"
    document: dict[str, Any] = json.loads(VARIABLE.sub(lambda found: KNOWN_VARIABLES[found[0]], template))
    return document


def header(response: dict[str, Any], name: str) -> Any:
    """A header's mapping expression, None when it isn't set."""
    return response["responseParameters"].get(f"gatewayresponse.header.{name}")


def test_every_way_in_which_the_gateway_can_refuse_has_its_response(responses: dict[str, Any]) -> None:
    assert set(responses) == set(RESPONSES)


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_is_a_problem_document(responses: dict[str, Any], kind: str) -> None:
    # Given a response of the gateway's own
    status, code = RESPONSES[kind]

    # When a client reads its body
    document = problem(responses[kind])

    # Then it has the members that a function's problem has, and names the request
    assert (
        document.items()
        >= {
            "type": f"/problems/{code}",
            "code": code,
            "instance": "/v1/users/me/tasks",
            "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        }.items()
    )
    assert document["title"]
    assert document["detail"].endswith(".")
    assert code != "route_not_found" or "method" in document["detail"]
    assert document.keys() - {"status"} == {"type", "title", "detail", "instance", "code", "request_id"}
    assert document.get("status") == status


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_has_the_status_that_its_body_says(responses: dict[str, Any], kind: str) -> None:
    # Absent for the two defaults: a status there would overrule that of every other response.
    status, _ = RESPONSES[kind]

    assert responses[kind].get("statusCode") == (None if status is None else str(status))


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_code_that_functions_answer_with_has_the_same_title(responses: dict[str, Any], kind: str) -> None:
    titles = {error.code: problem.title for error, problem in PROBLEMS.items()}
    document = problem(responses[kind])

    assert document["title"] == titles.get(document["code"], document["title"])


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_says_what_it_is_and_is_not_to_be_stored(responses: dict[str, Any], kind: str) -> None:
    assert header(responses[kind], "Content-Type") == "'application/problem+json'"
    assert header(responses[kind], "Cache-Control") == "'no-store'"
    assert header(responses[kind], "X-Content-Type-Options") == "'nosniff'"


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_challenge_comes_with_401_and_only_then(responses: dict[str, Any], kind: str) -> None:
    # RFC 6750 section 3, with an error code only where a token came and was refused (section 3.1); a function can't
    # send this header through a REST API, the gateway renames it.
    challenges = {
        "UNAUTHORIZED": "'Bearer realm=\"task-api\"'",
        "ACCESS_DENIED": '\'Bearer realm="task-api", error="invalid_token"\'',
    }

    assert header(responses[kind], "WWW-Authenticate") == challenges.get(kind)


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_time_to_wait_comes_with_429_and_only_then(responses: dict[str, Any], kind: str) -> None:
    is_given = header(responses[kind], "Retry-After") is not None

    assert is_given is (RESPONSES[kind][0] == 429)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ("*", "'*'"),
        ("https://app.example.com", "'https://app.example.com'"),
        ("https://app.example.com,http://localhost:5173", "method.request.header.Origin"),
    ],
)
@pytest.mark.parametrize("kind", RESPONSES)
def test_a_browser_may_read_a_response(
    deployed: Document, responses: dict[str, Any], kind: str, allowed: str, expected: str
) -> None:
    # Given a deployment's allowed origins
    expression = header(responses[kind], "Access-Control-Allow-Origin")

    # When the header's mapping is made of them, then it is the only one there is, or the caller's
    assert evaluate(expression, {"AllowedOrigins": allowed}, deployed.body["Conditions"]) == expected
    assert header(responses[kind], "Access-Control-Expose-Headers") == f"'{EXPOSED}'"
    assert header(responses[kind], "Vary") == "'Origin'"
