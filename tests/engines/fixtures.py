"""What the suites on engines share: the engines of this run, and which tests are left out on one.

They import it in their conftest.py, where pytest looks for fixtures and hooks.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.engine import Capability, Engine
from tests.engines.running import DYNAMODB_LOCAL, EngineRequired, start, wanted_engines

try:
    _ENGINES, _LEFT_OUT = wanted_engines()
except EngineRequired as error:
    raise pytest.UsageError(str(error)) from error


_MARKS = {DYNAMODB_LOCAL: pytest.mark.dynamodb_local}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requires(capability): an engine that lacks it is left out, for its reason")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _LEFT_OUT is not None:
        terminalreporter.write_line(_LEFT_OUT)


@pytest.fixture(
    scope="package", name="engine", params=[pytest.param(name, marks=_MARKS.get(name, ())) for name in _ENGINES]
)
def each_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine of this run."""
    with start(request.param) as engine:
        yield engine


@pytest.fixture(autouse=True)
def leave_out_what_the_engine_lacks(request: pytest.FixtureRequest) -> None:
    for mark in request.node.iter_markers("requires"):
        capability: Capability = mark.args[0]
        engine: Engine = request.getfixturevalue("engine")
        if capability in engine.lacks:
            pytest.skip(f"{engine.name} lacks {capability.name}: {engine.lacks[capability]}")
