"""Unit tests: no socket can be opened, and what the code logs is caught."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from pytest_socket import disable_socket, enable_socket

from taskapi.observability import logger
from tests.support.standard_output import CurrentStdout, StandardOutput

# Powertools' handler would keep the stream that was sys.stdout when it was made, which is closed soon after.
cast("logging.StreamHandler[Any]", logger.registered_handler).stream = CurrentStdout()


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    disable_socket()
    yield
    enable_socket()


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> StandardOutput:
    """Standard output of this test."""
    return StandardOutput(capsys)
