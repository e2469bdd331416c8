"""Gateway responses: what API Gateway answers by itself, in the form that the template gives it.

"Gateway responses for REST APIs in API Gateway" and "Gateway response types for API Gateway", Amazon API Gateway
Developer Guide. SAM CLI's local gateway knows nothing of them; its own error bodies are fixed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.gateway.request import GatewayRequest, decode_query

# Type to status and message where the template says nothing.
DEFAULTS: Final[Mapping[str, tuple[int, str]]] = {
    "ACCESS_DENIED": (403, "User is not authorized to access this resource"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "Internal server error"),
    "AUTHORIZER_FAILURE": (500, "Internal server error"),
    "BAD_REQUEST_BODY": (400, "Invalid request body"),
    "DEFAULT_4XX": (400, "Bad Request"),
    "DEFAULT_5XX": (502, "Internal server error"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long"),
    "UNAUTHORIZED": (401, "Unauthorized"),
}
_VARIABLE = re.compile(r"\$((?:context|stageVariables|method\.request)(?:\.[A-Za-z_][\w-]*)+)", re.ASCII)


class Refusal(Exception):
    """The gateway itself answers a request.

    Attributes:
        kind: The gateway response type.
        status: Where it is not that of the type.
        message: Where it is not that of the type.
    """

    def __init__(self, kind: str, *, status: int | None = None, message: str | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = DEFAULTS[kind][0] if status is None else status
        self.message = DEFAULTS[kind][1] if message is None else message


@dataclass(frozen=True)
class GatewayAnswer:
    """A rendered gateway response."""

    status: int
    headers: Mapping[str, str]
    body: str


class GatewayResponses:
    """The ``GatewayResponses`` of an ``AWS::Serverless::Api``."""

    def __init__(self, definitions: Mapping[str, Any], stage: str) -> None:
        """Take the definitions: type to ``StatusCode``, ``ResponseParameters`` and ``ResponseTemplates``."""
        self._definitions = definitions
        self._stage = stage

    def render(self, refusal: Refusal, request: GatewayRequest) -> GatewayAnswer:
        """The answer to a request that is refused.

        A type that is not defined falls back to ``DEFAULT_4XX`` or ``DEFAULT_5XX``, and keeps its own status code.
        """
        fallback = "DEFAULT_5XX" if refusal.status >= 500 else "DEFAULT_4XX"
        own: Mapping[str, Any] = self._definitions.get(refusal.kind) or {}
        definition: Mapping[str, Any] = own or self._definitions.get(fallback) or {}
        status = int(own.get("StatusCode") or refusal.status)
        variables = _Variables(request, self._variables(request, refusal))
        media_type, template = _template(definition.get("ResponseTemplates") or {}, request)
        headers = {"Content-Type": media_type}
        for name, expression in ((definition.get("ResponseParameters") or {}).get("Headers") or {}).items():
            value = variables.mapped(str(expression))
            if value is not None:
                headers[str(name)] = value
        return GatewayAnswer(status, headers, variables.substituted(template))

    def _variables(self, request: GatewayRequest, refusal: Refusal) -> dict[str, object]:
        return {
            **request.context(stage=self._stage),
            "error": {
                "message": refusal.message,
                "messageString": json.dumps(refusal.message),
                "responseType": refusal.kind,
            },
        }


class _Variables:
    """The variables that a gateway response may use."""

    def __init__(self, request: GatewayRequest, context: Mapping[str, object]) -> None:
        self._request = request
        self._context = context

    def mapped(self, expression: str) -> str | None:
        """A header's value: ``'static'``, or a variable such as ``method.request.header.Origin``, None when unset."""
        if len(expression) >= 2 and expression[0] == expression[-1] == "'":
            return expression[1:-1]
        return self._value(expression)

    def substituted(self, template: str) -> str:
        """A body: plain substitution of ``$context.…``, no Velocity; a variable that is not set becomes empty."""
        return _VARIABLE.sub(lambda found: self._value(found[1]) or "", template)

    def _value(self, name: str) -> str | None:
        root, *path = name.split(".")
        if root == "context":
            return self._context_value(path)
        if name.startswith("method.request.header."):
            return self._request.header(name.removeprefix("method.request.header."))
        if name.startswith("method.request.querystring."):
            values = decode_query(self._request.query).get(name.removeprefix("method.request.querystring."))
            return values[-1] if values else None
        return None

    def _context_value(self, path: list[str]) -> str | None:
        value: object = self._context
        for member in path:
            value = value.get(member) if isinstance(value, Mapping) else None
        return None if value is None or isinstance(value, Mapping) else str(value)


def _template(templates: Mapping[str, Any], request: GatewayRequest) -> tuple[str, str]:
    """Media type and template: the one that ``Accept`` names, else JSON, else the only one."""
    accepted = [part.partition(";")[0].strip() for part in (request.header("Accept") or "").split(",")]
    for media_type in (*accepted, "application/json", *templates):
        if media_type in templates:
            return str(media_type), str(templates[media_type])
    return "application/json", '{"message":$context.error.messageString}'
