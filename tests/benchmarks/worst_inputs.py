"""``make bench-bodies``: how long the costliest bodies and parameters keep a function's processor busy.

Each is what some part of the request path is slowest at: normalising, folding, JSON, pydantic, the list of errors. Our
handlers answer them in this process, over a store that does nothing, without log lines. The CPU time of each is held
against :data:`MOST_MILLISECONDS` and, since that differs from machine to machine, against that of a plain body of the
same size.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from local.errors import run_command
from local.functions.aws_environment import isolate
from taskapi import observability
from taskapi.http.request import MOST_BODY_BYTES
from taskapi.settings import Settings
from tests.operations import CASES
from tests.support.function_modules import load_operation
from tests.support.proxy_events import FakeContext, proxy_event
from tests.support.recording_task_store import RecordingTaskStore

MOST_MILLISECONDS: Final = 50.0
MOST_RATIO: Final = 25.0
"""To a plain body of 128 KiB."""
RUNS: Final = 7
"""Of which the quickest counts: what else runs on a machine can only add."""
LONGEST_NORMALISED: Final = 4 * 16_384
HEADER_BYTES: Final = 10_240
"""What API Gateway takes of request line and headers ("Amazon API Gateway quotas")."""

# Thirty marks that have to be sorted from the last to the first.
_MARKS: Final = "".join(sorted(map(chr, range(0x300, 0x34F)), key=unicodedata.combining, reverse=True))
_DESCENDING: Final = _MARKS[:10] + _MARKS[25:35] + _MARKS[-10:]

Event = dict[str, Any]


def _body(members: str) -> str:
    """A JSON text of exactly the largest size, filled up with white space."""
    size = len(members.encode("utf-8", "surrogatepass"))
    if size > MOST_BODY_BYTES:
        raise ValueError(f"{size} bytes are a 413")
    return members + " " * (MOST_BODY_BYTES - size)


def _filled(start: str, unit: str, end: str, most: int = MOST_BODY_BYTES) -> str:
    """As many repetitions as fit between start and end."""
    room = most - len((start + end).encode())
    return _body(start + unit * (room // len(unit.encode())) + end)


def _description(unit: str) -> str:
    """As much of it as has to be normalised: beyond four times the limit the length decides."""
    start = '{"title": "a", "description": "'
    room = min(MOST_BODY_BYTES - len(start + '"}'), LONGEST_NORMALISED // len(unit) * len(unit.encode()))
    return _filled(start, unit, '"}', room + len(start + '"}'))


PLAIN: Final = _body(
    json.dumps({"title": "x" * 500, "description": "x" * 16_384, "tags": [f"{n:050}" for n in range(20)]})
)

BODIES: Final[Mapping[str, str]] = {
    "a title of marks of two classes": _body(
        json.dumps({"title": "e" + "\u0301" * 32_500 + "\u0316" * 32_500}, ensure_ascii=False)
    ),
    "a description of them, within its limit": _body(
        json.dumps({"title": "a", "description": "e" + "\u0301" * 8_000 + "\u0316" * 8_000}, ensure_ascii=False)
    ),
    "a description of Tibetan vowels without a class": _description("\u0f73"),
    "a description of runs of 30 marks": _description("x" + _DESCENDING),
    "a description of runs of 30 marks that become two": _description("b" + "\u0344" * 15),
    "a description that normalising trebles": _description("\U0001d160"),
    "a description that normalising trebles, of three bytes": _description("\ufb2c"),
    "a description that normalising shortens": _description("\u03b1\u0313\u0300\u0345"),
    "a description of Hangul in parts": _description("\u1112\u1161\u11ab"),
    "a description at its limit, of four bytes each": _filled(
        '{"title": "a", "description": "', "\U0001f600", '"}', 16_384 * 4 + 34
    ),
    "a description of escapes": _description("\\u0316"),
    "a description of line ends": _description("\\r\\n"),
    "a title of spaces": _filled('{"title": "', " ", '"}'),
    "a title that shows nothing": _filled('{"title": "', "\u3164", '"}', 500 * 3 + 14),
    "tags that folding lengthens": _body(
        json.dumps({"title": "a", "tags": ["\u0390" * 49 + chr(0x400 + n) for n in range(20)]}, ensure_ascii=False)
    ),
    "20 tags of 6 kB": _body(
        json.dumps({"title": "a", "tags": ["\u0f73" * 2_000 + str(n) for n in range(20)]}, ensure_ascii=False)
    ),
    "43,000 tags": _filled('{"title": "a", "tags": ["a"', ',""', "]}"),
    "thousands of unknown members": _body("{" + ",".join(f'"{n:x}":1' for n in range(14_000)) + "}"),
    "a member named twice among thousands": _body("{" + ",".join(f'"{n:x}":1' for n in range(14_000)) + ',"0":1}'),
    "an unknown member of 128 KiB": _filled('{"title": "a", "', "~", '": 1}'),
    "empty objects": _filled('{"title": "a", "x": [{}', ",{}", "]}"),
    "nested objects": _filled("", '{"a":', ""),
    "nested arrays": _filled("", "[", ""),
    "a number of 128 KiB": _filled('{"title": ', "9", "}"),
    "a float of 128 KiB": _filled('{"title": 0.', "0", "1}"),
    "numbers of 4,300 digits": _filled('{"title": [1', "," + "9" * 4_300, "]}"),
    "floats beyond precision": _filled('{"title": [1', ",1" + "0" * 300 + ".5" + "7" * 50, "]}"),
    "a due date of a long fraction": _filled('{"title": "a", "due": "2026-12-01T00:00:00.', "1", 'Z"}'),
}

_PARAMETERS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "q of marks": {"q": ["e" + "\u0301" * 850 + "\u0316" * 850]},
    "q that folding lengthens": {"q": ["\u0390" * 200]},
    "tags of marks": {"tag": ["e" + "\u0301" * 40 + "\u0316" * 40] * 20},
    "1,700 tags": {"tag": ["a"] * (HEADER_BYTES // len("&tag=a"))},
    "thousands of unknown parameters": {f"{n:x}": [""] for n in range(HEADER_BYTES // 4)},
    "limit of digits": {"limit": ["9" * HEADER_BYTES]},
    "cursor of brackets": {"cursor": ["W1tb" * (HEADER_BYTES // 4)]},
    "due bound of a long fraction": {
        "status": ["open"], "sort": ["due"], "due_from": [f"2026-12-01T00:00:00.{'1' * 10_000}Z"],
    },
}  # fmt: skip


def events() -> dict[str, tuple[str, Event]]:
    """Every case: its name to the operation and the event."""
    made: dict[str, tuple[str, Event]] = {}
    headers = {"Content-Type": "application/json"}
    for operation in ("create_task", "update_task", "toggle_task"):
        for name, body in BODIES.items():
            made[f"{operation}: {name}"] = operation, proxy_event(operation, headers=headers, body=body)
    for name, query in _PARAMETERS.items():
        made[f"list_tasks: {name}"] = "list_tasks", proxy_event("list_tasks", query=query)
    return made


def answer(operation: str, event: Event) -> dict[str, Any]:
    """What the operation says to an event, over a store that has done it already."""
    store = RecordingTaskStore(CASES[operation].answer).store
    under_test = load_operation(operation).using(Settings("dev", "tasks", ("*",)), store)
    with contextlib.redirect_stdout(io.StringIO()):
        return under_test(event, FakeContext())


def milliseconds(act: Callable[[], object]) -> float:
    """The CPU time of an act, of this process alone."""
    took = []
    for _ in range(RUNS):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return min(took) * 1000


def main() -> int:
    """The command; returns its exit status."""
    isolate(os.environ, keep_credentials=False)
    os.environ.update(
        ENVIRONMENT="dev",
        TABLE_NAME="tasks",
        ALLOWED_ORIGINS="*",
        POWERTOOLS_METRICS_NAMESPACE="TaskApi",
        POWERTOOLS_SERVICE_NAME="task-api",
    )
    observability.logger.setLevel("CRITICAL")
    return _bench()


def _bench() -> int:
    plain_event = proxy_event("create_task", headers={"Content-Type": "application/json"}, body=PLAIN)
    if answer("create_task", plain_event)["statusCode"] != 201:
        raise ValueError("the plain body is refused")
    plain = milliseconds(partial(answer, "create_task", plain_event))
    sys.stdout.write(f"{plain:8.2f} ms         create_task: a plain body of 128 KiB\n")
    over = 0
    for name, (operation, event) in events().items():
        status = answer(operation, event)["statusCode"]
        took = milliseconds(partial(answer, operation, event))
        is_over = took > MOST_MILLISECONDS or took > MOST_RATIO * plain or status >= 500
        over += is_over
        sys.stdout.write(f"{took:8.2f} ms {took / plain:6.1f}  {name}: {status}{'  OVER' if is_over else ''}\n")
    sys.stdout.write(f"{over} over {MOST_MILLISECONDS:.0f} ms or {MOST_RATIO:.0f} times a plain body\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(run_command(main))
