"""A DynamoDB endpoint on the loopback interface, for a function that runs in a process of its own.

It speaks just enough of DynamoDB's low-level API (JSON 1.0 over HTTP, "DynamoDB low-level API" in the Amazon DynamoDB
Developer Guide) and hands each call to a client in this process, one at a time, since that client is moto's.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError

from local.listener import HOST

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONTENT_TYPE: Final = "application/x-amz-json-1.0"


@contextlib.contextmanager
def dynamodb_endpoint(client: DynamoDBClient, host: str = HOST) -> Iterator[str]:
    """Serve a client's DynamoDB on one address; the URL."""

    class Handler(BaseHTTPRequestHandler):
        """One call a connection, so that no idle client holds up the next."""

        timeout = 5

        def do_POST(self) -> None:
            """Serve one call of the API."""
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            arguments = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            status, answer = _call(client, operation, arguments)
            body = json.dumps(answer, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Type", _CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
            """Nothing."""

    with HTTPServer((host, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _call(client: DynamoDBClient, operation: str, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer; an error has its members (``Item``, ``CancellationReasons``) beside its type."""
    try:
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**arguments)
    except ClientError as error:
        details = {key: value for key, value in error.response.items() if key not in ("Error", "ResponseMetadata")}
        described = {"__type": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
        return error.response["ResponseMetadata"]["HTTPStatusCode"], {**details, **described}
    return 200, {key: value for key, value in answer.items() if key != "ResponseMetadata"}
