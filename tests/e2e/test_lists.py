"""Lists over HTTP: pages, their order, and what can't be asked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.e2e.problems import problem
from tests.e2e.serving import Caller


def walk(caller: Caller, **parameters: Any) -> list[list[dict[str, Any]]]:
    """All pages of a list, by following ``Link``; at most 50 of them."""
    pages: list[list[dict[str, Any]]] = []
    response = caller.http.get(caller.path(), params=parameters)
    for _ in range(50):
        assert response.status_code == 200, response.text
        page = response.json()
        pages.append(page["items"])
        link = response.links.get("next")
        assert (link is None) is (page["next_cursor"] is None)
        if link is None:
            return pages
        response = caller.http.get(link["url"])
    raise AssertionError("the walk does not end")


def test_a_walk_returns_each_task_once_in_order_at_one_call_a_page(alice: Caller, store_calls: list[str]) -> None:
    # Given 25 tasks
    created = [alice.create(title=f"Task {number}")["id"] for number in range(25)]
    store_calls.clear()

    # When they are walked by tens
    pages = walk(alice, limit=10)

    # Then each comes once, newest first, and each page was one call
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [task["id"] for page in pages for task in page] == created[::-1]
    assert store_calls == ["Query"] * 3


def test_a_full_last_page_has_no_cursor(alice: Caller) -> None:
    for _ in range(4):
        alice.create()

    assert [len(page) for page in walk(alice, limit=2)] == [2, 2]


def test_the_default_is_everything_newest_first_up_to_50(alice: Caller) -> None:
    ids = [alice.create()["id"] for _ in range(3)]

    page = alice.http.get(alice.path()).json()

    assert [task["id"] for task in page["items"]] == ids[::-1]
    assert page["next_cursor"] is None


def test_open_and_completed_are_lists_of_their_own(alice: Caller) -> None:
    # Given five tasks of which two were completed, the later created one first
    ids = [alice.create()["id"] for _ in range(5)]
    for task_id in (ids[3], ids[1]):
        alice.http.post(alice.path(task_id, "toggle"))

    # Then each state lists its own by its own time
    assert [task["id"] for page in walk(alice, status="open", limit=2) for task in page] == [ids[4], ids[2], ids[0]]
    assert [task["id"] for page in walk(alice, status="completed", limit=1) for task in page] == [ids[1], ids[3]]
    ascending = walk(alice, status="completed", order="asc", limit=1)
    assert [task["id"] for page in ascending for task in page] == [ids[3], ids[1]]


def test_users_see_their_own(alice: Caller, bob: Caller) -> None:
    alice.create(title="Alice's")
    bob.create(title="Bob's")

    assert [task["title"] for task in alice.http.get(alice.path()).json()["items"]] == ["Alice's"]
    assert [task["title"] for task in bob.http.get(bob.path()).json()["items"]] == ["Bob's"]


def test_another_user_s_cursor_reads_one_s_own_tasks(alice: Caller, bob: Caller) -> None:
    # Given a cursor of Alice's
    for caller in (alice, bob):
        for _ in range(3):
            caller.create(title=caller.user)
    cursor = alice.http.get(alice.path(), params={"limit": 1}).json()["next_cursor"]

    # When Bob uses it, then it can only lead to tasks of his own
    response = bob.http.get(bob.path(), params={"limit": 1, "cursor": cursor})
    assert {task["user_id"] for task in response.json()["items"]} <= {bob.user}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "status=gone", "order=up", "page=2", "limit=1&limit=2", "sort=due", "limit="],
)
def test_what_can_t_be_asked_is_refused(alice: Caller, query: str) -> None:
    problem(alice.http.get(f"{alice.path()}?{query}"), 422, "validation_failed")


def test_a_cursor_belongs_to_its_query(alice: Caller) -> None:
    for _ in range(3):
        alice.create()
    cursor = alice.http.get(alice.path(), params={"limit": 1}).json()["next_cursor"]

    for parameters in ({"status": "open"}, {"order": "asc"}, {"cursor": "forged"}, {"cursor": ""}):
        response: httpx.Response = alice.http.get(alice.path(), params={"cursor": cursor, **parameters})
        problem(response, 400, "invalid_cursor")
