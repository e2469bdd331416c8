"""Clocks that stand still until a test moves them."""

from __future__ import annotations

from dataclasses import dataclass, field

from taskapi import clock

NOON: int = clock.milliseconds("2026-11-20T12:00:00.000Z")
"""The instant, in Unix milliseconds, at which tests take place unless they say otherwise."""


@dataclass
class FixedClock:
    """A wall clock in Unix milliseconds, to pass where code takes ``now_ms``."""

    ms: int = NOON

    def __call__(self) -> int:
        return self.ms

    def advance(self, ms: int) -> None:
        """Move on (or, with a negative number, back)."""
        self.ms += ms


@dataclass
class FixedMonotonic:
    """A monotonic clock in seconds, to pass where code takes ``monotonic``."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds


@dataclass
class RecordingSleep:
    """Sleeps no time at all and remembers the pauses asked for, in seconds."""

    pauses: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
