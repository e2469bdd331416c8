"""The table of a run."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tools.smoke.run import Check

RESULT_WIDTH: Final = 60


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended.

    Attributes:
        failure: What was wrong, None when it held.
        skipped: Why it was not made, None when it was.
        milliseconds: That it took.
    """

    check: Check
    failure: str | None = None
    skipped: str | None = None
    milliseconds: float = 0

    @property
    def told(self) -> str:
        """The last column."""
        if self.skipped is not None:
            return f"skipped: {self.skipped}"
        return f"ok, {self.milliseconds:.0f} ms" if self.failure is None else f"FAILED: {self.failure}"


def table(results: Sequence[Result]) -> str:
    """Check, expectation and result, a row for each check; long results go on below."""
    heads = ("check", "expectation", "result")
    rows = [(result.check.name, result.check.expectation, result.told) for result in results]
    first, second = (max(len(row[column]) for row in [heads, *rows]) for column in (0, 1))
    lines = [
        f"{heads[0]:<{first}}  {heads[1]:<{second}}  {heads[2]}",
        f"{'-' * first}  {'-' * second}  {'-' * len(heads[2])}",
    ]
    for name, expectation, told in rows:
        head, *rest = textwrap.wrap(told, RESULT_WIDTH, break_on_hyphens=False) or [""]
        lines.append(f"{name:<{first}}  {expectation:<{second}}  {head}")
        lines += [" " * (first + second + 4) + line for line in rest]
    return "\n".join(lines)


def summary(results: Sequence[Result], seconds: float) -> str:
    """One line."""
    failed = sum(result.failure is not None for result in results)
    skipped = sum(result.skipped is not None for result in results)
    return f"{len(results) - failed - skipped} passed, {failed} failed, {skipped} skipped in {seconds:.1f} s"
