"""Walks every answer of every operation in docs/openapi.yaml: what it says can happen does, and looks as it says.

Most come from the running API. What can't be had from it comes from what makes it: the functions over a store that
fails, and the template's gateway responses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.gateway_request import GatewayRequest
from local.gateway_responses import GatewayResponses, Refusal
from local.operations import OPERATIONS
from local.paths import TEMPLATE
from local.settings import LocalSettings
from local.template import load_template
from taskapi.errors import StorageFull, StoreUnavailable, TooManyRequests
from taskapi.settings import Settings
from tests.conformance.document import Document, Operation
from tests.conformance.response_validator import NonconformingResponse, ResponseValidator
from tests.conformance.running_api import ORIGIN, RunningApi
from tests.support.function_modules import load_operation
from tests.support.proxy_events import FakeContext, proxy_event
from tests.support.recording_task_store import RecordingTaskStore

TASKS = "/users/me/tasks"
TASK_ID = "019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b17"
MISSING = f"{TASKS}/019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b18"
# Without a status of their own: the local gateway gives them these.
UNCLASSIFIED = {"DEFAULT_4XX": 400, "DEFAULT_5XX": 502}


@pytest.fixture(scope="module")
def validator() -> ResponseValidator:
    """One for all tests of this module: it remembers what was seen."""
    return ResponseValidator()


@pytest.fixture
def http(api: RunningApi, validator: ResponseValidator) -> Iterator[httpx.Client]:
    """A user's client, all of whose responses are validated."""
    with api.client("walker", validator.on_response) as client:
        yield client


def documented(document: Document) -> set[tuple[str | None, int, str | None]]:
    """Operation, status and problem code (None for a success) of every answer that the document lists singly."""
    return {
        (operation.name, int(status), code)
        for operation in document.operations
        for status, response in operation.definition["responses"].items()
        if status.isdigit()
        for code in codes(document, document.resolve(response))
    }


def codes(document: Document, response: Any) -> list[str | None]:
    """The problem codes of a response."""
    content = response.get("content", {}).get("application/problem+json")
    if content is None:
        return [None]
    return [example["value"]["code"] for example in content["examples"].values()]


def test_what_goes_well(http: httpx.Client) -> None:
    # Each line is a request; the client validates its response
    created = http.post(TASKS, json={"title": "Pay rent"}, headers={"Idempotency-Key": "k", "Origin": ORIGIN})
    assert created.status_code == 201
    replayed = http.post(TASKS, json={"title": "Pay rent"}, headers={"Idempotency-Key": "k"})
    assert replayed.headers["idempotency-replayed"] == "true"
    task = f"{TASKS}/{created.json()['id']}"
    assert http.get(task).status_code == 200
    assert http.get(task, headers={"If-None-Match": created.headers["etag"]}).status_code == 304
    assert http.patch(task, json={"due": "2026-12-01"}, headers={"Origin": ORIGIN}).json()["version"] == 2
    assert http.post(f"{task}/toggle").json()["completed"] is True
    assert http.put(task, json={"title": "Pay the rent", "tags": ["home"]}).status_code == 200
    assert http.put(f"{TASKS}/{TASK_ID}", json={"title": "Offline"}).status_code == 201
    assert "link" in http.get(TASKS, params={"limit": 1}).headers
    assert http.get(TASKS, params={"status": "completed"}).json() == {"items": [], "next_cursor": None}
    assert http.delete(task).status_code == 204


