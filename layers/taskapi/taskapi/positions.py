"""Places in an order by hand: fractional keys, as npm's ``fractional-indexing`` makes and takes them.

A key is an integer and a fraction, in base 62. The integer's first letter says how long it is: ``a`` 2 characters to
``z`` 27, and ``Z`` 2 to ``A`` 27 for what sorts before. Keys are compared by code point.
"""

from __future__ import annotations

import re
from typing import Final

from taskapi import uuid7

LONGEST: Final = 255

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHARACTERS: Final = re.compile(rf"[0-9A-Za-z]{{1,{LONGEST}}}")
_NOTHING_BEFORE: Final = "A" + "0" * 26


def is_valid(key: str) -> bool:
    """Whether the library takes the key, and it is not too long."""
    if not _CHARACTERS.fullmatch(key) or key[0].isdigit() or key == _NOTHING_BEFORE:
        return False
    length = ord(key[0]) - ord("a") + 2 if key[0] >= "a" else ord("Z") - ord(key[0]) + 2
    return len(key) == length or (len(key) > length and key[-1] != "0")


def at(ms: int) -> str:
    """The key of an instant in Unix milliseconds, so that what comes later sorts later: ``h`` and eight digits."""
    digits = ""
    for _ in range(8):
        ms, digit = divmod(ms, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return "h" + digits


def place(group: str, position: str | None, uuid: str) -> str:
    """``<group>#<position>#<id>``: sorts what is in one group by position, then by id.

    None is the position that the id gives: after all that is older by its id.
    """
    return f"{group}#{position or at(uuid7.milliseconds(uuid))}#{uuid}"
