"""A function's result as an HTTP response.

"Lambda proxy integrations in API Gateway: output format", Amazon API Gateway Developer Guide. SAM CLI's parser does
most of it; added is what it lets through and API Gateway does not.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Final

from flask import Request, Response
from samcli.local.apigw.exceptions import LambdaResponseParseException
from samcli.local.apigw.local_apigw_service import LocalApigwService
from samcli.local.apigw.route import Route

from local.gateway.responses import Refusal

# "Important notes for REST APIs": headers of an integration's response that reach the client under another name.
REMAPPED: Final = frozenset({
    "authorization", "connection", "content-md5", "date", "host", "max-forwards", "proxy-authenticate", "server",
    "user-agent", "www-authenticate",
})  # fmt: skip
REMAPPED_PREFIX: Final = "x-amzn-Remapped-"
# The gateway frames the message itself.
_DROPPED: Final = frozenset({"content-length", "transfer-encoding"})


def http_response(result: Any, request: Request, binary_media_types: Collection[str]) -> Response:
    """Turn a function's result, as decoded from JSON, into a response.

    Raises:
        Refusal: DEFAULT_5XX, a 502: it is not of the format.
    """
    if not isinstance(result, dict) or not isinstance(result.get("body"), (str, type(None))):
        raise Refusal("DEFAULT_5XX")
    try:
        status, headers, body = LocalApigwService._parse_v1_payload_format_lambda_output(
            json.dumps(result), binary_media_types, request, Route.API
        )
        response = Response(body, status=status)
        response.headers.clear()
        for name, value in headers.items():
            if name.lower() in _DROPPED:
                continue
            prefix = REMAPPED_PREFIX if name.lower() in REMAPPED else ""
            response.headers.add(prefix + name, str(value).encode("latin-1").decode("latin-1"))
    except (LambdaResponseParseException, ValueError, TypeError, AttributeError) as error:
        raise Refusal("DEFAULT_5XX") from error
    return response
