"""Which tests run which line of the layer, measured once for a state of the files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from coverage import CoverageData

from tests.mutants import timing

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build" / "mutants"
LAYER: Final = Path("layers", "taskapi", "taskapi")
_MOST_SECONDS: Final = 30.0
"""Of each suite's tests that one mutant is shown to, as long as they take unchanged."""
PYTHON: Final = str(ROOT / ".venv/bin/python")
_MEASURED: Final = (
    *(PYTHON, "-m", "pytest", "-q", "-p", "tests.mutants.timing", "-p", "no:cacheprovider", "--hypothesis-seed=0"),
    *("-m", "not slow and not dynamodb_local and not browser and not built and not docker and not node and not smoke"),
    *("--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0", "--numprocesses=auto", "--dist=loadfile"),
)


def copy_of_the_tree(name: str) -> Path:
    """A copy of all files but the ignored ones, under ``build/mutants``."""
    tree = BUILD / name
    shutil.rmtree(tree, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for file in map(Path, os.fsdecode(listed.stdout).split("\0")):
        if (ROOT / file).is_file():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, tree / file)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    return tree


class CoverageMap:
    """Tests by the lines that they run."""

    def __init__(self, tree: Path, suites: Sequence[str]) -> None:
        """Read what is known of these files, or run the tests.

        Args:
            tree: A copy of them to run the tests in.
            suites: Folders of tests, those to ask first at the beginning.
        """
        self._suites = suites
        data, seconds = BUILD / "coverage", BUILD / "seconds.json"
        state = BUILD / "state"
        if not state.exists() or state.read_text() != _state(tree, suites):
            print("Measuring which test runs which line", flush=True)
            state.unlink(missing_ok=True)
            environment = os.environ | {
                timing.FILE: str(seconds),
                "COVERAGE_FILE": str(data),
                "COVERAGE_CORE": "ctrace",
            }
            subprocess.run([*_MEASURED, *suites], cwd=tree, env=environment, check=False)
            state.write_text(_state(tree, suites))
        self._seconds: dict[str, float] = json.loads(seconds.read_text())
        measured = CoverageData(str(data))
        measured.read()
        self._tests: dict[Path, dict[int, set[str]]] = {}
        self._text: dict[Path, list[str]] = {}
        for file in sorted((tree / LAYER).rglob("*.py")):
            contexts = measured.contexts_by_lineno(str(file))
            path = file.relative_to(tree)
            self._tests[path] = {line: self._passing(found) for line, found in contexts.items()}
            self._text[path] = file.read_text().splitlines()

    def _passing(self, contexts: Iterable[str]) -> set[str]:
        return {name for context in contexts if (name := context.rpartition("|")[0]) in self._seconds}

    def tests(self, path: Path, lines: Iterable[int], names: Iterable[str]) -> list[str]:
        """The tests to show a mutant to, the likely and quick ones first.

        Args:
            path: The module.
            lines: Where it is changed. What runs at import has no tests of its own.
            names: What the change binds; the tests are those of the lines that use it, in all modules.
        """
        found = set().union(*(self._tests[path].get(line, set()) for line in lines))
        if not found and names:
            word = re.compile(rf"\b({'|'.join(names)})\b")
            for other, text in self._text.items():
                for number, line in enumerate(text, 1):
                    if word.search(line):
                        found |= self._tests[other].get(number, set())
        if not found:
            found = set().union(*self._tests[path].values())
        # Its own tests too, and those of initialisation: what they run in processes of their own is not measured.
        own = f"/test_{path.stem}.py"
        found |= {name for name in self._seconds if f"{own}::" in name or "/test_initialisation.py::" in name}
        return self._in_order(found, own)

    def _in_order(self, found: set[str], own: str) -> list[str]:
        files: dict[str, list[str]] = {}
        for name in sorted(found, key=lambda name: self._seconds[name]):
            files.setdefault(name.partition("::")[0], []).append(name)

        def rank(file: str) -> tuple[int, bool, float]:
            suite = next(at for at, suite in enumerate(self._suites) if file.startswith(suite))
            return suite, not file.endswith(own), self.seconds(files[file])

        chosen, spent = [], [0.0] * len(self._suites)
        for file in sorted(files, key=rank):
            suite = rank(file)[0]
            for name in files[file]:
                spent[suite] += self._seconds[name]
                if spent[suite] <= _MOST_SECONDS:
                    chosen.append(name)
        return chosen

    def seconds(self, tests: Iterable[str]) -> float:
        """How long tests take on the unchanged code."""
        return sum(self._seconds[name] for name in tests)


def _state(tree: Path, suites: Sequence[str]) -> str:
    files = sorted(file for part in ("layers", "functions", "local", "tests") for file in (tree / part).rglob("*.py"))
    return hashlib.sha256(b"".join([*map(str.encode, suites), *(file.read_bytes() for file in files)])).hexdigest()
