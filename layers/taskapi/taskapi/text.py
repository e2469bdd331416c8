"""What counts as acceptable text in a task, in Unicode's terms.

Text is normalised to NFC (so that what looks equal is equal) and trimmed, and otherwise kept as written: escaping it
for HTML is the business of whoever renders it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# C0 and C1 controls and DEL; lone surrogates; noncharacters (Unicode 23.7), of which each plane has two at its end.
_NONCHARACTERS = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
FORBIDDEN: Final = rf"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}"
"""The inside of a regular expression's character class."""
_FORBIDDEN = re.compile(f"[{FORBIDDEN}]")
_INVISIBLE = frozenset({"Cf", "Zs", "Zl", "Zp"})


class UnacceptableText(ValueError):
    """The text has characters that no task may hold."""


def normalized(text: str) -> str:
    """NFC and trimmed; the form in which lengths are measured."""
    return unicodedata.normalize("NFC", text).strip()


def one_line(text: str) -> str:
    """NFC, trimmed, free of control characters, surrogates and noncharacters.

    Raises:
        UnacceptableText: the text has one of those.
    """
    cleaned = lines(text)
    # In it, CRLF has become a newline: forbidden either way. One expression less to compile at initialisation.
    if "\n" in cleaned or "\t" in cleaned:
        raise UnacceptableText
    return cleaned


def lines(text: str) -> str:
    """As :func:`one_line`, but newlines and tabs may stay. CRLF, as Windows clients send, becomes a newline."""
    cleaned = normalized(text.replace("\r\n", "\n"))
    if _FORBIDDEN.search(cleaned):
        raise UnacceptableText
    return cleaned


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: empty, or only spaces and zero-width characters."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


def fold(text: str) -> str:
    """The form in which texts are compared ignoring case (Unicode 3.13, default caseless matching)."""
    return unicodedata.normalize("NFC", text.casefold())
