"""Reads ``.http`` files, in the dialect of VS Code's REST Client that JetBrains' HTTP client reads as well."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

_VARIABLE: Final = re.compile(r"\{\{([^}]+)\}\}")
_FILE_VARIABLE: Final = re.compile(r"@(\w+) = (.*)")
_TAG: Final = re.compile(r"# @(\w+) (.+)")


@dataclass(frozen=True)
class HttpRequest:
    """One request, its variables not filled in.

    Attributes:
        title: After the ``###``.
        tags: ``# @name value`` lines: ``name``, by which later requests refer to its response, and ``expect``, the
            status that it is answered with.
        method: Upper case.
        url: As written.
        headers: As written.
        body: As written, None when there is none.
    """

    title: str
    tags: Mapping[str, str]
    method: str
    url: str
    headers: Mapping[str, str]
    body: str | None


def read(path: Path) -> tuple[dict[str, str], list[HttpRequest]]:
    """The variables and requests of a file."""
    head, *blocks = re.split(r"^### ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    variables = {found[1]: found[2] for line in head.splitlines() if (found := _FILE_VARIABLE.fullmatch(line))}
    return variables, [_request(block) for block in blocks]


def _request(block: str) -> HttpRequest:
    title, *lines = block.splitlines()
    tags = {found[1]: found[2] for line in lines if (found := _TAG.fullmatch(line))}
    top, _, body = "\n".join(line for line in lines if not line.startswith("#")).partition("\n\n")
    (method, url), *headers = (line.split(maxsplit=1) for line in top.splitlines())
    return HttpRequest(
        title=title,
        tags=tags,
        method=method,
        url=url,
        headers={name.removesuffix(":"): value for name, value in headers},
        body=body.strip() or None,
    )


@dataclass
class Runner:
    """Sends requests one after the other.

    Attributes:
        client: Sends them.
        variables: Name to value.
    """

    client: httpx.Client
    variables: Mapping[str, str]
    _answers: dict[str, httpx.Response] = field(default_factory=dict)

    def send(self, request: HttpRequest) -> httpx.Response:
        """Send a request with its variables filled in."""
        answer = self.client.request(
            request.method,
            self._filled(request.url),
            headers={name: self._filled(value) for name, value in request.headers.items()},
            content=None if request.body is None else self._filled(request.body),
        )
        if name := request.tags.get("name"):
            self._answers[name] = answer
        return answer

    def _filled(self, text: str) -> str:
        return _VARIABLE.sub(lambda found: self._value(found[1]), text)

    def _value(self, expression: str) -> str:
        name, _, path = expression.partition(".response.")
        if not path:
            return self.variables[name]
        part, _, member = path.partition(".")
        answer = self._answers[name]
        if part == "headers":
            return answer.headers[member]
        return str(json.loads(answer.content)[member.removeprefix("$.")])
