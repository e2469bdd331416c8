"""The codes of violations, which are the rules of the contract, off the source of :mod:`taskapi`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import taskapi

DESCRIPTIONS: Final[Mapping[str, str]] = {
    "blank": "shows nothing",
    "duplicate_tag": "two tags are equal but for case",
    "empty_range": "a range that ends before it begins",
    "empty_patch": "the patch has no member",
    "invalid_due": "neither a date nor an instant with an offset",
    "invalid_entity_tag": "neither `*` nor a list of quoted entity tags",
    "invalid_idempotency_key": "not 1 to 255 visible ASCII characters, or given twice",
    "invalid_task_id": "no UUID of version 7",
    "task_id_ahead": "the time in the id is more than 24 hours ahead",
    "not_allowed": "not one of the values allowed",
    "out_of_range": "too small, too large, too short, too long or too many",
    "read_only": "set by the API alone",
    "repeated": "a parameter that can be given once",
    "required": "missing",
    "too_long": "more characters than allowed",
    "too_many": "more members than allowed",
    "unacceptable_text": "control characters, lone surrogates, noncharacters, U+FFFD, more than 30 combining marks in "
    "a row, or a line end where one line is meant",
    "unknown_member": "no member of the contract",
    "unknown_parameter": "no parameter of the operation",
    "unsupported_combination": "a combination of parameters that no index serves",
    "wrong_type": "a JSON value of another type than the member's",
}
"""What only prose can say: what each means. Every code must be here, and no other."""

# How the source makes violations: callee to the position of the code among the arguments.
_MAKERS: Final[Mapping[str, int]] = {"Violation": 0, "PydanticCustomError": 0, "_violation": 1}
_CODES: Final = "_CODES"
"""Where pydantic's error types become (code, detail)."""


def violation_codes() -> list[str]:
    """All of them, sorted.

    Raises:
        ValueError: a code lacks its description, or a description its code.
    """
    sources = sorted(Path(taskapi.__path__[0]).rglob("*.py"))
    found = {code for source in sources for code in _codes(ast.parse(source.read_text(encoding="utf-8")))}
    if unmatched := found ^ DESCRIPTIONS.keys():
        raise ValueError(f"codes of violations and their descriptions differ: {sorted(unmatched)}")
    return sorted(found)


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            position = _MAKERS.get(str(name))
            if position is not None and len(node.args) > position:
                yield from _text(node.args[position])
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and _is_named(node, _CODES):
            for value in node.value.values:
                if isinstance(value, ast.Tuple):
                    yield from _text(value.elts[0])


def _is_named(node: ast.Assign, name: str) -> bool:
    return [target.id for target in node.targets if isinstance(target, ast.Name)] == [name]


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
