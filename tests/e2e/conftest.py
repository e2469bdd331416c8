"""Fixtures of the end-to-end tests: the API running on a port of this machine, and users of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from unittest import mock

import httpx
import pytest
from botocore.client import BaseClient

from local.instance import instance
from local.listener import listen
from tests.e2e.serving import ISSUER, SETTINGS, Caller, RunningApi, Served, running

_numbers = itertools.count()


@pytest.fixture(scope="package")
def api() -> Iterator[RunningApi]:
    """The API as `make run` puts it together, with its embedded store."""
    served = Served()
    with listen(0) as listener, instance(SETTINGS, ISSUER, listener, served) as started, running(started.server):
        yield RunningApi(started.server.url, served)


@pytest.fixture
def alice(api: RunningApi) -> Iterator[Caller]:
    """A user without tasks."""
    with api.caller(f"alice-{next(_numbers)}") as caller:
        yield caller


@pytest.fixture
def bob(api: RunningApi) -> Iterator[Caller]:
    """Another user without tasks."""
    with api.caller(f"bob-{next(_numbers)}") as caller:
        yield caller


@pytest.fixture
def nobody(api: RunningApi) -> Iterator[httpx.Client]:
    """A client without a token."""
    with api.client() as client:
        yield client


@pytest.fixture
def store_calls(api: RunningApi) -> Iterator[list[str]]:
    """The names of the DynamoDB calls that the functions make."""
    calls: list[str] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(client: BaseClient, operation: str, arguments: Any) -> Any:
        calls.append(operation)
        return call(client, operation, arguments)

    with mock.patch.object(BaseClient, "_make_api_call", recorded):
        yield calls
