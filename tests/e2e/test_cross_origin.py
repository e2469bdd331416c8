"""What a browser on another origin may do (Fetch standard, section 3.2)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import pytest

from local.instance import instance
from local.listener import listen
from local.settings import LocalSettings
from tests.e2e.problems import EXPOSED
from tests.e2e.serving import (
    ALLOWED_ORIGIN,
    ISSUER,
    OTHER_ALLOWED_ORIGIN,
    Caller,
    RunningApi,
    Served,
    running,
)

FOREIGN = "https://evil.example.com"
TASK = "/users/me/tasks/019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
METHODS = {
    "/users/me/tasks": {"GET", "POST"},
    TASK: {"GET", "PUT", "PATCH", "DELETE"},
    f"{TASK}/toggle": {"POST"},
    f"{TASK}/move": {"POST"},
    f"{TASK}/restore": {"POST"},
    "/users/me/lists": {"GET", "POST"},
    "/users/me/lists/019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11": {"GET", "PUT", "PATCH", "DELETE"},
}


@contextlib.contextmanager
def served(environment: dict[str, str]) -> Iterator[httpx.Client]:
    """A user of ``make run`` under some variables."""
    with (
        listen(0) as listener,
        instance(LocalSettings.from_environment(environment), ISSUER, listener, Served()) as started,
        running(started.server),
        RunningApi(started.server.url, Served()).caller("somebody") as caller,
    ):
        yield caller.http


def words(value: str) -> set[str]:
    return {word.strip() for word in value.split(",")}


@pytest.mark.parametrize("origin", [ALLOWED_ORIGIN, OTHER_ALLOWED_ORIGIN, FOREIGN, "null"])
@pytest.mark.parametrize("path", METHODS)
def test_where_several_origins_are_allowed_every_preflight_passes(nobody: httpx.Client, path: str, origin: str) -> None:
    # The gateway can't tell one origin from another; a foreign one reads no answer (below)
    response = nobody.options(path, headers={"Origin": origin, "Access-Control-Request-Method": "GET"})

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"
    assert words(response.headers["access-control-allow-methods"]) == METHODS[path] | {"OPTIONS"}
    wanted = {"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"}
    assert words(response.headers["access-control-allow-headers"]) >= wanted
    assert "access-control-allow-credentials" not in response.headers


def test_where_one_origin_is_allowed_no_preflight_of_another_passes() -> None:
    with served({"PORT": "0", "ALLOWED_ORIGINS": ALLOWED_ORIGIN}) as http:
        for path in METHODS:
            response = http.options(path, headers={"Origin": FOREIGN, "Access-Control-Request-Method": "GET"})

            assert response.headers["access-control-allow-origin"] == ALLOWED_ORIGIN, path


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


@pytest.mark.parametrize("origin", [FOREIGN, "null", ALLOWED_ORIGIN + ".evil.com", ALLOWED_ORIGIN.upper(), ""])
def test_a_function_s_response_to_a_foreign_origin_can_t(alice: Caller, origin: str) -> None:
    response = alice.http.get(alice.path(), headers={"Origin": origin})

    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
    assert "Origin" in words(response.headers["vary"])


@pytest.fixture(scope="module")
def somebody() -> Iterator[httpx.Client]:
    """A user of ``make run`` as it is without ALLOWED_ORIGINS."""
    with served({"PORT": "0"}) as http:
        yield http


class TestWithoutAllowedOrigins:
    """Tools take another port where theirs is taken."""

    @pytest.mark.parametrize(
        "origin",
        [
            "http://localhost:5173",
            "http://localhost:5174",
            "http://127.0.0.1:61234",
            "http://[::1]:5174",
            "https://localhost:5174",
            "http://localhost",
        ],
    )
    def test_pages_of_this_machine_may_call_from_any_port(self, somebody: httpx.Client, origin: str) -> None:
        preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        assert somebody.options(TASK, headers=preflight).headers["access-control-allow-origin"] in (origin, "*")
        for response in (
            somebody.get("/users/me/tasks", headers={"Origin": origin}),
            somebody.get("/users/other/tasks", headers={"Origin": origin}),
            somebody.get("/users/me/tasks", headers={"Origin": origin, "Authorization": ""}),
            somebody.get("/nowhere", headers={"Origin": origin}),
        ):
            assert response.headers.get_list("access-control-allow-origin") == [origin]

    @pytest.mark.parametrize(
        "origin",
        [
            FOREIGN,
            "null",
            "http://localhost.example.com:5174",
            "http://localhost:5174.example.com",
            "http://localhost:5174@example.com",
            "http://127.0.0.10:5174",
            "http://192.168.0.2:5174",
            "ftp://localhost:5174",
            "http://localhost:",
            "http://localhost:123456",
        ],
    )
    def test_others_may_not(self, somebody: httpx.Client, origin: str) -> None:
        response = somebody.get("/users/me/tasks", headers={"Origin": origin})

        assert "access-control-allow-origin" not in response.headers


def test_those_that_a_developer_names_are_all(alice: Caller) -> None:
    # Given ALLOWED_ORIGINS, of which one is on this machine, then another port of it is a foreign origin
    assert OTHER_ALLOWED_ORIGIN == "http://localhost:5173"
    response = alice.http.get(alice.path(), headers={"Origin": "http://localhost:5174"})

    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
