"""Two users: neither sees or touches what is the other's."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from tests.smoke.expectations import document, equal, expect, has_status, problem
from tests.smoke.run import TASKS, Run, list_path, task_path

pytestmark = pytest.mark.smoke


def test_another_user_by_my_path(run: Run, other: httpx.Client) -> None:
    """403 for every operation"""
    task = run.new_task()
    mine = f"/users/{quote(str(task['user_id']), safe='')}/tasks"
    body = {"title": "Smoke test, another user"}
    for method, path, json in (
        ("GET", mine, None),
        ("POST", mine, body),
        ("GET", f"{mine}/{task['id']}", None),
        ("PUT", f"{mine}/{task['id']}", body),
        ("PATCH", f"{mine}/{task['id']}", body),
        ("POST", f"{mine}/{task['id']}/toggle", None),
        ("POST", f"{mine}/{task['id']}/move", None),
        ("POST", f"{mine}/{task['id']}/restore", None),
        ("DELETE", f"{mine}/{task['id']}", None),
        ("DELETE", f"{mine}/{task['id']}?permanent=true", None),
    ):
        problem(run.send(method, path, client=other, json=json), 403, "forbidden")
    equal("the task", document(run.send("GET", task_path(task["id"])), 200), task)


def test_another_user_by_the_id_of_my_task(run: Run, other: httpx.Client) -> None:
    """404 under their own path"""
    task = run.new_task()
    path = task_path(task["id"])
    for method, target, json in (
        ("GET", path, None),
        ("PATCH", path, {"title": "Smoke test, another user"}),
        ("POST", f"{path}/toggle", None),
        ("POST", f"{path}/move", None),
        ("POST", f"{path}/restore", None),
        ("DELETE", path, None),
        ("DELETE", f"{path}?permanent=true", None),
    ):
        problem(run.send(method, target, client=other, json=json), 404, "task_not_found")
    equal("the task", document(run.send("GET", path), 200), task)


def test_another_user_by_the_id_of_my_list(run: Run, other: httpx.Client) -> None:
    """404 under their own path, and my tasks stay in it"""
    kept = run.new_list()
    task = run.new_task(list_id=kept["id"])
    path = list_path(kept["id"])
    for method, json in (("GET", None), ("PATCH", {"title": "Smoke test, another user"}), ("DELETE", None)):
        problem(run.send(method, path, client=other, json=json), 404, "list_not_found")
    equal("the list", document(run.send("GET", path), 200), kept)
    equal("the task", document(run.send("GET", task_path(task["id"])), 200), task)


def test_another_user_by_my_cursor(run: Run, other: httpx.Client) -> None:
    """reads their own tasks only"""
    mine = {run.new_task()["id"] for _ in range(2)}
    cursor = document(run.send("GET", TASKS, params={"limit": "1"}), 200)["next_cursor"]
    for parameters in ({"limit": "100"}, {"limit": "100", "cursor": cursor}):
        response = run.send("GET", TASKS, client=other, params=parameters)
        has_status(response, 200)
        theirs = {task["id"] for task in response.json()["items"]}
        expect(not theirs & mine, "the other user's list holds a task of mine")
