"""Schemas of tasks, pages of them, and the bodies that write them."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Mapping
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from local.openapi import examples, limits
from local.openapi.json_types import JsonObject, ref
from taskapi import bodies, uuid7
from taskapi.bodies.creation import TaskCreation
from taskapi.bodies.patch import TaskPatch
from taskapi.bodies.replacement import TaskReplacement
from taskapi.completion import TaskCompletion
from taskapi.task import Priority, Task

DESCRIPTIONS: Final[Mapping[str, str]] = {
    "id": "Sorts by creation.",
    "user_id": "The user whose task it is: the `sub` of their tokens.",
    "title": "One line, with something to see in it. Trimmed and normalised to NFC before it is counted; kept as "
    "written otherwise.",
    "description": "Any lines of text, trimmed and normalised to NFC. Plain text to the API: escape it when rendering.",
    "completed": "Whether it is done.",
    "completed_at": "When it was completed; null while it is open.",
    "due": "When it is due: a day, or an instant.",
    "priority": "How much it matters.",
    "tags": "In the order written. No two of them may be equal but for case.",
    "created_at": "When it was created: the time in its id, which is by the client's clock where a client minted it.",
    "updated_at": "When it was changed last.",
    "version": "Counts the changes, from 1. It is no entity tag.",
    "etag": "Tells this state of this task from every other of any task. Opaque; in double quotes it is the `ETag`.",
}
"""What only prose can say about the members of a task."""

_LIMITS: Final = frozenset({"minLength", "maxLength", "pattern", "maxItems"})
_DUE: Final = (
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "([Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$"
)
_BODIES: Final[Mapping[type[Any], str]] = {
    TaskCreation: "A task to be.",
    TaskReplacement: "A whole task. A member that is left out gets its default, as in a new task.",
    TaskPatch: "A JSON Merge Patch (RFC 7396). A member that is left out stays as it is; null clears it, which "
    "gives `priority` and `tags` their defaults.",
    TaskCompletion: "The state to set; a task that is in it stays as it is. Without the member, as without a body, the "
    "task is flipped.",
}


def schemas() -> dict[str, JsonObject]:
    """All of them, by component name."""
    return {
        "Task": _task(),
        "TaskPage": _page(),
        **{model.__name__: _body(model, description) for model, description in _BODIES.items()},
        "Priority": {"type": "string", "enum": list(get_args(Priority))},
        "Due": due(),
        "TaskId": _task_id(),
        "Timestamp": {
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339, in UTC with milliseconds.",
            "examples": [examples.CREATED_AT],
        },
    }


def due() -> JsonObject:
    """A due date, as members and as bounds of a list.

    One string: a union of formats is no type in Java, and no format keeps a day apart from an instant.
    """
    return {
        "type": "string",
        "pattern": _DUE,
        "description": "A day (`2026-12-01`: all of it, wherever the user is), or an instant (RFC 3339 with an offset; "
        "kept in UTC with milliseconds).",
        "examples": ["2026-12-01", "2026-12-01T15:00:00.000Z"],
    }


def _task_id() -> JsonObject:
    schema: JsonObject = {
        "type": "string",
        "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        "description": "A UUID of version 7 (RFC 9562). Sent in upper case, it is answered in lower case.",
        "examples": [examples.TASK_ID],
    }
    if uuid7.parse(examples.TASK_ID) != examples.TASK_ID:
        raise ValueError("the example is no task id")
    return schema


@functools.cache
def _text(annotation: Any) -> JsonObject:
    return limits.of_text(limits.accepts(annotation))


def _member(annotation: Any) -> JsonObject:
    """The schema of a body's member, by its annotation."""
    if get_origin(annotation) in (Union, types.UnionType):
        return _or_null(_member(_not_none(annotation)))
    if annotation == bodies.Due:
        return ref("schemas", "Due")
    if annotation == bodies.Tags:
        return {
            "type": "array",
            "maxItems": bodies.MOST_TAGS,
            "items": {"type": "string", **_text(bodies.Tag)},
        }
    if annotation is bool:
        return {"type": "boolean"}
    if get_origin(annotation) is Literal and annotation == Priority:
        return ref("schemas", "Priority")
    return {"type": "string", **_text(annotation)}


