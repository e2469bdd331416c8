"""The wall clock, as the contract writes it: UTC, milliseconds, ``Z``."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, the last one that RFC 3339 can write."""


def now_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def timestamp(ms: int) -> str:
    """``2026-11-20T09:30:00.123Z`` for milliseconds since the Unix epoch (at most :data:`LATEST_MS`)."""
    # A float of seconds would lose the last millisecond now and then.
    instant = _EPOCH + timedelta(milliseconds=ms)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def milliseconds(text: str) -> int:
    """The inverse of :func:`timestamp`, for timestamps that this API wrote."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
