"""What a browser on another origin may do (Fetch standard, section 3.2)."""

from __future__ import annotations

import httpx
import pytest

from tests.e2e.problems import EXPOSED
from tests.e2e.serving import ALLOWED_ORIGIN, OTHER_ALLOWED_ORIGIN, Caller

FOREIGN = "https://evil.example.com"
TASK = "/users/me/tasks/019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
METHODS = {
    "/users/me/tasks": {"GET", "POST"},
    TASK: {"GET", "PUT", "PATCH", "DELETE"},
    f"{TASK}/toggle": {"POST"},
}


def words(value: str) -> set[str]:
    return {word.strip() for word in value.split(",")}


@pytest.mark.parametrize("origin", [ALLOWED_ORIGIN, OTHER_ALLOWED_ORIGIN])
@pytest.mark.parametrize("path", METHODS)
def test_a_preflight_of_an_allowed_origin_passes(nobody: httpx.Client, path: str, origin: str) -> None:
    response = nobody.options(path, headers={"Origin": origin, "Access-Control-Request-Method": "GET"})

    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == origin
    assert words(response.headers["access-control-allow-methods"]) >= METHODS[path]
    wanted = {"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"}
    assert words(response.headers["access-control-allow-headers"]) >= wanted
    assert "Origin" in words(response.headers["vary"])
    assert response.content == b""


@pytest.mark.parametrize("origin", [FOREIGN, "null", ALLOWED_ORIGIN + ".evil.com", ALLOWED_ORIGIN.upper(), ""])
@pytest.mark.parametrize("path", METHODS)
def test_a_preflight_of_any_other_origin_fails(nobody: httpx.Client, path: str, origin: str) -> None:
    response = nobody.options(path, headers={"Origin": origin, "Access-Control-Request-Method": "GET"})

    assert "access-control-allow-origin" not in response.headers
    assert "Origin" in words(response.headers["vary"])


def test_responses_to_an_allowed_origin_can_be_read(alice: Caller) -> None:
    for response in (
        alice.http.post(alice.path(), json={"title": "a"}, headers={"Origin": ALLOWED_ORIGIN}),
        alice.http.get(alice.path(), headers={"Origin": ALLOWED_ORIGIN}),
        alice.http.get(alice.path("none"), headers={"Origin": ALLOWED_ORIGIN}),
        alice.http.get(alice.path(user="other"), headers={"Origin": ALLOWED_ORIGIN}),
        alice.http.get("/nowhere", headers={"Origin": ALLOWED_ORIGIN}),
    ):
        assert response.headers.get_list("access-control-allow-origin") == [ALLOWED_ORIGIN]
        assert response.headers.get_list("access-control-expose-headers") == [EXPOSED]
        assert "Origin" in words(response.headers["vary"])
        assert "access-control-allow-credentials" not in response.headers


def test_a_function_s_response_to_a_foreign_origin_can_t(alice: Caller) -> None:
    response = alice.http.get(alice.path(), headers={"Origin": FOREIGN})

    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
    assert "Origin" in words(response.headers["vary"])
