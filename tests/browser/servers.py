"""The two servers of a test: the API as ``make run`` serves it, and the page from origins of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import httpx
from werkzeug.serving import make_server

from local.child_process import stop
from local.listener import HOST, free_ports
from local.paths import ROOT
from local.web.static_files import StaticFiles, content_security_policy

PAGES = ROOT / "examples" / "web"
_START_SECONDS = 60
_STOP_SECONDS = 10


@contextlib.contextmanager
def api_server(allowed_origins: Sequence[str], log: Path) -> Iterator[str]:
    """``python -m local.run`` in a process of its own, with its data in memory; the URL.

    Args:
        allowed_origins: That browsers may call from.
        log: Where its output goes.
    """
    url = f"http://{HOST}:{(port := free_ports(1)[0])}"
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {"ALLOWED_ORIGINS": ",".join(allowed_origins), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "local.run", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_it_answers(process, url, log)
            yield url
        finally:
            stop(process, _STOP_SECONDS)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(_START_SECONDS * 5):
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{url}/users/me/tasks")
            return
        time.sleep(0.2)
    raise RuntimeError(f"the API does not start:\n{log.read_text()}")


@contextlib.contextmanager
def page_server(port: int, settings: Mapping[str, object], connect: Sequence[str]) -> Iterator[str]:
    """The page from an origin of its own, as a host of static files would serve it; its URL.

    Args:
        port: To serve on.
        settings: The members of ``config.js``.
        connect: Origins that the page may send requests to.
    """
    config = f"export const config = {json.dumps(settings)};\n".encode()
    pages = StaticFiles(PAGES, "/", _nothing, {"config.js": config}, content_security_policy(connect))
    with _serving(port, pages):
        yield f"http://{HOST}:{port}/"


def _nothing(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Length", "0")])
    return [b""]


@contextlib.contextmanager
def _serving(port: int, application: WSGIApplication) -> Iterator[None]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each file
    server = make_server(HOST, port, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
