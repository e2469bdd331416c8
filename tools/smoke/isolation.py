"""Two users: neither sees or touches what is the other's."""

from __future__ import annotations

from urllib.parse import quote

from tools.smoke.expectations import document, equal, expect, has_status, problem
from tools.smoke.run import TASKS, Checks, Run, task_path

checks = Checks()


@checks("another user, by my path", "403 for every operation", needs="other_token")
def _(run: Run) -> None:
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
        ("DELETE", f"{mine}/{task['id']}", None),
    ):
        problem(run.send(method, path, client=run.other, json=json), 403, "forbidden")
    equal("the task", document(run.send("GET", task_path(task["id"])), 200), task)


@checks("another user, by my task's id", "404 under their own path", needs="other_token")
def _(run: Run) -> None:
    task = run.new_task()
    path = task_path(task["id"])
    for method, target, json in (
        ("GET", path, None),
        ("PATCH", path, {"title": "Smoke test, another user"}),
        ("POST", f"{path}/toggle", None),
        ("DELETE", path, None),
    ):
        problem(run.send(method, target, client=run.other, json=json), 404, "task_not_found")
    equal("the task", document(run.send("GET", path), 200), task)


@checks("another user, by my cursor", "reads their own tasks only", needs="other_token")
def _(run: Run) -> None:
    mine = {run.new_task()["id"] for _ in range(2)}
    cursor = document(run.send("GET", TASKS, params={"limit": "1"}), 200)["next_cursor"]
    for parameters in ({"limit": "100"}, {"limit": "100", "cursor": cursor}):
        response = run.send("GET", TASKS, client=run.other, params=parameters)
        has_status(response, 200)
        theirs = {task["id"] for task in response.json()["items"]}
        expect(not theirs & mine, "the other user's list holds a task of mine")
