"""Walks every answer of every operation in docs/openapi.yaml: what it says can happen does, and looks as it says.

Most come from the running API. What can't be had from it comes from what makes it: the functions over a store that
fails, and the template's gateway responses.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import httpx
import pytest

from local.contract import Operation
from local.gateway.request import GatewayRequest
from local.gateway.responses import GatewayResponses, Refusal
from local.paths import TEMPLATE
from local.settings import LocalSettings
from local.template.loading import load_template
from local.template.operations import OPERATIONS
from taskapi.errors import StorageFull, StoreUnavailable, TooManyLists, TooManyRequests
from taskapi.lists.deletion import Deletion
from taskapi.settings import Settings
from tests.conformance.document import Document, load
from tests.conformance.response_validator import NonconformingResponse, ResponseValidator
from tests.conformance.running_api import ORIGIN, RunningApi
from tests.operations import CASES
from tests.operations.case import Request
from tests.support.function_modules import load_operation
from tests.support.proxy_events import TASK_ID, FakeContext, proxy_event
from tests.support.recording_task_store import RecordingTaskStore

TASKS = "/users/me/tasks"
SETTINGS = Settings(environment="dev", table_name="tasks", allowed_origins=(ORIGIN,))
NOUNS = ("task", "list")
USERS = (f"walker-{number}" for number in itertools.count())
# Without a status of their own: the local gateway gives them these.
UNCLASSIFIED = {"DEFAULT_4XX": 400, "DEFAULT_5XX": 502}


@pytest.fixture(scope="module")
def validator() -> ResponseValidator:
    """One for all tests of this module: it remembers what was seen."""
    return ResponseValidator()


Sender = Callable[..., httpx.Response]


@pytest.fixture
def send(api: RunningApi, validator: ResponseValidator) -> Iterator[Sender]:
    """Sends a user's requests, given as for proxy_event; each response is validated.

    The user is one of the test's own.
    """
    with api.client(next(USERS), validator.on_response) as client:
        yield partial(_send, client)


def _send(client: httpx.Client, operation: str, *, route: str = "", **options: Any) -> httpx.Response:
    """Send a request; ``route`` is added to its path."""
    event = proxy_event(operation, **options)
    return client.request(
        event["httpMethod"],
        event["path"] + route,
        params=event["multiValueQueryStringParameters"],
        headers={"Origin": ORIGIN, **(event["headers"] or {})},
        content=event["body"],
    )


def prepared(send: Sender, request: Request) -> dict[str, Any]:
    """A request's event, once there is what there is before it."""

    def serve(operation: str, event: Mapping[str, Any]) -> Mapping[str, str]:
        answer = send(operation, **event)
        assert answer.is_success, answer.text
        return answer.headers

    return request.prepare(serve)


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


REQUESTS = [
    pytest.param(name, request, id=f"{name}: {request.name}")
    for name, case in CASES.items()
    for request in case.requests
]


@pytest.mark.parametrize(("name", "request_"), REQUESTS)
def test_what_is_particular_to_an_operation(send: Sender, name: str, request_: Request) -> None:
    # Given what there is before a request, when it is sent, then its answer is as documented, and the one that it says
    answer = send(name, **prepared(send, request_))

    code = answer.json()["code"] if answer.status_code >= 400 else None
    assert (answer.status_code, code) == (request_.status, request_.code)


def test_headers_that_are_there_at_times(send: Sender) -> None:
    requests = {request.name: request for request in (*CASES["create_task"].requests, *CASES["list_tasks"].requests)}
    replayed = send("create_task", **prepared(send, requests["replay"]))
    assert replayed.headers["idempotency-replayed"] == "true"
    assert "link" in send("list_tasks", **prepared(send, requests["a page before another"])).headers


@pytest.mark.parametrize("name", OPERATIONS)
def test_preflights(api: RunningApi, name: str) -> None:
    event = proxy_event(name)
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": event["httpMethod"]}

    with api.client(None) as client:
        answer = client.options(event["path"], headers=asked)

    assert answer.headers["access-control-allow-origin"] in (ORIGIN, "*")
    assert event["httpMethod"] in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("name", CASES)
def test_what_every_operation_refuses(send: Sender, api: RunningApi, name: str) -> None:
    # Given a request that would do but for one thing
    plain = prepared(send, CASES[name].plain[0])

    def refused(**changes: Any) -> int:
        return send(name, **{**plain, **changes}).status_code

    # When there is no token, an expired one, a foreign path, an unknown parameter, a route that does not exist
    # Then that is what the answer says
    assert refused(headers={"Authorization": ""}) == 401
    assert refused(headers={"Authorization": f"Bearer {api.token('walker', -60)}"}) == 401
    assert refused(user="someone") == 403
    assert refused(query={"colour": ["red"]}) == 422
    assert refused(route="/nothing") == 404


