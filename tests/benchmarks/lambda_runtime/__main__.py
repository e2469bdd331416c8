"""``make bench``: measure, print the table, write build/bench.json and docs/performance.svg; 1 when a limit is missed.

Where Valgrind is installed, instructions are counted, too, for figures that are the same in every run. They are shown
beside the others, and not judged: an instruction may take a cycle or a hundred.

With fewer runs than the method asks for (``RUNS=3``) the ratios are shown and not judged, and the document's plot is
left as it is: such a run shows that everything works.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from local.errors import run_command
from local.paths import BUILD, ROOT
from tests.benchmarks.lambda_runtime import packages
from tests.benchmarks.lambda_runtime.bar_chart import performance_chart
from tests.benchmarks.lambda_runtime.contestants import Contestant, functions_of, peers
from tests.benchmarks.lambda_runtime.instructions import Instructions, count_all, find_valgrind
from tests.benchmarks.lambda_runtime.measurement import Measurement, environment_of, measure
from tests.benchmarks.lambda_runtime.packages import Python
from tests.benchmarks.lambda_runtime.postgres import database, find_postgres
from tests.benchmarks.lambda_runtime.ratios import Ratio, Results, ratios
from tests.benchmarks.lambda_runtime.stand_in import running
from tests.support.certificates import Certificates, make_certificates
from tools.layer_build.report import Artifact, digest
from tools.layer_build.report import measure as measure_artifact

JUDGED_RUNS: Final = 9
"""From so many interleaved runs on, the minima are steady enough to hold to limits."""
RESULT: Final = BUILD / "bench.json"
CHART: Final = ROOT / "docs" / "performance.svg"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--built", type=Path, required=True, help="what sam build made for this machine's processor")
    parser.add_argument("--runs", type=int, default=JUDGED_RUNS)
    parser.add_argument("--only", action="append", default=[], help="contestants whose names begin so; judges nothing")
    options = parser.parse_args(arguments)
    return run_command(lambda: _bench(options.built.absolute(), options.runs, options.only))


def _bench(built: Path, runs: int, only: Sequence[str]) -> int:
    python = packages.find_python()
    _say(f"Python {python.version}; installing the peers' packages where they are missing ...")
    packages.install_all(python)
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        certificates = make_certificates(scratch)
        endpoint = stack.enter_context(running(certificates))
        programs = find_postgres()
        url = stack.enter_context(database(programs, python)) if programs else None
        contestants = [*functions_of(built), *peers(url)]
        if only:
            contestants = [each for each in contestants if each.name.startswith(tuple(only))]
        environments = {
            each.name: environment_of(each, endpoint, _trust(each, certificates, scratch)) for each in contestants
        }
        measured = _measure_all(contestants, environments, python, runs)
        valgrind = find_valgrind()
        if valgrind is not None:
            _say("counting instructions, some minutes ...")
        counted = count_all(valgrind, contestants, python, environments) if valgrind is not None else {}
    _print_table(measured)
    _print_instructions(counted)
    if url is None:
        _say("\n*** PostgreSQL is not installed: FastAPI + SQLModel was LEFT OUT (apt-get install postgresql). ***")
    if valgrind is None:
        _say("\n*** Valgrind is not installed: instructions were NOT COUNTED (apt-get install valgrind). ***")
    if only:
        return 0
    judged, also = ratios(measured), _ratios_by_instructions(counted, measured)
    artifacts = [measure_artifact(built / name) for name in ("DependenciesLayer", "TaskApiLayer")]
    _write_result(measured, judged, counted, also, artifacts, built, python, runs)
    return _judge(judged, also, measured, runs)


def _measure_all(
    contestants: Sequence[Contestant], environments: dict[str, dict[str, str]], python: Python, runs: int
) -> Results:
    """All contestants in turn, run after run, each run beginning with another: what drifts, drifts for all."""
    measured: dict[str, list[Measurement]] = {each.name: [] for each in contestants}
    for run in range(runs):
        first = run * len(contestants) // runs
        for contestant in [*contestants[first:], *contestants[:first]]:
            measured[contestant.name].append(measure(contestant, python, environments[contestant.name]))
        _say(f"run {run + 1} of {runs}")
    return {name: Measurement.least(each) for name, each in measured.items()}


def _trust(contestant: Contestant, certificates: Certificates, scratch: Path) -> Path:
    """The roots that a contestant ships with and the stand-in's."""
    path = scratch / f"trust-{contestant.name.replace(' ', '-')}.pem"
    path.write_bytes(contestant.trust.read_bytes() + b"\n" + certificates.authority.read_bytes())
    return path


