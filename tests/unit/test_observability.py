"""Log lines and metrics."""

from __future__ import annotations

import hashlib
import re
import sys

import pytest
from botocore.exceptions import ClientError

from taskapi.observability import Outcome, log_unforeseen, user_hash
from tests.support.recording_dynamodb import client_error
from tests.support.standard_output import StandardOutput

GOOD = Outcome("get_task", "prod", 200, None, 12.34567, cold_start=False)


def test_a_user_is_a_pseudonym() -> None:
    assert user_hash("alice") == hashlib.sha256(b"alice").hexdigest()[:16]
    assert user_hash("\u00fc") == hashlib.sha256("\u00fc".encode()).hexdigest()[:16]
    assert user_hash("\ud800") != user_hash("\ud801")


def test_one_line_a_request(output: StandardOutput) -> None:
    # Given how a request ended, when it is logged
    GOOD.log(None, request_id="r", user="0123456789abcdef")
    # Then it is one line of JSON with the documented fields
    [line] = output.logs
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("timestamp"))
    assert line == {
        "level": "INFO",
        "message": "request served",
        "service": "task-api",
        "operation": "get_task",
        "environment": "prod",
        "status": 200,
        "duration_ms": 12.346,
        "cold_start": False,
        "request_id": "r",
        "user": "0123456789abcdef",
    }


@pytest.mark.parametrize(
    ("status", "level"), [(200, "INFO"), (404, "INFO"), (499, "INFO"), (500, "ERROR"), (503, "ERROR")]
)
def test_faults_of_ours_are_errors(status: int, level: str, output: StandardOutput) -> None:
    Outcome("get_task", "prod", status, "x", 1.0, cold_start=False).log(None)
    assert [line["level"] for line in output.logs] == [level]


@pytest.mark.parametrize(
    ("status", "code", "cold", "counts"),
    [
        (200, None, False, {"ClientErrors": 0, "ServerErrors": 0, "ColdStarts": 0}),
        (304, None, True, {"ClientErrors": 0, "ServerErrors": 0, "ColdStarts": 1}),
        (412, "precondition_failed", False, {"ClientErrors": 1, "ServerErrors": 0, "ColdStarts": 0}),
        (500, "internal_error", True, {"ClientErrors": 0, "ServerErrors": 1, "ColdStarts": 1}),
    ],
)
def test_metrics(status: int, code: str | None, cold: bool, counts: dict[str, int], output: StandardOutput) -> None:
    # Given how a request ended, when its metrics are written
    Outcome("get_task", "prod", status, code, 12.5, cold_start=cold).emit_metrics()
    # Then one record has all metrics of the operation
    record, *errors = output.metrics
    [directive] = record["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "TaskApi"
    assert [set(dimensions) for dimensions in directive["Dimensions"]] == [{"service", "environment", "operation"}]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "Requests": "Count",
        "Latency": "Milliseconds",
        "ClientErrors": "Count",
        "ServerErrors": "Count",
        "ColdStarts": "Count",
    }
    assert (record["service"], record["environment"], record["operation"]) == ("task-api", "prod", "get_task")
    assert {name: record[name] for name in counts} == {name: [value] for name, value in counts.items()}
    assert (record["Requests"], record["Latency"]) == ([1.0], [12.5])
    # And a problem is counted by its code besides
    assert len(errors) == (code is not None)
    for error in errors:
        [directive] = error["_aws"]["CloudWatchMetrics"]
        assert [set(dimensions) for dimensions in directive["Dimensions"]] == [
            {"service", "environment", "operation", "code"}
        ]
        assert [metric["Name"] for metric in directive["Metrics"]] == ["Errors"]
        assert (error["code"], error["Errors"]) == (code, [1.0])


@pytest.mark.parametrize("is_told", [True, False])
def test_what_can_not_be_written_is_given_up(
    is_told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a closed standard output, and perhaps a closed standard error, which are nobody's arguments
    class Closed:
        def write(self, _: str) -> int:
            raise ValueError("I/O operation on closed file")

        def flush(self) -> None: ...

    monkeypatch.setattr(sys, "stdout", Closed())
    if not is_told:
        monkeypatch.setattr(sys, "stderr", Closed())
    # When metrics are written, then nothing is raised, and it is said where it can be
    GOOD.emit_metrics()
    assert capsys.readouterr().err == ("Outcome.emit_metrics failed: ValueError\n" if is_told else "")


def test_metrics_of_two_requests_do_not_mix(output: StandardOutput) -> None:
    GOOD.emit_metrics()
    Outcome("list_tasks", "dev", 200, None, 1.0, cold_start=True).emit_metrics()
    assert [(record["operation"], record["Requests"]) for record in output.metrics] == [
        ("get_task", [1.0]),
        ("list_tasks", [1.0]),
    ]


class TestUnforeseen:
    """A fault of ours: where it happened, and nothing of what a user wrote."""

    def logged(self, error: Exception, output: StandardOutput) -> dict[str, object]:
        """The line about an error."""

        def fail() -> None:
            raise error

        try:
            fail()
        except Exception as caught:  # noqa: BLE001
            log_unforeseen(caught, operation="get_task")
        [line] = output.logs
        return line

    def test_type_and_frames_without_the_message(self, output: StandardOutput) -> None:
        line = self.logged(ValueError("title: hunter2"), output)
        assert (line["level"], line["exception"], line["operation"]) == ("ERROR", "ValueError", "get_task")
        assert "test_observability.py" in str(line["traceback"])
        assert "hunter2" not in output.text

    def test_what_an_aws_service_answered(self, output: StandardOutput) -> None:
        error: ClientError = client_error("AccessDeniedException")
        assert self.logged(error, output)["error_code"] == "AccessDeniedException"

    def test_no_aws_service(self, output: StandardOutput) -> None:
        line = self.logged(KeyError("x"), output)
        assert line.keys().isdisjoint({"error_code", "caused_by"})

    def test_what_caused_it(self, output: StandardOutput) -> None:
        error = RuntimeError("x")
        error.__cause__ = TimeoutError("hunter2")
        assert self.logged(error, output)["caused_by"] == "TimeoutError"
        assert "hunter2" not in output.text
