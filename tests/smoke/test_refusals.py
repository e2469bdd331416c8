"""Bodies and headers that the contract refuses, and as what."""

from __future__ import annotations

import pytest

from tests.smoke.expectations import entity_tag, has_status, problem, violates
from tests.smoke.run import TASKS, Run, task_path

pytestmark = pytest.mark.smoke

JSON = {"Content-Type": "application/json"}


def test_a_malformed_body(run: Run) -> None:
    """400 problem"""
    for text in ('{"title": ', '{"title": "a", "title": "b"}', '{"title": NaN}', ""):
        problem(run.send("POST", TASKS, content=text, headers=JSON), 400, "malformed_json")


def test_a_body_of_another_media_type(run: Run) -> None:
    """415 problem"""
    response = run.send("POST", TASKS, content="title=Smoke", headers={"Content-Type": "text/plain"})
    problem(response, 415, "unsupported_media_type")


def test_a_body_that_is_too_large(run: Run) -> None:
    """413 problem"""
    problem(run.send("POST", TASKS, json={"title": "x" * 131_072}), 413, "payload_too_large")


def test_members_that_break_rules(run: Run) -> None:
    """422 that points at each"""
    for body, at, code in (
        ({}, "/title", "required"),
        ({"title": " "}, "/title", "blank"),
        ({"title": "x" * 501}, "/title", "too_long"),
        ({"title": 1}, "/title", "wrong_type"),
        ({"title": "x", "due": "tomorrow"}, "/due", "invalid_due"),
        ({"title": "x", "smoke": 1}, "/smoke", "unknown_member"),
    ):
        violates(run.send("POST", TASKS, json=body), at, code)


def test_members_that_only_the_api_writes(run: Run) -> None:
    """422, and nothing is written"""
    task = run.new_task()
    for name in ("id", "user_id", "version", "etag", "created_at", "updated_at", "completed_at", "trashed_at"):
        response = run.send("PATCH", task_path(task["id"]), json={name: task[name], "title": "Smoke test, changed"})
        violates(response, f"/{name}", "read_only")
    unchanged = run.send("GET", task_path(task["id"]), headers={"If-None-Match": entity_tag(task)})
    has_status(unchanged, 304)


def test_a_precondition_that_is_none(run: Run) -> None:
    """422 that names the header"""
    task = run.new_task()
    response = run.send("DELETE", task_path(task["id"]), headers={"If-Match": "1"})
    violates(response, "If-Match", "invalid_entity_tag")
