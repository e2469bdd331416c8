"""Changes the layer in one place at a time and tells which changes no test notices. See ``make mutants``.

Which places, and how they are changed, follows from a seed. A mutant runs in a copy of the files, against the tests
that run the changed line, until the first of them fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.mutants import selection
from tests.mutants.coverage_map import BUILD, LAYER, PYTEST, ROOT, CoverageMap, copy_of_the_tree
from tests.mutants.mutations import Mutant, sites

EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")


class Trial:
    """Shows mutants to tests, each in a copy of the files that is free."""

    def __init__(self, trees: Sequence[Path], covered: CoverageMap) -> None:
        self._covered = covered
        self._free: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for tree in trees:
            self._free.put(tree)

    def survives(self, mutant: Mutant) -> bool:
        """Whether no test fails."""
        site = mutant.site
        tests = self._covered.tests(site.path, site.lines, site.names)
        units = [name for name in tests if name.startswith("tests/unit/")]
        others = [name for name in tests if not name.startswith("tests/unit/")]
        tree = self._free.get()
        try:
            (tree / site.path).write_text(mutant.after)
            return all(self._pass(tree, part) for part in (units, others) if part)
        finally:
            (tree / site.path).write_text(mutant.before)
            self._free.put(tree)

    def _pass(self, tree: Path, tests: Sequence[str]) -> bool:
        chosen = tree.with_suffix(".json")
        chosen.write_text(json.dumps(tests))
        files = dict.fromkeys(name.partition("::")[0] for name in tests)
        with subprocess.Popen(
            [*PYTEST, "--exitfirst", "--no-header", "--tb=no", *files],
            cwd=tree,
            env=os.environ | {selection.SELECTED: str(chosen), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                status = process.wait(30 + 5 * self._covered.seconds(tests))
            except subprocess.TimeoutExpired:
                status = None
            with contextlib.suppress(ProcessLookupError):  # it, and the servers that it may have left
                os.killpg(process.pid, signal.SIGKILL)
        # 5: no tests, where a mutant changes what they are called.
        return status in (0, 5)


def main() -> int:
    """The command; exit status 1 when too few were noticed."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sample", type=int, required=True)
    parser.add_argument("--least", type=float, default=97.0, help="per cent that must be noticed")
    parser.add_argument("--modules", nargs="+", default=["*.py"], help="of the layer, as patterns: http/*.py")
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

    trees = [copy_of_the_tree(f"tree-{number}") for number in range(min(2, os.cpu_count() or 1))]
    trial = Trial(trees, CoverageMap(trees[0]))
    here = [site for site in everywhere if any(site.path.match(one) for one in arguments.modules)]
    choice = random.Random(arguments.seed)
    sample = [site.mutant(choice.randrange(len(site.variants))) for site in choice.sample(here, min(arguments.sample, len(here)))]
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
    score = 100 * (1 - survivors.total() / len(judged))
    print(
        f"Seed {arguments.seed}: of {len(sample)} mutants {len(sample) - len(judged)} are explained in {EQUIVALENT.name}; "
        f"of the other {len(judged)} tests notice {score:.1f} %. Survivors: {dict(survivors.most_common())}"
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
