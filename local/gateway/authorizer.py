"""A TOKEN authorizer at work: from the Authorization header to ``requestContext.authorizer``.

"Use API Gateway Lambda authorizers", Amazon API Gateway Developer Guide. Nothing is cached here: the function judges
every request, where API Gateway would do so once a minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from samcli.local.apigw.authorizers.lambda_authorizer import LambdaAuthorizer
from samcli.local.apigw.exceptions import InvalidLambdaAuthorizerResponse

from local.functions.in_process import FunctionRaised
from local.gateway.request import GatewayRequest
from local.gateway.responses import Refusal

Invoke = Callable[[str, Mapping[str, Any]], Any]
"""From logical id and event to the function's result; raises FunctionRaised."""


def method_arn(request: GatewayRequest, stage: str) -> str:
    """The ARN of the method that a request is for, with SAM CLI's local account and region."""
    return f"arn:aws:execute-api:us-east-1:123456789012:local/{stage}/{request.method}{request.path}"


def authorize(
    authorizer: LambdaAuthorizer, request: GatewayRequest, stage: str, invoke: Invoke
) -> dict[str, str | int]:
    """Ask the authorizer's function.

    Returns:
        ``requestContext.authorizer``. SAM CLI hands the context's values over as they are; API Gateway makes strings
        of numbers and booleans.

    Raises:
        Refusal: UNAUTHORIZED without a token of the right form (the function is not called then), ACCESS_DENIED by
            the policy, AUTHORIZER_FAILURE or AUTHORIZER_CONFIGURATION_ERROR when there is none.
    """
    source = authorizer.identity_sources[0]
    headers = {source.identity_source: request.header(source.identity_source)}
    if not source.is_valid(headers=headers, validation_expression=authorizer.validation_string):
        raise Refusal("UNAUTHORIZED")
    arn = method_arn(request, stage)
    event = {"type": "TOKEN", "methodArn": arn, "authorizationToken": source.find_identity_value(headers=headers)}
    try:
        response = invoke(authorizer.lambda_name, event)
    except FunctionRaised as raised:
        # The documented way for a function to ask for a 401.
        raise Refusal("UNAUTHORIZED" if str(raised.error) == "Unauthorized" else "AUTHORIZER_FAILURE") from raised
    try:
        if not authorizer.is_valid_response(json.dumps(response), arn):
            raise Refusal("ACCESS_DENIED")
        context = authorizer.get_context(json.dumps(response))
    except (InvalidLambdaAuthorizerResponse, AttributeError) as error:  # the latter for what is no JSON object
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR") from error
    return {**{name: _as_text(value) for name, value in context.items()}, "integrationLatency": 0}


def _as_text(value: object) -> str:
    if isinstance(value, (dict, list)):  # "can't be a JSON object or array"
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR")
    return value if isinstance(value, str) else json.dumps(value)
