"""Fixtures of the contract suite: an engine, a user of one's own in it, a clock to set, and the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from taskapi import uuid7
from taskapi.dynamodb import Table
from taskapi.store import TaskStore
from taskapi.task import TaskKey
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import check_indexes, check_items, delete_all
from tests.engines.running import DYNAMODB_LOCAL, EngineRequired, start, wanted_engines

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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


@pytest.fixture(scope="package", params=[pytest.param(name, marks=_MARKS.get(name, ())) for name in _ENGINES])
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


@pytest.fixture(scope="package")
def shared_client(engine: Engine) -> DynamoDBClient:
    """A client of the functions' kind; making one takes longer than most tests."""
    return engine.client()


_owners = iter(f"auth0|user-{number}" for number in range(1_000_000))


@pytest.fixture
def owner() -> str:
    """A user whom no other test knows."""
    return next(_owners)


@pytest.fixture
def client(engine: Engine, shared_client: DynamoDBClient, owner: str) -> Iterator[DynamoDBClient]:
    """The client. Whatever a test has done, its user's items must be as they should in the end."""
    yield shared_client
    items = check_items(shared_client, owner)
    if Capability.STORED_INDEXES not in engine.lacks:
        check_indexes(shared_client, owner, items)
    if Capability.LARGE_PARTITIONS in engine.lacks:
        delete_all(shared_client, items.values())


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


@pytest.fixture
def store(client: DynamoDBClient, clock: Clock) -> TaskStore:
    """The store under test."""
    return TaskStore(Table(client, TABLE_NAME), now_ms=clock)


@pytest.fixture
def key(owner: str) -> TaskKey:
    """A key of the user's under which there is nothing; its id was minted a second before the clock's start."""
    return TaskKey(owner, uuid7.mint(START_MS - 1_000))
