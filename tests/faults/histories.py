"""Is a history of concurrent operations linearisable? A search after Wing and Gong, with memoisation.

A history is linearisable when each operation can be given one instant between its start and its end such that, taken
in the order of these instants, the operations behave as the sequential model says (Herlihy and Wing, "Linearizability:
A Correctness Condition for Concurrent Objects", 1990). The search tries the orders that the times allow (Wing and Gong,
"Testing and Verifying Concurrent Objects", 1993) and never explores the same set of operations in the same state twice
(Lowe, "Testing for linearizability", 2017). Histories are small here, and versions in the answers leave few orders.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Call = TypeVar("Call")
Result = TypeVar("Result")

MOST_STEPS = 500_000
"""Steps after which a search gives up; histories of these tests need a few thousand."""


@dataclass(frozen=True)
class Operation(Generic[Call, Result]):
    """One operation of a history.

    Attributes:
        call: What was asked.
        result: What was answered; None when the caller can't know what became of it.
        start: When it was asked.
        end: When it was answered; infinity when the caller can't know: it may take effect at any later time, or never.
        after: Another operation's place in the history that must come before this one, None when none must.
    """

    call: Call
    result: Result | None
    start: float
    end: float
    after: int | None = None

    @property
    def is_ambiguous(self) -> bool:
        """Whether it may have had no effect."""
        return self.result is None


class Undecided(Exception):
    """The search took more steps than it may."""


Step = Callable[[State, Call, Result | None], State | None]
"""The sequential model: the state after a call that gave this result; None when it can't give it in this state.
A result of None is unknown, and any will do."""


def linearise(
    history: Sequence[Operation[Call, Result]],
    initial: State,
    step: Step[State, Call, Result],
    most_steps: int = MOST_STEPS,
) -> list[Operation[Call, Result]] | None:
    """Find an order of a history that the model allows.

    Args:
        history: The operations, in any order.
        initial: The model's state before them.
        step: The model.
        most_steps: Bound of the search.

    Returns:
        The operations in such an order, ambiguous ones that had no effect left out; None when there is none.

    Raises:
        Undecided: not found within the bound.
    """
    return _Search(history, step, most_steps).run(initial)


class _Search(Generic[State, Call, Result]):
    def __init__(
        self, history: Sequence[Operation[Call, Result]], step: Step[State, Call, Result], most_steps: int
    ) -> None:
        self._history = history
        self._step = step
        self._steps_left = most_steps
        # Those that end first are the likeliest next.
        self._places = sorted(range(len(history)), key=lambda place: (history[place].end, history[place].start))
        self._required = sum(1 << place for place, operation in enumerate(history) if not operation.is_ambiguous)

    def run(self, initial: State) -> list[Operation[Call, Result]] | None:
        seen = {(0, initial)}
        order: list[int] = []
        done, state = 0, initial
        # A stack of its own: histories are longer than Python's recursion may be deep.
        stack = [(done, state, iter(self._candidates(done)))]
        while stack:
            done, state, candidates = stack[-1]
            if done & self._required == self._required:
                return [self._history[place] for place in order]
            for place in candidates:
                following = self._advance(state, place)
                if following is not None and (done | 1 << place, following) not in seen:
                    seen.add((done | 1 << place, following))
                    order.append(place)
                    stack.append((done | 1 << place, following, iter(self._candidates(done | 1 << place))))
                    break
            else:
                stack.pop()
                if order:
                    order.pop()
        return None

    def _advance(self, state: State, place: int) -> State | None:
        if self._steps_left == 0:
            raise Undecided
        self._steps_left -= 1
        operation = self._history[place]
        return self._step(state, operation.call, operation.result)

    def _candidates(self, done: int) -> list[int]:
        """Those that may come next: none of the others had ended when they started."""
        pending = [place for place in self._places if not done & 1 << place]
        first_end = min((self._history[place].end for place in pending), default=math.inf)
        return [
            place
            for place in pending
            if self._history[place].start <= first_end
            and ((after := self._history[place].after) is None or done & 1 << after)
        ]
