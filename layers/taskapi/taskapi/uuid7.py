"""UUID version 7 (RFC 9562 section 5.7); the standard library has it from Python 3.14 on."""

from __future__ import annotations

import re
import secrets
from typing import Final

LOWEST: Final = "00000000-0000-7000-8000-000000000000"
HIGHEST: Final = "ffffffff-ffff-7fff-bfff-ffffffffffff"

# Either case: RFC 9562 section 4 asks to accept both on input and to write lower case.
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def mint(ms: int) -> str:
    """A new UUIDv7 for an instant in Unix milliseconds; lower case, with hyphens."""
    random = secrets.randbits(74)
    value = (ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def parse(text: str) -> str | None:
    """The id in its canonical lower case, or None when ``text`` is not a UUIDv7."""
    if not text.isascii():  # 'K' (the Kelvin sign) lowers to an ASCII letter: fold only what is ASCII already
        return None
    lowered = text.lower()
    return lowered if _UUID7.fullmatch(lowered) else None


def milliseconds(uuid: str) -> int:
    """The instant that a UUIDv7 carries, in Unix milliseconds (up to the year 10889)."""
    return int(uuid[:8] + uuid[9:13], 16)
