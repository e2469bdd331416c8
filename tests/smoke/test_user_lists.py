"""The lists of a user: every run has the same one, which the last check deletes."""

from __future__ import annotations

import httpx
import pytest

from tests.smoke.expectations import document, entity_tag, equal, expect, has_status, header, problem, violates
from tests.smoke.run import Run, minted_id

pytestmark = pytest.mark.smoke

LISTS = "/users/me/lists"
LIST = f"{LISTS}/019aa0b5-8f10-7b2e-9c41-2d7e5a604f38"


WANTED = {"title": "Smoke test", "color": "#2f6fed", "position": "a1"}


def _there(run: Run) -> httpx.Response:
    """The answer to the PUT that makes the list, or makes it what it should be."""
    response = run.send("PUT", LIST, json=WANTED)
    expect(response.status_code in (200, 201), f"{response.status_code} {response.text[:160]!r}")
    return response


def test_create_or_replace_a_list(run: Run) -> None:
    """201 or 200 with the list; 412 when only creating"""
    response = _there(run)
    written = document(response, response.status_code)
    equal("the list", {name: written.get(name) for name in WANTED}, WANTED)
    equal("ETag", header(response, "ETag"), entity_tag(written))
    there = problem(run.send("PUT", LIST, json=WANTED, headers={"If-None-Match": "*"}), 412, "precondition_failed")
    equal("current", there.get("current"), written)
    equal("the list", document(run.send("GET", LIST), 200), written)
    has_status(run.send("GET", LIST, headers={"If-None-Match": entity_tag(written)}), 304)


def test_change_a_list(run: Run) -> None:
    """200 with the list; 412 when it has changed since"""
    _there(run)
    before = document(run.send("PATCH", LIST, json={"color": None}), 200)
    equal("color", before["color"], None)
    if_match = {"If-Match": entity_tag(before)}
    after = document(run.send("PATCH", LIST, json={"position": "a2", "color": "#2F6FED"}, headers=if_match), 200)
    equal(
        "position, color, version",
        [after[name] for name in ("position", "color", "version")],
        ["a2", "#2f6fed", before["version"] + 1],
    )
    stale = problem(
        run.send("PATCH", LIST, json={"title": "Smoke test, stale"}, headers=if_match), 412, "precondition_failed"
    )
    equal("current", stale.get("current"), after)


def test_list_all_lists(run: Run) -> None:
    """all lists, by position and id"""
    kept = _there(run).json()
    items = document(run.send("GET", LISTS), 200)["items"]
    expect(kept in items, "the list is not among all")
    places = [(each["position"], each["id"]) for each in items]
    equal("the order", places, sorted(places))


def test_a_list_that_is_refused(run: Run) -> None:
    """404 and 422"""
    problem(run.send("GET", f"{LISTS}/{minted_id()}"), 404, "list_not_found")
    problem(run.send("PATCH", f"{LISTS}/{minted_id()}", json={"title": "Smoke test"}), 404, "list_not_found")
    violates(run.send("POST", LISTS, json={"title": " ", "color": "red"}), "/color", "invalid_color")


def test_delete_a_list(run: Run) -> None:
    """204, and it is gone"""
    _there(run)
    has_status(run.send("DELETE", LIST), 204)
    problem(run.send("GET", LIST), 404, "list_not_found")
