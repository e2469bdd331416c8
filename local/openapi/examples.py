"""Example requests and tasks; what is answered to them is computed by the functions that answer."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from taskapi.bodies.creation import TaskCreation
from taskapi.http.request import Request
from taskapi.task import Task

USER: Final = "alice"
TASK_ID: Final = "019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b17"
REQUEST_ID: Final = "0d6d4c2e-7f0f-4a57-9a6e-3b1f9b1d2c55"
IDEMPOTENCY_KEY: Final = "9f1c2f0e-5d0b-4f5e-8d6e-1b7a52e3c9a4"
CORRELATION_ID: Final = "web-7f3a"
MINTED_ID: Final = "019aa0c1-02f4-7d1e-8a55-6c9e0b7d4f21"
"""Of a task that a client made while it was offline."""

CREATED_AT: Final = "2026-11-20T09:30:00.123Z"
CHANGED_AT: Final = "2026-11-20T10:02:41.870Z"
ETAG: Final = "019aa09c1ebTrt6AEJz"
CHANGED_ETAG: Final = "019aa0ba0eeq0Vd-3_x"

NEW_TASK: Final[Mapping[str, Any]] = {
    "title": "Pay rent",
    "due": "2026-12-01",
    "priority": "high",
    "tags": ["home"],
}
REPLACEMENT: Final[Mapping[str, Any]] = {
    "title": "Call the landlord",
    "description": "Ask about:\n- the heating\n- the bicycle cellar",
    "due": "2026-12-01T16:00:00+01:00",
}
PATCH: Final[Mapping[str, Any]] = {"due": None, "tags": ["home", "money"]}
COMPLETION: Final[Mapping[str, Any]] = {"completed": True}


def task(**changes: Any) -> Task:
    """The task that :data:`NEW_TASK` makes.

    Args:
        changes: Attributes that differ.
    """
    content = TaskCreation.from_decoded(dict(NEW_TASK)).content()
    attributes: dict[str, Any] = {
        "task_id": TASK_ID,
        "owner": USER,
        "title": content.title,
        "description": content.description,
        "completed": content.completed,
        "completed_at": None,
        "due": content.due,
        "priority": content.priority,
        "tags": content.tags,
        "created_at": CREATED_AT,
        "updated_at": CREATED_AT,
        "version": 1,
        "etag": ETAG,
    }
    return Task(**(attributes | changes))


def replaced_task(**changes: Any) -> Task:
    """The task that :data:`REPLACEMENT` makes of :data:`MINTED_ID`."""
    content = TaskCreation.from_decoded(dict(REPLACEMENT)).content()
    members = {name: getattr(content, name) for name in ("title", "description", "due", "priority", "tags")}
    return task(task_id=MINTED_ID, **(members | changes))


def patched_task() -> Task:
    """The task after :data:`PATCH`."""
    return task(due=None, tags=("home", "money"), updated_at=CHANGED_AT, version=2, etag=CHANGED_ETAG)


def completed_task() -> Task:
    """The task after :data:`COMPLETION`."""
    return task(completed=True, completed_at=CHANGED_AT, updated_at=CHANGED_AT, version=2, etag=CHANGED_ETAG)


def request(
    stage: str, *, query: Mapping[str, list[str]] | None = None, headers: Mapping[str, str] | None = None
) -> Request:
    """A request of :data:`USER` for their own tasks.

    Args:
        stage: The stage's name.
        query: Parameter to values.
        headers: Name to value.
    """
    path = "/users/me/tasks"
    return Request.from_event(
        {
            "httpMethod": "GET",
            "resource": "/users/{user_id}/tasks",
            "path": path,
            "multiValueQueryStringParameters": query,
            "headers": headers,
            "requestContext": {
                "path": f"/{stage}{path}",
                "requestId": REQUEST_ID,
                "authorizer": {"sub": USER},
            },
        }
    )


def cursor() -> str:
    """Looks like a cursor; that it is opaque is all that its reader needs to know."""
    return base64.urlsafe_b64encode(f'["3e1b0c9d7a5f2468","{TASK_ID}"]'.encode()).rstrip(b"=").decode()
