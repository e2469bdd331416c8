"""Bodies and headers that the contract refuses, and as what."""

from __future__ import annotations

from tools.smoke.expectations import entity_tag, has_status, problem, violates
from tools.smoke.run import TASKS, Checks, Run, task_path

checks = Checks()

JSON = {"Content-Type": "application/json"}


@checks("a body that is no JSON", "400 problem")
def _(run: Run) -> None:
    for text in ('{"title": ', '{"title": "a", "title": "b"}', '{"title": NaN}', ""):
        problem(run.send("POST", TASKS, content=text, headers=JSON), 400, "malformed_json")


@checks("a body of another media type", "415 problem")
def _(run: Run) -> None:
    response = run.send("POST", TASKS, content="title=Smoke", headers={"Content-Type": "text/plain"})
    problem(response, 415, "unsupported_media_type")


@checks("a body over 128 KiB", "413 problem")
def _(run: Run) -> None:
    problem(run.send("POST", TASKS, json={"title": "x" * 131_072}), 413, "payload_too_large")


@checks("members that break rules", "422 that points at each")
def _(run: Run) -> None:
    for body, at, code in (
        ({}, "/title", "required"),
        ({"title": " "}, "/title", "blank"),
        ({"title": "x" * 501}, "/title", "too_long"),
        ({"title": 1}, "/title", "wrong_type"),
        ({"title": "x", "due": "tomorrow"}, "/due", "invalid_due"),
        ({"title": "x", "smoke": 1}, "/smoke", "unknown_member"),
    ):
        violates(run.send("POST", TASKS, json=body), at, code)


@checks("members that only the API writes", "422, and nothing is written")
def _(run: Run) -> None:
    task = run.new_task()
    for name in ("id", "user_id", "version", "etag", "created_at", "updated_at", "completed_at"):
        response = run.send("PATCH", task_path(task["id"]), json={name: task[name], "title": "Smoke test, changed"})
        violates(response, f"/{name}", "read_only")
    unchanged = run.send("GET", task_path(task["id"]), headers={"If-None-Match": entity_tag(task)})
    has_status(unchanged, 304)


@checks("a precondition that is none", "422 that names the header")
def _(run: Run) -> None:
    task = run.new_task()
    response = run.send("DELETE", task_path(task["id"]), headers={"If-Match": "1"})
    violates(response, "If-Match", "invalid_entity_tag")
