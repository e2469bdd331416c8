"""Whose tasks a path means: the token's subject and nobody else, whatever characters it has."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.e2e.problems import problem
from tests.e2e.serving import Caller, RunningApi

ODD_SUBJECTS = [
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "google-oauth2|1080",
    "eu-central-1:9f6e8c1b-7a30",
    "alice@example.com",
    "a/b",
    "/",
    "a//b",
    "100%",
    "a%2Fb",
    "%2F",
    "%",
    "a b",
    "a+b",
    "ålice-ж-名前-🏠",
    "a?b",
    "a;b=c&d",
    'a"b',
    "a\\b",
    "{user_id}",
    "USER",
    "me",
]


@pytest.mark.parametrize("subject", ODD_SUBJECTS)
def test_a_user_is_at_home_under_their_own_subject(api: RunningApi, subject: str) -> None:
    with api.caller(subject) as caller:
        # Given a task that was created under the subject spelt out
        created = caller.http.post(caller.path(user=subject), json={"title": "Mine"})
        assert created.status_code == 201, created.text
        task = created.json()
        assert task["user_id"] == subject

        # Then it is there by the Location, by the spelt-out path and by "me"
        for path in (
            created.headers["location"],
            caller.path(task["id"], user=subject),
            caller.path(task["id"], user="me"),
        ):
            assert caller.http.get(path).json() == task
        listed = caller.http.get(caller.path(user=subject)).json()
        assert [item["id"] for item in listed["items"]] == [task["id"]]
        assert caller.http.post(caller.path(task["id"], "toggle", user=subject)).status_code == 200
        assert caller.http.delete(caller.path(task["id"], user=subject)).status_code == 204


CONFUSABLE = [
    ("a/b", "a%2Fb"),
    ("a%2Fb", "a%252Fb"),
    ("a b", "a+b"),
    ("alice", "Alice"),
    ("alice", "alice "),
    ("alice", "alice/"),
    ("\u00e9", "e\u0301"),
    ("100%", "100%25"),
    ("user", "users"),
    ("a", "b"),
]


@pytest.mark.parametrize(("one", "other"), [*CONFUSABLE, *((other, one) for one, other in CONFUSABLE)])
def test_one_subject_is_never_taken_for_another(api: RunningApi, store_calls: list[str], one: str, other: str) -> None:
    # Given a user, when they name another in the path, then it is a 403 and the store is not asked
    with api.caller(one) as caller:
        problem(caller.http.get(caller.path(user=other)), 403, "forbidden")

    assert store_calls == []


def test_nothing_of_another_user_s_is_read_or_written(alice: Caller, bob: Caller, store_calls: list[str]) -> None:
    # Given a task of Alice's
    task = alice.create()
    store_calls.clear()

    # When Bob tries everything under her path
    own, body = alice.path(user=alice.user), {"title": "Bob was here"}
    for method, path in (
        ("GET", own),
        ("POST", own),
        ("GET", f"{own}/{task['id']}"),
        ("PUT", f"{own}/{task['id']}"),
        ("PATCH", f"{own}/{task['id']}"),
        ("DELETE", f"{own}/{task['id']}"),
        ("POST", f"{own}/{task['id']}/toggle"),
        ("POST", f"{own}/{task['id']}/move"),
        ("POST", f"{own}/{task['id']}/restore"),
    ):
        problem(
            bob.http.request(method, path, json=body if method in ("POST", "PUT", "PATCH") else None), 403, "forbidden"
        )

    # Then no call has reached the store, and the task is as it was
    assert store_calls == []
    assert alice.http.get(alice.path(task["id"])).json() == task


@pytest.mark.parametrize("spelling", ["al%69ce", "%61lice"])
def test_a_path_is_decoded_exactly_once(api: RunningApi, spelling: str) -> None:
    with api.caller("alice") as caller:
        assert caller.http.get(f"/users/{spelling}/tasks").status_code == 200
        doubly = quote(spelling, safe="")
        problem(caller.http.get(f"/users/{doubly}/tasks"), 403, "forbidden")


@pytest.mark.parametrize("segment", ["%ff", "%C3%28", "%ED%A0%80", "%zz", "%", "%2", "%00", "%0d%0a"])
def test_a_segment_that_is_no_utf_8_is_nobody_s(api: RunningApi, segment: str) -> None:
    with api.caller("alice") as caller:
        response = api.raw(
            f"GET /users/{segment}/tasks HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: {caller.http.headers['authorization']}\r\n\r\n".encode()
        )
    assert response.startswith(b"HTTP/1.1 403 ")


def test_a_user_called_me_is_at_home_and_nobody_else_is(api: RunningApi, alice: Caller) -> None:
    # Given the subject "me" with a task
    with api.caller("me") as me:
        task = me.create()

        # When Alice says "me", then she means herself
        problem(alice.http.get(alice.path(task["id"], user="me")), 404, "task_not_found")
        assert me.http.get(me.path(task["id"], user="me")).status_code == 200
