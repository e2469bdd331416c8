"""A pytest plugin: notes how long each test takes, or runs the tests that are named in a file, in its order."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

DURATIONS, SELECTED = "MUTANTS_DURATIONS", "MUTANTS_SELECTED"
"""Environment variables: the file to write the seconds of every test that passed to; the file with tests' ids."""

_seconds: dict[str, float] = {}
_failed: set[str] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if SELECTED in os.environ:
        place = {name: at for at, name in enumerate(json.loads(Path(os.environ[SELECTED]).read_text()))}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in place])
        items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration
    if not report.passed:
        _failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if DURATIONS in os.environ and not hasattr(session.config, "workerinput"):
        passed = {name: seconds for name, seconds in _seconds.items() if name not in _failed}
        Path(os.environ[DURATIONS]).write_text(json.dumps(passed))
