"""When a key source fetches its keys again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

RETRY_SECONDS: Final = 30
"""Least time between two fetches: in an outage each may take seconds, and a request waits for it; and tokens with
invented ``kid``s must not make us hammer the issuer."""
FIRST_RETRY_SECONDS: Final = 5
"""The same while there is no key yet: until then every request fails, whatever its token."""


class RefreshSchedule:
    """Tells whether keys are fresh, and spaces the tries to fetch them."""

    def __init__(self, fresh_seconds: float, monotonic: Callable[[], float]) -> None:
        """Make one for keys that were never fetched.

        Args:
            fresh_seconds: Age at which they are to be fetched again.
            monotonic: Seconds.
        """
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")

    def is_stale(self) -> bool:
        """Whether the keys have reached the age at which they are to be fetched again."""
        return self._monotonic() - self._fetched_at >= self._fresh_seconds

    def begin(self, *, has_keys: bool) -> bool:
        """Whether a fetch may be tried now; the next one is then counted from here.

        Args:
            has_keys: Whether there are keys to go on with.
        """
        now = self._monotonic()
        if now - self._tried_at < (RETRY_SECONDS if has_keys else FIRST_RETRY_SECONDS):
            return False
        self._tried_at = now
        return True

    def succeeded(self) -> None:
        """The fetch that was begun last got keys; they are as old as it is."""
        self._fetched_at = self._tried_at
