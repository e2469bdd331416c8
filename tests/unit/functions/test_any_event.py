"""Every function is handed what no gateway sends: pings, hand-written events, contexts that lack things."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskapi.http import Operation
from taskapi.settings import Settings
from tests.operations import CASES
from tests.support.function_modules import load_function, load_operation
from tests.support.proxy_events import FakeContext, proxy_event, token_event
from tests.support.recording_task_store import RecordingTaskStore
from tests.support.standard_output import StandardOutput

SETTINGS = Settings("dev", "tasks", ("https://app.example.com",))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PLACES = (
    *((name,) for name in proxy_event("list_tasks")),
    ("requestContext", "authorizer"),
    ("requestContext", "authorizer", "sub"),
    ("requestContext", "authorizer", "exp"),
    ("requestContext", "path"),
    ("requestContext", "requestId"),
    *(
        (member, name)
        for member in ("headers", "multiValueHeaders")
        for name in ("Origin", "Accept", "X-Correlation-Id", "If-Match", "If-None-Match", "Content-Type")
    ),
    *((member, "limit") for member in ("queryStringParameters", "multiValueQueryStringParameters")),
)
"""Where an event may hold something else than the gateway's."""


def operation(name: str) -> Operation:
    """A function over a store that answers as it does when all is well."""
    return load_operation(name).using(SETTINGS, RecordingTaskStore(CASES[name].answer).store)


def plain(name: str) -> dict[str, Any]:
    """The event of its plain request."""
    return proxy_event(name, **CASES[name].event)


def changed(event: dict[str, Any], place: tuple[str, ...], value: object) -> dict[str, Any]:
    """The event with another value in this place."""
    name, *rest = place
    return {**event, name: changed(event.get(name) or {}, tuple(rest), value) if rest else value}


def is_proxy_response(answer: dict[str, Any]) -> bool:
    """Whether the gateway takes it ("Output format of a Lambda function for proxy integration")."""
    return (
        answer.keys() == {"statusCode", "headers", "body", "isBase64Encoded"}
        and isinstance(answer["statusCode"], int)
        and isinstance(answer["body"], str)
        and all(isinstance(value, str) for value in answer["headers"].values())
        and bool(json.dumps(answer))
    )