def test_what_the_document_says_of_entities_entity_tags_and_bodies(document: Document) -> None:
    # Given the rules below, each of which is for the operations that the document says it of; then it says it of some
    for noun in NOUNS:
        assert set(CASES) > {*concerned("404", f"{noun}_not_found")} > {f"get_{noun}"}
    assert set(CASES) > {*concerned("412")} > {"delete_task", "replace_list"}
    assert set(CASES) > {*concerned("409", "storage_full")} > {"create_task", "create_list"}
    assert concerned("409", "too_many_lists") == ["create_list", "replace_list"]


def concerned(status: str, code: str | None = None) -> list[str]:
    """The operations that the document lets answer so."""
    document = load()
    answers = {
        each.name: document.resolve(each.definition["responses"][status])
        for each in document.operations
        if each.name in CASES and status in each.definition["responses"]
    }
    return [name for name, answer in answers.items() if code is None or code in codes(document, answer)]


@pytest.mark.parametrize(
    ("name", "code"),
    [(name, code) for code in (f"{noun}_not_found" for noun in NOUNS) for name in concerned("404", code)],
)
def test_what_is_not_there(send: Sender, name: str, code: str) -> None:
    assert send(name, **CASES[name].event).json()["code"] == code


@pytest.mark.parametrize("name", concerned("412"))
def test_an_entity_tag_that_is_of_another_state(send: Sender, name: str) -> None:
    plain = prepared(send, CASES[name].plain[0])

    stale = send(name, **{**plain, "headers": {"If-Match": '"99"'}})
    assert stale.status_code == 412
    assert stale.json()["current"]["id"] == TASK_ID
    wrong = send(name, **{**plain, "headers": {"If-Match": "99"}})
    assert wrong.json()["errors"][0]["header"] == "If-Match"


@pytest.mark.parametrize("name", [each.name for each in load().operations if each.reads_body and each.name in CASES])
def test_what_operations_with_a_body_refuse(send: Sender, name: str) -> None:
    def sent(body: str, content_type: str = "application/json") -> tuple[int, str]:
        answer = send(name, body=body, headers={"Content-Type": content_type})
        return answer.status_code, answer.json()["code"]

    assert sent('{"title": ') == (400, "malformed_json")
    assert sent('{"title": "' + "x" * (128 * 1024) + '"}') == (413, "payload_too_large")
    assert sent("{}", "text/plain") == (415, "unsupported_media_type")
    assert sent('{"colour": "red"}') == (422, "validation_failed")


@pytest.mark.parametrize("noun", NOUNS)
def test_an_id_that_nothing_can_have(send: Sender, noun: str) -> None:
    name = f"replace_{noun}"
    refused = send(name, **{**CASES[name].event, "task_id": "1"})

    assert refused.json()["errors"][0]["code"] == f"invalid_{noun}_id"


def over(name: str, answer: object, **changes: Any) -> dict[str, Any]:
    """What an operation answers over a store that answers this, or raises it."""
    operation = load_operation(name).using(SETTINGS, RecordingTaskStore(answer).store)
    return operation(
        proxy_event(name, **{**CASES[name].event, "headers": {"Origin": ORIGIN}, **changes}), FakeContext()
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("error", [TooManyRequests(), StoreUnavailable(), ZeroDivisionError()], ids=repr)
def test_a_store_that_fails(validator: ResponseValidator, name: str, error: Exception) -> None:
    validate(validator, name, over(name, error))


@pytest.mark.parametrize("name", concerned("409", "storage_full"))
def test_a_user_s_storage_that_is_full(validator: ResponseValidator, name: str) -> None:
    validate(validator, name, over(name, StorageFull()))


@pytest.mark.parametrize("name", concerned("409", "too_many_lists"))
def test_a_list_too_many(validator: ResponseValidator, name: str) -> None:
    validate(validator, name, over(name, TooManyLists()))


def test_a_deletion_that_has_more_to_do(validator: ResponseValidator) -> None:
    validate(validator, "delete_list", over("delete_list", Deletion(1240, is_done=False)))


@pytest.mark.parametrize("name", CASES)
def test_a_token_that_expires_while_the_gateway_remembers_it(validator: ResponseValidator, name: str) -> None:
    validate(validator, name, over(name, StoreUnavailable(), exp="1"))


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
            path = proxy_event(operation.name)["path"]
            request = GatewayRequest(operation.method.upper(), path, headers=[("Origin", ORIGIN)])
            answer = responses.render(Refusal(kind, status=status, message=""), request)
            if is_of(operation, kind):
                validator.check(request.method, path, answer.status, answer.headers.items(), answer.body.encode())


def is_of(operation: Operation, kind: str) -> bool:
    """Whether the gateway can answer so: bodies and tokens concern only those that have them."""
    about_body = kind in ("REQUEST_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
    return not about_body or operation.reads_body


def test_every_documented_answer_was_seen(validator: ResponseValidator, document: Document) -> None:
    # Given all the tests above, whose responses were as documented
    # When what they saw is held against the document, then nothing in it was not seen
    unseen = sorted(documented(document) - validator.seen, key=str)
    assert not unseen, f"docs/openapi.yaml describes answers that no request of tests/operations gets: {unseen}"


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
