"""Tricks with headers, paths and cursors, over HTTP with a good token."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.client import BaseClient

from taskapi import uuid7
from taskapi.settings import Settings
from taskapi.tasks.query import ACCESS_PATHS
from tests.e2e.problems import problem
from tests.e2e.serving import Caller, RunningApi, status_of
from tests.support.function_modules import load_operation
from tests.support.proxy_events import FakeContext, proxy_event
from tests.support.recording_task_store import RecordingTaskStore
from tests.support.tasks import task as a_task

IDENTITY_HEADERS = (
    "X-User-Id", "X-User", "X-Sub", "X-Principal-Id", "X-Forwarded-User", "X-Remote-User", "X-Amzn-Oidc-Identity",
    "X-Amz-Cognito-Identity", "X-Amzn-Authorizer-Sub", "Remote-User", "Cookie", "X-Original-URL", "X-Rewrite-URL",
    "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Forwarded-Host", "X-Amz-Invocation-Type",
)  # fmt: skip


def test_no_header_makes_a_user_someone_else(alice: Caller, bob: Caller) -> None:
    # Given tasks of both
    alice.create(title="Alice's")
    bob.create(title="Bob's")

    # When Bob names Alice in every header that some framework trusts
    values = (alice.user, f"sub={alice.user}", alice.path(user=alice.user))
    for name in IDENTITY_HEADERS:
        for value in values:
            listed = bob.http.get(bob.path(), headers={name: value})

            # Then he reads his own
            assert [item["title"] for item in listed.json()["items"]] == ["Bob's"], name
            problem(bob.http.get(bob.path(user=alice.user), headers={name: value}), 403, "forbidden")


def test_the_identity_is_the_authorizer_s_and_not_the_header_s() -> None:
    # Given an event whose authorizer said alice, with a token of bob's beside it
    store = RecordingTaskStore(a_task())
    under_test = load_operation("get_task").using(Settings("dev", "t", ("*",)), store.store)
    header = base64.urlsafe_b64encode(json.dumps({"sub": "bob"}).encode()).decode()

    under_test(proxy_event("get_task", sub="alice", headers={"Authorization": f"Bearer a.{header}.c"}), FakeContext())

    assert [arguments[0].owner for _, arguments in store.calls] == ["alice"]


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_a_read_a_delete(name: str) -> None:
    # API Gateway takes the first of them for the method, and routes (and asks the authorizer) by it; a function never.
    store = RecordingTaskStore(a_task())
    under_test = load_operation("get_task").using(Settings("dev", "t", ("*",)), store.store)

    under_test(proxy_event("get_task", headers={name: "DELETE"}), FakeContext())

    assert [call for call, _ in store.calls] == ["get"]


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:80", ""])
def test_a_host_header_leads_nowhere(alice: Caller, host: str) -> None:
    created = alice.http.post(alice.path(), json={"title": "a"}, headers={"Host": host, "X-Forwarded-Host": host})
    alice.create()
    listed = alice.http.get(alice.path(), params={"limit": "1"}, headers={"Host": host, "X-Forwarded-Host": host})

    assert created.headers["location"].startswith("/users/me/tasks/")
    assert listed.headers["link"].startswith("</users/me/tasks?")


@pytest.mark.parametrize("host", ["evil.example.com:80@x", "127.0.0.1/../..", "a b"])
def test_what_is_no_host_is_refused(alice: Caller, host: str) -> None:
    response = alice.http.post(alice.path(), json={"title": "a"}, headers={"Host": host, "X-Forwarded-Host": host})

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")
    assert "location" not in response.headers
    assert alice.http.get(alice.path()).json()["items"] == []


def test_a_query_can_t_end_a_header(alice: Caller) -> None:
    # Given a search that holds what would end a header field or a link, when more than a page is found
    for _ in range(2):
        alice.create(title='a>; rel="prev", <b')
    response = alice.http.get(alice.path(), params={"limit": "1", "q": 'a>; rel="prev", <b'})
    broken = alice.http.get(alice.path(), params={"limit": "1", "q": "a\r\nSet-Cookie: a=b"})

    # Then the link is one link, and there is no new field
    assert response.headers["link"].count("<") == response.headers["link"].count(">") == 1
    assert response.headers["link"].endswith('; rel="next"')
    assert "set-cookie" not in broken.headers


@pytest.mark.parametrize(
    "segment",
    [
        "ME", "Me", "m%D0%B5", "%EF%BD%8D%EF%BD%85", "me%20", "%20me", "me%00", "me%0a", "me;a=b", "me,", "me.",
        "%256d%65", "me%2f", "%2fme", "..%2fme", "me%5c..", "*", "%2a", "$me", "{user_id}", "null", "undefined", "-",
    ],
)  # fmt: skip
def test_who_is_nearly_me_is_someone_else(api: RunningApi, alice: Caller, store_calls: list[str], segment: str) -> None:
    authorization = alice.http.headers["authorization"]
    request = f"GET /users/{segment}/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n"

    assert status_of(api.raw(request.encode())) in (403, 404)
    assert store_calls == []


@pytest.mark.parametrize(
    "task_id",
    [
        "..", "../..", ".", "%2e%2e%2fadmin", "TASK%23019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", "IDEMPOTENCY%23x",
        "019a9f6e8c1b7a309c9e2f6f1f0a7b11", "{019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11}",
        "urn:uuid:019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11%0a",
        "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11%00", "%20019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11",
        "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b1%EF%BC%91", "019a9f6e-8c1b-4a30-9c9e-2f6f1f0a7b11", "%", "%ff", "-1", "*",
        "00000000-0000-0000-0000-000000000000", "' OR '1'='1", "a" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_task_id_does_not_reach_the_store(
    api: RunningApi, alice: Caller, store_calls: list[str], task_id: str
) -> None:
    target = f"/users/me/tasks/{task_id}".replace(" ", "%20")
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {alice.http.headers['authorization']}\r\n\r\n"

    assert status_of(api.raw(request.encode())) == 404
    assert store_calls == []


def test_an_idempotency_key_of_another_is_one_s_own(alice: Caller, bob: Caller) -> None:
    # Given a create of Alice's under a key, when Bob uses the same key and body, then he gets a task of his own
    key = {"Idempotency-Key": "a-key-that-bob-has-guessed"}
    hers = alice.http.post(alice.path(), json={"title": "Secret"}, headers=key)
    his = bob.http.post(bob.path(), json={"title": "Secret"}, headers=key)

    assert his.status_code == 201
    assert "idempotency-replayed" not in his.headers
    assert his.json()["id"] != hers.json()["id"]
    assert his.json()["user_id"] == bob.user


def queried_partitions(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The partitions that each following Query names, in its condition and in its start key."""
    seen: list[set[str]] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(client: BaseClient, name: str, arguments: Any) -> Any:
        if name == "Query":
            values = [
                *arguments["ExpressionAttributeValues"].values(),
                *arguments.get("ExclusiveStartKey", {}).values(),
            ]
            seen.append({value["S"] for value in values if value.get("S", "").startswith("USER#")})
        return call(client, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return seen


@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_another_s_cursor_reads_one_s_own_partition(
    alice: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch, status: str, sort: str
) -> None:
    # Given two tasks of each, and a cursor in Alice's list
    for caller in (alice, bob):
        for _ in range(2):
            task_id = caller.create(completed=status == "completed")["id"]
            if status == "trashed":
                assert caller.http.delete(caller.path(task_id)).status_code == 204
    query = {"status": status, "sort": sort, "limit": "1"} | ({"list": "inbox"} if sort == "position" else {})
    cursor = alice.http.get(alice.path(), params=query).json()["next_cursor"]
    assert cursor is not None
    partitions = queried_partitions(monkeypatch)

    # When Bob goes on by it
    page = bob.http.get(bob.path(), params={**query, "cursor": cursor})

    # Then only his own partition was asked, and nothing of hers is in the answer
    assert page.status_code == 200
    assert partitions
    assert all(partition == {f"USER#{bob.user}"} for partition in partitions)
    assert {item["user_id"] for item in page.json()["items"]} <= {bob.user}
    assert alice.user not in page.text


def test_a_cursor_names_nobody(alice: Caller) -> None:
    for _ in range(2):
        alice.create(title="Nobody else's business")
    cursor = alice.http.get(alice.path(), params={"limit": "1"}).json()["next_cursor"]

    decoded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()

    assert alice.user not in decoded
    assert "business" not in decoded


@pytest.mark.parametrize("place", ["first", "added", "instead"])
def test_a_key_put_into_a_cursor_is_refused(alice: Caller, bob: Caller, store_calls: list[str], place: str) -> None:
    # Given a good cursor of Bob's, when he writes Alice's key into it
    for _ in range(2):
        bob.create()
    cursor = bob.http.get(bob.path(), params={"limit": "1"}).json()["next_cursor"]
    parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    forged: Any = {
        "first": [f"USER#{alice.user}", *parts],
        "added": [*parts, f"USER#{alice.user}"],
        "instead": {"pk": {"S": f"USER#{alice.user}"}, "sk": {"S": f"TASK#{uuid7.mint(1)}"}},
    }[place]
    text = base64.urlsafe_b64encode(json.dumps(forged, separators=(",", ":")).encode()).rstrip(b"=").decode()
    store_calls.clear()

    # Then it is refused before the store is asked
    problem(bob.http.get(bob.path(), params={"limit": "1", "cursor": text}), 400, "invalid_cursor")
    assert store_calls == []
