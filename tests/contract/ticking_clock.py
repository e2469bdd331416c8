"""The clock of the contract suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

START_MS: Final = 1_795_166_000_000
"""2026-11-20T09:13:20Z, when the clock starts."""


@dataclass
class Clock:
    """A clock that a test sets.

    Attributes:
        ms: What it last said, in Unix milliseconds.
        tick: How far it moves on with each look.
    """

    ms: int = START_MS
    tick: int = 1

    def __call__(self) -> int:
        self.ms += self.tick
        return self.ms
