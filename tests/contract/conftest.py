"""Fixtures of the contract suite: an engine, a user of one's own in it, a clock to set, and the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Key
from taskapi.dynamo.table import Table
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.fixtures import (  # noqa: F401  # where pytest looks for them
    each_engine,
    leave_out_what_the_engine_lacks,
    pytest_configure,
    pytest_terminal_summary,
)
from tests.engines.items import check_indexes, check_items, delete_all
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="package")
def shared_client(engine: Engine) -> DynamoDBClient:
    """A client of the functions' kind; making one takes longer than most tests."""
    return engine.client()


# With an end of their own: test_isolation has users whose names go on where these end.
_owners = iter(f"auth0|user-{number}." for number in range(1_000_000))


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
def store(client: DynamoDBClient, clock: Clock) -> Tasks:
    """The store under test."""
    return Tasks(Table(client, TABLE_NAME, now_ms=clock))


@pytest.fixture
def key(owner: str) -> Key:
    """A key of the user's under which there is nothing; its id was minted a second before the clock's start."""
    return task_key(owner, uuid7.mint(START_MS - 1_000))
