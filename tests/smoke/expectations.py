"""What a response has to be; each function raises :class:`Mismatch`, which says what came instead."""

from __future__ import annotations

from typing import Any

import httpx

EXCERPT = 160
"""Characters of a body that a failure quotes."""


class Mismatch(AssertionError):
    """A response is not what the contract says; the text says how."""


def expect(holds: object, otherwise: str) -> None:
    """Raise unless something holds."""
    if not holds:
        raise Mismatch(otherwise)


def equal(what: str, got: object, wanted: object) -> None:
    """Two values are equal."""
    expect(got == wanted, f"{what} is {got!r:.{EXCERPT}}, not {wanted!r:.{EXCERPT}}")


def has_status(response: httpx.Response, status: int) -> None:
    """The status is this one."""
    expect(response.status_code == status, f"{response.status_code} {response.text[:EXCERPT]!r}")


def header(response: httpx.Response, name: str) -> str:
    """The value of a header that has to be there."""
    expect(name in response.headers, f"no {name} header")
    return response.headers[name]


def entity_tag(task: dict[str, Any]) -> str:
    """The value of ``ETag``, and for ``If-Match``, of a task that was answered."""
    return f'"{task["etag"]}"'


def document(response: httpx.Response, status: int) -> dict[str, Any]:
    """The JSON object of a response of this status."""
    has_status(response, status)
    media_type = header(response, "Content-Type").partition(";")[0]
    expect(media_type in ("application/json", "application/problem+json"), f"Content-Type is {media_type}")
    try:
        body = response.json()
    except ValueError:
        raise Mismatch(f"the body is not JSON: {response.text[:EXCERPT]!r}") from None
    expect(isinstance(body, dict), "the body is no JSON object")
    return dict(body)


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document (RFC 9457) of a response, with all that the contract promises of every one."""
    body = document(response, status)
    equal("Content-Type", header(response, "Content-Type").partition(";")[0], "application/problem+json")
    equal("code", body.get("code"), code)
    equal("type", body.get("type"), f"/problems/{code}")
    equal("status", body.get("status"), status)
    equal("instance", body.get("instance"), response.request.url.raw_path.decode().partition("?")[0])
    for member in ("title", "detail", "request_id"):
        expect(body.get(member), f"the problem has no {member}")
    equal("Cache-Control", header(response, "Cache-Control"), "no-store")
    expect("origin" in header(response, "Vary").lower(), "Vary does not name Origin")
    return body


def violates(response: httpx.Response, at: str, code: str) -> None:
    """A 422 that names a violation: its place (a pointer, parameter or header) and its code."""
    body = problem(response, 422, "validation_failed")
    found = [
        (violation.get(source), violation.get("code"))
        for violation in body.get("errors") or []
        for source in ("pointer", "parameter", "header")
    ]
    expect((at, code) in found, f"errors name no {code} at {at}: {str(body.get('errors'))[:EXCERPT]}")
