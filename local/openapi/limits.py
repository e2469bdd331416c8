"""Limits as the code keeps them, found out by trying.

The code counts after trimming and normalising, so its limits are not in pydantic's schemas. Trying finds what holds,
whatever way it is written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from local.openapi.json_types import JsonObject

IsAccepted: TypeAlias = Callable[[str], bool]

_BEYOND: Final = 1 << 20
"""Longer than anything that the API takes: its bodies end at 128 KiB."""


def of_text(is_accepted: IsAccepted) -> JsonObject:
    """The keywords of a string's schema."""
    return {"minLength": shortest(is_accepted), "maxLength": longest(is_accepted), "pattern": pattern(is_accepted)}


def longest(is_accepted: IsAccepted) -> int:
    """The most characters that are accepted.

    Args:
        is_accepted: Whether a text is; of all lengths up to a limit or of none above it.

    Raises:
        ValueError: nothing is accepted, or there is no limit.
    """
    low, high = 0, _BEYOND
    if not is_accepted("a") or is_accepted("a" * high):
        raise ValueError("there is no limit to be found")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_accepted("a" * middle) else (low, middle)
    return low


def shortest(is_accepted: IsAccepted) -> int:
    """0 when the empty text is accepted, else 1."""
    return 0 if is_accepted("") else 1


def accepts(annotation: Any) -> IsAccepted:
    """Whether a text is a valid value of an annotated type such as :data:`taskapi.bodies.Title`."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def is_accepted(text: str) -> bool:
        with contextlib.suppress(ValidationError):
            adapter.validate_python(text)
            return True
        return False

    return is_accepted


def pattern(is_accepted: IsAccepted) -> str:
    """An ECMA 262 regular expression of texts without the characters of the BMP that are refused within a text.

    Surrogates are left out, since no JSON text holds one alone, and so are noncharacters beyond the BMP, for which
    regular expression dialects have different notations.
    """
    refused = [code for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF and not is_accepted(f"a{chr(code)}a")]
    ranges: list[list[int]] = []
    for code in refused:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    members = (rf"\u{low:04x}" if low == high else rf"\u{low:04x}-\u{high:04x}" for low, high in ranges)
    return f"^[^{''.join(members)}]*$"
