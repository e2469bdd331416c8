"""MOCK integrations: what a REST API answers without any backend, here the CORS preflights.

"Mock integrations for REST APIs in API Gateway" and "Override your API's request and response parameters and status
codes", Amazon API Gateway Developer Guide. SAM CLI's local gateway leaves them out, and answers preflights from SAM's
``Cors`` property instead, which can't tell one origin from another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import airspeed

from local.errors import LocalError
from local.gateway_request import GatewayRequest, decode_query
from local.gateway_responses import GatewayAnswer

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_HEADER = "method.response.header."


@dataclass(frozen=True)
class MockIntegration:
    """One method with a MOCK integration.

    Attributes:
        resource: The resource's path, parameters in braces.
        method: Upper case.
        status: Of the response.
        headers: Name to static value.
        template: Response mapping template, in Velocity; only its overrides count.
    """

    resource: str
    method: str
    status: int
    headers: Mapping[str, str]
    template: airspeed.Template

    def respond(self, request: GatewayRequest) -> GatewayAnswer:
        """Answer a request, without a body."""
        override: dict[str, Any] = {"header": {}, "status": self.status}
        self.template.merge({"input": _Input(request), "context": {"responseOverride": override}})
        overridden = {name: str(value) for name, value in override["header"].items()}
        headers = {"Content-Type": "application/json", **self.headers, **overridden}
        return GatewayAnswer(int(override["status"]), headers, "")


class _Input:
    """``$input`` of a mapping template."""

    def __init__(self, request: GatewayRequest) -> None:
        self._request = request

    def params(self, name: str) -> str:
        """A request parameter of the query or the headers, empty when absent."""
        values = decode_query(self._request.query).get(name)
        return values[-1] if values else self._request.header(name) or ""


def mock_integrations(api_properties: Mapping[str, Any]) -> list[MockIntegration]:
    """The MOCK integrations of an API's ``DefinitionBody``.

    Raises:
        LocalError: one of them is not understood.
    """
    paths: Mapping[str, Any] = (api_properties.get("DefinitionBody") or {}).get("paths") or {}
    return [
        _mock_integration(str(resource), method, operation["x-amazon-apigateway-integration"])
        for resource, operations in paths.items()
        for method, operation in operations.items()
        if method in _METHODS and _kind(operation) == "mock"
    ]


def _kind(operation: Mapping[str, Any]) -> str:
    return str((operation.get("x-amazon-apigateway-integration") or {}).get("type", "")).lower()


def _mock_integration(resource: str, method: str, integration: Mapping[str, Any]) -> MockIntegration:
    where = f"{method.upper()} {resource} of the template"
    try:
        chosen = str(json.loads(integration["requestTemplates"]["application/json"])["statusCode"])
        responses: Mapping[str, Any] = integration["responses"]
        response: Mapping[str, Any] = responses.get(chosen) or responses["default"]
        template = (response.get("responseTemplates") or {}).get("application/json", "")
        parameters = (response.get("responseParameters") or {}).items()
        headers = {str(name).removeprefix(_HEADER): _static(str(value), where) for name, value in parameters}
        compiled = airspeed.Template(str(template))
        compiled.ensure_compiled()
        return MockIntegration(resource, method.upper(), int(response["statusCode"]), headers, compiled)
    except (KeyError, TypeError, ValueError, airspeed.TemplateError) as error:
        raise LocalError(f"{where} has no complete mock integration: {error!r}") from error


def _static(value: str, where: str) -> str:
    value = value.strip()
    if not (len(value) >= 2 and value[0] == value[-1] == "'"):
        raise LocalError(f"{where} has a response header that is not static: {value}")
    return value[1:-1]
