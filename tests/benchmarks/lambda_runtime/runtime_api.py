"""The Lambda Runtime API on the loopback interface, and a function's process that asks it for events.

"Using the Lambda runtime API for custom runtimes", AWS Lambda Developer Guide. awslambdaric, AWS's own client, is the
other side of it, as on Lambda. The emulator that SAM CLI ships would serve as well but for one thing: it starts the
process only when the first event comes in, and does not tell when that process has asked for it, which is the very
moment at which initialisation ends. Here that moment is the arrival of a request.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, Final

from local.child_process import stop
from tests.benchmarks.lambda_runtime.process_clock import ProcessClock, resident_megabytes

_HOST: Final = "127.0.0.1"
_VERSION: Final = "/2018-06-01"
_PATIENCE: Final = 180.0
"""Seconds to wait for the process at most, which Valgrind may run at a fiftieth of its speed."""
_LAST_SECONDS: Final = 20.0
"""Seconds that it has to end when it is told to: Valgrind then writes its report."""
_TIMEOUT: Final = 180.0
"""Seconds that a function is told it has: it must not give up because Valgrind slows it down."""


class FunctionFailed(Exception):
    """The process ended, did not answer in time, or answered with an error; the text says which."""


@dataclass(frozen=True, slots=True)
class Started:
    """How a process started.

    Attributes:
        cpu_ms: CPU time from its beginning until it asked for its first event.
        wall_ms: Elapsed time for the same.
        resident_mb: Memory at that moment.
    """

    cpu_ms: float
    wall_ms: float
    resident_mb: float


@dataclass(frozen=True, slots=True)
class Served:
    """How one event was served.

    Attributes:
        response: What the handler returned, decoded from JSON.
        cpu_ms: CPU time from the event's delivery until the process asked for the next.
        wall_ms: Elapsed time until its response came in.
    """

    response: Any
    cpu_ms: float
    wall_ms: float


class _Server(ThreadingHTTPServer):
    """Hands over one event at a time; the requests of the process arrive on ``self.arrivals``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((_HOST, 0), _Handler)
        self.arrivals: queue.Queue[tuple[str, float, float, bytes]] = queue.Queue()
        self.events: queue.Queue[bytes] = queue.Queue()
        self.clock: ProcessClock | None = None

    def note(self, what: str, body: bytes = b"") -> None:
        """Record that the process has asked for an event, or answered one: first of all the time."""
        cpu = self.clock.milliseconds() if self.clock else 0.0
        self.arrivals.put((what, cpu, time.perf_counter(), body))


class _Handler(BaseHTTPRequestHandler):
    """The three calls that a runtime makes."""

    protocol_version = "HTTP/1.1"
    # Head and body leave as one packet; else the one would wait for the acknowledgement of the other.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        """``/runtime/invocation/next``: held until there is an event."""
        self.server.note("next")
        event = self.server.events.get()
        self._answer(
            200,
            event,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _TIMEOUT) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:bench",
                "Lambda-Runtime-Trace-Id": "Root=1-691ee0b8-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        """``/runtime/invocation/{id}/response`` or an error."""
        body = self._body()
        self.server.note("response" if self.path.endswith("/response") else "error", body)
        self._answer(202, b"", {})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Nothing."""


class FunctionProcess:
    """A function's process that has asked for its first event.

    Attributes:
        pid: Of the process.
        started: What it took to get there.
    """

    def __init__(self, server: _Server, process: subprocess.Popen[bytes], log: IO[bytes], began: float) -> None:
        self._server = server
        self._process = process
        self._log = log
        self.pid = process.pid
        cpu, at, _ = self._await("next")
        self.started = Started(cpu, (at - began) * 1000, resident_megabytes(self.pid))
        self._cpu = cpu

    def serve(self, event: bytes) -> Served:
        """Have one event served.

        Raises:
            FunctionFailed: it was not.
        """
        began = time.perf_counter()
        self._server.events.put(event)
        _, answered, body = self._await("response")
        cpu, _, _ = self._await("next")
        served = Served(json.loads(body), cpu - self._cpu, (answered - began) * 1000)
        self._cpu = cpu
        return served

    def resident_mb(self) -> float:
        """Memory now."""
        return resident_megabytes(self.pid)

    def _await(self, wanted: str) -> tuple[float, float, bytes]:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                what, cpu, at, body = self._server.arrivals.get(timeout=1)
            except queue.Empty:
                if self._process.poll() is not None:
                    break
                continue
            if what != wanted:
                raise FunctionFailed(f"{what} instead of {wanted}: {body.decode('utf-8', 'replace')}\n{self._logged()}")
            return cpu, at, body
        raise FunctionFailed(f"no {wanted} from the process\n{self._logged()}")

    def _logged(self) -> str:
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")[-4_000:]


@contextlib.contextmanager
def function_process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: IO[bytes]
) -> Iterator[FunctionProcess]:
    """Start a function's process and wait until it asks for its first event; it is ended afterwards.

    Args:
        command: That runs awslambdaric with a handler.
        folder: Of the function's code, the process's working directory.
        environment: The whole of it, but for the Runtime API's address.
        log: Takes what the process prints.

    Raises:
        FunctionFailed: it does not start.
    """
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    address = f"{_HOST}:{server.server_address[1]}"
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env={**environment, "AWS_LAMBDA_RUNTIME_API": address}, stdout=log, stderr=log
    )
    try:
        server.clock = ProcessClock(process.pid)
        yield FunctionProcess(server, process, log, began)
    finally:
        stop(process, _LAST_SECONDS)
        server.shutdown()
        thread.join()
        server.server_close()
