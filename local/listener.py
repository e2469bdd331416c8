"""The socket to serve on."""

from __future__ import annotations

import socket
from typing import Final

from local.errors import LocalError

HOST: Final = "127.0.0.1"
"""The loopback interface only: development tokens are anybody's who can reach the port."""


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback interface.

    Args:
        port: 0 for any free one.

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
