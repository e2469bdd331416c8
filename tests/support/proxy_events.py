"""REST API events for the functions: Lambda proxy events for the operations, TOKEN events for the authorizer.

"Lambda proxy integrations in API Gateway: input format" and "Input to an API Gateway Lambda authorizer", Amazon API
Gateway Developer Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from local.template.operations import OPERATIONS

REQUEST_ID: Final = "6c3e8a1e-4b9f-4f5e-9d35-5b1f7c2f1a11"
STAGE: Final = "v1"
METHOD_ARN: Final = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/GET/users/me/tasks"

OWNER: Final = "alice"
TASK_ID: Final = "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"


def proxy_event(
    operation: str,
    *,
    sub: str | None = OWNER,
    user: str = "me",
    task_id: str = TASK_ID,
    exp: object = "4102444800",
    query: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    body: object = None,
    base_path: str = "",
) -> dict[str, Any]:
    """The event of one request, as API Gateway would make it.

    Args:
        operation: Its name, ``create_task`` say.
        sub: What the authorizer put into the context, already encoded for it; None for no authorizer context.
        user: The path's user segment before percent-encoding.
        task_id: The path's segment of a task, or of another entity, before percent-encoding.
        exp: The authorizer's ``exp``; a string, as the gateway hands numbers over. None leaves it out.
        query: Decoded parameters.
        headers: Name to value or values.
        body: A str is sent as it is; anything else but None is sent as JSON, with its Content-Type unless given.
        base_path: Of a custom domain, ``/tasks`` say; none on the execute-api domain.
    """
    method, resource = OPERATIONS[operation].method, OPERATIONS[operation].path
    path = re.sub(r"\{\w+\}", quote(task_id, safe=""), resource.replace("{user_id}", quote(user, safe="")))
    several = {name: [value] if isinstance(value, str) else list(value) for name, value in (headers or {}).items()}
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
        if not any(name.lower() == "content-type" for name in several):
            several["Content-Type"] = ["application/json"]
    path = base_path + path
    parameters = {name: list(values) for name, values in (query or {}).items()} or None
    event: dict[str, Any] = {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in several.items()} or None,
        "multiValueHeaders": several or None,
        "queryStringParameters": parameters and {name: values[-1] for name, values in parameters.items()},
        "multiValueQueryStringParameters": parameters,
        "pathParameters": {"never": "read"},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": path if base_path else f"/{STAGE}{path}",
            "stage": STAGE,
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "192.0.2.17"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
    if sub is not None:
        authorizer = {"principalId": "0123456789abcdef", "sub": sub}
        event["requestContext"]["authorizer"] = authorizer if exp is None else {**authorizer, "exp": exp}
    return event


def token_event(authorization: str, method_arn: str = METHOD_ARN) -> dict[str, Any]:
    """The event of a TOKEN authorizer for an ``Authorization`` header."""
    return {"type": "TOKEN", "authorizationToken": authorization, "methodArn": method_arn}


class FakeContext:
    """The part of the Lambda context that the functions look at."""

    aws_request_id = "f0e1d2c3-0000-4000-8000-000000000001"
