"""Parameters: of paths, of lists, and request headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from local.openapi import examples, limits
from local.openapi.handlers import Handler
from local.openapi.json_types import JsonObject, ref
from taskapi import query
from taskapi.errors import ValidationFailed
from taskapi.idempotency import KEPT_SECONDS
from taskapi.preconditions import MOST_TAGS
from taskapi.tokens.claims import LONGEST_SUBJECT

_ENTITY_TAG: Final = '(W/)?"[!#-~]*"'
_ENTITY_TAGS: Final[JsonObject] = {
    "type": "string",
    "pattern": rf"^(\*|{_ENTITY_TAG}(, ?{_ENTITY_TAG}){{0,{MOST_TAGS - 1}}})$",
}

_WRITE_HEADERS: Final = ("IfMatch", "IfNoneMatch")
_READ_BY: Final[Mapping[str, Sequence[str]]] = {
    "precondition": _WRITE_HEADERS,
    "known_etags": ("IfNoneMatchOfReader",),
    "idempotency_key": ("IdempotencyKey",),
}
"""What of the request's attributes means which header parameters."""


def of_operation(path: str, handler: Handler) -> list[JsonObject]:
    """The parameters of an operation, as references."""
    names = []
    if handler.takes_list_parameters:
        names += [_list_component(name) for name in _list_parameters()]
    names += [name for attribute, headers in _READ_BY.items() if attribute in handler.reads for name in headers]
    placeholders = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    of_path = {"user_id": "UserId", "task_id": "TaskId"}
    components = [*(of_path[placeholder] for placeholder in placeholders), *names, "CorrelationId"]
    return [ref("parameters", name) for name in components]


def components() -> dict[str, JsonObject]:
    """All parameters, by component name."""
    lists = _list_parameters()
    if unmatched := lists.keys() ^ query.PARAMETERS:
        raise ValueError(f"list parameters and their descriptions differ: {sorted(unmatched)}")
    return {
        "UserId": {
            "name": "user_id",
            "in": "path",
            "required": True,
            "description": "Whose tasks: `me`, or the `sub` of the token. Anything else is a 403.",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_SUBJECT},
            "example": "me",
        },
        "TaskId": {
            "name": "task_id",
            "in": "path",
            "required": True,
            "description": "The task's id.",
            "schema": ref("schemas", "TaskId"),
            "example": examples.TASK_ID,
        },
        **{_list_component(name): {"name": name, "in": "query", **lists[name]} for name in lists},
        **_headers(),
    }


def _list_component(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _list_parameters() -> dict[str, JsonObject]:
    served = {
        status: [sort for of_status, sort in query.ACCESS_PATHS if of_status == status]
        for status in get_args(query.Status)
    }
    sorts = "; ".join(f"`{status}`: {', '.join(f'`{sort}`' for sort in served[status])}" for status in served)
    return {
        "status": {
            "description": "Which tasks.",
            "schema": {"type": "string", "enum": list(get_args(query.Status)), "default": query.ListQuery().status},
        },
        "sort": {
            "description": f"By what. Served are, of which the first is the default: {sorts}. Undated tasks are last "
            "in ascending order of `due`. Any other combination is a 422.",
            "schema": {"type": "string", "enum": list(get_args(query.Sort))},
        },
        "order": {
            "description": "`desc` by default, but `asc` with `sort=due`.",
            "schema": {"type": "string", "enum": ["asc", "desc"]},
        },
        "limit": {
            "description": "Tasks on a page, at most.",
            "schema": {
                "type": "integer",
                "minimum": 1,
                "maximum": query.MOST_ITEMS,
                "default": query.DEFAULT_LIMIT,
            },
        },
        "cursor": {
            "description": "`next_cursor` of the page before. All other parameters but `limit` must be the same.",
            "schema": {"type": "string"},
        },
        "due_from": {
            "description": "Only tasks due then or later; with `status=open` and `sort=due`. An instant means its "
            "offset's day for tasks that are due on a day, so that a frontend can ask for its user's today.",
            "schema": ref("schemas", "Due"),
        },
        "due_before": {
            "description": "Only tasks due before then; as `due_from` otherwise.",
            "schema": ref("schemas", "Due"),
        },
        "priority": {"description": "Only tasks of this priority.", "schema": ref("schemas", "Priority")},
        "tag": {
            "description": "Only tasks with this tag, ignoring case. Repeated: with all of them.",
            "schema": {"type": "array", "maxItems": query.MOST_TAGS, "items": _tag()},
            "style": "form",
            "explode": True,
        },
        "q": {
            "description": "Only tasks with this text in title, description or a tag, ignoring case.",
            "schema": {"type": "string", **_text_limits("q")},
        },
    }


def _tag() -> JsonObject:
    return {"type": "string", **_text_limits("tag")}


def _text_limits(name: str) -> JsonObject:
    """Lengths and characters of a parameter that is a text, by trying it."""

    def is_accepted(text: str) -> bool:
        try:
            query.ListQuery.from_parameters({name: [text]})
        except ValidationFailed:
            return False
        return True

    return limits.of_text(is_accepted)


def _headers() -> dict[str, JsonObject]:
    return {
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": "Carry out only when the task's `ETag` is one of these; `*`: when there is the task. "
            "Otherwise 412.",
            "schema": _ENTITY_TAGS,
            "example": examples.task().entity_tag,
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "Carry out only when the task's `ETag` is none of these; `*`: when there is no task. "
            "Otherwise 412.",
            "schema": _ENTITY_TAGS,
            "example": "*",
        },
        "IfNoneMatchOfReader": {
            "name": "If-None-Match",
            "in": "header",
            "description": "Answer 304 without the task when its `ETag` is one of these.",
            "schema": _ENTITY_TAGS,
            "example": examples.task().entity_tag,
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Makes it safe to send the request again: for "
            f"{KEPT_SECONDS // 3600} hours, the same key and body get the answer that the first request got. A UUID "
            "will do.",
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": limits.longest(_is_idempotency_key),
                "pattern": "^[!-~]+$",
            },
            "example": examples.IDEMPOTENCY_KEY,
        },
        "CorrelationId": {
            "name": "X-Correlation-Id",
            "in": "header",
            "description": "An id of the client's own for its logs and ours: 1 to 128 of letters, digits and "
            "`._:/+=@-`. Any other is left out of the logs.",
            "schema": {"type": "string"},
            "example": examples.CORRELATION_ID,
        },
    }


def _is_idempotency_key(text: str) -> bool:
    try:
        return examples.request("v1", headers={"Idempotency-Key": text}).idempotency_key == text
    except ValidationFailed:
        return False
