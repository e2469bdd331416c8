"""``@operation``: what all operations do alike."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from taskapi.dynamo.client import create_client
from taskapi.dynamo.table import ReadBudget, Table
from taskapi.errors import (
    Forbidden,
    StoreUnavailable,
    TaskNotFound,
    TooManyRequests,
    ValidationFailed,
    Violation,
)
from taskapi.http import Operation, Request, Response, operation
from taskapi.http.operation import composed
from taskapi.observability import user_hash
from taskapi.settings import Settings
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK
from tests.conftest import ENVIRONMENT
from tests.support.fixed_clocks import FixedMonotonic
from tests.support.proxy_events import OWNER, REQUEST_ID, FakeContext, proxy_event
from tests.support.recording_task_store import RecordingTaskStore
from tests.support.standard_output import StandardOutput

APP = "https://app.example.com"
SETTINGS = Settings("prod", "tasks", (APP,))


class Handler:
    """A handler that answers, or raises, what it was told to, and counts how often it was asked."""

    def __init__(self, answer: Response | BaseException | None = None) -> None:
        self.answer = answer or Response(200, {"fine": True})
        self.requests: list[Request] = []

    def serve(self, request: Request, _tasks: TaskStore) -> Response:
        self.requests.append(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def operation_of(handler: Handler, store: RecordingTaskStore | None = None, **settings: Any) -> Operation:
    """An operation around a handler, over a store that nothing is expected of."""
    made = operation("list_tasks", query_parameters=frozenset({"limit"}))(handler.serve)
    chosen = Settings(**{"environment": "prod", "table_name": "t", "allowed_origins": (APP,)} | settings)
    return made.using(chosen, (store or RecordingTaskStore()).store)


def served(handler: Handler, event: dict[str, Any]) -> dict[str, Any]:
    """The proxy response for an event."""
    return operation_of(handler)(event, FakeContext())


def problem(response: dict[str, Any]) -> dict[str, Any]:
    """The problem document of a response."""
    assert response["headers"]["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response["body"])
    assert document["status"] == response["statusCode"]
    return document


class TestBeforeTheHandler:
    """What is checked before a handler runs, and so before the table is asked anything."""

    @pytest.mark.parametrize(
        ("event", "status", "code"),
        [
            (proxy_event("list_tasks", user="bob"), 403, "forbidden"),
            (proxy_event("list_tasks", user="Alice"), 403, "forbidden"),
            (proxy_event("list_tasks", sub=None), 401, "unauthorized"),
            (proxy_event("list_tasks", sub=""), 401, "unauthorized"),
            (proxy_event("list_tasks", exp="1"), 401, "unauthorized"),
            (proxy_event("list_tasks", query={"page": ["2"]}), 422, "validation_failed"),
            ({}, 401, "unauthorized"),
            # Whose request it is comes before what is wrong with it
            (proxy_event("list_tasks", user="bob", query={"page": ["2"]}), 403, "forbidden"),
        ],
    )
    def test_what_fails_never_gets_there(
        self, event: dict[str, Any], status: int, code: str, output: StandardOutput
    ) -> None:
        # Given a request that is not its bearer's to make, when it is served
        handler, store = Handler(), RecordingTaskStore()
        response = operation_of(handler, store)(event, FakeContext())
        # Then it is refused, and neither the handler nor the store has heard of it
        assert (response["statusCode"], problem(response)["code"]) == (status, code)
        assert handler.requests == []
        assert store.calls == []
        assert [line["code"] for line in output.logs] == [code]

    def test_what_does_not_fail_does(self, output: StandardOutput) -> None:
        handler = Handler()
        response = served(handler, proxy_event("list_tasks", query={"limit": ["5"]}))
        assert (response["statusCode"], json.loads(response["body"])) == (200, {"fine": True})
        assert [request.owner for request in handler.requests] == [OWNER]
        assert len(output.logs) == 1

    def test_a_context_that_our_authorizer_did_not_make_is_answered_too(self, output: StandardOutput) -> None:
        # Given a subject that is no percent-encoded UTF-8, when it is served, then without raising
        response = served(Handler(), proxy_event("list_tasks", sub="%FF"))
        assert response["statusCode"] in (401, 500)
        assert output.logs


class TestErrors:
    """What a handler raises."""

    @pytest.mark.parametrize(
        ("error", "status", "retry_after"),
        [
            (TaskNotFound(), 404, None),
            (Forbidden(), 403, None),
            (ValidationFailed([Violation("required", "x", "/title")]), 422, None),
            (TooManyRequests(), 429, "1"),
            (StoreUnavailable(), 503, "2"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_one_of_ours(self, error: Exception, status: int, retry_after: str | None, output: StandardOutput) -> None:
        response = served(Handler(error), proxy_event("list_tasks"))
        document = problem(response)
        assert response["statusCode"] == status
        assert response["headers"].get("Retry-After") == retry_after
        assert (document["instance"], document["request_id"]) == ("/v1/users/me/tasks", REQUEST_ID)
        assert [line["message"] for line in output.logs] == ["request served"]

    @pytest.mark.parametrize(
        "error",
        [
            ValueError("hunter2"),
            KeyError("hunter2"),
            RecursionError("hunter2"),
            AssertionError("hunter2"),
            MemoryError(),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_an_unforeseen_one(self, error: Exception, output: StandardOutput) -> None:
        # Given a handler with a fault, when it is asked
        response = served(Handler(error), proxy_event("list_tasks", headers={"Origin": APP}))
        # Then the client gets a 500 that says nothing of it, in the shape of every other, with CORS headers
        document = problem(response)
        assert (response["statusCode"], document["code"]) == (500, "internal_error")
        assert "hunter2" not in response["body"]
        assert response["headers"]["Access-Control-Allow-Origin"] == APP
        # And the log has where it happened, without the message
        fault, line = output.logs
        assert (fault["message"], fault["exception"]) == ("unforeseen error", type(error).__name__)
        assert (fault["operation"], fault["request_id"]) == ("list_tasks", REQUEST_ID)
        assert "test_operation.py" in fault["traceback"]
        assert (line["status"], line["level"]) == (500, "ERROR")
        assert "hunter2" not in output.text


class TestEveryResponse:
    """Headers of all of them."""

    @pytest.mark.parametrize("answer", [Response(200, {}), Response(204), Response(304), TaskNotFound(), ValueError()])
    def test_cors_for_an_allowed_origin(self, answer: Response | Exception, output: StandardOutput) -> None:
        headers = served(Handler(answer), proxy_event("list_tasks", headers={"origin": APP}))["headers"]
        assert headers["Access-Control-Allow-Origin"] == APP
        assert headers["Vary"] == "Origin"
        assert "ETag" in headers["Access-Control-Expose-Headers"]
        assert output.logs

    @pytest.mark.parametrize("origin", [None, "https://evil.example"])
    def test_none_for_another(self, origin: str | None, output: StandardOutput) -> None:
        event = proxy_event("list_tasks", headers={"Origin": origin} if origin else None)
        headers = served(Handler(), event)["headers"]
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Vary"] == "Origin"
        assert output.logs

    def test_every_value_is_a_string_as_the_gateway_wants(self, output: StandardOutput) -> None:
        for answer in (Response(200, {}, {"ETag": '"1"'}), StoreUnavailable()):
            headers = served(Handler(answer), proxy_event("list_tasks"))["headers"]
            assert all(isinstance(value, str) for value in headers.values())
        assert output.logs


class TestObservability:
    """One log line and one metric record a request."""

    def test_the_log_line(self, output: StandardOutput) -> None:
        event = proxy_event("list_tasks", headers={"X-Correlation-Id": "corr-1"})
        served(Handler(), event)
        [line] = output.logs
        assert (
            line.items()
            >= {
                "level": "INFO",
                "message": "request served",
                "service": "task-api",
                "operation": "list_tasks",
                "environment": "prod",
                "status": 200,
                "request_id": REQUEST_ID,
                "correlation_id": "corr-1",
                "function_request_id": FakeContext.aws_request_id,
                "user": user_hash(OWNER),
            }.items()
        )
        assert "code" not in line

    def test_how_long_it_took_is_in_milliseconds(self, output: StandardOutput) -> None:
        clock = FixedMonotonic()

        def handler(_request: Request, _tasks: TaskStore) -> Response:
            clock.advance(0.25)
            return Response(204)

        made = operation("list_tasks")(handler).using(SETTINGS, RecordingTaskStore().store, monotonic=clock)
        made(proxy_event("list_tasks"), FakeContext())
        assert [line["duration_ms"] for line in output.logs] == [250]
        assert [record["Latency"] for record in output.metrics] == [[250.0]]

    def test_only_the_first_request_is_a_cold_start(self, output: StandardOutput) -> None:
        made = operation_of(Handler())
        for _ in range(3):
            made(proxy_event("list_tasks"), FakeContext())
        assert [line["cold_start"] for line in output.logs] == [True, False, False]
        assert [record["ColdStarts"] for record in output.metrics] == [[1.0], [0.0], [0.0]]

    def test_a_problem_is_counted_by_its_code(self, output: StandardOutput) -> None:
        served(Handler(TaskNotFound()), proxy_event("list_tasks"))
        requests, errors = output.metrics
        assert (requests["operation"], requests["ClientErrors"]) == ("list_tasks", [1.0])
        assert (errors["code"], errors["Errors"]) == ("task_not_found", [1.0])

    def test_nobody_authenticated_no_user(self, output: StandardOutput) -> None:
        operation_of(Handler())(proxy_event("list_tasks", sub=None), None)
        [line] = output.logs
        assert line.keys().isdisjoint({"user", "function_request_id"})

    def test_nothing_of_a_users_is_logged(self, output: StandardOutput) -> None:
        # Given a request that is full of what is the user's own, and faults on the way
        secrets = ["hunter2-title", "hunter2-sub", "hunter2-token", "hunter2-query", "hunter2-key", "hunter2\nforged"]
        event = proxy_event(
            "create_task",
            sub="hunter2-sub",
            body={"title": "hunter2-title"},
            headers={
                "Authorization": "Bearer hunter2-token",
                "Idempotency-Key": "hunter2-key",
                "X-Correlation-Id": "hunter2\nforged",
            },
            query={"hunter2-query": ["hunter2-query"]},
        )
        # When it is served, whatever happens
        for answer in (Response(200, {"title": "hunter2-title"}), TaskNotFound(), ValueError(*secrets)):
            served(Handler(answer), event)
            served(Handler(answer), event | {"multiValueQueryStringParameters": None, "queryStringParameters": None})
        # Then nothing of it is in the logs, and no line was forged
        assert "hunter2" not in output.text
        assert all(line["message"] in ("request served", "unforeseen error") for line in output.logs)


class Remaining(FakeContext):
    """The context of a function that Lambda ends after so many milliseconds."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's."""
        return self._milliseconds


