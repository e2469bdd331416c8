"""Chromium without a window: what a page looks like once its scripts have run."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")


class _Silent(WSGIRequestHandler):
    """Does not log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing."""


def nothing(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Has no page."""
    start_response("404 Not Found", [("Content-Length", "0")])
    return [b""]


@contextlib.contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    """Serve an application on a port of this machine; gives the URL, without a slash at the end."""
    with make_server("127.0.0.1", 0, application, handler_class=_Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(10)


def opened(url: str, profile: Path) -> tuple[str, list[str]]:
    """Open a page in a browser that can reach nothing but this machine.

    Args:
        url: The page's.
        profile: A folder of the browser's own.

    Returns:
        The document, as HTML, and what the console complains of.
    """
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    if browser is None:
        pytest.skip("Chromium is not installed")
    run = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
            *(f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
            *("--virtual-time-budget=20000", "--dump-dom", url),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]
