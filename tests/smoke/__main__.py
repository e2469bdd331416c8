"""``make smoke BASE_URL=… TOKEN=…``: checks a deployment, prints a table, deletes what it made."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from local.errors import run_command
from tests.smoke.report import Report, summary, table
from tests.smoke.target import Target

# Nothing that is installed beside pytest has a part in this; what the repository's own tests are not allowed, it is.
OPTIONS = (
    *("--disable-plugin-autoload", "--override-ini=addopts=", "--import-mode=importlib", "--capture=no"),
    *("--assert=plain", f"--confcutdir={Path(__file__).parent}"),
    *(f"-pno:{plugin}" for plugin in ("terminal", "cacheprovider", "logging", "unraisableexception")),
)


def smoke(target: Target, only: Collection[str] = ()) -> int:
    """Make the checks and print what came of them.

    Args:
        target: What is checked.
        only: Names of checks to make after the first, where it is not all.

    Returns:
        The exit status: 0 when nothing failed and nothing was left behind.
    """
    started = time.monotonic()
    report = Report(target, only)
    status = pytest.main([*OPTIONS, str(Path(__file__).parent)], plugins=[report])
    print(table(report.results))
    print(summary(report.results, time.monotonic() - started))
    print(*report.complaints, sep="\n", end="\n" if report.complaints else "")
    return 130 if status == pytest.ExitCode.INTERRUPTED else int(status != pytest.ExitCode.OK)


if __name__ == "__main__":
    sys.exit(run_command(lambda: smoke(Target.from_environment(os.environ))))
