"""Reads the exchanges that docs/task-api.md shows, and compares answers with them.

What differs from run to run (ids, times, positions, etags, cursors, the user) is named by what the page shows: the
first time that the page shows such a text, the answer's text at the same place is taken for it, and from then on it
must be that one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.conformance.response_validator import TRANSPORT

_BLOCK: Final = re.compile(r"^(?:#+ (?P<heading>[^\n]+)|```http\n(?P<text>.*?)^```)$", re.DOTALL | re.MULTILINE)
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME: Final = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z"
_CURSOR: Final = r"\bWyI[\w-]+"
_POSITION: Final = r"\bh0[0-9A-Za-z]{7}\b"  # that of an instant of these decades
_ETAG: Final = r"\b[0-9a-f]{11}[\w-]{8}(?![\w-])"
_VOLATILE: Final = re.compile(f"{_UUID}|{_TIME}|{_CURSOR}|{_POSITION}|{_ETAG}")


@dataclass(frozen=True)
class Message:
    """A request or an answer.

    Attributes:
        heading: The section that it is in.
        start: Its first line.
        headers: Lower-case name to value.
        body: As it is shown; empty when there is none.
    """

    heading: str
    start: str
    headers: Mapping[str, str]
    body: str

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer."""
        return self.start.startswith("HTTP/1.1 ")


def messages(page: Path) -> list[Message]:
    """All that a page shows, from top to bottom."""
    found: list[Message] = []
    heading = ""
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["heading"]:
            heading = block["heading"]
            continue
        head, _, body = block["text"].strip().partition("\n\n")
        start, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        found.append(Message(heading, start, {name.lower(): value for name, value in headers.items()}, body))
    return found


@dataclass
class Dialogue:
    """Sends the page's requests, and compares what comes back with what the page shows.

    Attributes:
        client: Sends the token of the page's user.
    """

    client: httpx.Client
    _named: dict[str, str] = field(default_factory=dict)

    def send(self, request: Message) -> httpx.Response:
        """Send a request of the page."""
        method, path = self._real(request.start).split(" ")
        headers = {name: self._real(value) for name, value in request.headers.items() if name != "authorization"}
        if "authorization" not in request.headers:
            headers["Authorization"] = ""
        return self.client.request(method, path, headers=headers, content=self._real(request.body).encode() or None)

    def differences(self, shown: Message, answer: httpx.Response) -> list[str]:
        """Where an answer differs from the one that is shown, one line each."""
        start = f"{answer.http_version} {answer.status_code} {answer.reason_phrase}"
        expected: dict[str, Any] = {"status": shown.start, **shown.headers}
        got: dict[str, Any] = {"status": start, **answer.headers}
        # Of the connection; what is shown of it is compared all the same.
        got = {name: value for name, value in got.items() if name in expected or name not in TRANSPORT}
        if shown.body or answer.content:
            expected["body"], got["body"] = json.loads(shown.body or "null"), json.loads(answer.content or b"null")
        return self._different("", expected, got)

    def _real(self, text: str) -> str:
        return _VOLATILE.sub(lambda found: self._named.get(found[0], found[0]), text)

    def _different(self, place: str, shown: Any, got: Any) -> list[str]:
        if isinstance(shown, dict) and isinstance(got, dict) and shown.keys() == got.keys():
            return [each for name in shown for each in self._different(f"{place}/{name}", shown[name], got[name])]
        if isinstance(shown, list) and isinstance(got, list) and len(shown) == len(got):
            pairs = enumerate(zip(shown, got, strict=True))
            return [each for index, pair in pairs for each in self._different(f"{place}/{index}", *pair)]
        if isinstance(shown, str) and isinstance(got, str):
            names, values = _VOLATILE.findall(shown), _VOLATILE.findall(got)
            if len(names) == len(values):
                for name, value in zip(names, values, strict=True):
                    self._named.setdefault(name, value)
                shown = self._real(shown)
        return [] if shown == got else [f"{place}: the page shows {shown!r}, the answer was {got!r}"]
