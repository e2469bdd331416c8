"""When a key source fetches its keys again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

RETRY_SECONDS: Final = 30
"""Least time between two fetches: a request waits for each, and invented ``kid``s must not hammer the issuer."""
FIRST_RETRY_SECONDS: Final = 5
"""The same while there is no key yet, and every request fails."""


class RefreshSchedule:
    """Tells whether keys are fresh, and spaces the tries to fetch them."""

    def __init__(self, fresh_seconds: float, monotonic: Callable[[], float]) -> None:
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")

    def is_stale(self) -> bool:
        """Whether the keys are ``fresh_seconds`` old."""
        return self._monotonic() - self._fetched_at >= self._fresh_seconds

    def begin(self, *, has_keys: bool) -> bool:
        """Whether a fetch may be tried now, from when the next one is counted."""
        now = self._monotonic()
        if now - self._tried_at < (RETRY_SECONDS if has_keys else FIRST_RETRY_SECONDS):
            return False
        self._tried_at = now
        return True

    def succeeded(self) -> None:
        """The fetch that was begun last got keys."""
        self._fetched_at = self._tried_at
