"""What a DynamoDB request asks of IAM, and a client that is refused what its role does not allow.

"Actions, resources, and condition keys for Amazon DynamoDB", Service Authorization Reference: an item operation is
authorised on the table, a Query of an index on the index, a transaction by each of its actions;
``dynamodb:LeadingKeys`` holds the partition keys that a request names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from taskapi.dynamo.attributes import PARTITION_KEY
from tests.infrastructure.deployment import ACCOUNT, REGION
from tests.infrastructure.policies import AccessRequest, is_allowed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEADING_KEYS: Final = "dynamodb:LeadingKeys"
_ACTIONS_OF_TRANSACTIONS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def table_arn(name: str) -> str:
    """The ARN of a table in the account under test."""
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def access_requests(operation: str, body: Mapping[str, Any]) -> Iterator[AccessRequest]:
    """What IAM is asked for a request.

    Args:
        operation: As in the API, ``GetItem``.
        body: The request as it is sent.
    """
    if operation == "TransactWriteItems":
        for each in body["TransactItems"]:
            [(kind, write)] = each.items()
            yield from access_requests(_ACTIONS_OF_TRANSACTIONS[kind], write)
        return
    resource = table_arn(body["TableName"])
    if "IndexName" in body:
        resource += f"/index/{body['IndexName']}"
    leading = _leading_key(body)
    context = {} if leading is None else {LEADING_KEYS: [leading]}
    yield AccessRequest(f"dynamodb:{operation}", resource, context)


def _leading_key(body: Mapping[str, Any]) -> str | None:
    key = body.get("Key") or body.get("Item")
    if key is not None:
        return str(key[PARTITION_KEY]["S"])
    names = body.get("ExpressionAttributeNames", {})
    for name, placeholder in re.findall(r"([#\w]+) = (:\w+)", body.get("KeyConditionExpression", "")):
        if names.get(name, name) == PARTITION_KEY:
            return str(body["ExpressionAttributeValues"][placeholder]["S"])
    return None


@dataclass(frozen=True)
class _Refusal:
    """botocore's HTTP response, as far as it looks at it."""

    status_code: int = 400


def enforce(client: DynamoDBClient, statements: Sequence[Mapping[str, Any]]) -> list[AccessRequest]:
    """Answer every request of a client that the statements don't allow with AccessDeniedException.

    Returns:
        What the client asks for from now on.
    """
    asked: list[AccessRequest] = []

    def judge(model: Any, params: Mapping[str, Any], **_: Any) -> tuple[_Refusal, dict[str, Any]] | None:
        requests = list(access_requests(model.name, json.loads(params["body"])))
        asked.extend(requests)
        if all(is_allowed(statements, request) for request in requests):
            return None
        error = {"Code": "AccessDeniedException", "Message": f"not authorized to perform: dynamodb:{model.name}"}
        return _Refusal(), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}

    client.meta.events.register("before-call.dynamodb", judge)  # type: ignore[arg-type]  # botocore takes an answer
    return asked
