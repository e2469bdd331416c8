"""The floor: no framework and no SDK, only the standard library's HTTP client and botocore's request signer.

Nothing is retried, validated or logged; it shows what a create and a list must cost in this runtime at the least.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PAGE = 50
endpoint = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
table_name = os.environ["TABLE_NAME"]
signer = SigV4Auth(
    Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]),
    "dynamodb",
    os.environ["AWS_REGION"],
)
context_of_tls = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
parts = urlsplit(endpoint)
connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context_of_tls, timeout=3)


def call(operation: str, arguments: dict[str, Any]) -> Any:
    """One call of DynamoDB's low-level API."""
    body = json.dumps(arguments)
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
    request = AWSRequest("POST", endpoint, data=body, headers=headers)
    signer.add_auth(request)
    connection.request("POST", "/", body, dict(request.headers.items()))
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(response.read())
    return json.loads(response.read())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A create or a list."""
    owner = event["requestContext"]["authorizer"]["sub"]
    if event["httpMethod"] == "POST":
        return create(owner, json.loads(event["body"]))
    return page(owner)


def create(owner: str, new: dict[str, Any]) -> dict[str, Any]:
    """Store a task."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    task_id = str(uuid.uuid4())
    item = {
        "pk": {"S": f"USER#{owner}"},
        "sk": {"S": f"TASK#{task_id}"},
        "title": {"S": new["title"]},
        "completed": {"BOOL": False},
        "due": {"S": new["due"]},
        "priority": {"S": new["priority"]},
        "tags": {"L": [{"S": tag} for tag in new["tags"]]},
        "position": {"S": "hPtNXYZ01"},
        "created_at": {"S": now},
        "updated_at": {"S": now},
        "version": {"N": "1"},
    }
    call("PutItem", {"TableName": table_name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"})
    task = {"id": task_id, "user_id": owner, "created_at": now, "updated_at": now, "version": 1, **new}
    return {"statusCode": 201, "headers": {"Content-Type": "application/json"}, "body": json.dumps(task)}


def page(owner: str) -> dict[str, Any]:
    """The newest tasks."""
    answer = call(
        "Query",
        {
            "TableName": table_name,
            "KeyConditionExpression": "pk = :owner AND begins_with(sk, :task)",
            "ExpressionAttributeValues": {":owner": {"S": f"USER#{owner}"}, ":task": {"S": "TASK#"}},
            "ScanIndexForward": False,
            "ConsistentRead": True,
            "Limit": PAGE,
        },
    )
    items = [
        {
            "id": item["sk"]["S"][5:],
            "user_id": owner,
            "title": item["title"]["S"],
            "description": item["description"]["S"] if "description" in item else None,
            "completed": item["completed"]["BOOL"],
            "completed_at": item["completed_at"]["S"] if "completed_at" in item else None,
            "due": item["due"]["S"] if "due" in item else None,
            "priority": item["priority"]["S"],
            "tags": [tag["S"] for tag in item["tags"]["L"]],
            "list_id": item["list_id"]["S"] if "list_id" in item else None,
            "position": item["position"]["S"],
            "checklist": item["checklist"]["L"] if "checklist" in item else [],
            "trashed_at": None,
            "created_at": item["created_at"]["S"],
            "updated_at": item["updated_at"]["S"],
            "version": int(item["version"]["N"]),
        }
        for item in answer["Items"]
    ]
    last = answer.get("LastEvaluatedKey")
    document = {"items": items, "next_cursor": last["sk"]["S"][5:] if last else None}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(document)}
