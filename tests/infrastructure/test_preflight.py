"""CORS preflights (Fetch standard, section 3.2.2), which the gateway answers by itself from a mapping template.

The template is rendered here by an engine for AWS's dialect of the Velocity Template Language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import airspeed
import pytest

from tests.infrastructure.intrinsics import evaluate
from tests.infrastructure.template import OPERATIONS, Document

PATHS = sorted({path for _, path in OPERATIONS.values()})
TWO_ORIGINS = "https://app.example.com,http://localhost:5173"


class Input:
    """``$input`` of a mapping template: of it, the headers alone."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def params(self, name: str) -> str:
        """A header's value, empty when it is not there, as API Gateway has it."""
        return self._headers.get(name, "")


def integration(deployed: Document, path: str) -> dict[str, Any]:
    """The integration that answers a path's preflight."""
    operation = deployed.properties("TaskApi")["Body"]["paths"][path]["options"]
    return operation["x-amazon-apigateway-integration"]  # type: ignore[no-any-return]


def preflight(deployed: Document, path: str, allowed: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The response headers: those always sent, and those that the mapping template adds."""
    response = integration(deployed, path)["responses"]["default"]
    template = evaluate(response["responseTemplates"]["application/json"], {"AllowedOrigins": allowed})
    added: dict[str, str] = {}
    context = {"responseOverride": {"header": added}}
    body = airspeed.Template(template).merge({"input": Input(headers), "context": context})
    assert body.strip() == ""
    always = {
        name.removeprefix("method.response.header."): value.strip("'")
        for name, value in response["responseParameters"].items()
    }
    assert always.keys().isdisjoint(added)
    return always | added


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_is_answered_without_a_function(deployed: Document, path: str) -> None:
    found = integration(deployed, path)

    assert found["type"] == "mock"
    assert found["requestTemplates"] == {"application/json": '{"statusCode": 204}'}
    assert found["responses"]["default"]["statusCode"] == "204"


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_declares_every_header_that_it_sends(deployed: Document, path: str) -> None:
    # Given that API Gateway refuses to map a header that the method response does not declare
    operation = deployed.properties("TaskApi")["Body"]["paths"][path]["options"]

    # When an allowed origin's preflight is answered, then all its headers are declared
    sent = preflight(deployed, path, "*", {"Origin": "https://app.example.com"})
    assert sent.keys() == operation["responses"]["204"]["headers"].keys()


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_allows_the_methods_of_its_path(deployed: Document, path: str) -> None:
    methods = {method.upper() for method, route in OPERATIONS.values() if route == path}
    sent = preflight(deployed, path, "*", {"Origin": "https://app.example.com"})

    assert set(sent["Access-Control-Allow-Methods"].split(", ")) == methods


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_allows_the_headers_of_the_contract(deployed: Document, path: str) -> None:
    sent = preflight(deployed, path, "*", {"Origin": "https://app.example.com"})

    assert set(sent["Access-Control-Allow-Headers"].split(", ")) == {
        *("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Correlation-Id")
    }
    assert sent["Access-Control-Max-Age"] == "600"
    assert sent["Vary"] == "Origin"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("allowed", "headers", "expected"),
    [
        ("*", {"Origin": "https://anywhere.example"}, "*"),
        ("*", {}, None),
        ("https://app.example.com", {"Origin": "https://app.example.com"}, "https://app.example.com"),
        (TWO_ORIGINS, {"Origin": "https://app.example.com"}, "https://app.example.com"),
        (TWO_ORIGINS, {"Origin": "http://localhost:5173"}, "http://localhost:5173"),
        (TWO_ORIGINS, {"origin": "http://localhost:5173"}, "http://localhost:5173"),
        (TWO_ORIGINS, {}, None),
        (TWO_ORIGINS, {"Origin": "https://evil.example"}, None),
        (TWO_ORIGINS, {"Origin": "https://app.example.com.evil.example"}, None),
        (TWO_ORIGINS, {"Origin": "https://app.example"}, None),
        (TWO_ORIGINS, {"Origin": "http://app.example.com"}, None),
        (TWO_ORIGINS, {"Origin": TWO_ORIGINS}, None),
        (TWO_ORIGINS, {"Origin": "*"}, None),
        (TWO_ORIGINS, {"Origin": "null"}, None),
    ],
)
def test_a_preflight_lets_the_allowed_origins_in_and_no_other(
    deployed: Document, path: str, allowed: str, headers: dict[str, str], expected: str | None
) -> None:
    assert preflight(deployed, path, allowed, headers).get("Access-Control-Allow-Origin") == expected
