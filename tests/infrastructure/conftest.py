"""The template, read and transformed once: the transform takes a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from tests.infrastructure.template import Document, source, transformed


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    disable_socket()
    yield
    enable_socket()


@pytest.fixture(scope="session")
def written() -> Document:
    """The template as written. Read only."""
    return Document(source())


@pytest.fixture(scope="session")
def deployed() -> Document:
    """The template after the SAM transform. Read only."""
    return Document(transformed())
