"""``python -m local.run`` in a process of its own, for tests that come in over HTTP."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import httpx

from local.child_process import stop
from local.identity.development_tokens import DevelopmentIssuer
from local.paths import ROOT

START_SECONDS: Final = 60
_STOP_SECONDS: Final = 10
ORIGIN: Final = "https://app.example.com"
ORIGINS: Final = f"{ORIGIN},http://localhost:5173"
"""The origins that it allows if not told otherwise."""

# httpx reads the machine's certificates for each client otherwise, which takes a while.
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_URL: Final = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class RunningApi:
    """A running API, with its data in memory.

    Attributes:
        url: Without a slash at the end.
    """

    url: str
    _issuer: DevelopmentIssuer = field(default_factory=DevelopmentIssuer.load)

    def token(self, user: str, lifetime: int = 3600) -> str:
        """An access token; negative lifetimes make one that has expired."""
        return self._issuer.token(user, lifetime)

    def client(self, user: str | None, on_response: Callable[[httpx.Response], None] | None = None) -> httpx.Client:
        """A client with a user's token, None for one without.

        Args:
            user: The token's ``sub``.
            on_response: Called with each response.
        """
        return httpx.Client(
            base_url=self.url,
            headers={} if user is None else {"Authorization": f"Bearer {self.token(user)}"},
            event_hooks={"response": [on_response] if on_response else []},
            timeout=30,
            trust_env=False,
            verify=_NO_TLS,
        )


@contextlib.contextmanager
def running_api(log: Path, origins: str = ORIGINS) -> Iterator[RunningApi]:
    """Start the API on a free port, and stop it in the end.

    Args:
        log: Where its stderr goes.
        origins: Those that it allows, separated by commas.
    """
    environment = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "PATH", "TMPDIR")}
    environment |= {"ALLOWED_ORIGINS": origins, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "local.run", "--port", "0"]
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        overdue = threading.Timer(START_SECONDS, process.kill)
        overdue.start()
        try:
            url = _url(process.stdout)
            overdue.cancel()
            assert url is not None, f"the API did not start: {log.read_text(encoding='utf-8', errors='replace')}"
            drain = threading.Thread(target=process.stdout.read, daemon=True)
            drain.start()
            yield RunningApi(url)
        finally:
            overdue.cancel()
            stop(process, _STOP_SECONDS)


def _url(output: IO[bytes]) -> str | None:
    """The URL that it prints once it listens; None when it ends without."""
    for line in output:
        if found := _URL.search(line.decode(errors="replace")):
            return found[0]
    return None
