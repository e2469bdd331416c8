"""What counts as acceptable text, in Unicode's terms.

Text is trimmed and normalised to NFC, and otherwise kept as written: escaping it for HTML is the business of what
renders it. Whatever is sent, judging it takes time in proportion to its length.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import chain, takewhile
from typing import Final

# C0 and C1 controls and DEL; lone surrogates; noncharacters (Unicode 23.7), of which each plane has two at its end;
# U+FFFD, which stands for bytes that were not UTF-8: API Gateway replaces them before a function sees the body.
_NONCHARACTERS = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
FORBIDDEN: Final = rf"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd{_NONCHARACTERS}"
"""The inside of a regular expression's character class."""
_FORBIDDEN = re.compile(f"[{FORBIDDEN}]")

WHITE_SPACE: Final = (
    "\t\n \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
"""What is trimmed: tab, newline and Unicode's space separators (Zs)."""

MOST_MARKS: Final = 30
"""Combining marks in a row (UAX #15, section 13: stream-safe text); normalising takes time by the square of them."""
# These have no combining class, but are nothing but marks once decomposed.
_MARKS_OF_CLASS_0 = "\u0f73\u0f75\u0f81"
_MOST_IN_ONE = 4
"""Characters that NFC can make one (U+1F82 and its like): so what is longer than that many limits is too long."""

# fmt: off
_INVISIBLE = (
    0x0009, 0x000B, 0x0020, 0x0021, 0x00A0, 0x00A1, 0x00AD, 0x00AE, 0x034F, 0x0350, 0x0600, 0x0606, 0x061C, 0x061D,
    0x06DD, 0x06DE, 0x070F, 0x0710, 0x0890, 0x0892, 0x08E2, 0x08E3, 0x115F, 0x1161, 0x1680, 0x1681, 0x17B4, 0x17B6,
    0x180B, 0x1810, 0x2000, 0x2010, 0x2028, 0x2030, 0x205F, 0x2070, 0x2800, 0x2801, 0x3000, 0x3001, 0x3164, 0x3165,
    0xFE00, 0xFE10, 0xFEFF, 0xFF00, 0xFFA0, 0xFFA1, 0xFFF0, 0xFFFC, 0x110BD, 0x110BE, 0x110CD, 0x110CE,
    0x13430, 0x13440, 0x13441, 0x13443, 0x16FE4, 0x16FE5, 0x1BCA0, 0x1BCA4, 0x1D159, 0x1D15A, 0x1D173, 0x1D17B,
    0xE0000, 0xE1000,
)
# fmt: on
"""Code points at which what can't be seen begins and ends, in turn: separators (Z), format characters (Cf),
Default_Ignorable_Code_Point, and the blanks among letters, marks and symbols. A table, since each version of Python
brings another version of Unicode."""


class UnacceptableText(ValueError):
    """The text has characters that none may hold; says which, in a sentence for a developer."""


class TooLong(ValueError):
    """The text has more characters than are allowed."""


def one_line(text: str, most: int) -> str:
    """NFC and trimmed, of at most ``most`` characters, and free of what no line may hold.

    Raises:
        TooLong: it has more.
        UnacceptableText: controls, line ends, surrogates, noncharacters, U+FFFD, or too many marks in a row.
    """
    cleaned = lines(text, most)
    # One expression less to compile at initialisation.
    if "\n" in cleaned or "\t" in cleaned or "\u2028" in cleaned or "\u2029" in cleaned:
        raise UnacceptableText("Must be one line, without tabs.")
    return cleaned


def lines(text: str, most: int) -> str:
    """As :func:`one_line`, but line ends and tabs may stay. CRLF, as Windows clients send, becomes a newline."""
    # Trimmed first: then length alone can tell what need not be looked at any further.
    trimmed = text.replace("\r\n", "\n").strip(WHITE_SPACE)
    if len(trimmed) > most * _MOST_IN_ONE:
        raise TooLong
    _check_marks(trimmed)
    cleaned = unicodedata.normalize("NFC", trimmed)
    if len(cleaned) > most:
        raise TooLong
    if cleaned != trimmed:  # some marks become two, and what is stored must be acceptable when it is sent back
        _check_marks(cleaned)
    if _FORBIDDEN.search(cleaned):
        raise UnacceptableText("Must not contain control characters, lone surrogates, noncharacters or U+FFFD.")
    return cleaned


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing. A combining mark alone is seen: it is drawn on a dotted circle or a space."""
    return all(bisect_right(_INVISIBLE, ord(character)) % 2 for character in text)


def fold(text: str) -> str:
    """The form in which texts of :func:`lines` are compared ignoring case (Unicode 3.13, default caseless matching)."""
    return unicodedata.normalize("NFC", text.casefold())


def _check_marks(text: str) -> None:
    if text.isascii():
        return
    # Of so many in a row, one is at every 31st place, wherever they begin.
    for place in range(MOST_MARKS, len(text), MOST_MARKS + 1):
        if _is_mark(text[place]) and _marks_around(text, place) > MOST_MARKS:
            raise UnacceptableText(f"Must not have more than {MOST_MARKS} combining marks in a row.")


def _marks_around(text: str, place: int) -> int:
    """How many marks in a row the one at ``place`` belongs to; no further than to tell too many."""
    before = takewhile(_is_mark, reversed(text[place - MOST_MARKS : place]))
    after = takewhile(_is_mark, text[place : place + MOST_MARKS + 1])
    return sum(1 for _ in chain(before, after))


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0 or character in _MARKS_OF_CLASS_0
