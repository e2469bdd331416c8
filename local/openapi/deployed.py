"""What template.yaml says of the API: its routes, the answers that the gateway makes itself, and the preflights."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.openapi.json_types import JsonObject
from local.paths import TEMPLATE
from local.settings import LocalSettings
from local.template import Template, load_template


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path, and the operation that serves it (``create_task``)."""

    operation: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class GatewayProblem:
    """A problem that the gateway makes.

    Attributes:
        kind: The gateway response type, ``THROTTLED`` say.
        status: None for the two types that stand for whatever has no type of its own.
        headers: Name to value; a value that depends on the request is the name of its mapping expression.
        document: The body; members that depend on the request hold variables such as ``$context.path``.
    """

    kind: str
    status: int | None
    headers: Mapping[str, str]
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preflight:
    """The answer to OPTIONS of a path.

    Attributes:
        path: The route's.
        definition: The operation as the template writes it, in OpenAPI 3.0.
        headers: Name to value, of those that are static.
    """

    path: str
    definition: JsonObject
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deployed:
    """The API of the template.

    Attributes:
        routes: In the order of the template.
        problems: The gateway's.
        preflights: One for each path.
        security_scheme: The authorizer's name.
        stage: The stage's name, with which all paths begin on AWS.
    """

    routes: Sequence[Route]
    problems: Sequence[GatewayProblem]
    preflights: Sequence[Preflight]
    security_scheme: str
    stage: str


def read_template() -> Deployed:
    """Read template.yaml."""
    logging.getLogger("samcli").setLevel(logging.CRITICAL)
    template = load_template(TEMPLATE, LocalSettings(allowed_origins="*").parameters("{}"))
    properties = template.api_properties
    return Deployed(
        routes=_routes(template),
        problems=[_problem(kind, definition) for kind, definition in properties["GatewayResponses"].items()],
        preflights=[
            _preflight(path, methods["options"]) for path, methods in properties["DefinitionBody"]["paths"].items()
        ],
        security_scheme=str(properties["Auth"]["DefaultAuthorizer"]),
        stage=str(template.api.stage_name),
    )


def _routes(template: Template) -> list[Route]:
    order = list(template.functions)
    found = sorted(template.api.routes, key=lambda route: order.index(route.function_name))
    return [
        Route(template.functions[route.function_name].name, method.lower(), route.path)
        for route in found
        for method in route.methods
    ]


def _problem(kind: str, definition: Mapping[str, Any]) -> GatewayProblem:
    status = definition.get("StatusCode")
    return GatewayProblem(
        kind=kind,
        status=None if status is None else int(status),
        headers={name: _value(str(value)) for name, value in definition["ResponseParameters"]["Headers"].items()},
        document=json.loads(definition["ResponseTemplates"]["application/json"]),
    )


def _preflight(path: str, operation: JsonObject) -> Preflight:
    integration = operation["x-amazon-apigateway-integration"]
    [answer] = integration["responses"].values()
    headers = {
        name.removeprefix("method.response.header."): _value(str(value))
        for name, value in answer["responseParameters"].items()
    }
    definition = {name: value for name, value in operation.items() if not name.startswith("x-")}
    return Preflight(path, definition, headers)


def _value(expression: str) -> str:
    """A static value without its quotes; a mapping expression as it is."""
    return expression.strip().removeprefix("'").removesuffix("'")