def _print_table(measured: Results) -> None:
    _say(f"\n{'':34}{'initialisation':>20}{'first request':>18}{'warm request':>18}{'memory, MB':>16}")
    columns = "".join(f"{title:>{width}}" for width in (10, 9, 9) for title in ("CPU", "wall"))
    _say(f"{'(ms; the least of all runs)':34}{columns}{'init':>8}{'warm':>8}")
    for name, each in measured.items():
        _say(
            f"{name:34}{each.init_cpu:>10.1f}{each.init_wall:>10.1f}{each.first_cpu:>9.2f}{each.first_wall:>9.2f}"
            f"{each.warm_cpu:>9.3f}{each.warm_wall:>9.3f}{each.init_resident:>8.1f}{each.warm_resident:>8.1f}"
        )


def _print_instructions(counted: Mapping[str, Instructions]) -> None:
    if counted:
        _say(f"\n{'(millions of instructions)':34}{'initialisation':>20}{'first request':>18}{'warm request':>18}")
    for name, each in counted.items():
        _say(f"{name:34}{each.init:>20.1f}{each.first:>18.2f}{each.warm:>18.3f}")


def _ratios_by_instructions(counted: Mapping[str, Instructions], measured: Results) -> dict[str, float]:
    """The same ratios with instructions in the place of CPU time; none of memory."""
    if not counted:
        return {}
    in_place = {
        name: replace(measured[name], init_cpu=each.init, first_cpu=each.first, warm_cpu=each.warm)
        for name, each in counted.items()
    }
    return {
        each.name: each.value for each in ratios(in_place) if each.value is not None and not each.name.startswith("rss")
    }


def _write_result(
    measured: Results,
    judged: Sequence[Ratio],
    counted: Mapping[str, Instructions],
    also: Mapping[str, float],
    artifacts: Sequence[Artifact],
    built: Path,
    python: Python,
    runs: int,
) -> None:
    result: dict[str, Any] = {
        "runs": runs,
        "python": python.version,
        "machine": f"{platform.machine()} {platform.release()}",
        "built": {each.name: digest(built / each.name) for each in artifacts},
        "layers": {each.name: {"unpacked": each.unpacked, "zip": each.packed} for each in artifacts},
        "ratios": {each.name: each.value for each in judged},
        "limits": {each.name: each.limit for each in judged},
        "ratios_by_instructions": also,
        "results": {name: asdict(each) for name, each in measured.items()},
        "millions_of_instructions": {name: each._asdict() for name, each in counted.items()},
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for each in artifacts:
        sizes = f"{each.unpacked / 1e6:.1f} MB unpacked, {each.packed / 1e6:.1f} MB zipped"
        _say(f"{each.name}: {sizes}, {each.compiled} modules compiled")


def _judge(judged: Sequence[Ratio], also: Mapping[str, float], measured: Results, runs: int) -> int:
    """Print the ratios; the exit status."""
    _say(f"\n{'ratio':28}{'measured':>10}{'limit':>8}{'in instructions':>18}")
    for each in judged:
        value = "-" if each.value is None else f"{each.value:.3f}"
        counted = f"{also[each.name]:.3f}" if each.name in also else "-"
        mark = "  OVER THE LIMIT" if each.is_over else ""
        _say(f"{each.name:28}{value:>10}{each.limit:>8.2f}{counted:>18}{mark}   {each.meaning}")
    _say(f"\nwritten: {RESULT.relative_to(ROOT)}")
    if runs < JUDGED_RUNS:
        _say(f"{runs} runs are too few to judge; {JUDGED_RUNS} are enough.")
        return 0
    CHART.write_text(performance_chart(measured), encoding="utf-8")
    _say(f"written: {CHART.relative_to(ROOT)}")
    return 1 if any(each.is_over for each in judged) else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command's output


if __name__ == "__main__":
    sys.exit(main())
