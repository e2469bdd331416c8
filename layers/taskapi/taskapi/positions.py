"""Places in an order by hand: fractional keys, as npm's ``fractional-indexing`` makes and takes them.

A key is an integer and a fraction, in base 62. The integer's first letter says how long it is: ``a`` 2 characters to
``z`` 27, and ``Z`` 2 to ``A`` 27 for what sorts before. Keys are compared by code point.
"""

from __future__ import annotations

import re
from itertools import takewhile
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
    length = _integer_length(key[0])
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


def between(low: str | None, high: str | None) -> str:
    """A key after ``low`` and before ``high``, each None for no bound, as short as the library's.

    Raises:
        ValueError: there is none, since ``low`` is not below ``high``.
    """
    if low is not None and high is not None and low >= high:
        raise ValueError("no key is between these")
    if low is None:
        return "a0" if high is None else _below(high)
    whole, fraction = _split(low)
    if high is not None and high.startswith(whole):
        return whole + _midpoint(fraction, high[len(whole) :])
    following = _next_integer(whole)
    if following is not None and (high is None or following < high):
        return following
    return whole + _midpoint(fraction, None)


def spread(low: str | None, high: str | None, count: int) -> list[str]:
    """So many keys between two, in their order; raises ValueError as :func:`between` does."""
    if count == 0:
        return []
    if low is None and high is not None:
        keys = [between(None, high)]
        while len(keys) < count:
            keys.append(between(None, keys[-1]))
        return keys[::-1]
    if high is None:
        keys = [between(low, None)]
        while len(keys) < count:
            keys.append(between(keys[-1], None))
        return keys
    middle, before = between(low, high), count // 2
    return [*spread(low, middle, before), middle, *spread(middle, high, count - before - 1)]


def _split(key: str) -> tuple[str, str]:
    """Integer and fraction."""
    length = _integer_length(key[0])
    return key[:length], key[length:]


def _integer_length(head: str) -> int:
    return ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2


def _below(high: str) -> str:
    whole, fraction = _split(high)
    if fraction and whole != _NOTHING_BEFORE:
        return whole
    previous = None if whole == _NOTHING_BEFORE else _previous_integer(whole)
    if previous is None:
        return whole + _midpoint("", fraction)
    return previous if previous != _NOTHING_BEFORE else previous + _midpoint("", None)


def _next_integer(whole: str) -> str | None:
    """None after the greatest."""
    head, digits = whole[0], whole[1:]
    kept = digits.rstrip("z")
    if kept:
        return head + kept[:-1] + _DIGITS[_DIGITS.index(kept[-1]) + 1] + "0" * (len(digits) - len(kept))
    if head == "z":
        return None
    following = "a" if head == "Z" else chr(ord(head) + 1)
    return following + "0" * (_integer_length(following) - 1)


def _previous_integer(whole: str) -> str:
    """Of any but the least."""
    head, digits = whole[0], whole[1:]
    kept = digits.rstrip("0")
    if kept:
        return head + kept[:-1] + _DIGITS[_DIGITS.index(kept[-1]) - 1] + "z" * (len(digits) - len(kept))
    previous = "Z" if head == "a" else chr(ord(head) - 1)
    return previous + "z" * (_integer_length(previous) - 1)


def _midpoint(low: str, high: str | None) -> str:
    """A fraction between two, neither of which ends in 0; None is 1."""
    prefix = ""
    if high is not None:
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(low.ljust(len(high), "0"), high, strict=False))
        prefix = "".join(digit for digit, _ in pairs)
        low, high = low[len(prefix) :], high[len(prefix) :]
    first = _DIGITS.index(low[0]) if low else 0
    last = _DIGITS.index(high[0]) if high else len(_DIGITS)
    if last - first > 1:
        return prefix + _DIGITS[(first + last + 1) // 2]
    if high is not None and len(high) > 1:
        return prefix + high[0]
    return prefix + _DIGITS[first] + _midpoint(low[1:], None)
