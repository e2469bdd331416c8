"""Lists: their order, their pages, and what is not served."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.smoke.expectations import document, entity_tag, equal, expect, header, problem, violates
from tests.smoke.run import TASKS, Run, minted_id, remote_day, task_path, walk

pytestmark = pytest.mark.smoke


def _three(run: Run) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Three open tasks of days of their own, and the parameters of the list that holds just them."""
    day = remote_day()
    tasks = [run.new_task(due=(day + timedelta(days=days)).isoformat(), tags=[f"d{days}"]) for days in range(3)]
    bounds = {"due_from": day.isoformat(), "due_before": (day + timedelta(days=3)).isoformat()}
    return tasks, {"status": "open", "sort": "due", **bounds}


def test_list_page_by_page(run: Run) -> None:
    """every task once, in order; Link while more follows"""
    tasks, parameters = _three(run)
    equal("ascending", walk(run, {**parameters, "limit": "1"}), tasks)
    equal("descending", walk(run, {**parameters, "limit": "2", "order": "desc"}), tasks[::-1])
    page = run.send("GET", TASKS, params={**parameters, "limit": "1"})
    target = header(page, "Link").partition(">")[0].removeprefix("<")
    equal("the page of Link", document(run.send("GET", run.absolute(target)), 200)["items"], tasks[1:2])


def test_filtered_list(run: Run) -> None:
    """only tasks that match"""
    tasks, parameters = _three(run)
    equal("by tag", walk(run, {**parameters, "tag": "D1"}), tasks[1:2])
    equal("by priority", walk(run, {**parameters, "priority": "high"}), [])
    equal("by text", walk(run, {**parameters, "q": "SMOKE"}), tasks)


def test_order_by_hand(run: Run) -> None:
    """tasks stand in their list where they were put"""
    list_id = minted_id()
    parameters = {"status": "open", "sort": "position", "list": list_id}
    entry = {"id": "1", "title": "Smoke test", "completed": False}
    one, two, three = [run.new_task(list_id=list_id, checklist=[entry]) for _ in range(3)]
    equal("the checklist", one["checklist"], [entry])
    equal("as they were added", walk(run, {**parameters, "limit": "2"}), [one, two, three])
    response = run.send("PATCH", task_path(three["id"]), json={"position": "a0"})
    first = document(response, 200)
    equal("after a move", walk(run, parameters), [first, one, two])
    equal("the last first", walk(run, {**parameters, "order": "desc", "limit": "1"}), [two, one, first])
    document(run.send("POST", task_path(one["id"], "toggle"), json={"completed": True}), 200)
    equal("without one that is completed", walk(run, parameters), [first, two])
    back = document(run.send("POST", task_path(one["id"], "toggle"), json={"completed": False}), 200)
    equal("with one that is reopened", walk(run, parameters), [first, back, two])
    left = document(run.send("PATCH", task_path(two["id"]), json={"list_id": None}), 200)
    equal("the list of one that left", left["list_id"], None)
    equal("without one that left", walk(run, parameters), [first, back])
    violates(run.send("PATCH", task_path(one["id"]), json={"position": "a00"}), "/position", "invalid_position")


def test_move(run: Run) -> None:
    """before or after a task of its list, or to the end of one"""
    list_id, other = minted_id(), minted_id()
    ids = [str(run.new_task(list_id=list_id)["id"]) for _ in range(3)]
    one, two, three = ids
    elsewhere = run.new_task(list_id=other)["id"]

    def moved(task_id: str, body: dict[str, Any] | None, into: str = list_id) -> list[str]:
        """The list afterwards, which shows the task as it was answered."""
        response = run.send("POST", task_path(task_id, "move"), json=body)
        task = document(response, 200)
        equal("ETag", header(response, "ETag"), entity_tag(task))
        items = walk(run, {"status": "open", "sort": "position", "list": into})
        expect(task in items, "the task is not in its list as it was answered")
        return [item["id"] for item in items]

    equal("before the first", moved(three, {"before": one}), [three, one, two])
    equal("after the last", moved(one, {"after": two}), [three, two, one])
    equal("before one in the middle", moved(one, {"before": two}), [three, one, two])
    equal("to the end", moved(three, None), [one, two, three])
    for at, neighbour in (("before", elsewhere), ("after", two), ("before", minted_id())):
        refused = run.send("POST", task_path(two, "move"), json={at: neighbour})
        violates(refused, f"/{at}", "not_a_neighbour")
    equal("to another list", moved(two, {"list_id": other}, other), [elsewhere, two])
    equal("beside a task there", moved(one, {"list_id": other, "after": elsewhere}, other), [elsewhere, one, two])


def test_list_after_a_write(run: Run) -> None:
    """shows it at once, in each list"""
    tasks, parameters = _three(run)
    done = document(run.send("POST", task_path(tasks[0]["id"], "toggle")), 200)
    equal("open tasks", walk(run, parameters), tasks[1:])
    for status, sort in (("completed", "completed_at"), ("all", "updated_at")):
        # Somebody may be at work as this user meanwhile, but hardly on a hundred tasks.
        page = document(run.send("GET", TASKS, params={"status": status, "sort": sort, "limit": "100"}), 200)
        expect(done in page["items"], f"the task is not in the list of {status} tasks by {sort}")


def test_a_cursor_of_another_list(run: Run) -> None:
    """400 problem"""
    _, parameters = _three(run)
    cursor = document(run.send("GET", TASKS, params={**parameters, "limit": "1"}), 200)["next_cursor"]
    for other in ({"cursor": cursor}, {**parameters, "order": "desc", "cursor": cursor}, {"cursor": "smoke-test"}):
        problem(run.send("GET", TASKS, params=other), 400, "invalid_cursor")


def test_a_list_that_is_not_served(run: Run) -> None:
    """422 that names the parameter"""
    problem(run.send("GET", TASKS, params={"status": "completed", "sort": "due"}), 422, "validation_failed")
    problem(run.send("GET", TASKS, params={"limit": "101"}), 422, "validation_failed")
    violates(run.send("GET", TASKS, params={"smoke": "test"}), "smoke", "unknown_parameter")
    violates(run.send("GET", TASKS, params={"status": "open", "sort": "position"}), "list", "required")
