"""AWS's runtime interface emulator, the binary that SAM CLI ships for its containers, run without one."""

from __future__ import annotations

import http.client
import importlib.resources
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from local.child_process import stop
from local.errors import LocalError
from local.listener import HOST, free_ports
from local.template.loading import FunctionDefinition

_ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_INVOCATIONS: Final = "/2015-03-31/functions/function/invocations"
_START_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 5.0
_REPORT: Final = re.compile(r"^REPORT RequestId: .*\n?", re.MULTILINE)
_MARGIN_SECONDS: Final = 20.0
"""On top of the function's timeout: initialisation comes before it counts."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of an invocation.

    Attributes:
        payload: The function's result, or the runtime's description of its error, as JSON.
        logs: What the function printed, with the platform's START, END and REPORT lines.
    """

    payload: bytes
    logs: str


def emulator_path() -> Path:
    """The emulator for this machine.

    Raises:
        LocalError: there is none, since this is not Linux on x86-64 or ARM64.
    """
    architecture = _ARCHITECTURES.get(platform.machine().lower())
    if sys.platform != "linux" or architecture is None:
        raise LocalError(
            "the runtime interface emulator runs on Linux (x86-64 or ARM64) only; "
            "use `sam local invoke` (with Docker) or `make run` here"
        )
    folder = importlib.resources.files("samcli") / "local" / "rapid"
    path = Path(str(folder / f"aws-lambda-rie-{architecture}"))
    if not os.access(path, os.X_OK):
        raise LocalError(f"SAM CLI's runtime interface emulator is not at {path}")
    return path


def invoke(
    definition: FunctionDefinition, event: bytes, environment: Mapping[str, str], layers: Sequence[Path]
) -> Invocation:
    """Run a function once in awslambdaric under the emulator, both ended afterwards.

    Args:
        definition: The function.
        event: JSON.
        environment: The whole environment of the process but what Lambda sets.
        layers: Folders for ``PYTHONPATH``.

    Raises:
        LocalError: the emulator does not start or does not answer in time.
    """
    emulator = emulator_path()
    port, runtime_port = free_ports(2)
    command = [
        str(emulator),
        *("--runtime-interface-emulator-address", f"{HOST}:{port}"),
        *("--runtime-api-address", f"{HOST}:{runtime_port}"),
        *(sys.executable, "-m", "awslambdaric", definition.handler),
    ]
    variables = {
        **environment,
        "AWS_LAMBDA_FUNCTION_NAME": definition.logical_id,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(definition.memory),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(definition.timeout),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_TASK_ROOT": str(definition.code),
        "PYTHONPATH": os.pathsep.join(map(str, layers)),
    }
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(  # noqa: S603  # SAM CLI's binary and this Python
            command, cwd=definition.code, env=variables, stdout=stdout, stderr=stderr
        )
        try:
            _await_start(process, port, stderr)
            payload = _post(port, event, definition.timeout + _MARGIN_SECONDS)
        finally:
            stop(process, _STOP_SECONDS)
        return Invocation(payload, of_invocation(_read(stdout)) + _without_emulator_lines(_read(stderr)))


def of_invocation(printed: str) -> str:
    """What was printed until an invocation was over, its REPORT line included.

    After it the emulator ends. Where it is gone before the runtime, the runtime prints a traceback on the lost
    connection, which is none of the function's.
    """
    report = _REPORT.search(printed)
    return printed if report is None else printed[: report.end()]


def _await_start(process: subprocess.Popen[bytes], port: int, stderr: IO[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    last = _read(stderr).strip().splitlines()[-1:]
    raise LocalError(f"the runtime interface emulator does not start: {' '.join(last) or 'no answer'}")


def _post(port: int, event: bytes, timeout: float) -> bytes:
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("POST", _INVOCATIONS, event, {"Content-Type": "application/json"})
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise LocalError(f"the runtime interface emulator does not answer: {error!r}") from error
    finally:
        connection.close()


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _without_emulator_lines(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if "(rapid)" not in line)
