"""A pytest plugin: notes how long each test that passes takes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

FILE = "MUTANTS_SECONDS"
"""The environment variable that says where to write it, as an object of seconds by test."""

_seconds: dict[str, float] = {}
_failed: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration
    if report.failed or report.skipped:
        _failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if FILE in os.environ and not hasattr(session.config, "workerinput"):
        passed = {name: seconds for name, seconds in _seconds.items() if name not in _failed}
        Path(os.environ[FILE]).write_text(json.dumps(passed))
