"""JSON as RFC 8259 means it, with nothing left to interpretation.

Python's own decoder accepts NaN and Infinity, keeps the last of two members of the same name, and recurses as deep as
the text tells it to. Two parsers that disagree on such a text are a security hole, so it is refused.
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
    r"""Decode one JSON text.

    Args:
        raw: The text in UTF-8 without a byte order mark.

    Returns:
        dict, list, str, int, float, bool or None. Strings may hold lone surrogates (from ``\ud800`` escapes).

    Raises:
        MalformedJson: not UTF-8, not JSON, two members of one name, NaN or Infinity, nested too deep, or a number of
            thousands of digits.
    """
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_of_unique_members,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise MalformedJson from None
