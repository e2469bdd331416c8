"""CORS preflights (Fetch standard, section 3.2.2), which the gateway answers by itself: SAM makes them."""

from __future__ import annotations

from typing import Any

import pytest

from local.template.operations import OPERATIONS
from tests.infrastructure.intrinsics import evaluate
from tests.infrastructure.template import Document

PATHS = sorted({each.path for each in OPERATIONS.values()})
PREFIX = "method.response.header.Access-Control-"


def preflight(deployed: Document, path: str) -> dict[str, Any]:
    """What answers a path's OPTIONS."""
    return deployed.properties("TaskApi")["Body"]["paths"][path]["options"]  # type: ignore[no-any-return]


def headers(deployed: Document, path: str) -> dict[str, Any]:
    """The response headers, and what they are mapped from."""
    response = preflight(deployed, path)["x-amazon-apigateway-integration"]["responses"]["default"]
    return {name.removeprefix(PREFIX): value for name, value in response["responseParameters"].items()}


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_is_answered_without_a_function(deployed: Document, path: str) -> None:
    found = preflight(deployed, path)

    assert found["x-amazon-apigateway-integration"]["type"] == "mock"
    assert found["x-amazon-apigateway-integration"]["responses"]["default"]["statusCode"] == "200"
    # API Gateway refuses to map a header that the method response does not declare.
    assert set(found["responses"]["200"]["headers"]) == {f"Access-Control-{name}" for name in headers(deployed, path)}


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_allows_the_methods_of_its_path(deployed: Document, path: str) -> None:
    methods = {each.method for each in OPERATIONS.values() if each.path == path}

    assert set(headers(deployed, path)["Allow-Methods"].strip("'").split(",")) == methods | {"OPTIONS"}


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_allows_the_headers_of_the_contract(deployed: Document, path: str) -> None:
    found = headers(deployed, path)

    assert set(found["Allow-Headers"].strip("'").split(", ")) == {
        *("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Correlation-Id")
    }
    assert found["Max-Age"] == "'600'"
    # Answers with cookies are nobody's: there are none.
    assert "Allow-Credentials" not in found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ("*", "'*'"),
        ("https://app.example.com", "'https://app.example.com'"),
        # It can't tell one origin from another; the functions' answers do (taskapi.http.cors).
        ("https://app.example.com,http://localhost:5173", "'*'"),
    ],
)
def test_a_preflight_lets_in_the_one_origin_or_all(deployed: Document, path: str, allowed: str, expected: str) -> None:
    found = headers(deployed, path)["Allow-Origin"]

    assert evaluate(found, {"AllowedOrigins": allowed}, deployed.body["Conditions"]) == expected
