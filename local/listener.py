"""Sockets of this machine alone."""

from __future__ import annotations

import contextlib
import socket
from typing import Final

from local.errors import LocalError

HOST: Final = "127.0.0.1"
"""The loopback interface only: development tokens are anybody's who can reach the port."""
NAMES: Final = frozenset({HOST, "localhost", "::1"})
"""Of this machine, in URLs."""


def free_ports(count: int, host: str = HOST) -> list[int]:
    """Different ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind((host, 0))
        return [listener.getsockname()[1] for listener in listeners]


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback interface; port 0 is any free one.

    Raises:
        LocalError: the port can't be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except PermissionError as error:
        listener.close()
        raise LocalError(f"port {port} needs special rights; choose one from 1024 up: make run PORT=3001") from error
    except OSError as error:
        listener.close()
        other = port + 1 if port < 65535 else port - 1
        raise LocalError(f"port {port} is taken by another program; choose another: make run PORT={other}") from error
    return listener
