"""The lists of a user."""

from __future__ import annotations

import pytest

from tests.smoke.expectations import document, entity_tag, equal, expect, has_status, header, problem, violates
from tests.smoke.run import LISTS, TASKS, Run, list_path, minted_id, task_path

pytestmark = pytest.mark.smoke


def test_create_a_list(run: Run) -> None:
    """201 with the list, Location and ETag"""
    response = run.send("POST", LISTS, json={"title": "Smoke test"})
    made = document(response, 201)
    equal("the title, the color", (made["title"], made["color"]), ("Smoke test", None))
    equal("ETag", header(response, "ETag"), entity_tag(made))
    equal("the list at Location", document(run.send("GET", run.absolute(header(response, "Location"))), 200), made)


def test_create_or_replace_a_list(run: Run) -> None:
    """201, then 200; create only is 412 with current"""
    path, wanted = list_path(minted_id()), {"title": "Smoke test", "color": "#2f6fed", "position": "a1"}
    document(run.send("PUT", path, json={"title": "Smoke test"}), 201)
    response = run.send("PUT", path, json=wanted)
    written = document(response, 200)
    equal("the list", {name: written.get(name) for name in wanted}, wanted)
    equal("ETag", header(response, "ETag"), entity_tag(written))
    there = problem(run.send("PUT", path, json=wanted, headers={"If-None-Match": "*"}), 412, "precondition_failed")
    equal("current", there.get("current"), written)
    equal("the list", document(run.send("GET", path), 200), written)
    has_status(run.send("GET", path, headers={"If-None-Match": entity_tag(written)}), 304)


def test_change_a_list(run: Run) -> None:
    """200 with the list; 412 when it has changed since"""
    before = run.new_list()
    path, if_match = list_path(before["id"]), {"If-Match": entity_tag(before)}
    after = document(run.send("PATCH", path, json={"position": "a2", "color": "#2F6FED"}, headers=if_match), 200)
    equal(
        "position, color, version",
        [after[name] for name in ("position", "color", "version")],
        ["a2", "#2f6fed", before["version"] + 1],
    )
    for method in ("PATCH", "DELETE"):
        json = {"title": "Smoke test, stale"} if method == "PATCH" else None
        stale = problem(run.send(method, path, json=json, headers=if_match), 412, "precondition_failed")
        equal("current", stale.get("current"), after)


def test_list_all_lists(run: Run) -> None:
    """all lists, by position and id"""
    kept = [run.new_list() for _ in range(2)]
    items = document(run.send("GET", LISTS), 200)["items"]
    expect(all(each in items for each in kept), "a list is not among all")
    places = [(each["position"], each["id"]) for each in items]
    equal("the order", places, sorted(places))


def test_delete_a_list(run: Run) -> None:
    """204; its open tasks are in the trash, completed ones stay"""
    list_id = run.new_list()["id"]
    path = list_path(list_id)
    opened = [run.new_task(list_id=list_id)["id"] for _ in range(2)]
    done = run.new_task(list_id=list_id)["id"]
    done = document(run.send("POST", task_path(done, "toggle"), json={"completed": True}), 200)
    deleted = run.delete_list(path)
    has_status(deleted, 204)
    equal("the body of a 204", deleted.content, b"")
    problem(run.send("GET", path), 404, "list_not_found")
    problem(run.send("DELETE", path), 404, "list_not_found")
    trash = document(run.send("GET", TASKS, params={"status": "trashed", "list": list_id}), 200)["items"]
    equal("the trash", sorted(task["id"] for task in trash), sorted(opened))
    expect(all(task["trashed_at"] for task in trash), "a task of the trash has no trashed_at")
    page = run.send("GET", TASKS, params={"status": "completed", "list": list_id})
    equal("completed tasks", document(page, 200)["items"], [done])
    restored = document(run.send("POST", task_path(opened[0], "restore")), 200)
    equal("the list of one that is restored", restored["list_id"], list_id)


def test_a_list_that_is_refused(run: Run) -> None:
    """404 and 422"""
    problem(run.send("GET", list_path(minted_id())), 404, "list_not_found")
    problem(run.send("PATCH", list_path(minted_id()), json={"title": "Smoke test"}), 404, "list_not_found")
    violates(run.send("POST", LISTS, json={"title": " ", "color": "red"}), "/color", "invalid_color")
