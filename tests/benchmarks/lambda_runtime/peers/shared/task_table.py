"""The peers' tasks in DynamoDB, by boto3's low-level client (a Table resource would take more CPU) and its types."""

from __future__ import annotations

import os
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from task_models import Page, Task

PAGE = 50

dynamodb = boto3.client("dynamodb")
table_name = os.environ["TABLE_NAME"]
serialize = TypeSerializer().serialize
deserialize = TypeDeserializer().deserialize


def put(task: Task) -> None:
    """Store a new task."""
    members = task.model_dump(exclude={"id", "user_id"}, exclude_none=True)
    item = {"pk": f"USER#{task.user_id}", "sk": f"TASK#{task.id}", **members}
    dynamodb.put_item(
        TableName=table_name,
        Item={name: serialize(value) for name, value in item.items()},
        ConditionExpression="attribute_not_exists(pk)",
    )


def page(owner: str, cursor: str | None = None) -> Page:
    """The owner's 50 newest tasks, or those after a cursor."""
    arguments: dict[str, Any] = {}
    if cursor:
        arguments["ExclusiveStartKey"] = {"pk": {"S": f"USER#{owner}"}, "sk": {"S": f"TASK#{cursor}"}}
    response = dynamodb.query(
        TableName=table_name,
        KeyConditionExpression="pk = :owner AND begins_with(sk, :task)",
        ExpressionAttributeValues={":owner": {"S": f"USER#{owner}"}, ":task": {"S": "TASK#"}},
        ScanIndexForward=False,
        ConsistentRead=True,
        Limit=PAGE,
        **arguments,
    )
    last = response.get("LastEvaluatedKey")
    return Page(
        items=[_task(owner, item) for item in response["Items"]],
        next_cursor=last["sk"]["S"].removeprefix("TASK#") if last else None,
    )


def _task(owner: str, item: dict[str, Any]) -> Task:
    members = {name: deserialize(value) for name, value in item.items()}
    task_id = members.pop("sk").removeprefix("TASK#")
    del members["pk"]
    return Task(id=task_id, user_id=owner, **members)
