"""The life of tasks over HTTP, as two users: the contract's operations with their headers."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import pytest

from taskapi import positions, uuid7
from tests.e2e.problems import problem
from tests.e2e.serving import Caller

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PERMANENT = {"permanent": "true"}


def mint(age_seconds: int = 0) -> str:
    """A UUIDv7 as a client mints it."""
    return uuid7.mint(int((time.time() - age_seconds) * 1000))


def entity_tag(task: dict[str, Any]) -> str:
    """The ``ETag`` of a task that was answered."""
    return f'"{task["etag"]}"'


class TestCreate:
    def test_a_task_is_answered_whole_with_its_place_and_its_tag(self, alice: Caller) -> None:
        # Given a user, when they create a task
        response = alice.http.post(
            alice.path(),
            json={"title": " Pay rent ", "due": "2026-12-01", "priority": "high", "tags": ["home", "Übersicht"]},
        )

        # Then it is answered whole, with where it is and its entity tag
        assert response.status_code == 201
        task = response.json()
        assert TIMESTAMP.fullmatch(task["created_at"])
        assert task == {
            "id": task["id"],
            "user_id": alice.user,
            "title": "Pay rent",
            "description": None,
            "completed": False,
            "completed_at": None,
            "due": "2026-12-01",
            "priority": "high",
            "tags": ["home", "Übersicht"],
            "list_id": None,
            "position": positions.at(uuid7.milliseconds(task["id"])),
            "checklist": [],
            "trashed_at": None,
            "created_at": task["created_at"],
            "updated_at": task["created_at"],
            "version": 1,
            "etag": task["etag"],
        }
        assert uuid.UUID(task["id"]).version == 7
        assert response.headers["etag"] == entity_tag(task)
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-type"] == "application/json"

        # And its place is where it can be read
        assert alice.http.get(response.headers["location"]).json() == task

    def test_the_location_spells_the_user_as_the_request_did(self, alice: Caller) -> None:
        response = alice.http.post(alice.path(user=alice.user), json={"title": "Pay rent"})

        assert response.headers["location"] == alice.path(response.json()["id"], user=alice.user)


class TestRead:
    def test_an_unchanged_task_is_not_sent_again(self, alice: Caller) -> None:
        # Given a task that the client has
        task = alice.create()

        # When it asks with the entity tag that it has
        path, known = alice.path(task["id"]), {"If-None-Match": entity_tag(task)}
        response = alice.http.get(path, headers=known)

        # Then it is told so without a body, and a changed one is sent
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", entity_tag(task))
        alice.http.patch(path, json={"title": "Changed"})
        changed = alice.http.get(path, headers=known)
        assert (changed.status_code, changed.json()["title"]) == (200, "Changed")
        assert changed.headers["etag"] == entity_tag(changed.json()) != entity_tag(task)

    def test_what_one_user_has_seen_is_sent_to_another_all_the_same(self, alice: Caller, bob: Caller) -> None:
        # Given the same id and content of two users, as a browser meets them when one signs in after the other
        task_id = mint()
        seen = alice.http.put(alice.path(task_id), json={"title": "Pay rent"})
        bob.http.put(bob.path(task_id), json={"title": "Pay rent"})

        # When the second one's page revalidates what the first one's has fetched
        response = bob.http.get(bob.path(task_id), headers={"If-None-Match": seen.headers["etag"]})

        # Then it is not told to show that
        assert (response.status_code, response.json()["user_id"]) == (200, bob.user)

    @pytest.mark.parametrize("version", ["1", "2"])
    def test_a_version_is_no_entity_tag(self, alice: Caller, version: str) -> None:
        path = alice.path(alice.create()["id"])
        alice.http.patch(path, json={"title": "Changed"})

        assert alice.http.get(path, headers={"If-None-Match": f'"{version}"'}).status_code == 200
        refused = alice.http.patch(path, json={"title": "Again"}, headers={"If-Match": f'"{version}"'})
        problem(refused, 412, "precondition_failed")

    def test_another_user_s_task_is_not_found_under_one_s_own_path(self, alice: Caller, bob: Caller) -> None:
        # Given a task of Alice's, when Bob uses its id under his own path, then he finds nothing, whatever he does
        task_id = alice.create()["id"]
        for method, path, body in (
            ("GET", bob.path(task_id), None),
            ("PATCH", bob.path(task_id), {"title": "Mine"}),
            ("DELETE", bob.path(task_id), None),
            ("POST", bob.path(task_id, "toggle"), None),
            ("POST", bob.path(task_id, "move"), None),
            ("POST", bob.path(task_id, "restore"), None),
        ):
            problem(bob.http.request(method, path, json=body), 404, "task_not_found")
        assert alice.http.get(alice.path(task_id)).json()["title"] == "Pay rent"

    @pytest.mark.parametrize("task_id", ["1", "not-a-uuid", "550e8400-e29b-41d4-a716-446655440000", "%", "a b"])
    def test_what_is_no_task_id_is_not_found(self, alice: Caller, task_id: str) -> None:
        problem(alice.http.get(alice.path() + "/" + task_id.replace("%", "%25")), 404, "task_not_found")


class TestReplace:
    def test_a_client_minted_id_creates_then_replaces(self, alice: Caller) -> None:
        # Given an id that a client minted offline
        task_id = mint(age_seconds=60)
        path = alice.path(task_id)

        # When it is put, then it is created
        created = alice.http.put(path, json={"title": "Offline", "tags": ["a"]})
        assert created.status_code == 201
        assert created.headers["location"] == path
        assert (created.json()["id"], created.json()["version"]) == (task_id, 1)

        # When it is put again, then it is replaced whole
        replaced = alice.http.put(path, json={"title": "Again", "completed": True})
        assert replaced.status_code == 200
        assert (replaced.json()["tags"], replaced.json()["completed"], replaced.json()["version"]) == ([], True, 2)
        assert replaced.headers["etag"] == entity_tag(replaced.json())
        assert replaced.json()["created_at"] == created.json()["created_at"]

    def test_an_id_of_a_clock_that_is_days_ahead_is_refused(self, alice: Caller) -> None:
        # Given ids minted by clocks that are ahead: a little, and by more than a day
        near, far = mint(age_seconds=-3_600), mint(age_seconds=-2 * 86_400)

        # When they are put, then the second would head the list for days: refused
        assert alice.http.put(alice.path(near), json={"title": "Near"}).status_code == 201
        [violation] = problem(alice.http.put(alice.path(far), json={"title": "Far"}), 422, "validation_failed")[
            "errors"
        ]
        assert (violation["parameter"], violation["code"]) == ("task_id", "task_id_ahead")

        # And both lists put the first in the same place
        alice.create(title="Later")
        for status in ("all", "open"):
            items = alice.http.get(alice.path(), params={"status": status}).json()["items"]
            assert [task["title"] for task in items] == ["Near", "Later"]

    def test_the_same_id_is_two_tasks_of_two_users(self, alice: Caller, bob: Caller) -> None:
        task_id = mint()
        for caller in (alice, bob):
            response = caller.http.put(caller.path(task_id), json={"title": f"Of {caller.user}"})
            assert response.status_code == 201

        assert alice.http.get(alice.path(task_id)).json()["title"] == f"Of {alice.user}"
        assert bob.http.get(bob.path(task_id)).json()["title"] == f"Of {bob.user}"

    def test_it_can_be_create_only_or_replace_only(self, alice: Caller) -> None:
        # Given no task of an id
        path = alice.path(mint())
        body = {"title": "Once"}

        # When replacing only, then it fails; when creating only, it succeeds once
        problem(alice.http.put(path, json=body, headers={"If-Match": "*"}), 412, "precondition_failed")
        only_new = {"If-None-Match": "*"}
        assert alice.http.put(path, json=body, headers=only_new).status_code == 201
        refused = problem(alice.http.put(path, json=body, headers=only_new), 412, "precondition_failed")
        assert refused["current"]["version"] == 1


class TestUpdate:
    def test_a_merge_patch_changes_what_it_names(self, alice: Caller) -> None:
        # Given a task with everything
        task = alice.create(description="All of it", due="2026-12-01", tags=["a", "b"], priority="low")

        # When a patch names two members, one with null
        headers = {"Content-Type": "application/merge-patch+json"}
        response = alice.http.patch(alice.path(task["id"]), content=b'{"due": null, "tags": ["c"]}', headers=headers)

        # Then the rest is as it was
        assert response.status_code == 200
        assert response.json() == {
            **task,
            "due": None,
            "tags": ["c"],
            "version": 2,
            "updated_at": response.json()["updated_at"],
            "etag": response.json()["etag"],
        }

    def test_an_empty_patch_says_nothing(self, alice: Caller) -> None:
        problem(alice.http.patch(alice.path(alice.create()["id"]), json={}), 422, "validation_failed")

    def test_a_stale_entity_tag_gets_the_current_task(self, alice: Caller) -> None:
        # Given a task that another client has changed
        task = alice.create()
        path = alice.path(task["id"])
        alice.http.patch(path, json={"title": "From the phone"})

        # When this client writes on what it knows
        response = alice.http.patch(path, json={"title": "From the laptop"}, headers={"If-Match": entity_tag(task)})

        # Then it is refused with what it needs to merge
        document = problem(response, 412, "precondition_failed")
        assert document["current"] == alice.http.get(path).json()
        assert document["current"]["title"] == "From the phone"
        assert response.headers["etag"] == entity_tag(document["current"])
        merged = alice.http.patch(path, json={"title": "Merged"}, headers={"If-Match": response.headers["etag"]})
        assert merged.status_code == 200


class TestToggle:
    def test_it_flips_without_a_body_and_sets_with_one(self, alice: Caller) -> None:
        task = alice.create(due="2026-12-01")
        path = alice.path(task["id"], "toggle")

        # Flips
        done = alice.http.post(path).json()
        assert done["completed"]
        assert TIMESTAMP.fullmatch(done["completed_at"])
        reopened = alice.http.post(path, json={}).json()  # as generated clients do without a body
        assert (reopened["completed"], reopened["completed_at"], reopened["version"]) == (False, None, 3)

        assert alice.http.post(path, content="null", headers={"Content-Type": "application/json"}).json()["completed"]

        # Sets, so that a retry is harmless
        first, second = (alice.http.post(path, json={"completed": True}) for _ in range(2))
        assert first.json() == second.json()
        assert first.json()["completed"]

    def test_it_obeys_if_match(self, alice: Caller) -> None:
        task = alice.create()
        path = alice.path(task["id"], "toggle")

        problem(alice.http.post(path, headers={"If-Match": '"9"'}), 412, "precondition_failed")
        assert alice.http.post(path, headers={"If-Match": entity_tag(task)}).status_code == 200


class TestDelete:
    def test_a_deleted_task_is_in_the_trash_and_in_no_other_list(self, alice: Caller) -> None:
        # Given a task, when it is deleted
        task = alice.create()
        path = alice.path(task["id"])
        response = alice.http.delete(path)

        # Then it is there as it was, and nothing but the trash lists it
        assert (response.status_code, response.content) == (204, b"")
        response = alice.http.get(path)
        trashed = response.json()
        assert TIMESTAMP.fullmatch(trashed["trashed_at"])
        written = {name: trashed[name] for name in ("trashed_at", "updated_at", "etag")}
        assert trashed == {**task, "version": 2, **written}
        assert response.headers["etag"] == entity_tag(trashed)
        for status, items in (("all", []), ("open", []), ("completed", []), ("trashed", [trashed])):
            assert alice.http.get(alice.path(), params={"status": status}).json()["items"] == items

        # And it is not written but by PUT, by what takes it out, and by what deletes it for good
        for refused in (
            alice.http.patch(path, json={"title": "Back"}),
            alice.http.post(path + "/toggle"),
            alice.http.post(path + "/move"),
        ):
            assert problem(refused, 409, "task_trashed")["current"] == trashed
            assert refused.headers["etag"] == entity_tag(trashed)
        assert alice.http.delete(path).status_code == 204
        assert alice.http.get(path).json() == trashed

    def test_a_restored_task_is_as_it_was(self, alice: Caller) -> None:
        # Given a task in the trash
        task = alice.create(completed=True, due="2026-12-01")
        path = alice.path(task["id"])
        alice.http.delete(path)

        # When it is taken out, then it is as before, and taking it out again says so
        restored = alice.http.post(path + "/restore")
        assert restored.status_code == 200
        written = {name: restored.json()[name] for name in ("updated_at", "etag")}
        assert restored.json() == {**task, "version": 3, **written}
        again = problem(alice.http.post(path + "/restore"), 409, "task_not_trashed")
        assert again["current"] == restored.json()

    def test_what_is_deleted_for_good_is_gone_for_every_operation(self, alice: Caller) -> None:
        # Given a task, when it is deleted for good
        path = alice.path(alice.create()["id"])
        response = alice.http.delete(path, params=PERMANENT)

        # Then there is nothing left of it to see
        assert (response.status_code, response.content) == (204, b"")
        for again in (
            alice.http.get(path),
            alice.http.delete(path),
            alice.http.delete(path, params=PERMANENT),
            alice.http.patch(path, json={"title": "Back"}),
            alice.http.post(path + "/toggle"),
            alice.http.post(path + "/move"),
            alice.http.post(path + "/restore"),
        ):
            problem(again, 404, "task_not_found")
        for status in ("all", "open", "completed", "trashed"):
            assert alice.http.get(alice.path(), params={"status": status}).json()["items"] == []

    def test_a_put_over_a_tombstone_counts_the_version_on(self, alice: Caller) -> None:
        # Given a task deleted for good at version 2
        path = alice.path(alice.create()["id"])
        alice.http.patch(path, json={"title": "Second"})
        alice.http.delete(path, params=PERMANENT)

        # When its id is put again, then it is new to the client, and its version goes on
        response = alice.http.put(path, json={"title": "Back again"}, headers={"If-None-Match": "*"})
        assert (response.status_code, response.json()["version"]) == (201, 4)

    def test_it_obeys_if_match(self, alice: Caller) -> None:
        task = alice.create()
        path = alice.path(task["id"])

        refused = problem(alice.http.delete(path, headers={"If-Match": '"2"'}), 412, "precondition_failed")
        assert refused["current"] == task
        assert alice.http.delete(path, headers={"If-Match": entity_tag(task)}).status_code == 204


class TestRequestBodies:
    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/title"}),
            ({"title": ""}, {"/title"}),
            ({"title": "x" * 501}, {"/title"}),
            ({"title": "a", "colour": "red"}, {"/colour"}),
            ({"title": 1, "completed": "yes", "tags": "a"}, {"/title", "/completed", "/tags"}),
            ({"title": "a", "due": "tomorrow", "priority": "urgent"}, {"/due", "/priority"}),
        ],
    )
    def test_each_member_that_is_wrong_is_named(self, alice: Caller, body: object, pointers: set[str]) -> None:
        document = problem(alice.http.post(alice.path(), json=body), 422, "validation_failed")

        assert {error["pointer"] for error in document["errors"]} == pointers
        assert all(error["code"] and error["detail"] for error in document["errors"])

    @pytest.mark.parametrize("body", [b"", b"{", b'{"title": NaN}', b'{"title": "a", "title": "b"}', b"nothing"])
    def test_what_is_no_json_is_malformed(self, alice: Caller, body: bytes) -> None:
        response = alice.http.post(alice.path(), content=body, headers={"Content-Type": "application/json"})

        problem(response, 400, "malformed_json")

    @pytest.mark.parametrize("media_type", [None, "text/plain", "application/xml", "application/merge-patch+json"])
    def test_create_reads_json_only(self, alice: Caller, media_type: str | None) -> None:
        headers = {} if media_type is None else {"Content-Type": media_type}

        problem(
            alice.http.post(alice.path(), content=b'{"title": "a"}', headers=headers), 415, "unsupported_media_type"
        )

    def test_a_body_over_128_kib_is_too_large(self, alice: Caller) -> None:
        response = alice.http.post(alice.path(), json={"title": "a", "description": "x" * 128 * 1024})

        problem(response, 413, "payload_too_large")
