"""Powertools for AWS Lambda: its resolver with validation, and its Logger as its documentation has it everywhere."""

from __future__ import annotations

from typing import Any

import task_table
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError
from aws_lambda_powertools.utilities.typing import LambdaContext
from task_models import NewTask, Page, Task, task_of

logger = Logger(service="task-api")
app = APIGatewayRestResolver(enable_validation=True)


def owner_of(user_id: str) -> str:
    """The caller, who may only name itself in the path."""
    owner: str = app.current_event.raw_event["requestContext"]["authorizer"]["sub"]
    if user_id not in (owner, "me"):
        raise ForbiddenError("Another user's tasks")
    return owner


@app.post("/users/<user_id>/tasks")
def create_task(user_id: str, new: NewTask) -> tuple[Task, int]:
    """Create a task."""
    task = task_of(owner_of(user_id), new)
    task_table.put(task)
    return task, 201


@app.get("/users/<user_id>/tasks")
def list_tasks(user_id: str, cursor: str | None = None) -> Page:
    """List the caller's tasks."""
    return task_table.page(owner_of(user_id), cursor)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The Lambda handler."""
    return app.resolve(event, context)
