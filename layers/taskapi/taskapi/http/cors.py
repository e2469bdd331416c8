"""Cross-origin headers (Fetch standard, section 3.2); the gateway answers preflight requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

EXPOSED: Final = "ETag, Location, Link, Retry-After, Idempotency-Replayed"


def cors_headers(origin: str | None, allowed: Sequence[str]) -> dict[str, str]:
    """Headers of every response to a request from ``origin`` (None when absent); ``allowed`` may be ``("*",)``.

    ``Vary`` in any case: a cache must not serve one origin's answer to another.
    """
    headers = {"Vary": "Origin"}
    if origin is not None and (origin in allowed or "*" in allowed):
        headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
        headers["Access-Control-Expose-Headers"] = EXPOSED
    return headers
