"""What the developer sees of each request, on stderr."""

from __future__ import annotations

import time
from typing import TextIO

from local.function_log import FunctionLog
from local.gateway_request import GatewayRequest


class AccessLog:
    """Writes a line for each request, and what the functions logged where that helps."""

    def __init__(self, stream: TextIO, function_log: FunctionLog, *, show_all: bool) -> None:
        """Write to a stream.

        Args:
            stream: Where the lines go.
            function_log: What the functions print to.
            show_all: Show all of that; otherwise only what belongs to a 5xx.
        """
        self._stream = stream
        self._function_log = function_log
        self._show_all = show_all

    def __call__(self, request: GatewayRequest, status: int, milliseconds: float) -> None:
        """Log a request that has been served, in the thread that served it."""
        logged = self._function_log.take()
        target = f"{request.path}?{request.query}" if request.query else request.path
        line = f"{time.strftime('%H:%M:%S')} {request.method} {target} {status} {milliseconds:.0f} ms\n"
        shown = logged if self._show_all or status >= 500 else ""
        self._stream.write(line + shown)
        self._stream.flush()
