"""The guard that the other unit tests rely on."""

from __future__ import annotations

import socket

import pytest
from pytest_socket import SocketBlockedError


def test_no_unit_test_can_open_a_socket() -> None:
    # Given the fixtures that every unit test runs under
    # When a test tries to open a socket, then it fails
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()
