"""``make load``: a realistic mix of requests for a bounded time, and what became of latency, errors and memory.

Each operation runs in processes of its own under awslambdaric, as on Lambda, and DynamoDB is the stand-in of the
benchmark, in the clear: what is loaded is our side. ``make load LEAK=1`` instead sends 100,000 requests to one warm
process and fails when its memory keeps growing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.errors import run_command
from tests.benchmarks.lambda_runtime import packages
from tests.benchmarks.lambda_runtime.contestants import Contestant, functions_of
from tests.benchmarks.lambda_runtime.measurement import environment_of
from tests.benchmarks.lambda_runtime.packages import Python
from tests.benchmarks.lambda_runtime.runtime_api import FunctionFailed, FunctionProcess, function_process
from tests.benchmarks.lambda_runtime.stand_in import running

MIX: Final = {
    "list_tasks": 60,
    "get_task": 15,
    "create_task": 10,
    "toggle_task": 5,
    "update_task": 5,
    "delete_task": 5,
}
"""Operation to its share of the requests, in percent."""
SEED: Final = 20_261_120
LEAK_REQUESTS: Final = 100_000
LEAK_WARM_UP: Final = 5_000
"""Requests after which a process has all that it needs: caches, specialised code, memory pools."""
LEAK_MEGABYTES: Final = 1.0
"""Growth over the requests after that which counts as none: a leak of 12 bytes a request would show."""


@dataclass
class Tally:
    """What came of the requests; guarded by its lock.

    Attributes:
        milliseconds: Of every request that was answered as it must be, by operation.
        errors: Others, by operation.
    """

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MIX})
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def served(self) -> int:
        """All requests so far."""
        return sum(map(len, self.milliseconds.values())) + self.errors.total()


@dataclass(frozen=True)
class Instance:
    """One process of one function; like an instance on Lambda it serves one request at a time."""

    contestant: Contestant
    process: FunctionProcess
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, tally: Tally) -> None:
        """Have one request served, and count it."""
        name = self.contestant.name
        with self.lock:
            began = time.perf_counter()
            try:
                self.contestant.check(self.process.serve(self.contestant.event).response)
            except (FunctionFailed, ValueError) as error:
                with tally.lock:
                    tally.errors[name] += 1
                _say(f"error: {str(error)[:200]}")
                return
            took = (time.perf_counter() - began) * 1000
        with tally.lock:
            tally.milliseconds[name].append(took)


@contextlib.contextmanager
def _instances(names: Sequence[str], built: Path, python: Python) -> Iterator[list[Instance]]:
    """A warm instance of each function."""
    contestants = {each.name: each for each in functions_of(built)}
    with contextlib.ExitStack() as stack:
        endpoint = stack.enter_context(running())
        instances = []
        for name in names:
            contestant = contestants[name]
            log = stack.enter_context(Path(os.devnull).open("r+b"))
            environment = environment_of(contestant, endpoint, contestant.trust)
            command = [python.executable, "-m", "awslambdaric", contestant.handler]
            process = stack.enter_context(function_process(command, contestant.code, environment, log))
            instances.append(Instance(contestant, process))
        yield instances


def load(built: Path, python: Python, seconds: float, clients: int) -> int:
    """The mix; returns the exit status: 1 when a request was not answered as it must be."""
    with _instances(list(MIX), built, python) as instances:
        tally = Tally()
        for instance in instances:  # the first request of each is not the load's
            instance.serve(Tally())
        before = {each.contestant.name: each.process.resident_mb() for each in instances}
        deadline = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_client, args=(instances, tally, deadline, SEED + number), daemon=True)
            for number in range(clients)
        ]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        while time.monotonic() < deadline and any(thread.is_alive() for thread in threads):
            time.sleep(min(2.0, max(0.0, deadline - time.monotonic())))
            _say(f"{time.monotonic() - began:5.0f} s  {tally.served:>8,} requests  {tally.errors.total()} errors")
        for thread in threads:
            thread.join(timeout=30)
        took = time.monotonic() - began
        _report(tally, took)
        for each in instances:
            name = each.contestant.name
            after = each.process.resident_mb()
            _say(f"memory of {name:14}{before[name]:>7.1f} MB, then {after:>6.1f} MB ({after - before[name]:+.1f})")
    return 1 if tally.errors else 0


def _client(instances: Sequence[Instance], tally: Tally, deadline: float, seed: int) -> None:
    chance = random.Random(seed)
    weights = [MIX[each.contestant.name] for each in instances]
    while time.monotonic() < deadline:
        [instance] = chance.choices(instances, weights)
        instance.serve(tally)


def _report(tally: Tally, seconds: float) -> None:
    _say(f"\n{tally.served / seconds:,.0f} requests a second, {tally.errors.total()} errors, in {seconds:.0f} s")
    _say(f"{'ms':14}{'requests':>10}{'p50':>9}{'p95':>9}{'p99':>9}{'errors':>8}")
    rows = {**tally.milliseconds, "all": [each for times in tally.milliseconds.values() for each in times]}
    for name, times in rows.items():
        figures = "".join(f"{percentile(times, share):>9.2f}" for share in (0.5, 0.95, 0.99))
        errors = tally.errors.total() if name == "all" else tally.errors[name]
        _say(f"{name:14}{len(times):>10,}{figures}{errors:>8}")


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least so large a share of the values does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def leak(built: Path, python: Python, requests: int) -> int:
    """Requests to one warm process; returns the exit status: 1 when its memory grew."""
    with _instances(["list_tasks"], built, python) as [instance]:
        tally = Tally()
        for _ in range(min(LEAK_WARM_UP, requests // 4)):
            instance.serve(tally)
        started = instance.process.resident_mb()
        _say(f"{tally.served:>8,} requests  {started:.2f} MB")
        step = max(1, requests // 10)
        while tally.served < requests and not tally.errors:
            for _ in range(min(step, requests - tally.served)):
                instance.serve(tally)
            _say(f"{tally.served:>8,} requests  {instance.process.resident_mb():.2f} MB")
        growth = instance.process.resident_mb() - started
    _say(f"grown by {growth:.2f} MB ({LEAK_MEGABYTES:.0f} MB allowed), {tally.errors.total()} errors")
    return 1 if growth > LEAK_MEGABYTES or tally.errors else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command's output


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--built", type=Path, required=True, help="what sam build made for this machine's processor")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=4, help="requests at once")
    parser.add_argument("--leak", type=int, nargs="?", const=LEAK_REQUESTS, help="so many requests to one process")
    options = parser.parse_args(arguments)

    def command() -> int:
        python = packages.find_python()
        packages.install_all(python, only=("runtime",))
        built = options.built.absolute()
        if options.leak:
            return leak(built, python, options.leak)
        return load(built, python, options.seconds, options.clients)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
