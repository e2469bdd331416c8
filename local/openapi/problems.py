"""The problems of the API: those of its functions, off the error table, and those of the gateway, off the template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local.openapi import examples
from local.openapi.deployed import Deployed
from taskapi import errors
from taskapi.bodies.creation import TaskCreation
from taskapi.http.problem import PROBLEMS, problem_response
from taskapi.http.request import MOST_BODY_BYTES
from taskapi.idempotency import KEPT_SECONDS
from taskapi.preconditions import parse_entity_tags
from taskapi.query import ListQuery

DESCRIPTIONS: Final[Mapping[str, str]] = {
    "malformed_json": "The body is no JSON text in UTF-8 (RFC 8259), or names a member twice.",
    "invalid_cursor": "The cursor is not one that this very query returned. Start again without it.",
    "bad_request": "The gateway can't make sense of the request.",
    "unauthorized": "The token is missing, malformed, expired or not trusted: get a new one, once.",
    "forbidden": "The path names a user other than the token's. A firewall may answer so, too.",
    "task_not_found": "The user has no such task, or no longer.",
    "route_not_found": "There is no such route or method.",
    "storage_full": "The user's tasks take up all the space that one user has. Deleting some makes room.",
    "precondition_failed": "`If-Match` or `If-None-Match` does not hold. `current` is the task as it is now; it is "
    "left out when there is none.",
    "payload_too_large": f"The body is over {MOST_BODY_BYTES // 1024} KiB.",
    "unsupported_media_type": "The body's `Content-Type` is not one that the operation reads, or it has a "
    "`Content-Encoding`.",
    "validation_failed": "The request breaks rules of this document; `errors` says which, and where.",
    "idempotency_key_reused": f"The `Idempotency-Key` came with another body in the last {KEPT_SECONDS // 3600} hours.",
    "too_many_requests": "More requests than are served at the moment. Wait for `Retry-After`.",
    "internal_error": "A fault of the service, which has logged it under `request_id`.",
    "store_unavailable": "The database is out of reach. Wait for `Retry-After`.",
    "timeout": "The service took too long. The request may have been carried out all the same.",
}
"""What only prose can say: when each comes about. Every code must be here, and no other."""

UNCLASSIFIED: Final[Mapping[str, str]] = {"DEFAULT_4XX": "4XX", "DEFAULT_5XX": "5XX"}
"""Gateway response types without a status of their own, and the range of statuses that they are used for."""

_ORIGIN: Final = "Access-Control-"
"""Headers with this prefix depend on the caller's Origin."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One way to get a problem.

    Attributes:
        code: Its code.
        status: ``422``, or a range (``4XX``).
        headers: Name to value, those of CORS aside.
        document: The problem document.
        source: The exception type; the gateway response type where the gateway makes it.
        name: Of the example.
    """

    code: str
    status: str
    headers: Mapping[str, str]
    document: Mapping[str, Any]
    source: type[errors.TaskApiError] | str
    name: str


def occurrences(deployed: Deployed) -> list[Occurrence]:
    """Every problem of the API, with examples made by the functions and templates that make the real ones.

    Raises:
        ValueError: a code lacks its description, or a description its code.
    """
    found = [*_of_functions(deployed.stage), *_of_gateway(deployed)]
    if unmatched := {each.code for each in found} ^ DESCRIPTIONS.keys():
        raise ValueError(f"problem codes and DESCRIPTIONS in problems.py differ: {sorted(unmatched)}")
    return found


def _of_functions(stage: str) -> Iterable[Occurrence]:
    path = f"/{stage}/users/me/tasks"
    for kind, problem in PROBLEMS.items():
        samples = _SAMPLES.get(kind, {kind.code: kind})
        for name, make in samples.items():
            response = problem_response(make(), path, examples.REQUEST_ID)
            document = dict(response.document or {})
            yield Occurrence(kind.code, str(problem.status), response.headers, document, kind, name)


def _of_gateway(deployed: Deployed) -> Iterable[Occurrence]:
    for problem in deployed.problems:
        variables = {
            "$context.path": f"/{deployed.stage}/users/me/tasks",
            "$context.requestId": examples.REQUEST_ID,
        }
        document = {name: variables.get(str(value), value) for name, value in problem.document.items()}
        headers = {name: value for name, value in problem.headers.items() if not name.startswith(_ORIGIN)}
        status = UNCLASSIFIED[problem.kind] if problem.status is None else str(problem.status)
        yield Occurrence(str(document["code"]), status, headers, document, problem.kind, problem.kind.lower())


def _failed(attempt: Callable[[], object]) -> errors.TaskApiError:
    """The error that an attempt ends with."""
    try:
        attempt()
    except errors.TaskApiError as error:
        return error
    raise ValueError("the attempt should fail")


_INVALID_TASK: Final = {"title": " ", "due": "tomorrow", "tags": ["home", "Home"], "user_id": "bob"}

# What has members of its own is made by what makes it in earnest. Name of the example to how it comes about.
_SAMPLES: Final[Mapping[type[errors.TaskApiError], Mapping[str, Callable[[], errors.TaskApiError]]]] = {
    errors.ValidationFailed: {
        "body": lambda: _failed(lambda: TaskCreation.from_decoded(_INVALID_TASK)),
        "parameter": lambda: _failed(lambda: ListQuery.from_parameters({"status": ["all"], "sort": ["due"]})),
        "header": lambda: _failed(lambda: parse_entity_tags("3", "If-Match", weak=False)),
    },
    errors.PreconditionFailed: {
        "changed": lambda: errors.PreconditionFailed(examples.patched_task()),
        "gone": lambda: errors.PreconditionFailed(None, "There is no task with this id."),
    },
}


def common_members(found: Sequence[Occurrence]) -> tuple[set[str], set[str]]:
    """Names of the members that some of the occurrences have, and of those that all have."""
    sets = [set(each.document) for each in found]
    return set.union(*sets), set.intersection(*sets)
