"""The trash: into it, out of it, and past it."""

from __future__ import annotations

import pytest

from tests.smoke.expectations import document, entity_tag, equal, expect, has_status, header, problem
from tests.smoke.run import TASKS, Run, minted_id, task_path

pytestmark = pytest.mark.smoke


def test_delete(run: Run) -> None:
    """204, then in the trash, where it stays as it is"""
    task = run.new_task(list_id=minted_id())
    path = task_path(task["id"])
    deleted = run.send("DELETE", path)
    has_status(deleted, 204)
    equal("the body of a 204", deleted.content, b"")
    response = run.send("GET", path)
    trashed = document(response, 200)
    equal("ETag", header(response, "ETag"), entity_tag(trashed))
    expect(trashed["trashed_at"], "the task is not in the trash")
    written = {name: trashed[name] for name in ("trashed_at", "updated_at", "etag")}
    equal("the task", trashed, {**task, "version": 2, **written})
    for status, wanted in (("trashed", [trashed]), ("open", [])):
        page = run.send("GET", TASKS, params={"status": status, "list": task["list_id"]})
        equal(f"{status} tasks", document(page, 200)["items"], wanted)
    for method, target, json in (
        ("PATCH", path, {"title": "Smoke test, changed"}),
        ("POST", f"{path}/toggle", None),
        ("POST", f"{path}/move", None),
    ):
        refused = run.send(method, target, json=json)
        equal("current", problem(refused, 409, "task_trashed").get("current"), trashed)
        equal("ETag", header(refused, "ETag"), entity_tag(trashed))
    has_status(run.send("DELETE", path), 204)
    equal("the task", document(run.send("GET", path), 200), trashed)


def test_restore(run: Run) -> None:
    """200 with the task as it was; 409 when it is not in the trash"""
    for completed in (False, True):
        task = run.new_task(list_id=minted_id(), due="7001-02-03", position="a1")
        path = task_path(task["id"])
        before = document(run.send("POST", f"{path}/toggle", json={"completed": completed}), 200)
        has_status(run.send("DELETE", path), 204)
        response = run.send("POST", f"{path}/restore")
        restored = document(response, 200)
        equal("ETag", header(response, "ETag"), entity_tag(restored))
        written = {name: restored[name] for name in ("updated_at", "etag")}
        equal("the task", restored, {**before, "version": before["version"] + 2, **written})
        again = run.send("POST", f"{path}/restore")
        equal("current", problem(again, 409, "task_not_trashed").get("current"), restored)
        status = "completed" if completed else "open"
        page = run.send("GET", TASKS, params={"status": status, "list": task["list_id"]})
        equal(f"{status} tasks", document(page, 200)["items"], [restored])


def test_delete_for_good(run: Run) -> None:
    """204, in the trash or not, then 404 for everything"""
    for in_trash in (False, True):
        path = task_path(run.new_task()["id"])
        if in_trash:
            has_status(run.send("DELETE", path), 204)
        has_status(run.send("DELETE", path, params={"permanent": "true"}), 204)
        for method, target, json in (
            ("GET", path, None),
            ("PATCH", path, {"title": "Smoke test"}),
            ("POST", f"{path}/restore", None),
            ("DELETE", path, None),
            ("DELETE", f"{path}?permanent=true", None),
        ):
            problem(run.send(method, target, json=json), 404, "task_not_found")


def test_an_id_deleted_and_put_again(run: Run) -> None:
    """200 out of the trash, 201 without it; no entity tag of before matches"""
    path = task_path(minted_id())
    tags = [entity_tag(document(run.send("PUT", path, json={"title": "Smoke test"}), 201))]
    for parameters, status in (({}, 200), ({"permanent": "true"}, 201)):
        has_status(run.send("DELETE", path, params=parameters), 204)
        again = document(run.send("PUT", path, json={"title": "Smoke test"}), status)
        equal("trashed_at", again["trashed_at"], None)
        has_status(run.send("GET", path, headers={"If-None-Match": ", ".join(tags)}), 200)
        tags.append(entity_tag(again))
