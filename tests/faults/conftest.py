"""Fixtures of the fault suite: engines, a proxy before each, and instances of the functions behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engines.engine import Capability, Engine
from tests.engines.fixtures import (  # noqa: F401  # where pytest looks for them
    each_engine,
    leave_out_what_the_engine_lacks,
    pytest_configure,
    pytest_terminal_summary,
)
from tests.engines.items import check_indexes, check_items
from tests.faults.instance import READ_TIMEOUT, Instance, patient_client
from tests.faults.proxy import FaultProxy
from tests.faults.upstream import upstream_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
