"""``sam local start-api``: a task's life over HTTP, through the authorizer, in containers with the Lambda runtime."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.identity.development_tokens import DevelopmentIssuer
from tests.sam.sam_local import SamLocal, log_lines

pytestmark = pytest.mark.docker

ORIGIN = "http://localhost:5173"
TASKS = "/users/me/tasks"


@dataclass(frozen=True)
class Api:
    """The running API.

    Attributes:
        url: Without a slash at the end.
        log: What SAM CLI and the functions have printed.
    """

    url: str
    log: Path

    def client(self, token: str | None) -> httpx.Client:
        """A client that sends a token."""
        headers = {"Origin": ORIGIN} | ({"Authorization": f"Bearer {token}"} if token else {})
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def logged(self, operation: str, status: int) -> dict[str, Any]:
        """The line that a function has logged on a request; waits for it, since SAM CLI passes lines on when it can."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in log_lines(self.log.read_text("utf-8", "replace")):
                if (line.get("operation"), line.get("status")) == (operation, status):
                    return line
            time.sleep(0.2)
        raise AssertionError(f"no line on {operation} {status} in:\n{self.log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="module")
def api(sam: SamLocal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """``sam local start-api`` with a container for each function."""
    log = tmp_path_factory.mktemp("start-api") / "log"
    with sam.start_api(log) as url:
        yield Api(url, log)


@pytest.fixture
def me(api: Api) -> Iterator[httpx.Client]:
    """A client with a good token."""
    with api.client(DevelopmentIssuer.load().token("carol")) as client:
        yield client


def test_a_task_s_life(api: Api, me: httpx.Client) -> None:
    # Created
    response = me.post(TASKS, json={"title": "Buy stamps", "tags": ["post"]})
    assert response.status_code == 201, response.text
    task = response.json()
    assert (task["title"], task["user_id"], task["completed"], task["version"]) == ("Buy stamps", "carol", False, 1)
    assert response.headers["ETag"] == f'"{task["etag"]}"'
    assert response.headers["Location"] == f"{TASKS}/{task['id']}"
    # SAM CLI puts what its own preflights say into every answer.
    assert response.headers["Access-Control-Allow-Origin"] in (ORIGIN, "*")
    assert response.headers["Cache-Control"] == "no-store"

    # Listed
    response = me.get(TASKS, params={"status": "open"})
    assert response.status_code == 200
    assert response.json()["items"] == [task]

    # Toggled
    response = me.post(f"{TASKS}/{task['id']}/toggle", headers={"If-Match": f'"{task["etag"]}"'})
    assert response.status_code == 200
    toggled = response.json()
    assert (toggled["completed"], toggled["version"]) == (True, 2)
    seen = f'"{toggled["etag"]}"'
    assert response.headers["ETag"] == seen
    assert me.get(TASKS, params={"status": "open"}).json()["items"] == []

    # Seen, not modified since, replaced and updated
    assert me.get(f"{TASKS}/{task['id']}", headers={"If-None-Match": seen}).status_code == 304
    replaced = me.put(f"{TASKS}/{task['id']}", json={"title": "Buy more stamps"})
    assert (replaced.status_code, replaced.json()["version"]) == (200, 3)
    updated = me.patch(
        f"{TASKS}/{task['id']}",
        content=b'{"priority": "high"}',
        headers={"Content-Type": "application/merge-patch+json", "If-Match": seen},
    )
    assert (updated.status_code, updated.json()["code"]) == (412, "precondition_failed")

    # Into the trash, where it can't be changed, and out of it
    response = me.delete(f"{TASKS}/{task['id']}")
    assert (response.status_code, response.content) == (204, b"")
    refused = me.patch(f"{TASKS}/{task['id']}", json={"priority": "high"})
    assert (refused.status_code, refused.json()["code"]) == (409, "task_trashed")
    restored = me.post(f"{TASKS}/{task['id']}/restore")
    assert (restored.status_code, restored.json()["trashed_at"]) == (200, None)

    # Deleted for good, and gone
    response = me.delete(f"{TASKS}/{task['id']}", params={"permanent": "true"})
    assert (response.status_code, response.content) == (204, b"")
    response = me.get(f"{TASKS}/{task['id']}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "task_not_found"

    # Each request has its line in the functions' logs, under the request's id, and no title is in them
    for operation, status in (
        ("create_task", 201),
        ("list_tasks", 200),
        ("toggle_task", 200),
        ("get_task", 304),
        ("replace_task", 200),
        ("update_task", 412),
        ("update_task", 409),
        ("restore_task", 200),
        ("delete_task", 204),
        ("get_task", 404),
    ):
        assert api.logged(operation, status)["environment"] == "dev"
    assert api.logged("get_task", 404)["request_id"] == response.json()["request_id"]
    text = api.log.read_text("utf-8", "replace")
    assert "stamps" not in text
    assert "Traceback" not in text


def test_another_user_s_path(api: Api, me: httpx.Client) -> None:
    response = me.get("/users/dave/tasks")

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert api.logged("list_tasks", 403)["code"] == "forbidden"


@pytest.mark.parametrize("lifetime", [None, -60])
def test_without_a_good_token(api: Api, lifetime: int | None) -> None:
    token = None if lifetime is None else DevelopmentIssuer.load().token("carol", lifetime)
    with api.client(token) as client:
        response = client.get(TASKS)

    # SAM CLI's gateway does not know GatewayResponses, by which a Deny is a 401 on AWS (and with make run).
    assert response.status_code == (401 if token is None else 403)
    assert "items" not in response.text


def test_the_smoke_test_passes(api: Api) -> None:
    issuer = DevelopmentIssuer.load()
    variables = {"BASE_URL": api.url, "SKIP_GATEWAY": "1", "SMOKE_SECONDS": "300"}
    variables |= {"TOKEN": issuer.token("erin"), "OTHER_TOKEN": issuer.token("frank"), "ORIGIN": ORIGIN}
    # What a gateway alone answers is skipped: SAM CLI's knows no GatewayResponses and no integration but functions.
    command = [sys.executable, "-m", "tests.smoke"]
    completed = subprocess.run(  # our own command
        command, capture_output=True, text=True, timeout=400, check=False, env=os.environ | variables
    )

    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert " 0 failed, 8 skipped" in completed.stdout


def test_the_start_of_the_containers_was_cold_and_is_no_more(api: Api, me: httpx.Client) -> None:
    # Given a function that has served, when it serves again, then it is the same process
    for _ in range(2):
        assert me.get(TASKS, params={"limit": 1}).status_code == 200
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = [line for line in log_lines(api.log.read_text("utf-8")) if line.get("operation") == "list_tasks"]
        if len(lines) >= 2 and not lines[-1]["cold_start"]:
            break
        time.sleep(0.2)
    assert [line["cold_start"] for line in lines].count(True) == 1
