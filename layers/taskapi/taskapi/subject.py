"""The token's ``sub`` on its way from the authorizer to the functions, through API Gateway's authorizer context.

AWS documents the context's values as strings and says nothing of characters beyond ASCII. If any of them were replaced
on the way, two users could become one; so they travel percent-encoded. Plain ASCII without ``%`` looks as it is.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

_AS_IT_IS = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


def encode(sub: str) -> str:
    """The ASCII form of a ``sub``; different for different ones."""
    return quote(sub, safe=_AS_IT_IS)


def decode(text: str) -> str:
    """The inverse of :func:`encode`.

    Raises:
        UnicodeDecodeError: not made by it.
    """
    return unquote(text, errors="strict")
