"""Why a token was not accepted, or could not be checked."""

from __future__ import annotations


class InvalidToken(Exception):
    """The token is not good; the caller has to get another.

    Attributes:
        reason: Stable snake_case word for logs and metrics; the client only learns that it is 401.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysUnavailable(Exception):
    """The keys could not be had, so nothing can be said of any token: an outage, not a denial."""