@pytest.mark.parametrize("name", CASES)
class TestOperations:
    """Every operation: always a proxy response, and always a log line."""

    @pytest.mark.parametrize("event", [None, "warm", "", [], ["x"], 5, 0.5, True, {}, {"source": "aws.events"}])
    def test_what_is_no_request_is_nobodys(self, name: str, event: object, output: StandardOutput) -> None:
        # Given an event that says nothing about who is asking, when it comes, then the answer is 401
        answer = operation(name)(event, FakeContext())
        assert is_proxy_response(answer)
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "unauthorized")
        # And there is the one log line and the metrics of every request
        assert [(line["operation"], line["status"]) for line in output.logs] == [(name, 401)]
        assert [record["Requests"] for record in output.metrics if "Requests" in record] == [[1.0]]

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(event=JSON)
    def test_any_json_value(self, name: str, event: object, output: StandardOutput) -> None:
        before = len(output.logs)
        assert is_proxy_response(operation(name)(event, FakeContext()))
        assert [line["message"] for line in output.logs[before:]] == ["request served"]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(place=st.sampled_from(PLACES), value=JSON | st.lists(JSON, max_size=2))
    def test_any_json_value_in_any_place(
        self, name: str, place: tuple[str, ...], value: object, output: StandardOutput
    ) -> None:
        # Given a good event with one member of any type, when it is served
        before = len(output.logs)
        answer = operation(name)(changed(plain(name), place, value), FakeContext())
        # Then it is answered, and not by the last resort
        assert is_proxy_response(answer)
        assert answer["statusCode"] < 500
        assert [line["message"] for line in output.logs[before:]] == ["request served"]

    @pytest.mark.parametrize("lifetime", [None, "x", float("nan"), [], ValueError()])
    def test_a_context_that_does_not_know_how_long(self, name: str, lifetime: object, output: StandardOutput) -> None:
        class Context:
            @property
            def aws_request_id(self) -> str:
                return "id"

            def get_remaining_time_in_millis(self) -> object:
                if isinstance(lifetime, Exception):
                    raise lifetime
                return lifetime

        assert operation(name)(plain(name), Context())["statusCode"] < 300
        assert [line["function_request_id"] for line in output.logs] == ["id"]

    @pytest.mark.parametrize("context", [None, {}, object(), "context"])
    def test_no_context_at_all(self, name: str, context: object, output: StandardOutput) -> None:
        assert operation(name)(plain(name), context)["statusCode"] < 300
        assert len(output.logs) == 1

    def test_a_context_that_raises(self, name: str) -> None:
        class Context:
            @property
            def aws_request_id(self) -> str:
                raise RuntimeError

        assert operation(name)(plain(name), Context())["statusCode"] < 300

    def test_an_answer_that_can_not_be_logged_stays_one(
        self, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # Given a standard output that is closed, which is the process's own and nobody's argument
        class Closed:
            def write(self, _: str) -> int:
                raise ValueError("I/O operation on closed file")

            def flush(self) -> None: ...

        monkeypatch.setattr(sys, "stdout", Closed())
        # When a request is served, then its answer is what it would have been
        answer = operation(name)(plain(name), FakeContext())
        assert answer["statusCode"] < 300
        # And standard error says that its metrics are missing
        assert "Outcome.emit_metrics failed: ValueError" in capsys.readouterr().err

    def test_nor_is_it_when_standard_error_is_closed_too(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", None)
        monkeypatch.setattr(sys, "stderr", None)
        answer = operation(name)(plain(name), FakeContext())
        assert answer["statusCode"] < 300


class TestHandWrittenEvents:
    """What developers write into the Lambda console's test event."""

    def served(self, name: str, **members: Any) -> tuple[int, dict[str, Any]]:
        """Status and document of an event with these members of its own."""
        answer = operation(name)({**proxy_event(name, headers={"Content-Type": "application/json"}), **members}, None)
        return answer["statusCode"], json.loads(answer["body"])

    @pytest.mark.parametrize("body", [{"title": "Pay rent"}, ["x"], 5, True])
    def test_a_body_that_is_no_text_is_said_to_be_none(self, body: object) -> None:
        status, problem = self.served("create_task", body=body)
        assert (status, problem["code"]) == (400, "malformed_json")
        assert "string" in problem["detail"]

    @pytest.mark.parametrize("value", ["false", "true", 1, None, []])
    def test_only_true_is_base64(self, value: object) -> None:
        assert self.served("create_task", body='{"title": "x"}', isBase64Encoded=value)[0] == 201

    def test_a_null_is_a_header_or_parameter_that_is_not_there(self) -> None:
        nothing = {"multiValueHeaders": None, "multiValueQueryStringParameters": None}
        status, _ = self.served(
            "list_tasks", **nothing, headers={"Origin": None}, queryStringParameters={"limit": None}
        )
        assert status == 200

    def test_a_single_value_may_stand_where_several_belong(self) -> None:
        assert (
            self.served("create_task", body='{"title": "x"}', multiValueHeaders={"Content-Type": "application/json"})[0]
            == 201
        )

    @pytest.mark.parametrize("wrong", [3, True, {}, [5]])
    def test_a_precondition_or_parameter_that_is_no_text_is_refused_rather_than_overlooked(self, wrong: object) -> None:
        assert self.served("delete_task", multiValueHeaders={"If-Match": wrong})[0] == 422
        assert self.served("list_tasks", multiValueQueryStringParameters={"limit": wrong})[0] == 422


class TestAuthorizer:
    """May raise, which API Gateway answers with a 500 and does not cache; but not without a line, and not after one."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(event=JSON | st.builds(lambda token, arn: {"authorizationToken": token, "methodArn": arn}, JSON, JSON))
    def test_the_line_says_what_happened(self, event: object, output: StandardOutput) -> None:
        before = len(output.logs)
        handler: Callable[..., Any] = load_function("authorizer").handler
        try:
            verdict = handler(event, FakeContext())
        except Exception:  # noqa: BLE001
            expected = [("unforeseen error", None), ("request served", 500)]
        else:
            assert verdict["policyDocument"]["Statement"][0]["Effect"] == "Deny"
            expected = [("request served", 401)]
        lines = output.logs[before:]
        assert [(line["message"], line.get("status")) for line in lines] == expected
        assert {line["operation"] for line in lines} == {"authorizer"}

    def test_a_verdict_that_can_not_be_logged_stays_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", None)
        verdict = load_function("authorizer").handler(token_event("Bearer x"), FakeContext())
        assert verdict["principalId"] == "anonymous"
