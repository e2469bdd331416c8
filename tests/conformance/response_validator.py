"""Validates responses against docs/openapi.yaml: status, headers, body, and that problems tell their own status.

For any suite that has real responses. With httpx::

    client = httpx.Client(base_url=api.url, event_hooks={"response": [ResponseValidator().on_response]})
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from local.contract import Operation
from tests.conformance.document import Document, closed, load

PROBLEM: Final = "application/problem+json"

# Of the connection, the server and the gateway; no client is told to rely on them.
TRANSPORT: Final = frozenset(
    {
        *("connection", "content-length", "content-type", "date", "keep-alive", "server", "transfer-encoding", "via"),
        *("x-amz-apigw-id", "x-amzn-errortype", "x-amzn-requestid", "x-amzn-trace-id"),
    }
)


_REQUEST_LINE: Final = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.[01]\r\n")


class NonconformingResponse(AssertionError):
    """A response is not as the document says.

    Attributes:
        faults: Everything that is wrong, one line each.
    """

    def __init__(self, request: str, status: int, faults: list[str]) -> None:
        super().__init__("\n  ".join([f"{request} answered {status}, not as documented:", *faults]))
        self.faults = faults


class ResponseValidator:
    """Holds responses against the document, with its open schemas closed: no answer says more than it describes.

    Attributes:
        seen: What was validated so far: operation (None when the request was for none), status and problem code.
    """

    def __init__(self, document: Document | None = None, base_path: str = "") -> None:
        """Make one.

        Args:
            document: Another than the repository's.
            base_path: What comes before the paths of the document: the stage on AWS, nothing locally.
        """
        self._document = Document(closed((document or load()).content))
        self._base_path = base_path
        self.seen: set[tuple[str | None, int, str | None]] = set()

    def on_response(self, response: httpx.Response) -> None:
        """An httpx response hook; reads the body.

        Raises:
            NonconformingResponse: it is not as documented.
        """
        response.read()
        url = urlsplit(str(response.request.url))
        self.check(
            response.request.method, url.path, response.status_code, response.headers.multi_items(), response.content
        )

    def check(self, method: str, path: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Validate a response.

        Args:
            method: The request's.
            path: The request's, percent-encoded, with the base path.
            status: The response's.
            headers: The response's, names in any case, repeated ones repeated.
            body: The response's.

        Raises:
            NonconformingResponse: it is not as documented.
        """
        if method == "OPTIONS" and status == 200:
            return  # a preflight, which is between browser and gateway
        operation = self._document.find(method, path.removeprefix(self._base_path))
        values = {name.lower(): value for name, value in headers}
        code = None
        definition = self._response(operation, status)
        if definition is None:
            faults = [f"status {status} is not documented"]
        else:
            faults = [*self._header_faults(definition, values)]
            if method != "HEAD":  # its answers have the headers of a body, but none (RFC 9110 section 9.3.2)
                faults += self._body_faults(definition, values, body)
            if body and not faults and values.get("content-type", "").startswith(PROBLEM):
                problem = json.loads(body)
                code = problem["code"]
                faults += _problem_faults(problem, status, definition["content"][PROBLEM]["examples"].values())
        if faults:
            raise NonconformingResponse(f"{method} {path}", status, faults)
        self.seen.add((operation.name if operation else None, status, code))

    def check_raw(self, request: bytes, response: bytes) -> None:
        """Validate what came back over a connection; nothing came where the server hung up.

        Args:
            request: As it was sent. One without a proper request line is none of the API's.
            response: As it was received.

        Raises:
            NonconformingResponse: it is not as documented.
        """
        line = _REQUEST_LINE.match(request)
        while response.startswith(b"HTTP/1.1 100"):
            response = response.partition(b"\r\n\r\n")[2]
        if line is None or not response:
            return
        head, _, body = response.partition(b"\r\n\r\n")
        status, *headers = head.decode("latin-1").split("\r\n")
        pairs = [(name, value.strip()) for name, _, value in (header.partition(":") for header in headers)]
        method, target = (part.decode("latin-1") for part in line.groups())
        self.check(method, target.partition("?")[0], int(status.split(" ")[1]), pairs, body)

    def _response(self, operation: Operation | None, status: int) -> Mapping[str, Any] | None:
        """The document's response for a status; off its routes the gateway answers, in the forms of any operation."""
        if operation is None:
            routes = self._document.operation("list_tasks").definition["responses"]
            responses = {name: routes[name] for name in ("404", "4XX")}
        else:
            responses = operation.definition["responses"]
        found = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        return None if found is None else self._document.resolve(found)

    def _header_faults(self, definition: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
        documented = {name.lower(): self._document.resolve(header) for name, header in definition["headers"].items()}
        for name, header in documented.items():
            if name in values:
                value = _coerced(values[name], header["schema"])
                for fault in self._document.violations(header["schema"], value):
                    yield f"header {name}: {fault}"
            elif header.get("required"):
                yield f"header {name} is missing"
        for name in sorted(values.keys() - documented.keys() - TRANSPORT):
            yield f"header {name} is not documented"

    def _body_faults(self, definition: Mapping[str, Any], values: Mapping[str, str], body: bytes) -> Iterator[str]:
        content: Mapping[str, Any] = definition.get("content", {})
        if not content:
            if body:
                yield "there is a body, which is not documented"
            return
        media_type = values.get("content-type", "").partition(";")[0].strip()
        if media_type not in content:
            yield f"media type {media_type!r} is not documented"
            return
        try:
            value = json.loads(body, object_pairs_hook=_object)
        except ValueError as error:
            yield f"the body is no JSON: {error}"
            return
        yield from self._document.violations(content[media_type]["schema"], value)


def _problem_faults(problem: Mapping[str, Any], status: int, examples: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with a problem beyond its schema, which is one for all of them.

    Args:
        problem: The document.
        status: The response's.
        examples: Those that the document has for the status: each code that may come is there, with all its forms.
    """
    alike = [each["value"] for each in examples if each["value"]["code"] == problem["code"]]
    if not alike:
        yield f"the code {problem['code']} is not documented for it"
    elif _form(problem) not in map(_form, alike):
        yield f"a problem {problem['code']} has another type, title or members"
    if problem.get("status", status) != status:
        yield f"the problem's status is {problem['status']}"
    for violation in problem.get("errors", ()):
        if len(violation.keys() & {"pointer", "parameter", "header"}) != 1:
            yield "a violation names no place, or several"


def _form(problem: Mapping[str, Any]) -> object:
    """What is the same for problems of one kind; some of the gateway leave out their status."""
    return problem["type"], problem["title"], problem.keys() - {"status"}


def _coerced(value: str, schema: Mapping[str, Any]) -> object:
    return int(value) if schema["type"] == "integer" and value.isascii() and value.isdigit() else value


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(members)
    if len(result) != len(members):
        raise ValueError("a member is there twice")
    return result