class TestTime:
    """A request to DynamoDB is begun only when it can end, with its retry, before Lambda ends the function."""

    @pytest.mark.parametrize(
        ("context", "latest"),
        [
            # 0.3 s are for the answer; a request, and the pause after it, may take 4.5 s
            (Remaining(10_000), 5.2),
            (Remaining(20_000), 15.2),
            # With less than twice that, half the time is for asking
            (Remaining(9_000), 4.35),
            (Remaining(1_300), 0.5),
            # The time-out in template.yaml, where nobody says
            (FakeContext(), 5.2),
            (None, 5.2),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize(("late", "tries"), [(-0.001, 1), (0.001, 0)])
    def test_after_that_none_is_begun(
        self, context: Any, latest: float, late: float, tries: int, output: StandardOutput
    ) -> None:
        # Given a client that notes what is sent, and a handler that asks after a while
        clock, sent = FixedMonotonic(), []
        client = create_client(config=Config(retries={"mode": "standard", "total_max_attempts": 1}))

        def fail(request: Any, **_: object) -> None:
            sent.append(request.url)
            raise EndpointConnectionError(endpoint_url=request.url)

        def handler(request: Request, tasks: TaskStore) -> Response:
            clock.advance(latest + late)
            tasks.get(request.key(TASK))
            return Response(204)

        client.meta.events.register("before-send.dynamodb", fail)
        made = operation("get_task")(handler).using(SETTINGS, TaskStore(Table(client, "tasks")), monotonic=clock)
        # When it is served, then the request is sent as long as there is time for it, and the answer is a 503 anyway
        assert made(proxy_event("get_task"), context)["statusCode"] == 503
        assert len(sent) == tries
        assert [line["code"] for line in output.logs] == ["store_unavailable"]


class TestComposition:
    """What the environment asks for."""

    def test_the_lists_budgets(self) -> None:
        settings, store = composed(ENVIRONMENT | {"LIST_READ_UNITS": "7", "LIST_MILLISECONDS": "300"})
        assert (settings.list_read_units, settings.list_milliseconds) == (7, 300)
        assert store.read_budget == ReadBudget(units=7, milliseconds=300)

    def test_the_documented_budgets_unless_it_says_otherwise(self) -> None:
        _, store = composed(ENVIRONMENT)
        assert store.read_budget == ReadBudget(units=256, milliseconds=2_000)

    def test_garbage_is_collected_from_then_on(self) -> None:
        gc.disable()
        try:
            operation("list_tasks")(Handler().serve)
            assert gc.isenabled()
        finally:
            gc.enable()
            gc.unfreeze()


class TestUsing:
    """The same operation over other settings and another store."""

    def test_it_leaves_the_operation_itself_alone(self, output: StandardOutput) -> None:
        stores: list[object] = []

        def handler(_request: Request, tasks: TaskStore) -> Response:
            stores.append(tasks)
            return Response(204)

        made = operation("list_tasks")(handler)
        one, other = RecordingTaskStore(), RecordingTaskStore()
        for store in (one, other):
            made.using(SETTINGS, store.store)(proxy_event("list_tasks"), None)
        assert stores == [one, other]
        assert made.name == made.using(SETTINGS, one.store).name == "list_tasks"
        assert {line["environment"] for line in output.logs} == {"prod"}
