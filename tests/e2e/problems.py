"""Checks of problem documents (RFC 9457) as they come over HTTP."""

from __future__ import annotations

from typing import Any, cast

import httpx

EXPOSED = "ETag, Location, Link, Retry-After, Idempotency-Replayed"
NO_TOKEN = 'Bearer realm="task-api"'
INVALID_TOKEN = f'{NO_TOKEN}, error="invalid_token"'


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of a response, after checking what is the same for all of them."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "Origin" in response.headers["vary"]
    document = cast("dict[str, Any]", response.json())
    assert document["code"] == code
    assert document["type"] == f"/problems/{code}"
    assert document.get("status", status) == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == response.request.url.raw_path.decode().partition("?")[0]
    assert document["request_id"] == response.headers["x-amzn-requestid"]
    return document
