"""The smoke test: green against the API, red against one that breaks its contract, and tidy in either case."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import ALLOWED_ORIGIN, ISSUER, Caller, RunningApi
from tests.smoke.__main__ import smoke
from tests.smoke.target import Target

ROOT = Path(__file__).resolve().parents[2]
Tamper = Callable[[httpx.Request, httpx.Response], httpx.Response]


def target(api: RunningApi, alice: Caller, bob: Caller | None = None, **changes: object) -> Target:
    other = ISSUER.token(bob.user) if bob else None
    members = {"token": ISSUER.token(alice.user), "other_token": other, "origin": ALLOWED_ORIGIN} | changes
    return Target(api.url, **members)  # type: ignore[arg-type]


class Tampering(httpx.BaseTransport):
    """HTTP to the running API, with something done to each answer."""

    def __init__(self, tamper: Tamper) -> None:
        self._tamper = tamper
        self._inner = httpx.HTTPTransport(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        response.read()
        return self._tamper(request, response)

    def close(self) -> None:
        self._inner.close()


def with_headers(response: httpx.Response, **headers: str | None) -> httpx.Response:
    """The response with other headers; None takes one away."""
    for name, value in headers.items():
        response.headers.pop(name.replace("_", "-"), None)
        if value is not None:
            response.headers[name.replace("_", "-")] = value
    return response


def with_body(response: httpx.Response, old: str, new: str) -> httpx.Response:
    """The response with a part of its body replaced."""
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return httpx.Response(response.status_code, headers=headers, content=response.text.replace(old, new).encode())


def with_status(response: httpx.Response, status: int) -> httpx.Response:
    return httpx.Response(status, headers=response.headers, content=response.content)


def tasks_of(caller: Caller) -> list[str]:
    """Those in the trash, too."""
    lists = [{"limit": "100", "status": status} for status in ("all", "trashed")]
    return [task["id"] for each in lists for task in caller.http.get(caller.path(), params=each).json()["items"]]


def all_that_is_there(caller: Caller) -> list[str]:
    """Ids of tasks, of those in the trash, and of lists."""
    pages = [caller.http.get(caller.path(), params={"status": "trashed"}), caller.http.get("/users/me/lists")]
    return [*tasks_of(caller), *(item["id"] for page in pages for item in page.json()["items"])]


def failed(printed: str) -> set[str]:
    """The checks that a table calls failed."""
    return {line.partition("  ")[0] for line in printed.splitlines() if "  FAILED: " in line}


def test_the_api_keeps_its_contract(
    api: RunningApi, alice: Caller, bob: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given users with tasks of their own
    kept = [alice.create()["id"], bob.create()["id"]]

    # When all checks are made, then all hold, none is skipped, and only what was there before is there
    assert smoke(target(api, alice, bob)) == 0
    assert re.search(r"^\d\d passed, 0 failed, 0 skipped in ", capsys.readouterr().out, re.MULTILINE)
    assert [*all_that_is_there(alice), *all_that_is_there(bob)] == kept


def test_what_a_gateway_answers_can_be_left_out(
    api: RunningApi, alice: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a stand-in that answers in its own way where the gateway would
    def own_way(_request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if response.status_code == 401 or response.json().get("code") == "route_not_found":
            return httpx.Response(403, json={"message": "Missing Authentication Token"})
        return response

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        return own_way(request, response) if response.content else response

    checks = ("no token", "a route that is not there", "toggle")
    strange = target(api, alice, transport=lambda: Tampering(tamper))
    assert smoke(replace(strange, skip_gateway=True), checks) == 0
    assert "2 passed, 0 failed, 2 skipped" in capsys.readouterr().out
    assert smoke(strange, checks) == 1
    assert {"no token", "a route that is not there"} == failed(capsys.readouterr().out)


BREAKAGES: dict[str, tuple[Tamper, set[str]]] = {
    "no ETag": (
        lambda _request, response: with_headers(response, etag=None),
        {"create", "read", "update", "conflict"},
    ),
    "no Location": (lambda _request, response: with_headers(response, location=None), {"create", "create or replace"}),
    "no Link": (lambda _request, response: with_headers(response, link=None), {"list page by page"}),
    "a 401 without a challenge": (
        lambda _request, response: with_headers(response, www_authenticate=None),
        {"no token", "something else than a token", "my token with another subject", "my token with algorithm none"},
    ),
    "problems as plain JSON": (
        lambda _request, response: (
            with_headers(response, content_type="application/json") if response.status_code >= 400 else response
        ),
        {"no token", "the path of another user", "conflict", "a body that is too large", "members that break rules"},
    ),
    "every origin reflected": (
        lambda request, response: with_headers(
            response, access_control_allow_origin=request.headers.get("origin", "*")
        ),
        {"a foreign origin"},
    ),
    "no CORS on refusals": (
        lambda _request, response: (
            with_headers(response, access_control_allow_origin=None) if response.status_code >= 400 else response
        ),
        {"an allowed origin", "refusals to an allowed origin"},
    ),
    "404 for another user's path": (
        lambda _request, response: with_status(response, 404) if response.status_code == 403 else response,
        {"the path of another user", "another user by my path"},
    ),
    "422 as 400": (
        lambda _request, response: with_status(response, 400) if response.status_code == 422 else response,
        {"members that break rules", "members that only the api writes", "a list that is not served", "create once"},
    ),
    "versions as entity tags": (
        lambda _request, response: with_headers(response, etag='"1"'),
        {"create", "update", "conflict"},
    ),
    "versions as text": (
        lambda _request, response: with_body(response, '"version":1', '"version":"1"'),
        {"create"},
    ),
    "no current in a 412": (
        lambda _request, response: with_body(response, '"current":', '"now":'),
        {"conflict", "create or replace"},
    ),
    "replays not told": (
        lambda _request, response: with_headers(response, idempotency_replayed=None),
        {"create once"},
    ),
    "304 never": (
        lambda _request, response: with_status(response, 200) if response.status_code == 304 else response,
        {"read", "members that only the api writes"},
    ),
    "cacheable for all": (
        lambda _request, response: with_headers(response, cache_control="public, max-age=60"),
        {"create", "read", "no token"},
    ),
    "the token accepted whatever its signature": (
        lambda request, response: (
            httpx.Response(200, json={"items": [], "next_cursor": None}) if response.status_code == 401 else response
        ),
        {"no token", "my token with another subject", "my token with algorithm none"},
    ),
    "nothing of the trash": (
        lambda _request, response: with_body(response, '"trashed_at":"2', '"trashed":"2'),
        {"delete", "delete a list"},
    ),
    "409 as 412": (
        lambda _request, response: with_status(response, 412) if response.status_code == 409 else response,
        {"delete", "restore"},
    ),
    "404 as 410": (
        lambda _request, response: with_status(response, 410) if response.status_code == 404 else response,
        {"delete for good", "delete a list", "a task that never was", "a list that is refused"},
    ),
    "any neighbour": (
        lambda _request, response: with_status(response, 200) if b"not_a_neighbour" in response.content else response,
        {"move"},
    ),
    "not JSON": (
        lambda _request, response: (
            with_headers(httpx.Response(200, text="<html>"), content_type="application/json")
            if response.status_code == 200 and response.content.startswith(b'{"items"')
            else response
        ),
        {"list page by page", "filtered list"},
    ),
}


@pytest.mark.parametrize(("tamper", "broken"), BREAKAGES.values(), ids=BREAKAGES.keys())
def test_an_api_that_breaks_its_contract_fails(
    api: RunningApi, alice: Caller, capsys: pytest.CaptureFixture[str], tamper: Tamper, broken: set[str]
) -> None:
    other = ISSUER.token(f"{alice.user}-other")
    whole = target(api, alice, other_token=other, transport=lambda: Tampering(tamper))

    assert smoke(whole, broken) == 1

    assert failed(capsys.readouterr().out) == broken
    assert all_that_is_there(alice) == []


def test_a_lost_connection_fails_and_what_was_made_is_deleted_all_the_same(
    api: RunningApi, alice: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a network that loses every second list, and every answer to a PATCH
    count = iter(range(1_000_000))

    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if request.method == "PATCH" or (b"due_from" in request.url.query and next(count) % 2):
            raise httpx.ReadError("lost", request=request)
        return response

    checks = ("list page by page", "filtered list", "update")
    assert smoke(target(api, alice, transport=lambda: Tampering(tamper)), checks) == 1
    assert "ReadError: lost" in capsys.readouterr().out
    assert all_that_is_there(alice) == []


def test_tasks_that_can_t_be_deleted_are_told(
    api: RunningApi, alice: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    def tamper(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        return with_status(response, 500) if request.method == "DELETE" else response

    assert smoke(target(api, alice, transport=lambda: Tampering(tamper)), ("read",)) == 1
    assert "1 tasks and lists of this run could not be deleted" in capsys.readouterr().out


def test_it_ends_in_time(api: RunningApi, alice: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke(target(api, alice, seconds=0.2)) == 1

    assert "not made within 0.2 s" in capsys.readouterr().out
    assert all_that_is_there(alice) == []


def run(**variables: str) -> subprocess.CompletedProcess[str]:
    """``python -m tests.smoke`` as a process."""
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-m", "tests.smoke"],
        cwd=ROOT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command(api: RunningApi, alice: Caller) -> None:
    token = ISSUER.token(alice.user)

    done = run(BASE_URL=api.url + "/", TOKEN=f"Bearer {token}", ORIGIN=ALLOWED_ORIGIN)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed, 4 skipped in " in done.stdout
    rows = [re.split(" {2,}", line) for line in done.stdout.splitlines()]
    assert rows[0] == ["check", "expectation", "result"]
    assert ["toggle", "flips without a body; sets with one, once"] in [row[:2] for row in rows]
    assert [row[0] for row in rows if row[-1] == "skipped: needs OTHER_TOKEN"] == [
        "another user by my path",
        "another user by the id of my task",
        "another user by the id of my list",
        "another user by my cursor",
    ]
    assert token not in done.stdout + done.stderr


def test_a_token_that_is_refused_says_so_and_no_more(api: RunningApi, alice: Caller) -> None:
    token = ISSUER.token(alice.user, lifetime=-60)

    done = run(BASE_URL=api.url, TOKEN=token)

    assert done.returncode == 1
    assert "Without a good token nothing else can be told." in done.stdout
    assert token not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "variables", "message"),
    [
        ("http://api.example.com/v1", {"TOKEN": "a.b.c"}, "https"),
        ("ftp://api.example.com", {"TOKEN": "a.b.c"}, "BASE_URL"),
        ("api.example.com", {"TOKEN": "a.b.c"}, "BASE_URL"),
        ("", {"TOKEN": "a.b.c"}, "BASE_URL"),
        ("https://api.example.com/v1", {}, "TOKEN"),
        ("https://api.example.com/v1", {"TOKEN": " "}, "TOKEN"),
    ],
)
def test_what_it_refuses_to_start_with(url: str, variables: dict[str, str], message: str) -> None:
    done = run(BASE_URL=url, **variables)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line
