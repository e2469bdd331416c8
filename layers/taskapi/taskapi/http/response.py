"""Responses: what each kind of operation answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from urllib.parse import urlencode

if TYPE_CHECKING:
    from taskapi.dynamo.paging import Page
    from taskapi.http.request import Request
    from taskapi.preconditions import EntityTags

# A browser may keep a resource, yet must ask each time whether it is still current; what changes something is not kept.
REVALIDATE: Final = "private, no-cache"
NO_STORE: Final = "no-store"


class Resource(Protocol):
    """What is answered with."""

    @property
    def id(self) -> str:
        """The last part of its path."""

    @property
    def etag(self) -> str:
        """Its entity tag, without quotes."""

    def as_json(self) -> dict[str, Any]:
        """As the contract shows it."""


class Response(NamedTuple):
    """An HTTP response; ``document`` is JSON or sent as such, ``code`` is the problem's, for logs and metrics."""

    status: int
    document: Mapping[str, object] | str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    code: str | None = None

    def as_proxy(self, extra_headers: Mapping[str, str]) -> dict[str, Any]:
        """The Lambda proxy integration's output format; ``extra_headers`` are those of every response."""
        headers = {"X-Content-Type-Options": "nosniff", **extra_headers, **self.headers}
        body = self.document if isinstance(self.document, str) else ""
        if self.document is not None:
            headers.setdefault("Content-Type", "application/json")
        if isinstance(self.document, Mapping):
            # A problem may point at a member whose name is not legal Unicode; resources never hold such text.
            body = json.dumps(self.document, ensure_ascii=self.code is not None, separators=(",", ":"))
        return {"statusCode": self.status, "headers": headers, "body": body, "isBase64Encoded": False}


def quoted(etag: str) -> str:
    """The value of the ``ETag`` header (RFC 9110 section 8.8.3)."""
    return f'"{etag}"'


def representation(resource: Resource) -> Response:
    """200 with what was just written."""
    return Response(200, resource.as_json(), {"ETag": quoted(resource.etag), "Cache-Control": NO_STORE})


def created(resource: Resource, request: Request, *, was_replayed: bool = False) -> Response:
    """201 with the new place; marked when it is the answer to an earlier request of the same Idempotency-Key."""
    response = representation(resource)
    headers = {**response.headers, "Location": f"{request.collection_path()}/{resource.id}"}
    if was_replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(201, response.document, headers)


def replaced(resource: Resource, was_created: bool, request: Request) -> Response:
    """201 when PUT made the resource, 200 when it replaced one."""
    return created(resource, request) if was_created else representation(resource)


def revalidated(resource: Resource, known: EntityTags | None) -> Response:
    """200, or 304 without the resource when the reader has it as it is (RFC 9110 section 15.4.5)."""
    headers = {"ETag": quoted(resource.etag), "Cache-Control": REVALIDATE}
    if known is not None and known.includes(resource.etag):
        return Response(304, None, headers)
    return Response(200, resource.as_json(), headers)


def deleted() -> Response:
    """204."""
    return Response(204, None, {"Cache-Control": NO_STORE})


def all_of(items: Sequence[str]) -> Response:
    """200 with a whole list, of resources as JSON."""
    return Response(200, f'{{"items":[{",".join(items)}]}}', {"Cache-Control": REVALIDATE})


def deleted_so_far(trashed: int, *, is_done: bool) -> Response:
    """204, or 200 with how many tasks were trashed by this request when the same one has to go on."""
    if is_done:
        return deleted()
    return Response(200, {"trashed": trashed, "done": False}, {"Cache-Control": NO_STORE})


def page_of(page: Page, request: Request) -> Response:
    """200 with a page of a list, and ``Link: rel="next"`` (RFC 8288) when another follows."""
    headers = {"Cache-Control": REVALIDATE}
    if page.next_cursor is not None:
        pairs = [(name, value) for name, values in request.query.items() if name != "cursor" for value in values]
        headers["Link"] = f'<{request.path}?{urlencode([*pairs, ("cursor", page.next_cursor)])}>; rel="next"'
    return Response(200, f'{{"items":[{",".join(page.items)}],"next_cursor":{json.dumps(page.next_cursor)}}}', headers)
