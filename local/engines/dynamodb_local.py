"""DynamoDB Local, AWS's own engine for development: fetched by Maven, run by Java, reachable from this machine alone.

"Setting up DynamoDB local", Amazon DynamoDB Developer Guide. The versions are in tests/engines/pom.xml.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from local.child_process import stop
from local.errors import LocalError, run_command
from local.listener import HOST, free_ports
from local.paths import BUILD, ROOT

POM: Final = ROOT / "tests" / "engines" / "pom.xml"
CONFIGURATION: Final = ROOT / "tests" / "engines" / "dynamodb-local.xml"
PORT: Final = 8000
DATA: Final = BUILD / "dynamodb-local-data"
"""Of ``make dynamodb``."""

_MAVEN_SECONDS: Final = 600
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 10


class DynamoDBLocalUnavailable(LocalError):
    """DynamoDB Local can't be had or started here; its text says why in one line."""


def install(pom: Path = POM, folder: Path = BUILD / "dynamodb-local") -> Path:
    """Fetch DynamoDB Local and its libraries, unless that was done before for this pom.

    Args:
        pom: The Maven project that names the version.
        folder: Where the jars go, in a folder of their own for each pom.

    Returns:
        The folder of the jars.

    Raises:
        DynamoDBLocalUnavailable: there is no Java or Maven, or Maven does not get the files.
    """
    _require_program("java")
    jars = folder / hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    if jars.is_dir():
        return jars
    maven = _require_program("mvn")
    folder.mkdir(parents=True, exist_ok=True)
    # Into another folder first: an interrupted run must not leave one that looks complete.
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={temporary}/jars"]
        command = [maven, "--quiet", "--batch-mode", f"--file={pom}", *goal]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_MAVEN_SECONDS)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise DynamoDBLocalUnavailable(f"Maven did not finish within {_MAVEN_SECONDS} s") from None
        except subprocess.CalledProcessError as error:
            said = next((line for line in error.stdout.splitlines() if "[ERROR]" in line), "it did not say why")
            raise DynamoDBLocalUnavailable(f"Maven failed: {said.removeprefix('[ERROR] ')}") from None
        with contextlib.suppress(OSError):  # another process was faster
            Path(temporary, "jars").rename(jars)
    return jars


@contextlib.contextmanager
def running(*, port: int | None = None, data: Path | None = None, host: str = HOST) -> Iterator[str]:
    """DynamoDB Local for the time of a ``with`` block.

    Args:
        port: Where it listens; None takes a free one.
        data: Folder that keeps the tables; None keeps them in memory, until the end.
        host: The one address that it listens on.

    Yields:
        Its endpoint URL.

    Raises:
        DynamoDBLocalUnavailable: it can't be had, or does not start.
    """
    jars = install()
    listening_port = port if port is not None else free_ports(1, host)[0]
    properties = [f"host={host}", f"port={listening_port}", f"in_memory={str(data is None).lower()}"]
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        properties.append(f"directory={data}")
    command = [
        _require_program("java"),
        f"-Djava.library.path={jars}",  # SQLite's
        "-cp",
        f"{jars}/*",
        "org.eclipse.jetty.xml.XmlConfiguration",
        *properties,
        str(CONFIGURATION),
    ]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        # In a process group of its own: Ctrl-C is for us, who then stop it in order.
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
        try:
            _await_answer(process, host, listening_port, log)
            yield f"http://{host}:{listening_port}"
        finally:
            stop(process, _STOP_SECONDS)


def _require_program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise DynamoDBLocalUnavailable(f"there is no {name} on this machine")
    return path


def _await_answer(process: subprocess.Popen[bytes], host: str, port: int, log: IO[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DynamoDBLocalUnavailable(f"DynamoDB Local did not start: {_last_words(log)}")
        connection = http.client.HTTPConnection(host, port, timeout=1)
        try:
            connection.request("GET", "/")  # any answer will do; it is an error, since nothing was asked for
            if "x-amzn-RequestId" in connection.getresponse().headers:
                return
            # Another program has the port; ours is about to find that out and exit.
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise DynamoDBLocalUnavailable(f"DynamoDB Local did not answer within {_START_SECONDS} s: {_last_words(log)}")


def _last_words(log: IO[str]) -> str:
    """The line of Java's output that says what went wrong: the innermost cause, where there is a stack trace."""
    log.seek(0)
    lines = [line.strip() for line in log if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    words = (causes or [line for line in lines if not line.startswith("at ")] or ["no output"])[-1]
    return words.removeprefix("Caused by: ")


def _serve() -> None:
    """Run it until Ctrl-C or SIGTERM."""
    # SIGTERM ends the process as Ctrl-C does, by an exception, so that DynamoDB Local is stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(port=PORT, data=DATA) as endpoint:
        print(f"DynamoDB Local: {endpoint}, data in {os.path.relpath(DATA)}")
        print(f"Use it with: make run DYNAMODB_ENDPOINT={endpoint}")
        print("Ctrl-C stops it.", flush=True)
        while True:
            signal.pause()


if __name__ == "__main__":
    sys.exit(run_command(_serve))