def _not_none(annotation: Any) -> Any:
    """``X`` of ``X | None``."""
    [inner] = [part for part in get_args(annotation) if part is not type(None)]
    return inner


def _or_null(schema: JsonObject) -> JsonObject:
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def _body(model: type[Any], description: str) -> JsonObject:
    """An object schema of a pydantic model, or of another class by what it is made of."""
    hints = get_type_hints(model, include_extras=True)
    members, required, defaults = _fields(model)
    properties: JsonObject = {}
    for name in members:
        # None of another class stands for a member that is left out.
        hint = hints[name] if issubclass(model, BaseModel) else _not_none(hints[name])
        properties[name] = {"description": DESCRIPTIONS[name], **_member(hint)}
        if name in defaults:
            properties[name]["default"] = defaults[name]
    schema: JsonObject = {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    if model is TaskPatch:
        schema["minProperties"] = 1  # enforced by TaskPatch.from_decoded
    return schema


def _fields(model: type[Any]) -> tuple[list[str], list[str], JsonObject]:
    """Names of all members, of those required, and the defaults of the others.

    The defaults of a patch's members are the model's own business: a member that is left out is not set to anything.
    """
    if not issubclass(model, BaseModel):
        members = inspect.signature(model).parameters
        return list(members), [name for name, member in members.items() if member.default is member.empty], {}
    fields = model.model_fields
    required = [name for name, field in fields.items() if field.is_required()]
    if model is TaskPatch:
        return list(fields), required, {}
    defaults = {name: field.default for name, field in fields.items() if not field.is_required()}
    return list(fields), required, {name: [] if value == () else value for name, value in defaults.items()}


def _task() -> JsonObject:
    """The schema of :meth:`Task.as_json`, by what it makes of each attribute.

    Open, and without the limits of what is written: a client of today reads what the API of tomorrow answers.
    """
    attributes = {name: name for name in inspect.signature(Task).parameters}
    members: Mapping[str, object] = Task(**attributes).as_json()  # type: ignore[arg-type]  # its values are names
    hints = get_type_hints(Task)
    written = {
        name: _member(hint)
        for name, hint in get_type_hints(TaskCreation, include_extras=True).items()
        if name in TaskCreation.model_fields
    }
    properties: JsonObject = {}
    for name, attribute in members.items():
        schema = _without_limits(written[name]) if name in written else _read_only(name, hints[str(attribute)])
        properties[name] = {"description": DESCRIPTIONS[name], **schema}
    return {
        "type": "object",
        "description": "A task. Every member is always there.",
        "properties": properties,
        "required": list(properties),
        "examples": [examples.task().as_json()],
    }


def _without_limits(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_limits(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _without_limits(value) for name, value in schema.items() if name not in _LIMITS}


def _read_only(name: str, hint: Any) -> JsonObject:
    """The schema of a member that the API writes."""
    if name not in bodies.READ_ONLY:
        raise ValueError(f"what kind of member is {name}?")
    if hint is int:
        return {"type": "integer", "minimum": 1}
    if name == "id":
        return ref("schemas", "TaskId")
    if name == "user_id":
        return {"type": "string"}
    if name == "etag":
        return {"type": "string", "minLength": 1}
    return ref("schemas", "Timestamp") if hint is str else _or_null(ref("schemas", "Timestamp"))


def _page() -> JsonObject:
    return {
        "type": "object",
        "description": "A page of tasks.",
        "properties": {
            "items": {
                "type": "array",
                "items": ref("schemas", "Task"),
                "description": "Fewer than `limit`, even none, when the read budget was used up before the page was "
                "full; the list ends where `next_cursor` is null, and nowhere else.",
            },
            "next_cursor": {
                "type": ["string", "null"],
                "description": "To be sent as `cursor` for the next page; null exactly when nothing follows.",
            },
        },
        "required": ["items", "next_cursor"],
    }
