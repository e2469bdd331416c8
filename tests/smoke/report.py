"""The table of a run."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from tests.smoke.expectations import Mismatch
from tests.smoke.run import OutOfTime
from tests.smoke.target import TARGET, Target

RESULT_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended.

    Attributes:
        name: What was checked.
        expectation: What the contract says.
        outcome: ``passed``, ``failed`` or ``skipped``.
        told: The last column.
    """

    name: str
    expectation: str
    outcome: str
    told: str


@dataclass(eq=False)
class Report:
    """A plugin of pytest that takes the place of its terminal's.

    Attributes:
        target: What is checked.
        only: Names of the checks to make after the first, where it is not all.
        results: Those so far.
        complaints: What else went wrong, in a line each.
    """

    target: Target
    only: Collection[str] = ()
    results: list[Result] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[TARGET] = self.target

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.only:
            items[1:] = [item for item in items[1:] if _name(item) in self.only]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.complaints.append(str(report.longrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        error = None if call.excinfo is None else call.excinfo.value
        if report.when == "teardown":
            self.complaints += [] if report.passed else [str(error)]
        elif report.when == "call" or not report.passed:
            told = {"passed": f"ok, {report.duration * 1000:.0f} ms", "skipped": f"skipped: {error}"}
            doc = str(getattr(item, "obj").__doc__)  # noqa: B009  # pytest's types know it of functions alone
            self.results.append(
                Result(_name(item), doc, report.outcome, told.get(report.outcome) or f"FAILED: {_failure(error)}")
            )
            if report.failed and item is item.session.items[0]:
                item.session.shouldfail = "without a good token nothing else can be told"
                self.complaints.append("Without a good token nothing else can be told.")
        return report


def _name(item: pytest.Item) -> str:
    return item.name.removeprefix("test_").replace("_", " ")


def _failure(error: BaseException | None) -> str:
    if isinstance(error, (Mismatch, OutOfTime)):
        return str(error)
    if isinstance(error, httpx.HTTPError):
        return f"{type(error).__name__}: {error}"
    return f"an answer of another form ({type(error).__name__}: {error})"  # over which the check itself stumbled


def table(results: Sequence[Result]) -> str:
    """Check, expectation and result, a row for each check; long results go on below."""
    heads = ("check", "expectation", "result")
    rows = [(result.name, result.expectation, result.told) for result in results]
    first, second = (max(len(row[column]) for row in [heads, *rows]) for column in (0, 1))
    lines = []
    for name, expectation, told in [heads, ("-" * first, "-" * second, "-" * len(heads[2])), *rows]:
        head, *rest = textwrap.wrap(told, RESULT_WIDTH, break_on_hyphens=False)
        lines.append(f"{name:<{first}}  {expectation:<{second}}  {head}")
        lines += [" " * (first + second + 4) + line for line in rest]
    return "\n".join(lines)


def summary(results: Sequence[Result], seconds: float) -> str:
    """One line."""
    counts = [f"{sum(each.outcome == name for each in results)} {name}" for name in ("passed", "failed", "skipped")]
    return f"{', '.join(counts)} in {seconds:.1f} s"
