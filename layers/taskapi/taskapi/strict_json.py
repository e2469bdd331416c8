"""JSON as RFC 8259 means it, with nothing left to interpretation.

Python's decoder takes NaN and keeps the last of two members of one name; parsers that disagree are a security hole.
"""

from __future__ import annotations

import json

from taskapi.errors import MalformedJson


def _object_of_unique_members(members: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(members)
    if len(result) != len(members):
        raise MalformedJson("The request body names a member twice in one object.")
    return result


def _refuse_constant(_name: str) -> object:
    raise MalformedJson("NaN and Infinity are not JSON.")


def decode(raw: bytes) -> object:
    r"""The value of one JSON text in UTF-8; its strings may hold lone surrogates (of ``\ud800`` escapes).

    Raises:
        MalformedJson: also for a byte order mark, nesting too deep, and a number of thousands of digits.
    """
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_of_unique_members,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise MalformedJson from None
