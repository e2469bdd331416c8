"""One running API for the whole suite: each test has users of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.document import Document, load
from tests.conformance.running_api import RunningApi, running_api


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the property ``summary`` of each test that has one: what it did, whether it passed or not."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "summary" and report.when == "call":
                    terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """The API on a port of its own."""
    with running_api(tmp_path_factory.mktemp("api") / "stderr.log") as running:
        yield running


@pytest.fixture(scope="session")
def document() -> Document:
    """docs/openapi.yaml."""
    return load()
