"""Cross-origin headers (Fetch standard, section 3.2). The gateway answers preflight requests; this is the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

EXPOSED: Final = "ETag, Location, Link, Retry-After, Idempotency-Replayed"


def cors_headers(origin: str | None, allowed: Sequence[str]) -> dict[str, str]:
    """Headers of every response to a request from ``origin``.

    ``Vary`` in any case: a cache must not serve one origin's answer to another. Credentials are never allowed:
    the API takes bearer tokens, not cookies.

    Args:
        origin: The ``Origin`` header, None when absent.
        allowed: Exact origins, or ``("*",)``.
    """
    headers = {"Vary": "Origin"}
    if origin is not None and (origin in allowed or "*" in allowed):
        headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
        headers["Access-Control-Expose-Headers"] = EXPOSED
    return headers
