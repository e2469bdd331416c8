"""Why a token was not accepted, or could not be judged."""

from __future__ import annotations


class InvalidToken(Exception):
    """The token is not good. ``reason`` is for logs and metrics; the client only learns that it is 401."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Undecided(Exception):
    """The token may be good a moment later, so it is not denied: a denial is cached (docs/decisions/0014)."""

    reason = "undecided"


class KeysUnavailable(Undecided):
    """The keys could not be had: an outage."""

    reason = "keys_unavailable"


class UnknownKeyYet(KeysUnavailable):
    """The key is not among those fetched last, and it is too early to fetch them again."""

    reason = "unknown_key_yet"


class TooEarly(Undecided):
    """Only its ``nbf`` or ``iat`` is seconds ahead of our clock."""

    reason = "too_early"
