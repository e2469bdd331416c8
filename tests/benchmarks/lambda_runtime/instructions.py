"""Counts the instructions that a contestant's process executes, which no load on the machine changes.

By Valgrind's cachegrind, where that is installed (``apt-get install valgrind``): it runs a process at a fiftieth of its
speed, and counts every instruction of user space. It tells the count only when a process ends, so a contestant is
started three times: to serve nothing, one request, and some more, of which the differences are the figures.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks.lambda_runtime.contestants import Contestant
from tests.benchmarks.lambda_runtime.packages import Python
from tests.benchmarks.lambda_runtime.runtime_api import FunctionFailed, function_process

_LATER_REQUESTS: Final = 25
_COUNT: Final = re.compile(r"I +refs: +([\d,]+)")


class Instructions(NamedTuple):
    """What was counted, in millions.

    Attributes:
        init: From the process's beginning until it asked for its first event, and its end.
        first: Of the first request, the TLS handshake included.
        warm: Of a later request, on average.
    """

    init: float
    first: float
    warm: float


def find_valgrind() -> str | None:
    """Its path; None when it is not installed."""
    return shutil.which("valgrind")


def count_all(
    valgrind: str, contestants: Sequence[Contestant], python: Python, environments: Mapping[str, Mapping[str, str]]
) -> dict[str, Instructions]:
    """Count for each contestant, as many at a time as there are cores.

    Raises:
        FunctionFailed: one does not start or does not answer.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = pool.map(lambda each: _count(valgrind, each, python, environments[each.name]), contestants)
        return dict(zip([each.name for each in contestants], counted, strict=True))


def _count(valgrind: str, contestant: Contestant, python: Python, environment: Mapping[str, str]) -> Instructions:
    start, first, later = (
        _instructions(valgrind, contestant, python, environment, requests) for requests in (0, 1, 1 + _LATER_REQUESTS)
    )
    return Instructions(start / 1e6, (first - start) / 1e6, (later - first) / 1e6 / _LATER_REQUESTS)


def _instructions(
    valgrind: str, contestant: Contestant, python: Python, environment: Mapping[str, str], requests: int
) -> int:
    """Of a process that serves so many requests and is then told to end."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, tempfile.TemporaryFile() as log:
        report = Path(scratch) / "report"
        command = [
            *(valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"),
            *(f"--log-file={report}", python.executable, "-m", "awslambdaric", contestant.handler),
        ]
        # The order of sets, of strings by their hash, would be another in each process.
        hashed_alike = {**environment, "PYTHONHASHSEED": "0"}
        with function_process(command, contestant.code, hashed_alike, log) as process:
            for _ in range(requests):
                contestant.check(process.serve(contestant.event).response)
        found = _COUNT.search(report.read_text(encoding="utf-8"))
        if found is None:
            raise FunctionFailed(f"Valgrind counted nothing of {contestant.name}: {report.read_text(encoding='utf-8')}")
        return int(found[1].replace(",", ""))
