"""Fixtures of the fault suite: engines, a proxy before each, and instances of the functions behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engines.engine import Capability, Engine
from tests.engines.items import check_indexes, check_items
from tests.engines.running import EngineRequired, start, wanted_engines
from tests.faults.instance import READ_TIMEOUT, Instance, patient_client
from tests.faults.proxy import FaultProxy
from tests.faults.upstream import upstream_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

try:
    _ENGINES, _LEFT_OUT = wanted_engines()
except EngineRequired as error:
    raise pytest.UsageError(str(error)) from error


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requires(capability): an engine that lacks it is left out, for its reason")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _LEFT_OUT is not None:
        terminalreporter.write_line(_LEFT_OUT)


@pytest.fixture(scope="package", params=_ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine of this run."""
    with start(request.param) as engine:
        yield engine


@pytest.fixture(autouse=True)
def _capabilities(request: pytest.FixtureRequest) -> None:
    for mark in request.node.iter_markers("requires"):
        capability: Capability = mark.args[0]
        engine: Engine = request.getfixturevalue("engine")
        if capability in engine.lacks:
            pytest.skip(f"{engine.name} lacks {capability.name}: {engine.lacks[capability]}")


@pytest.fixture
def proxy(engine: Engine) -> Iterator[FaultProxy]:
    """A proxy before the engine that passes everything until told otherwise; it holds longer than clients wait."""
    with FaultProxy(upstream_of(engine), hold_seconds=READ_TIMEOUT * 2) as proxy:
        yield proxy


@pytest.fixture
def instance(proxy: FaultProxy) -> Instance:
    """An instance before which no fault costs time: its client waits for as long as an engine takes."""
    return Instance(patient_client(proxy.endpoint, connections=64, pauses=False))


@pytest.fixture(scope="package")
def direct_client(engine: Engine) -> Iterator[DynamoDBClient]:
    """A client past the faults, for looking at what is really there.

    With moto it is behind a proxy, too, which takes turns with that of the faults: a request that one of these has held
    back must not change the tables while moto looks through them.
    """
    if engine.endpoint is not None:
        yield engine.client()
        return
    with FaultProxy(upstream_of(engine)) as proxy:
        yield replace(engine, endpoint=proxy.endpoint).client()


@pytest.fixture
def check_partition(engine: Engine, direct_client: DynamoDBClient) -> Callable[[str], None]:
    """Checks a user's items and, where the engine has such, that the indexes hold exactly those that belong there."""

    def check(owner: str) -> None:
        items = check_items(direct_client, owner)
        if Capability.STORED_INDEXES not in engine.lacks:
            check_indexes(direct_client, owner, items)

    return check


_owners = iter(f"auth0|faults-{number}" for number in range(1_000_000))


@pytest.fixture
def owner() -> str:
    """A user whom no other test knows."""
    return next(_owners)
