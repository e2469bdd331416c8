"""PostgreSQL for one run, from the system's packages (Debian, Ubuntu: ``apt-get install postgresql``)."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from local.errors import LocalError
from tests.benchmarks.lambda_runtime import packages
from tests.benchmarks.lambda_runtime.contestants import PEERS
from tests.benchmarks.lambda_runtime.packages import Python

_HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 20.0
_USER: Final = "bench"
_ACCOUNT: Final = "postgres"
"""The system's account for it: PostgreSQL refuses to run as root."""


def find_postgres() -> Path | None:
    """The folder of its programs; None when it is not installed. Debian keeps them off PATH, by version."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return folders[-1] if folders and (folders[-1] / "initdb").exists() else None


@contextlib.contextmanager
def database(programs: Path, python: Python) -> Iterator[str]:
    """A database with tasks in it; its URL for SQLAlchemy and psycopg.

    Raises:
        LocalError: it does not start.
    """
    account = pwd.getpwnam(_ACCOUNT) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as scratch:
        os.chown(scratch, account.pw_uid, account.pw_gid)
        data, port = Path(scratch) / "data", _free_port()
        _run(
            [str(programs / "initdb"), "-D", str(data), "-U", _USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
            account.pw_uid,
            account.pw_gid,
        )
        settings = {"listen_addresses": _HOST, "unix_socket_directories": "", "fsync": "off"}
        server = subprocess.Popen(
            [
                *(str(programs / "postgres"), "-D", str(data), "-p", str(port)),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            **_identity(account.pw_uid, account.pw_gid),
            cwd=scratch,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _await_start(server, port)
            url = f"postgresql+psycopg://{_USER}@{_HOST}:{port}/postgres"
            _fill(python, url)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # "fast": without waiting for clients
            server.wait(timeout=20)


def _identity(uid: int, gid: int) -> dict[str, Any]:
    """The account to run as, where we are root and can be another."""
    return {"user": uid, "group": gid} if os.geteuid() == 0 else {}


def _run(command: list[str], uid: int, gid: int) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_identity(uid, gid))
    if done.returncode != 0:
        raise LocalError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _await_start(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise LocalError("PostgreSQL does not start")


def _fill(python: Python, url: str) -> None:
    """Make the table and its rows, by the peer's own model."""
    folder = PEERS / "fastapi_sqlmodel"
    environment = {"PYTHONPATH": str(packages.FOLDER / "fastapi_sqlmodel"), "DATABASE_URL": url}
    for attempt in range(20):
        done = subprocess.run(
            [python.executable, "fill.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        if attempt < 19 and "starting up" in done.stderr:
            time.sleep(0.5)
            continue
        raise LocalError(f"the rows can't be written: {done.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port: int = free.getsockname()[1]
        return port
