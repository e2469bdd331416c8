"""The token's ``sub`` on its way through API Gateway's authorizer context, percent-encoded.

AWS promises nothing of characters beyond ASCII there; if some were replaced, two users could become one.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

_AS_IT_IS = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


def encode(sub: str) -> str:
    """The ASCII form of a ``sub``; different for different ones."""
    return quote(sub, safe=_AS_IT_IS)


def decode(text: str) -> str:
    """The inverse of :func:`encode`; raises UnicodeDecodeError."""
    return unquote(text, errors="strict")
