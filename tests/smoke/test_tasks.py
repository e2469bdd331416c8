"""The life of a task."""

from __future__ import annotations

import uuid

import pytest

from tests.smoke.expectations import document, entity_tag, equal, expect, has_status, header, problem
from tests.smoke.run import TASKS, Run, minted_id, task_path

pytestmark = pytest.mark.smoke

MEMBERS = {
    "id", "user_id", "title", "description", "completed", "completed_at", "due", "priority", "tags", "list_id",
    "position", "checklist", "trashed_at", "created_at", "updated_at", "version", "etag",
}  # fmt: skip


def test_create(run: Run) -> None:
    """201 with the task, Location and ETag"""
    wanted = {"title": "Smoke test \u2713", "due": "7001-02-03", "priority": "high", "tags": ["Smoke", "test"]}
    response = run.send("POST", TASKS, json=wanted)
    task = document(response, 201)
    expect(task.keys() >= MEMBERS, f"the task lacks {sorted(MEMBERS - task.keys())}")
    equal("the task", {name: task[name] for name in wanted}, wanted)
    equal("version, completed", (task["version"], task["completed"]), (1, False))
    equal("ETag", header(response, "ETag"), entity_tag(task))
    equal("Cache-Control", header(response, "Cache-Control"), "no-store")
    there = run.send("GET", run.absolute(header(response, "Location")))
    equal("the task at Location", document(there, 200), task)


def test_create_once(run: Run) -> None:
    """a replay answers the first task; another body is 422"""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = run.send("POST", TASKS, json={"title": "Smoke test"}, headers=key)
    again = run.send("POST", TASKS, json={"title": "Smoke test"}, headers=key)
    equal("the replay", document(again, 201), document(first, 201))
    equal("Idempotency-Replayed", header(again, "Idempotency-Replayed"), "true")
    expect("Idempotency-Replayed" not in first.headers, "the first answer says it was a replay")
    other = run.send("POST", TASKS, json={"title": "Smoke test, another"}, headers=key)
    problem(other, 422, "idempotency_key_reused")


def test_read(run: Run) -> None:
    """200 with ETag; 304 when unchanged"""
    task = run.new_task()
    path = task_path(task["id"])
    response = run.send("GET", path)
    equal("the task", document(response, 200), task)
    equal("Cache-Control", header(response, "Cache-Control"), "private, no-cache")
    unchanged = run.send("GET", path, headers={"If-None-Match": header(response, "ETag")})
    has_status(unchanged, 304)
    equal("the body of a 304", unchanged.content, b"")


def test_read_by_my_own_id(run: Run) -> None:
    """the same task as under me"""
    task = run.new_task()
    own = str(task["user_id"])
    encoded = "".join(f"%{byte:02X}" for byte in own.encode())
    equal("the task", document(run.send("GET", f"/users/{encoded}/tasks/{task['id']}"), 200), task)


def test_create_or_replace(run: Run) -> None:
    """201, then 200; create only is 412 with current"""
    path = task_path(minted_id())
    created = run.send("PUT", path, json={"title": "Smoke test", "tags": ["a"]})
    equal("id", document(created, 201)["id"], path.rpartition("/")[2])
    header(created, "Location")
    replaced = run.send("PUT", path, json={"title": "Smoke test, replaced"})
    task = document(replaced, 200)
    equal("version, tags", (task["version"], task["tags"]), (2, []))
    refused = run.send("PUT", path, json={"title": "Smoke test"}, headers={"If-None-Match": "*"})
    equal("current", problem(refused, 412, "precondition_failed").get("current"), task)


def test_update(run: Run) -> None:
    """a merge patch; null clears, the rest stays"""
    task = run.new_task(description="Smoke", due="7001-02-03", tags=["a"])
    response = run.send(
        "PATCH",
        task_path(task["id"]),
        json={"priority": "low", "due": None},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    changed = document(response, 200)
    written = {name: changed[name] for name in ("updated_at", "etag")}
    equal("the task", changed, {**task, "priority": "low", "due": None, "version": 2, **written})
    expect(changed["etag"] != task["etag"], "the change has the etag of before")
    equal("ETag", header(response, "ETag"), entity_tag(changed))


def test_conflict(run: Run) -> None:
    """412 with the task as it is now and its ETag"""
    task = run.new_task()
    path = task_path(task["id"])
    now = document(run.send("PATCH", path, json={"title": "Smoke test, changed"}), 200)
    for method, body in (("PATCH", {"title": "Smoke test"}), ("PUT", {"title": "Smoke test"}), ("DELETE", None)):
        stale = run.send(method, path, json=body, headers={"If-Match": entity_tag(task)})
        equal("current", problem(stale, 412, "precondition_failed").get("current"), now)
        equal("ETag", header(stale, "ETag"), entity_tag(now))
    by_version = run.send("DELETE", path, headers={"If-Match": '"2"'})
    problem(by_version, 412, "precondition_failed")
    has_status(run.send("PATCH", path, json={"title": "Smoke test"}, headers={"If-Match": entity_tag(now)}), 200)


def test_toggle(run: Run) -> None:
    """flips without a body; sets with one, once"""
    path = task_path(run.new_task()["id"], "toggle")
    flipped = document(run.send("POST", path), 200)
    expect(flipped["completed"] and flipped["completed_at"], "the task is not completed")
    flipped = document(run.send("POST", path, json={}), 200)
    equal("completed, completed_at", (flipped["completed"], flipped["completed_at"]), (False, None))
    for _attempt in range(2):
        done = document(run.send("POST", path, json={"completed": True}), 200)
        equal("completed, version", (done["completed"], done["version"]), (True, 4))


def test_a_task_that_never_was(run: Run) -> None:
    """404 problem"""
    for task_id in (minted_id(), "smoke-test", str(uuid.uuid4())):
        problem(run.send("GET", task_path(task_id)), 404, "task_not_found")
