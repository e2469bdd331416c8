"""Responses, and what each operation answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from taskapi.http.request import Request
from taskapi.preconditions import EntityTags
from taskapi.task import Task

if TYPE_CHECKING:
    from taskapi.pages import Page

# A browser may keep a task, yet must ask each time whether it is still current; what changes something is not kept.
REVALIDATE = "private, no-cache"
NO_STORE = "no-store"


class Response(NamedTuple):
    """An HTTP response.

    Attributes:
        status: HTTP status code.
        document: What is sent as JSON; None sends no body.
        headers: Name to value.
        code: The problem code where the response is a problem, for logs and metrics.
    """

    status: int
    document: Mapping[str, object] | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    code: str | None = None

    def as_proxy(self, extra_headers: Mapping[str, str]) -> dict[str, Any]:
        """The Lambda proxy integration's output format; ``extra_headers`` are those of every response."""
        headers = {"X-Content-Type-Options": "nosniff", **extra_headers, **self.headers}
        if self.document is None:
            return {"statusCode": self.status, "headers": headers, "body": "", "isBase64Encoded": False}
        headers.setdefault("Content-Type", "application/json")
        # A problem may point at a member whose name is not legal Unicode; tasks never hold such text.
        body = json.dumps(self.document, ensure_ascii=self.code is not None, separators=(",", ":"))
        return {"statusCode": self.status, "headers": headers, "body": body, "isBase64Encoded": False}


def representation(task: Task, status: int = 200) -> Response:
    """A task that was just written."""
    return Response(status, task.as_json(), {"ETag": task.entity_tag, "Cache-Control": NO_STORE})


def created(task: Task, request: Request, *, was_replayed: bool = False) -> Response:
    """201 with the new task's place; marked when it is the answer to an earlier request of the same Idempotency-Key."""
    response = representation(task, 201)
    headers = {**response.headers, "Location": request.task_path(task.task_id)}
    if was_replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(201, response.document, headers)


def replaced(task: Task, was_created: bool, request: Request) -> Response:
    """201 when PUT made the task, 200 when it replaced one."""
    return created(task, request) if was_created else representation(task)


def revalidated(task: Task, known: EntityTags | None) -> Response:
    """The task, or 304 without it when the reader has it as it is (RFC 9110 section 15.4.5)."""
    headers = {"ETag": task.entity_tag, "Cache-Control": REVALIDATE}
    if known is not None and known.name(task.etag):
        return Response(304, None, headers)
    return Response(200, task.as_json(), headers)


def deleted() -> Response:
    """204."""
    return Response(204, None, {"Cache-Control": NO_STORE})


def page_of(page: Page, request: Request) -> Response:
    """A page of tasks, with ``Link: rel="next"`` (RFC 8288) when another follows."""
    headers = {"Cache-Control": REVALIDATE}
    if page.next_cursor is not None:
        pairs = [(name, value) for name, values in request.query.items() if name != "cursor" for value in values]
        headers["Link"] = f'<{request.path}?{urlencode([*pairs, ("cursor", page.next_cursor)])}>; rel="next"'
    return Response(200, {"items": [task.as_json() for task in page.tasks], "next_cursor": page.next_cursor}, headers)
