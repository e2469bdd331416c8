"""Responses: successes as the functions of :mod:`taskapi.http.response` make them, and problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from local.openapi import examples, headers
from local.openapi.handlers import Handler
from local.openapi.json_types import JsonObject, ref
from local.openapi.problems import DESCRIPTIONS, Occurrence
from taskapi import errors
from taskapi.http import Response, created, deleted, page_of, replaced, representation, revalidated
from taskapi.http.problem import MEDIA_TYPE
from taskapi.pages import Page
from taskapi.preconditions import EntityTags

_OF_EVERY_OPERATION: Final = (
    errors.Unauthorized,
    errors.Forbidden,
    errors.ValidationFailed,  # unknown query parameters
    errors.TooManyRequests,
    errors.TaskApiError,
    errors.StoreUnavailable,
)
_OF_READING: Final = {
    "json": (errors.MalformedJson, errors.PayloadTooLarge, errors.UnsupportedMediaType),
    "optional_json": (errors.MalformedJson, errors.PayloadTooLarge, errors.UnsupportedMediaType),
    "task_key": (errors.TaskNotFound,),
    "precondition": (errors.PreconditionFailed,),
    "idempotency_key": (errors.IdempotencyKeyReused,),
}
"""What of the request's attributes means which errors."""

_OF_ANSWERING: Final = {
    "created": (errors.StorageFull,),
    "replaced": (errors.StorageFull,),
    "representation": (errors.StorageFull,),
}
"""Which answer means which errors: what stores a task may find no room for it."""

_ABOUT_BODIES: Final = ("413", "415")
_ABOUT_TOKENS: Final = ("401",)


def successes(operation: str, handler: Handler, stage: str) -> dict[str, JsonObject]:
    """The responses of an operation that went well, by status.

    Raises:
        ValueError: its handler answers in a way that is not known here.
    """
    request = examples.request(stage)
    result: dict[str, JsonObject] = {}
    match sorted(handler.answers):
        case ["created"]:
            answer, replay = (created(examples.task(), request, was_replayed=again) for again in (False, True))
            result["201"] = _success("The task, created now or by an earlier request.", answer, replay)
        case ["replaced"]:
            first, second = examples.replaced_task(), examples.replaced_task(version=2, etag=examples.CHANGED_ETAG)
            result["200"] = _success("The task, replaced.", replaced(second, was_created=False, request=request))
            result["201"] = _success("The task, created.", replaced(first, was_created=True, request=request))
        case ["representation"]:
            changed = examples.patched_task() if operation == "update_task" else examples.completed_task()
            result["200"] = _success("The task as it is now.", representation(changed))
        case ["revalidated"]:
            known = EntityTags(any=True)
            result["200"] = _success("The task.", revalidated(examples.task(), None))
            result["304"] = _success("The reader has it as it is.", revalidated(examples.task(), known))
        case ["deleted"]:
            result["204"] = _success("The task is deleted.", deleted())
        case ["page_of"]:
            page = page_of(Page([examples.task()], examples.cursor()), request)
            result["200"] = _success("A page of tasks.", page, page_of(Page([], None), request))
        case unknown:
            raise ValueError(f"what does {operation} answer by {unknown}?")
    return result


def _success(description: str, *alternatives: Response) -> JsonObject:
    """A response, of all that may be answered with its status."""
    first = alternatives[0]
    response: JsonObject = {
        "description": description,
        "headers": headers.of_responses([each.headers for each in alternatives]),
    }
    if first.document is not None:
        schema = "TaskPage" if "items" in first.document else "Task"
        response["content"] = {
            "application/json": {"schema": ref("schemas", schema), "example": _plain(first.document)}
        }
    return response


def of_operation(handler: Handler, found: Sequence[Occurrence]) -> dict[str, list[Occurrence]]:
    """The problems that an operation may answer with, by status."""
    kinds = {*_OF_EVERY_OPERATION, *(kind for name in handler.reads for kind in _OF_READING.get(name, ()))}
    kinds.update(kind for name in handler.answers for kind in _OF_ANSWERING.get(name, ()))
    if handler.takes_list_parameters:
        kinds.add(errors.InvalidCursor)
    reads_body = handler.body is not None
    mine = [
        each
        for each in found
        if (each.source in kinds if isinstance(each.source, type) else reads_body or each.status not in _ABOUT_BODIES)
    ]
    return _by_status(mine)


def of_preflight(found: Sequence[Occurrence]) -> dict[str, list[Occurrence]]:
    """The problems that a preflight may be answered with: the gateway's, but those of tokens and bodies."""
    return _by_status(
        [each for each in found if isinstance(each.source, str) and each.status not in (*_ABOUT_BODIES, *_ABOUT_TOKENS)]
    )


def _by_status(found: Sequence[Occurrence]) -> dict[str, list[Occurrence]]:
    statuses = sorted({each.status for each in found} | {"400", "500"}, key=lambda status: (status[1:] == "XX", status))
    # What the gateway has no type for may have any status; 400 and 500 are described on their own for other reasons.
    shared = {"400": "4XX", "500": "5XX"}
    return {status: [each for each in found if each.status in (status, shared.get(status))] for status in statuses}


def component_name(found: Sequence[Occurrence]) -> str:
    """Of a response: its codes, ``MalformedJsonOrBadRequest``."""
    codes = dict.fromkeys(each.code for each in found)
    return "Or".join("".join(word.capitalize() for word in code.split("_")) for code in codes)


def component(found: Sequence[Occurrence]) -> JsonObject:
    """A response component for the problems of one status; each code has an example."""
    codes = list(dict.fromkeys(each.code for each in found))
    description = "\n".join(f"- `{code}`: {DESCRIPTIONS[code]}" for code in codes)
    samples: dict[str, Any] = {}
    for each in sorted(found, key=lambda each: isinstance(each.source, str)):  # the functions' first
        if not isinstance(each.source, str) or each.code not in {one["value"]["code"] for one in samples.values()}:
            samples[each.name] = {"value": _plain(each.document)}
    return {
        "description": DESCRIPTIONS[codes[0]] if len(codes) == 1 else description,
        "headers": headers.of_responses([each.headers for each in found]),
        "content": {MEDIA_TYPE: {"schema": ref("schemas", "Problem"), "examples": samples}},
    }


def _plain(value: Any) -> Any:
    """The same JSON value, of dicts and lists only."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, (list, tuple)) else value
