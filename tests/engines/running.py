"""Starts engines by name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final

from local.engines import dynamodb_local
from tests.engines.engine import Capability, Engine
from tests.engines.table import create_table

MOTO: Final = "moto"
DYNAMODB_LOCAL: Final = "dynamodb-local"


class EngineRequired(Exception):
    """An engine that this run must have can't be had."""


@contextlib.contextmanager
def moto() -> Iterator[Engine]:
    """moto, answering in this process for AWS."""
    from moto import mock_aws  # noqa: PLC0415  # slow to import, and other engines don't need it

    with mock_aws():
        engine = Engine(
            MOTO,
            None,
            {
                Capability.ATOMIC_WRITES: "its state has no locks: concurrent conditional writes can both succeed",
                Capability.CAPACITY: "it reports the same capacity for every call",
                Capability.KEY_CONDITIONS: "it evaluates BETWEEN without comparing its bounds",
                Capability.START_KEY_BOUNDS: "it takes any start key of the right type",
                Capability.TRANSACTION_TOKENS: "it ignores ClientRequestToken",
                Capability.STORED_INDEXES: "it has none: a query of an index looks through the items",
                Capability.LARGE_PARTITIONS: "every query looks through the whole table and copies what it finds",
            },
        )
        create_table(engine.endpoint)
        yield engine


@contextlib.contextmanager
def local_dynamodb() -> Iterator[Engine]:
    """DynamoDB Local in memory, on a free port of the loopback interface."""
    with dynamodb_local.running() as endpoint:
        engine = Engine(DYNAMODB_LOCAL, endpoint)
        create_table(engine.endpoint)
        yield engine


_ENGINES: Final[Mapping[str, Callable[[], AbstractContextManager[Engine]]]] = {
    MOTO: moto,
    DYNAMODB_LOCAL: local_dynamodb,
}


def start(name: str) -> AbstractContextManager[Engine]:
    """Start an engine for the time of a ``with`` block."""
    return _ENGINES[name]()


def wanted_engines() -> tuple[list[str], str | None]:
    """The engines of this run.

    Returns:
        Those asked for by ``TEST_ENGINES`` that can be had, and a line on the one that can't.

    Raises:
        EngineRequired: one is unknown, or can't be had though ``CI`` or ``REQUIRE_DYNAMODB_LOCAL`` is set.
    """
    names = [name.strip() for name in os.environ.get("TEST_ENGINES", MOTO).split(",") if name.strip()]
    if unknown := [name for name in names if name not in _ENGINES]:
        raise EngineRequired(f"TEST_ENGINES: no such engine: {', '.join(unknown)}; there are {', '.join(_ENGINES)}")
    if DYNAMODB_LOCAL not in names:
        return names, None
    try:
        with dynamodb_local.running():
            pass  # it can be fetched, and this machine's Java can run it
    except dynamodb_local.DynamoDBLocalUnavailable as unavailable:
        if os.environ.get("CI", "").lower() in ("1", "true") or os.environ.get("REQUIRE_DYNAMODB_LOCAL") == "1":
            raise EngineRequired(f"DynamoDB Local is required here, but {unavailable}") from unavailable
        names.remove(DYNAMODB_LOCAL)
        return names, f"left out: everything on DynamoDB Local, since {unavailable}"
    return names, None
