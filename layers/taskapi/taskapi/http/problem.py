"""Errors as problem documents (RFC 9457), by one table from exception type to status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from taskapi import errors
from taskapi.http.response import NO_STORE, Response, quoted

MEDIA_TYPE: Final = "application/problem+json"


class Problem(NamedTuple):
    """What is the same for every occurrence of an error."""

    status: int
    title: str


PROBLEMS: Final[Mapping[type[errors.TaskApiError], Problem]] = {
    errors.MalformedJson: Problem(400, "Malformed JSON"),
    errors.InvalidCursor: Problem(400, "Invalid cursor"),
    errors.Unauthorized: Problem(401, "Unauthorized"),
    errors.Forbidden: Problem(403, "Forbidden"),
    errors.TaskNotFound: Problem(404, "Task not found"),
    errors.ListNotFound: Problem(404, "List not found"),
    errors.TooManyLists: Problem(409, "Too many lists"),
    errors.StorageFull: Problem(409, "Storage full"),
    errors.TaskTrashed: Problem(409, "Task in the trash"),
    errors.TaskNotTrashed: Problem(409, "Task not in the trash"),
    errors.PreconditionFailed: Problem(412, "Precondition failed"),
    errors.PayloadTooLarge: Problem(413, "Payload too large"),
    errors.UnsupportedMediaType: Problem(415, "Unsupported media type"),
    errors.ValidationFailed: Problem(422, "Validation failed"),
    errors.IdempotencyKeyReused: Problem(422, "Idempotency key reused"),
    errors.TooManyRequests: Problem(429, "Too many requests"),
    errors.TaskApiError: Problem(500, "Internal error"),
    errors.StoreUnavailable: Problem(503, "Store unavailable"),
}


def problem_response(error: errors.TaskApiError, instance: str, request_id: str) -> Response:
    """The response for an error; ``instance`` is the request's path, ``request_id`` finds its log line."""
    problem = PROBLEMS[type(error)]
    document: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
        "request_id": request_id,
    }
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": NO_STORE}
    match error:
        case errors.ValidationFailed():
            document["errors"] = [violation.as_json() for violation in error.violations]
        case errors.StateError(current=current, etag=str(etag)):
            document["current"] = current
            headers["ETag"] = quoted(etag)
        case errors.StoreError():
            headers["Retry-After"] = str(error.retry_after)
    return Response(problem.status, document, headers, error.code)
