"""Positions are keys of npm's ``fractional-indexing``, which clients make them with.

It is installed with the packages of examples/typescript, by ``make test-typescript``.
"""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

from local.paths import ROOT
from taskapi import clock, positions
from tests.conformance.node import run_node

EXAMPLE = ROOT / "examples" / "typescript"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CALLS = """
import { generateKeyBetween } from "fractional-indexing";
import { readFileSync } from "node:fs";
const pairs = JSON.parse(readFileSync(0, "utf8"));
const keys = pairs.map(([before, after]) => {
  try { return generateKeyBetween(before, after); } catch { return null; }
});
process.stdout.write(JSON.stringify(keys));
"""
INSERTIONS = """
import { generateKeyBetween } from "fractional-indexing";
import { readFileSync } from "node:fs";
const [start, places] = JSON.parse(readFileSync(0, "utf8"));
const keys = [...start];
for (const place of places) {
  const at = Math.floor(place * (keys.length + 1));
  keys.splice(at, 0, generateKeyBetween(keys[at - 1] ?? null, keys[at] ?? null));
}
process.stdout.write(JSON.stringify(keys));
"""

pytestmark = pytest.mark.node


def node(script: str, given: object) -> Any:
    """What a script prints in JSON, given some in its standard input."""
    assert (EXAMPLE / "node_modules" / "fractional-indexing").is_dir(), "the example's packages are not installed"
    return run_node(script, given=json.dumps(given), folder=EXAMPLE)


def between(pairs: list[tuple[str | None, str | None]]) -> list[str | None]:
    """The library's key between the two of each pair; None where it refuses one."""
    keys: list[str | None] = node(CALLS, pairs)
    return keys


def some_texts(chance: random.Random) -> list[str]:
    """Texts of a key's characters: any, and such as are nearly keys."""
    texts = ["A" + "0" * 26, "A" + "0" * 25 + "1", "z" * 27, "a0", "Zz", "a00", "zz", "h1"]
    for _ in range(4_000):
        texts.append("".join(chance.choices(DIGITS, k=chance.randint(1, 6))))
        head = chance.choice(DIGITS[10:])
        integer = ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2
        length = max(1, integer + chance.randint(-2, 4))
        texts.append(head + "".join(chance.choices(chance.choice(("0z", "0", "z", DIGITS)), k=length - 1)))
    return texts


def test_what_is_a_key_to_the_library_is_one_to_the_api(chance: random.Random) -> None:
    # Given thousands of texts, when the library is asked for a key behind each
    texts = some_texts(chance)
    taken = [key is not None for key in between([(text, None) for text in texts])]

    # Then it refuses those that the API refuses, and no other
    differing = {text: took for text, took in zip(texts, taken, strict=True) if took != positions.is_valid(text)}
    assert differing == {}
    assert sum(taken) > 1_000
    assert len(taken) - sum(taken) > 1_000


@pytest.mark.parametrize("start", [[], [positions.at(1_795_166_000_000), positions.at(1_795_166_000_001)]])
def test_the_api_takes_what_the_library_makes(chance: random.Random, start: list[str]) -> None:
    # Given a list into which tasks are put anywhere, at its ends and time and again at one place
    places = [chance.random() for _ in range(2_000)] + [0] * 300 + [0.999999] * 300
    keys: list[str] = node(INSERTIONS, [start, places])

    # When the API reads the keys, then each is one, and they are in order
    assert [key for key in keys if not positions.is_valid(key)] == []
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) == len(places) + len(start)


def test_the_library_takes_what_the_api_makes(chance: random.Random) -> None:
    # Given the default positions of two instants
    instants = sorted({chance.randrange(clock.milliseconds("2126-01-01T00:00:00.000Z")) for _ in range(1_000)})
    own = [positions.at(ms) for ms in (*instants, instants[-1] + 1)]
    pairs = [*itertools.pairwise(own), *((None, key) for key in own), *((key, None) for key in own)]

    # When the library is asked for a key between them, before or behind them
    made = between(pairs)

    # Then it is there, and the API takes it
    for (before, after), key in zip(pairs, made, strict=True):
        assert key is not None
        assert positions.is_valid(key)
        assert (before or "") < key
        assert after is None or key < after


def test_the_api_makes_what_the_library_makes(chance: random.Random) -> None:
    """So that nobody can tell a task that the API moved from one that a client put there."""
    # Given keys of all kinds, and pairs of them, neighbours among them
    keys = sorted({text for text in some_texts(chance) if positions.is_valid(text)})
    pairs: list[tuple[str | None, str | None]] = [*itertools.pairwise(keys)]
    pairs += [(low, high) for low, high in (sorted(chance.sample(keys, 2)) for _ in range(4_000))]
    pairs += [(None, None), *((None, key) for key in keys), *((key, None) for key in keys)]

    # When both are asked for the key between the two
    differing = [
        (low, high)
        for (low, high), key in zip(pairs, between(pairs), strict=True)
        if positions.between(low, high) != key
    ]

    # Then they give the same, but where the library makes a key that it refuses itself
    assert differing == [(None, "A" + "0" * 25 + "1")]


@pytest.fixture
def chance() -> random.Random:
    return random.Random(7)