@pytest.mark.parametrize("name", OPERATIONS)
def test_preflights(http: httpx.Client, name: str) -> None:
    method, path = OPERATIONS[name].method, OPERATIONS[name].path
    path = path.replace("{user_id}", "me").replace("{task_id}", TASK_ID)

    answer = http.options(path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": method})

    assert answer.headers["access-control-allow-origin"] in (ORIGIN, "*")
    assert method in answer.headers["access-control-allow-methods"]


def concrete(operation: Operation, *, user: str = "me", task_id: str = TASK_ID) -> str:
    """The path of an operation."""
    return operation.path.replace("{user_id}", user).replace("{task_id}", task_id)


def test_what_every_operation_refuses(http: httpx.Client, api: RunningApi, document: Document) -> None:
    for operation in document.operations:
        # Given a request that would do but for one thing
        method = operation.method.upper()

        # When there is no token, an expired one, a foreign path, an unknown parameter, a route that does not exist
        # Then that is what the answer says
        assert http.request(method, concrete(operation), headers={"Authorization": ""}).status_code == 401
        expired = {"Authorization": f"Bearer {api.token('walker', -60)}", "Origin": ORIGIN}
        assert http.request(method, concrete(operation), headers=expired).status_code == 401
        assert http.request(method, concrete(operation, user="someone")).status_code == 403
        assert http.request(method, concrete(operation), params={"colour": "red"}).status_code == 422
        assert http.request(method, f"{concrete(operation)}/nothing").status_code == 404


def test_what_operations_with_a_task_refuse(http: httpx.Client, document: Document) -> None:
    body = {"update_task": {"title": "x"}, "replace_task": {"title": "x"}}
    assert http.put(f"{TASKS}/{TASK_ID}", json={"title": "Pay rent"}).is_success
    for name in ("get_task", "update_task", "delete_task", "toggle_task"):
        operation = document.operation(name)
        assert (
            http.request(operation.method, concrete(operation, task_id=MISSING[-36:]), json=body.get(name)).json()[
                "code"
            ]
            == "task_not_found"
        )
    for name in ("replace_task", "update_task", "delete_task", "toggle_task"):
        operation = document.operation(name)
        stale = http.request(operation.method, concrete(operation), json=body.get(name), headers={"If-Match": '"99"'})
        assert stale.status_code == 412
        assert stale.json()["current"]["id"] == TASK_ID
        wrong = http.request(operation.method, concrete(operation), json=body.get(name), headers={"If-Match": "99"})
        assert wrong.json()["errors"][0]["header"] == "If-Match"
    gone = http.put(MISSING, json={"title": "x"}, headers={"If-Match": "*"})
    assert "current" not in gone.json()


@pytest.mark.parametrize("name", ["create_task", "replace_task", "update_task", "toggle_task"])
def test_what_operations_with_a_body_refuse(http: httpx.Client, document: Document, name: str) -> None:
    operation = document.operation(name)
    url, json_type = concrete(operation), {"Content-Type": "application/json"}

    def send(content: bytes, headers: dict[str, str] = json_type) -> tuple[int, str]:
        answer = http.request(operation.method, url, content=content, headers=headers)
        return answer.status_code, answer.json()["code"]

    assert send(b'{"title": ') == (400, "malformed_json")
    assert send(b'{"title": "' + b"x" * (128 * 1024) + b'"}') == (413, "payload_too_large")
    assert send(b"{}", {"Content-Type": "text/plain"}) == (415, "unsupported_media_type")
    assert send(b'{"colour": "red"}') == (422, "validation_failed")


def test_what_single_operations_refuse(http: httpx.Client) -> None:
    assert http.get(TASKS, params={"cursor": "abc"}).json()["code"] == "invalid_cursor"
    assert http.get(TASKS, params={"status": "all", "sort": "due"}).status_code == 422
    assert http.put(f"{TASKS}/1", json={"title": "x"}).json()["errors"][0]["code"] == "invalid_task_id"
    assert http.post(TASKS, json={"title": "a"}, headers={"Idempotency-Key": "again"}).status_code == 201
    reused = http.post(TASKS, json={"title": "b"}, headers={"Idempotency-Key": "again"})
    assert reused.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("error", [TooManyRequests(), StoreUnavailable(), ZeroDivisionError()], ids=repr)
def test_a_store_that_fails(validator: ResponseValidator, name: str, error: Exception) -> None:
    # Given an operation over a store that fails
    settings = Settings(environment="dev", table_name="tasks", allowed_origins=(ORIGIN,))
    operation = load_operation(name).using(settings, RecordingTaskStore(error).store)
    body = None if name in ("list_tasks", "get_task", "delete_task", "toggle_task") else {"title": "x"}
    event = proxy_event(name, body=body, headers={"Origin": ORIGIN})

    # When it is called, then its answer is as documented
    validate(validator, name, operation(event, FakeContext()))


@pytest.mark.parametrize("name", ["create_task", "replace_task", "update_task", "toggle_task"])
def test_a_user_s_storage_that_is_full(validator: ResponseValidator, name: str) -> None:
    settings = Settings(environment="dev", table_name="tasks", allowed_origins=(ORIGIN,))
    operation = load_operation(name).using(settings, RecordingTaskStore(StorageFull()).store)
    body = {"completed": True} if name == "toggle_task" else {"title": "x"}

    validate(validator, name, operation(proxy_event(name, body=body), FakeContext()))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_token_that_expires_while_the_gateway_remembers_it(validator: ResponseValidator, name: str) -> None:
    settings = Settings(environment="dev", table_name="tasks", allowed_origins=(ORIGIN,))
    operation = load_operation(name).using(settings, RecordingTaskStore().store)

    validate(validator, name, operation(proxy_event(name, exp="1"), FakeContext()))


def validate(validator: ResponseValidator, name: str, response: dict[str, Any]) -> None:
    """Validate a response in the Lambda proxy integration's output format."""
    event = proxy_event(name)
    validator.check(
        event["httpMethod"],
        event["path"],
        response["statusCode"],
        response["headers"].items(),
        response["body"].encode(),
    )


def test_what_the_gateway_answers_by_itself(validator: ResponseValidator, document: Document) -> None:
    template = load_template(TEMPLATE, LocalSettings(allowed_origins=ORIGIN).parameters("{}"))
    definitions = template.api_properties["GatewayResponses"]
    responses = GatewayResponses(definitions, "v1")
    for kind, definition in definitions.items():
        status = int(definition.get("StatusCode") or UNCLASSIFIED[kind])
        for operation in document.operations:
            path = concrete(operation)
            request = GatewayRequest(operation.method.upper(), path, headers=[("Origin", ORIGIN)])
            answer = responses.render(Refusal(kind, status=status, message=""), request)
            if is_of(operation, kind):
                validator.check(request.method, path, answer.status, answer.headers.items(), answer.body.encode())


def is_of(operation: Operation, kind: str) -> bool:
    """Whether the gateway can answer so: bodies and tokens concern only those that have them."""
    about_body = kind in ("REQUEST_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
    return not about_body or "requestBody" in operation.definition


def test_every_documented_answer_was_seen(validator: ResponseValidator, document: Document) -> None:
    # Given all the tests above, whose responses were as documented
    # When what they saw is held against the document, then nothing in it was not seen
    unseen = sorted(documented(document) - validator.seen, key=str)
    assert not unseen, f"docs/openapi.yaml describes answers that no test above gets: {unseen}"


@pytest.mark.parametrize(
    ("status", "headers", "body", "fault"),
    [
        (202, {}, b"{}", "status 202 is not documented"),
        (200, {"Content-Type": "text/html"}, b"", "media type 'text/html' is not documented"),
        (200, {"Content-Type": "application/json"}, b"{", "the body is no JSON"),
        (200, {"Content-Type": "application/json"}, b'{"items": [], "items": []}', "a member is there twice"),
        (200, {"Content-Type": "application/json"}, b'{"items": []}', '"next_cursor" is a required property'),
        (200, {"Content-Type": "application/json"}, b'{"items": 1, "next_cursor": null}', 'is not of type "array"'),
        (200, {"X-New": "1", "Content-Type": "application/json"}, b"", "header x-new is not documented"),
        (200, {"Vary": "Accept", "Content-Type": "application/json"}, b"", "header vary"),
        (200, {"Content-Type": "application/json"}, b"", "header cache-control is missing"),
    ],
)
def test_the_validator_finds(status: int, headers: dict[str, str], body: bytes, fault: str) -> None:
    with pytest.raises(NonconformingResponse) as found:
        ResponseValidator().check("GET", TASKS, status, headers.items(), body)

    assert any(fault in each for each in found.value.faults), found.value.faults


def test_the_validator_finds_a_problem_of_another_status(document: Document) -> None:
    # Given the document's example of an internal error
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "Vary": "Origin",
        "X-Content-Type-Options": "nosniff",
    }
    example = document.content["components"]["responses"]["InternalError"]["content"]["application/problem+json"]
    problem = example["examples"]["internal_error"]["value"]

    # When it comes with another status, then that is a fault
    with pytest.raises(NonconformingResponse, match="the problem's status is 500"):
        ResponseValidator().check("GET", TASKS, 502, headers.items(), json.dumps(problem).encode())
