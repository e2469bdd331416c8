"""A stand-in for DynamoDB that answers at once with what it prepared, so that a client's own cost is what is measured.

``python -m tests.benchmarks.lambda_runtime.stand_in [CERTIFICATE KEY]`` serves until its stdin closes, over TLS where
it is given a certificate, and prints its port first. A process of its own: its CPU time must not count, nor may it
wait for the interpreter that measures.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from local.errors import LocalError
from local.paths import ROOT
from taskapi.tasks.place import list_and_position
from tests.engines.items import task_item
from tests.support.certificates import Certificates

TABLE: Final = "tasks"
"""Items as the task API writes them."""
PEERS_TABLE: Final = "peers"
"""Items without what only the task API needs: index attributes and write ids."""
OWNER: Final = "alice"
COUNT: Final = 120
"""Tasks in each table: more than one page of them."""

_FIRST_MS: Final = 1_795_166_000_000
_ONLY_OURS: Final = frozenset({"open_since", "open_due", "place", "home"})
_HOST: Final = "127.0.0.1"

Item = Mapping[str, Any]


def items_of(table: str) -> list[Item]:
    """A table's tasks, the newest first."""
    items: list[Item] = []
    for number in reversed(range(COUNT)):
        item: Item = task_item(
            OWNER,
            _FIRST_MS + number,
            title=f"Ask the landlord about the heating ({number})",
            description="It has been making that noise again since Tuesday, mostly at night.",
            due="2026-12-01",
            priority="medium",
            tags=("home", "calls"),
        )
        if table == PEERS_TABLE:
            _, position = list_and_position(item)
            item = {name: value for name, value in item.items() if name not in _ONLY_OURS and "write_id" not in name}
            item["position"] = {"S": position}
        items.append(item)
    return items


class Tables:
    """Prepared answers; an answer to a request that was seen before is only looked up."""

    def __init__(self) -> None:
        self._items = {table: items_of(table) for table in (TABLE, PEERS_TABLE)}
        self._answers: dict[tuple[str, object], bytes] = {}
        self._operations: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "Query": self._query,
            "GetItem": lambda request: {"Item": self._items[request["TableName"]][0]},
            "PutItem": lambda _request: {},
            "UpdateItem": lambda request: {"Attributes": self._items[request["TableName"]][0]},
            "TransactWriteItems": lambda _request: {},
        }

    def answer(self, operation: str, body: bytes) -> bytes:
        """The whole HTTP response to a call."""
        request = json.loads(body)
        # Writes carry ids and times of their own; their answers don't depend on them.
        key = (operation, body if operation == "Query" else request.get("TableName"))
        if key not in self._answers:
            document = self._operations[operation](request)
            self._answers[key] = _response(json.dumps(document, separators=(",", ":")).encode())
        return self._answers[key]

    def _query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        items = self._items[request["TableName"]]
        if request.get("IndexName") == "open-by-place" and "inbox#" not in json.dumps(request):
            items = []  # the user's lists, and the tasks of a list
        page = items[: request["Limit"]]
        answer: dict[str, Any] = {"Items": page, "Count": len(page), "ScannedCount": len(page)}
        if projection := request.get("ProjectionExpression"):
            names = request.get("ExpressionAttributeNames", {})
            wanted = {names.get(name.strip(), name.strip()) for name in projection.split(",")}
            answer["Items"] = [{name: item[name] for name in item if name in wanted} for item in page]
        if len(page) < len(items):
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in ("pk", "sk")}
        if request.get("ReturnConsumedCapacity") == "TOTAL":
            answer["ConsumedCapacity"] = {"TableName": request["TableName"], "CapacityUnits": 6.0}
        return answer


def _response(body: bytes) -> bytes:
    """With the headers that DynamoDB sends."""
    lines = (
        "HTTP/1.1 200 OK",
        "Server: Server",
        "Date: Fri, 20 Nov 2026 09:30:00 GMT",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(body)}",
        "Connection: keep-alive",
        "x-amzn-RequestId: 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF",
        f"x-amz-crc32: {zlib.crc32(body)}",
    )
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _serve(tables: Tables, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection's requests."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
            headers = {name.lower(): value.decode("latin-1") for name, _, value in lines}
            body = await reader.readexactly(int(headers.get(b"content-length", 0)))
            operation = headers[b"x-amz-target"].partition(".")[2]
            writer.write(tables.answer(operation, body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _main(certificate: str | None = None, key: str | None = None) -> None:
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    tables = Tables()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve(tables, reader, writer)

    server = await asyncio.start_server(serve, _HOST, 0, ssl=context)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextlib.contextmanager
def running(certificates: Certificates | None = None) -> Iterator[str]:
    """The stand-in in a process of its own; its URL.

    Args:
        certificates: To serve TLS with; None serves in the clear.

    Raises:
        LocalError: it does not start.
    """
    files = [] if certificates is None else [str(certificates.server), str(certificates.server_key)]
    command = [sys.executable, "-m", __name__, *files]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise LocalError("the stand-in for DynamoDB does not start")
            yield f"{'http' if certificates is None else 'https'}://{_HOST}:{port}"
        finally:
            process.stdin.close()
            process.wait(timeout=10)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
