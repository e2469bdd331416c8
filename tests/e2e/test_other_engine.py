"""DYNAMODB_ENDPOINT: another engine in the place of the embedded store."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.engines.dynamodb_endpoint import dynamodb_endpoint
from local.engines.store import create_client, embedded_dynamodb
from local.instance import instance
from local.listener import listen
from tests.e2e.serving import ISSUER, SETTINGS, RunningApi, Served, running


def test_its_table_is_created_once_and_its_tasks_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an engine behind a URL, in a region of this test's own
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-west-3")
    with embedded_dynamodb(), dynamodb_endpoint(create_client(None)) as url:
        settings = dataclasses.replace(SETTINGS, dynamodb_endpoint=url)

        # When the API runs on it, then the table is there, and several requests are served at a time
        with listen(0) as listener, instance(settings, ISSUER, listener, Served()) as first, running(first.server):
            assert first.table_created
            with RunningApi(first.server.url, Served()).caller("alice") as alice, ThreadPoolExecutor(4) as pool:
                created = list(pool.map(lambda number: alice.create(title=f"Task {number}"), range(8)))
                assert len({task["id"] for task in created}) == 8
                # A failed condition comes back whole through the endpoint, too
                path = alice.path(created[0]["id"])
                stale = alice.http.patch(path, json={"title": "a"}, headers={"If-Match": '"9"'})
                assert stale.json()["current"] == created[0]

        # When it runs on it again, then the tasks are still there
        with listen(0) as listener, instance(settings, ISSUER, listener, Served()) as second, running(second.server):
            assert not second.table_created
            with RunningApi(second.server.url, Served()).caller("alice") as alice:
                titles = {task["title"] for task in alice.http.get(alice.path()).json()["items"]}
                assert titles == {f"Task {number}" for number in range(8)}
