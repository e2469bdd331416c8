"""Schemas of problem documents: one for each code, so that typed clients can tell them apart by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from local.openapi.json_types import JsonObject, ref
from local.openapi.problems import DESCRIPTIONS, Occurrence, common_members
from local.openapi.violation_codes import DESCRIPTIONS as RULES
from local.openapi.violation_codes import violation_codes
from taskapi.bodies import MOST_VIOLATIONS
from taskapi.errors import Violation

_MEMBERS: Final[JsonObject] = {
    "type": {"type": "string", "description": "Names the kind of problem; a stable URI reference."},
    "title": {"type": "string", "description": "The same for every problem of the kind."},
    "status": {"type": "integer", "description": "The response's status."},
    "detail": {"type": "string", "description": "About this occurrence, in English, for developers."},
    "instance": {"type": "string", "description": "The path of the request."},
    "code": {"type": "string", "description": "What to tell problems apart by; stable."},
    "request_id": {"type": "string", "description": "To be named when you report the problem."},
    "errors": {
        "type": "array",
        "minItems": 1,
        "items": ref("schemas", "Violation"),
        "description": f"Everything that was found wrong, up to {MOST_VIOLATIONS} violations.",
    },
    "current": {"description": "The task as it is now.", **ref("schemas", "Task")},
}
"""The members of problem documents."""


def schema_name(code: str) -> str:
    """``validation_failed`` to ``ValidationFailedProblem``."""
    return "".join(word.capitalize() for word in code.split("_")) + "Problem"


def schemas(found: Sequence[Occurrence]) -> dict[str, JsonObject]:
    """A schema for each code, and those of violations."""
    codes = dict.fromkeys(each.code for each in found)
    return {
        **{schema_name(code): _problem(code, [each for each in found if each.code == code]) for code in codes},
        "Violation": _violation(),
        "ViolationCode": _violation_code(),
    }


def _problem(code: str, found: Sequence[Occurrence]) -> JsonObject:
    every, always = common_members(found)
    properties: JsonObject = {}
    for name, member in _MEMBERS.items():
        if name in every:
            properties[name] = {**member, **_narrowed(name, found)}
    if unknown := every - properties.keys():
        raise ValueError(f"{code} has members without a schema: {sorted(unknown)}")
    return {
        "type": "object",
        "description": DESCRIPTIONS[code],
        "properties": properties,
        "required": [name for name in properties if name in always],
        "additionalProperties": False,
    }


def _narrowed(name: str, found: Sequence[Occurrence]) -> JsonObject:
    """What is the same for all problems of a code is a constant of its schema."""
    values = [each.document.get(name) for each in found]
    if name in ("type", "title", "code"):
        [value] = set(values)
        return {"const": value}
    if name == "status":
        statuses: list[Any] = sorted({value for value in values if value is not None})
        if None not in values:
            return {"const": statuses[0]} if len(statuses) == 1 else {"enum": statuses}
        least = int(found[0].status[0]) * 100  # left out where the gateway's template can't know it
        return {"minimum": least, "maximum": least + 99}
    return {}


def _violation() -> JsonObject:
    where = {
        "pointer": "JSON Pointer (RFC 6901) into the body; empty for all of it.",
        "parameter": "Name of the query or path parameter.",
        "header": "Name of the header.",
    }
    alternatives = []
    for source, description in where.items():
        members = Violation("code", "detail", "at", source).as_json()  # type: ignore[arg-type]  # of its literals
        schemas: JsonObject = {
            source: {"type": "string", "description": description},
            "code": ref("schemas", "ViolationCode"),
            "detail": {"type": "string", "description": "One sentence for developers; never quotes the request."},
        }
        alternatives.append(
            {
                "type": "object",
                "title": f"In a {source}" if source != "pointer" else "In the body",
                "properties": {name: schemas[name] for name in members},
                "required": list(members),
                "additionalProperties": False,
            }
        )
    return {"description": "One thing that is wrong with the request.", "oneOf": alternatives}


def _violation_code() -> JsonObject:
    codes = violation_codes()
    rules = "\n".join(f"- `{code}`: {RULES[code]}" for code in codes)
    return {
        "type": "string",
        "description": f"The rule that was broken; stable. There may be new ones.\n\n{rules}",
        "enum": codes,
    }
