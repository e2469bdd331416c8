"""The event of a REST API's Lambda proxy integration.

"Lambda proxy integrations in API Gateway: input format", Amazon API Gateway Developer Guide. SAM CLI's own constructor
is not used. It differs from a REST API in that its ``path`` is decoded (REST APIs deliver it percent-encoded, by live
captures), ``requestContext.path`` is the resource, request id and time are those of the import of the module, repeated
headers are joined, and a body that is no UTF-8 raises.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

from local.gateway.request import GatewayRequest, decode_query, grouped, last_values


def proxy_event(  # noqa: PLR0913  # the parts of an event
    request: GatewayRequest,
    *,
    resource: str,
    path_parameters: Mapping[str, str],
    stage: str,
    authorizer: Mapping[str, object] | None = None,
    binary_media_types: Collection[str] = (),
) -> dict[str, Any]:
    """Build the event.

    Args:
        request: What the client sent.
        resource: The resource's path with its parameters in braces.
        path_parameters: Those parameters' segments, percent-encoded as sent.
        stage: The stage's name.
        authorizer: ``requestContext.authorizer``; None without an authorizer.
        binary_media_types: Of the API; a body of one of them is base64-encoded.
    """
    sent = [(name, value) for name, value in request.headers if not name.lower().startswith("x-forwarded-")]
    added = [
        ("X-Forwarded-For", request.source_ip),
        ("X-Forwarded-Port", request.host.partition(":")[2] or {"http": "80", "https": "443"}[request.scheme]),
        ("X-Forwarded-Proto", request.scheme),
    ]
    headers = grouped([*sent, *added])
    query = decode_query(request.query)
    context = request.context(stage=stage, resource_path=resource)
    context["identity"] = {**_ANONYMOUS, "sourceIp": request.source_ip, "userAgent": request.header("User-Agent")}
    if authorizer is not None:
        context["authorizer"] = dict(authorizer)
    is_base64 = _media_type(request) in binary_media_types or "*/*" in binary_media_types
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": last_values(headers) or None,
        "multiValueHeaders": headers or None,
        "queryStringParameters": last_values(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {name: unquote(value, errors="replace") for name, value in path_parameters.items()} or None,
        "stageVariables": None,
        "requestContext": context,
        "body": _body(request.body, is_base64),
        "isBase64Encoded": is_base64 and bool(request.body),
    }


_ANONYMOUS: Mapping[str, None] = dict.fromkeys((
    "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
    "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
))  # fmt: skip


def _media_type(request: GatewayRequest) -> str:
    return (request.header("Content-Type") or "").partition(";")[0].strip().lower()


def _body(body: bytes, is_base64: bool) -> str | None:
    """The body as text.

    Without a matching binary media type a REST API takes everything for UTF-8 text ("Binary media types for REST APIs
    in API Gateway", Amazon API Gateway Developer Guide), which damages what is not.
    """
    if not body:
        return None
    return base64.b64encode(body).decode() if is_base64 else body.decode("utf-8", "replace")
