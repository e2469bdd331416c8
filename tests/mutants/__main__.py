"""Changes the layer in one place at a time and tells which changes no test notices. See ``make mutants``.

Which places, and how they are changed, follows from a seed. A mutant runs in a copy of the files, against the tests
that run the changed line, until the first of them fails.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import queue
import random
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.mutants.coverage_map import LAYER, PYTHON, ROOT, CoverageMap, copy_of_the_tree
from tests.mutants.mutations import Mutant, sites

SUITES: Final = ("tests/unit", "tests/connection", "tests/security", "tests/contract", "tests/e2e")
EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")


class Tree:
    """A copy of the files, with a process that runs tests in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writes = itertools.count(1)
        self._server = subprocess.Popen(
            [PYTHON, "-m", "tests.mutants.server"],
            cwd=self._path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def write(self, path: Path, text: str) -> None:
        """Change a file; its time tells Python that what it has compiled is of another."""
        (self._path / path).write_text(text)
        moment = next(self._writes)
        os.utime(self._path / path, (moment, moment))

    def pass_all(self, tests: Sequence[str], seconds: float) -> bool:
        """Whether tests pass, all of them in so many seconds."""
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps({"tests": tests, "seconds": seconds}), file=self._server.stdin, flush=True)
        return bool(json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._server.communicate()


class Trial:
    """Shows mutants to tests, each in a tree that is free."""

    def __init__(self, trees: Sequence[Tree], covered: CoverageMap) -> None:
        self._covered = covered
        self._free: queue.SimpleQueue[Tree] = queue.SimpleQueue()
        for tree in trees:
            self._free.put(tree)

    def survives(self, mutant: Mutant) -> bool:
        """Whether no test fails."""
        site = mutant.site
        tests = self._covered.tests(site.path, site.lines, site.names)
        suites = [list(part) for _, part in itertools.groupby(tests, lambda name: name.split("/")[1])]
        tree = self._free.get()
        try:
            tree.write(site.path, mutant.after)
            return all(tree.pass_all(part, 20 + 5 * self._covered.seconds(part)) for part in suites)
        finally:
            tree.write(site.path, mutant.before)
            self._free.put(tree)


def main() -> int:
    """The command; exit status 1 when too few were noticed."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sample", type=int, required=True)
    parser.add_argument("--least", type=float, default=97.0, help="per cent that must be noticed")
    parser.add_argument("--modules", nargs="+", default=["*.py"], help="of the layer, as patterns: http/*.py")
    parser.add_argument("--suites", nargs="+", default=SUITES, help="folders of tests, in the order to ask them in")
    arguments = parser.parse_args()

    everywhere = [site for file in sorted((ROOT / LAYER).rglob("*.py")) for site in sites(file.relative_to(ROOT))]
    explained = {tuple(entry[key] for key in ("module", "scope", "before", "after")) for entry in _explained()}
    known = {
        _key(site.mutant(variant))
        for site in everywhere
        if any(key[:2] == (_module(site.path), site.scope) for key in explained)
        for variant in range(len(site.variants))
    }
    if stale := explained - known:
        print("No longer a mutant, so take them out of", EQUIVALENT, *map(str, stale), sep="\n  ")
        return 2

    paths = [copy_of_the_tree(f"tree-{number}") for number in range(os.cpu_count() or 1)]
    covered = CoverageMap(paths[0], arguments.suites)
    trees = [Tree(path) for path in paths]
    trial = Trial(trees, covered)
    here = [site for site in everywhere if any(site.path.match(one) for one in arguments.modules)]
    choice = random.Random(arguments.seed)
    sample = [
        site.mutant(choice.randrange(len(site.variants)))
        for site in choice.sample(here, min(arguments.sample, len(here)))
    ]
    control = sample[0]._replace(after=sample[0].before)
    if not trial.survives(control):
        print("Tests fail on the unchanged code")
        return 2

    judged = [mutant for mutant in sample if _key(mutant) not in explained]
    survivors: Counter[str] = Counter()
    with ThreadPoolExecutor(len(trees)) as pool:
        for mutant, survives in zip(judged, pool.map(trial.survives, judged), strict=True):
            if survives:
                module, scope, before, after = _key(mutant)
                survivors[module] += 1
                print(f"{module}:{mutant.site.line} {scope}\n  - {before}\n  + {after}", flush=True)
    for tree in trees:
        tree.close()
    score = 100 * (1 - survivors.total() / len(judged))
    print(
        f"Seed {arguments.seed}: of {len(sample)} mutants {len(sample) - len(judged)} are explained in "
        f"{EQUIVALENT.name}; of the other {len(judged)} tests notice {score:.1f} %. Survivors: "
        f"{dict(survivors.most_common())}"
    )
    return int(score < arguments.least)


def _explained() -> list[dict[str, str]]:
    entries: list[dict[str, str]] = tomllib.loads(EQUIVALENT.read_text()).get("mutant", [])
    return entries


def _module(path: Path) -> str:
    return path.relative_to(LAYER).as_posix()


def _key(mutant: Mutant) -> tuple[str, ...]:
    return _module(mutant.site.path), mutant.site.scope, *mutant.change


if __name__ == "__main__":
    sys.exit(main())
