"""A proxy that answers as an API of a later version might: with more members, and with codes that are new."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

CODE = "code_of_tomorrow"


def grown(value: Any) -> Any:
    """A JSON value with a member more in each object, and another code in each that has one."""
    if isinstance(value, list):
        return [grown(each) for each in value]
    if not isinstance(value, dict):
        return value
    code = {"code": CODE} if "code" in value else {}
    return {name: grown(member) for name, member in value.items()} | code | {"member_of_tomorrow": {"a": [1]}}


@contextlib.contextmanager
def api_of_tomorrow(url: str) -> Iterator[str]:
    """Run the proxy.

    Args:
        url: The API that it asks.

    Yields:
        Its own URL.
    """

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def _forward(self) -> None:
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
            with contextlib.closing(connection):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                content = answer.read()
            if content:
                content = json.dumps(grown(json.loads(content))).encode()
            self.send_response(answer.status)
            for name in ("Content-Type", "ETag"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815  # the names are the base class's

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
