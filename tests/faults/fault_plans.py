"""Which request meets which fault: a script, or chance by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.faults.proxy import Exchange, Fault

FOR_EVER: Final = 1_000_000
"""A count of faults that no operation outlasts."""


@dataclass(frozen=True)
class FirstRequests:
    """The first requests of every tagged operation meet the same fault, the later ones pass."""

    fault: Fault
    count: int = 1

    def __call__(self, exchange: Exchange) -> Fault | None:
        return self.fault if exchange.tag and exchange.attempt < self.count else None


@dataclass(frozen=True)
class Script:
    """The requests of every tagged operation meet these in order (None passes), the later ones pass."""

    faults: Sequence[Fault | None]

    def __call__(self, exchange: Exchange) -> Fault | None:
        return self.faults[exchange.attempt] if exchange.tag and exchange.attempt < len(self.faults) else None


@dataclass(frozen=True)
class ByChance:
    """Every request of a tagged operation meets a fault by chance.

    The dice depend on the seed, the tag and the attempt alone: threads that overtake one another don't change them.

    Attributes:
        seed: Of the dice.
        weights: Fault to probability; what is left of 1 passes.
    """

    seed: int
    weights: Mapping[Fault, float]

    def __call__(self, exchange: Exchange) -> Fault | None:
        if not exchange.tag:
            return None
        dice = random.Random(f"{self.seed}/{exchange.tag}/{exchange.attempt}").random()
        for fault, weight in self.weights.items():
            dice -= weight
            if dice < 0:
                return fault
        return None


def evenly(rate: float, faults: Sequence[Fault] = tuple(Fault)) -> dict[Fault, float]:
    """All of these faults, equally probable, at this rate in all."""
    return dict.fromkeys(faults, rate / len(faults))
