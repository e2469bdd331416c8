"""Schemas of problem documents and violations.

One of each, open and with any text as code: a client made from the document of today reads a problem of tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from local.openapi.json_types import JsonObject, ref
from local.openapi.problems import DESCRIPTIONS, Occurrence, common_members
from local.openapi.violation_codes import DESCRIPTIONS as RULES
from local.openapi.violation_codes import violation_codes
from taskapi.bodies import MOST_VIOLATIONS

_MEMBERS: Final[JsonObject] = {
    "type": {
        "type": "string",
        "description": "Names the kind of problem: `/problems/` and its code. It is no page of the API.",
    },
    "title": {"type": "string", "description": "The same for every problem of the kind."},
    "status": {"type": "integer", "description": "The response's status."},
    "detail": {"type": "string", "description": "About this occurrence, in English, for developers."},
    "instance": {"type": "string", "description": "The path of the request."},
    "code": {"description": "What to tell problems apart by; stable.", **ref("schemas", "ProblemCode")},
    "request_id": {"type": "string", "description": "To be named when you report the problem."},
    "errors": {
        "type": "array",
        "items": ref("schemas", "Violation"),
        "description": "With `validation_failed`: everything that was found wrong, "
        f"up to {MOST_VIOLATIONS} violations.",
    },
    "current": {
        "description": "With `precondition_failed`: the task as it is now; left out when there is none.",
        **ref("schemas", "Task"),
    },
}
_WHERE: Final = {
    "pointer": "JSON Pointer (RFC 6901) into the body; empty for all of it.",
    "parameter": "Name of the query or path parameter.",
    "header": "Name of the header.",
}


def schemas(found: Sequence[Occurrence]) -> dict[str, JsonObject]:
    """Those of problems and of violations, with the codes that there are.

    Raises:
        ValueError: a problem has a member of which nothing is said here.
    """
    every, always = common_members(found)
    if unknown := every - _MEMBERS.keys():
        raise ValueError(f"problems have members without a schema: {sorted(unknown)}")
    return {
        "Problem": {
            "type": "object",
            "description": "An error (RFC 9457).",
            "properties": {name: member for name, member in _MEMBERS.items() if name in every},
            "required": [name for name in _MEMBERS if name in always],
        },
        "ProblemCode": _code("The kind of problem.", {each.code: DESCRIPTIONS[each.code] for each in found}),
        "Violation": _violation(),
        "ViolationCode": _code("The rule that was broken.", {code: RULES[code] for code in violation_codes()}),
    }


def _code(description: str, codes: Mapping[str, str]) -> JsonObject:
    """A text that is one of some codes, or of those to come: an enum would be closed."""
    rules = "\n".join(f"- `{code}`: {meaning}" for code, meaning in codes.items())
    return {
        "type": "string",
        "description": f"{description} Stable, but there may be new ones: take an unknown one for a general case."
        f"\n\n{rules}",
        "x-extensible-enum": list(codes),
    }


def _violation() -> JsonObject:
    where = {name: {"type": "string", "description": description} for name, description in _WHERE.items()}
    return {
        "type": "object",
        "description": f"One thing that is wrong with the request; one of {', '.join(f'`{name}`' for name in where)} "
        "says where.",
        "properties": {
            **where,
            "code": ref("schemas", "ViolationCode"),
            "detail": {"type": "string", "description": "One sentence for developers; never quotes the request."},
        },
        "required": ["code", "detail"],
    }
