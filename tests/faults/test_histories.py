"""The checker itself: it must find the order of a good history, and none of a bad one."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from taskapi.tasks.task import TaskContent
from tests.faults.histories import Operation, Undecided, linearise
from tests.support.task_model import NOTHING, Call, Result, TaskState, perform, step

History = list[Operation[Call, Result]]


def task(version: int, title: str, *, completed: bool = False) -> TaskState:
    return TaskState(version, TaskContent(title, completed=completed))


BORN = task(1, "A")
RENAMED = task(2, "B")
FLIPPED = task(2, "A", completed=True)
GET, FLIP, DELETE = Call("get_task"), Call("toggle_task"), Call("delete_task", permanent=True)
RENAME = Call("update_task", {"title": "B"})
OK, GONE, NOT_FOUND = 200, Result(204), Result(404)


def shown(state: TaskState) -> Result:
    return Result(OK, state)


def op(
    call: Call, result: Result | None, start: float, end: float = math.inf, after: int | None = None
) -> Operation[Call, Result]:
    return Operation(call, result, start, end, after)


GOOD: dict[str, History] = {
    "nothing happened": [],
    "one after the other": [op(RENAME, shown(RENAMED), 0, 1), op(GET, shown(RENAMED), 2, 3)],
    "a read during a write sees the old": [op(RENAME, shown(RENAMED), 0, 9), op(GET, shown(BORN), 1, 2)],
    "a read during a write sees the new": [op(RENAME, shown(RENAMED), 0, 9), op(GET, shown(RENAMED), 1, 2)],
    "the later request comes first": [
        op(FLIP, shown(task(3, "B", completed=True)), 0, 9),
        op(RENAME, shown(RENAMED), 1, 9),
    ],
    "of two of one version, one is refused": [
        op(Call("update_task", {"title": "B"}, match=1), shown(RENAMED), 0, 9),
        op(Call("update_task", {"title": "C"}, match=1), Result(412, RENAMED), 0, 9),
    ],
    "an unanswered write had no effect": [op(RENAME, None, 0), op(GET, shown(BORN), 5, 6)],
    "an unanswered write had its effect late": [
        op(RENAME, None, 0),
        op(GET, shown(BORN), 5, 6),
        op(GET, shown(RENAMED), 7, 8),
    ],
    "deleted, and so not found": [op(DELETE, GONE, 0, 1), op(FLIP, NOT_FOUND, 2, 3)],
    "a write, and what a later one made of it": [
        op(RENAME, Result(None, RENAMED), 0, 9),
        op(GET, shown(task(3, "B", completed=True)), 0, 9, after=0),
        op(FLIP, shown(task(3, "B", completed=True)), 2, 3),
    ],
}

BAD: dict[str, History] = {
    "a stale read": [op(RENAME, shown(RENAMED), 0, 1), op(GET, shown(BORN), 2, 3)],
    "a read from the future": [op(GET, shown(RENAMED), 0, 1), op(RENAME, shown(RENAMED), 2, 3)],
    "a lost update": [op(RENAME, shown(RENAMED), 0, 1), op(FLIP, shown(FLIPPED), 2, 3)],
    "two winners of one version": [
        op(Call("update_task", {"title": "B"}, match=1), shown(RENAMED), 0, 9),
        op(Call("update_task", {"title": "C"}, match=1), shown(task(2, "C")), 0, 9),
    ],
    "a flip that counted twice": [op(FLIP, shown(task(3, "A")), 0, 1)],
    "a flip that was undone by its own retry, seen in between": [
        op(GET, shown(FLIPPED), 1, 2),
        op(FLIP, shown(task(3, "A")), 0, 9),
    ],
    "a refusal of one's own write": [
        op(Call("update_task", {"title": "B"}, match=1), Result(412, RENAMED), 0, 1),
        op(GET, shown(RENAMED), 2, 3),
    ],
    "a delete that was done, and answered not found": [op(DELETE, NOT_FOUND, 0, 1), op(GET, NOT_FOUND, 2, 3)],
    "an unanswered write that comes and goes": [
        op(RENAME, None, 0),
        op(GET, shown(RENAMED), 5, 6),
        op(GET, shown(BORN), 7, 8),
    ],
    "a write that was applied twice": [
        op(FLIP, Result(None, FLIPPED), 0, 9),
        op(GET, shown(task(3, "A")), 1, 9),
    ],
    "an unanswered write before its request": [op(GET, shown(RENAMED), 0, 1), op(RENAME, None, 2)],
    "a write answered by what was there before it": [
        op(RENAME, Result(None, RENAMED), 0, 9),
        op(GET, shown(BORN), 0, 9, after=0),
    ],
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_has_an_order(name: str) -> None:
    order = linearise(GOOD[name], BORN, step)

    assert order is not None
    assert [one for one in GOOD[name] if not one.is_ambiguous and one not in order] == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_has_none(name: str) -> None:
    assert linearise(BAD[name], BORN, step) is None


def _sequential(dice: random.Random, length: int) -> list[tuple[Call, Result]]:
    state, history = NOTHING, []
    for number in range(length):
        call = dice.choice(
            [
                GET,
                FLIP,
                DELETE,
                Call("replace_task", {"title": f"T{number}"}),
                Call("update_task", {"title": f"T{number}"}),
                Call("toggle_task", {"completed": dice.random() < 0.5}),
                Call("update_task", {"title": f"T{number}"}, match=dice.randint(1, length)),
            ]
        )
        state, result = perform(state, call)
        history.append((call, result))
    return history


def _overlapping(dice: random.Random, sequence: list[tuple[Call, Result]]) -> History:
    """Operations whose instants are 0, 1, 2 … and that start and end up to five such instants off."""
    return [
        op(call, result, instant - dice.random() * 5, instant + dice.random() * 5)
        for instant, (call, result) in enumerate(sequence)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_was_made_in_an_order_has_one(seed: int) -> None:
    dice = random.Random(seed)
    history = _overlapping(dice, _sequential(dice, 60))
    dice.shuffle(history)

    assert linearise(history, NOTHING, step) is not None


def _has_order_by_brute_force(history: History) -> bool:
    for order in itertools.permutations(history):
        if any(later.end < earlier.start for earlier, later in itertools.combinations(order, 2)):
            continue
        state = NOTHING
        for operation in order:
            following = step(state, operation.call, operation.result)
            if following is None:
                break
            state = following
        else:
            return True
    return False


@pytest.mark.parametrize("seed", range(60))
def test_it_agrees_with_trying_every_order(seed: int) -> None:
    """Half of the histories have two answers swapped, which most of the time leaves them without an order."""
    dice = random.Random(seed)
    history = _overlapping(dice, _sequential(dice, 6))
    if seed % 2:
        one, other = dice.sample(range(6), 2)
        history[one], history[other] = (
            op(history[one].call, history[other].result, history[one].start, history[one].end),
            op(history[other].call, history[one].result, history[other].start, history[other].end),
        )

    assert (linearise(history, NOTHING, step) is not None) == _has_order_by_brute_force(history)


def test_a_search_is_bounded() -> None:
    history = [op(FLIP, None, 0) for _ in range(40)] + [op(GET, shown(task(99, "A")), 0, 1)]

    with pytest.raises(Undecided):
        linearise(history, BORN, step, most_steps=1_000)
