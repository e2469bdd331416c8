"""Dashboard, alarms, metric filters and saved queries: all that they name is really sent or printed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.template.operations import OPERATIONS
from taskapi.observability import logger
from taskapi.settings import Settings
from taskapi.tokens.errors import UnknownKeyYet
from tests.infrastructure.deployment import REGION, STACK, concrete, decided
from tests.infrastructure.metrics import OF_AWS, Known, of_alarm, of_widget, widgets
from tests.infrastructure.template import FUNCTIONS, Document, logical_id
from tests.support.function_modules import load_function, load_operation
from tests.support.proxy_events import FakeContext, proxy_event, token_event
from tests.support.standard_output import CurrentStdout, StandardOutput

OWN = f"TaskApi/{STACK}"
API = {("ApiName", STACK), ("Stage", "v1")}
TABLE = ("TableName", "TasksTable")
STORE_CALLS = ("GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem")
AUTHORIZER = {("service", "task-api"), ("environment", "prod"), ("operation", "authorizer")}

UNKNOWN_KEYS: tuple[Any, ...] = (OWN, "UnknownKeys", set())

BURN_RATES = {
    "AvailabilityFastBurnLong": (14.4, 3600),
    "AvailabilityFastBurnShort": (14.4, 300),
    "AvailabilitySlowBurnLong": (6, 21600),
    "AvailabilitySlowBurnShort": (6, 1800),
    "LatencyFastBurnLong": (14.4, 3600),
    "LatencyFastBurnShort": (14.4, 300),
    "LatencySlowBurnLong": (6, 21600),
    "LatencySlowBurnShort": (6, 1800),
}
"""Rate and window in seconds."""
PAGING = ("AvailabilityFastBurn", "AvailabilitySlowBurn", "LatencyFastBurn", "LatencySlowBurn")
WATCHES = {name.removesuffix("Function") + "Failing" for name in map(logical_id, FUNCTIONS)}
THROTTLED = {name.removesuffix("Function") + "Throttled" for name in map(logical_id, FUNCTIONS)} | {"GatewayThrottled"}


def crashes(function: str) -> tuple[Any, ...]:
    return ("AWS/Lambda", "Errors", {("FunctionName", function), ("Resource", f"{function}:live")})


def expected_metrics() -> dict[str, list[tuple[Any, ...]]]:
    """Every alarm that is no composite, and all that it watches: namespace, name, dimensions."""
    expected: dict[str, list[tuple[Any, ...]]] = {
        name: [
            ("AWS/ApiGateway", "5XXError" if name.startswith("Availability") else "Latency", API),
            ("AWS/ApiGateway", "Count", API),
            *([UNKNOWN_KEYS] if name.startswith("Availability") else []),
        ]
        for name in BURN_RATES
    }
    expected["AuthorizerRefusing"] = [("TaskApi", name, AUTHORIZER) for name in ("ClientErrors", "Requests")]
    expected["GatewayThrottled"] = [(OWN, "GatewayThrottles", set())]
    for function in map(logical_id, FUNCTIONS):
        expected[function.removesuffix("Function") + "Throttled"] = [
            ("AWS/Lambda", "Throttles", {("FunctionName", function)})
        ]
    expected["DatabaseErrors"] = [
        ("AWS/DynamoDB", "SystemErrors", {TABLE, ("Operation", call)}) for call in STORE_CALLS
    ]
    expected["DatabaseThrottled"] = [("AWS/DynamoDB", f"{kind}ThrottleEvents", {TABLE}) for kind in ("Read", "Write")]
    for operation in OPERATIONS:
        function = logical_id(operation)
        own = {("service", "task-api"), ("environment", "prod"), ("operation", operation)}
        expected[function.removesuffix("Function") + "Failing"] = [crashes(function), ("TaskApi", "ServerErrors", own)]
    expected["AuthorizerFailing"] = [crashes("AuthorizerFunction"), UNKNOWN_KEYS]
    return expected


@pytest.fixture
def resources(deployed: Document) -> dict[str, Any]:
    """The resources of a stack of production."""
    return decided(deployed.body, {"Environment": "prod"})["Resources"]  # type: ignore[no-any-return]


def alarms(resources: Mapping[str, Any], kind: str = "Alarm") -> dict[str, dict[str, Any]]:
    """Properties of every alarm, names filled in."""
    return {
        name: concrete(resource["Properties"], {})
        for name, resource in resources.items()
        if resource["Type"] == f"AWS::CloudWatch::{kind}"
    }


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> StandardOutput:
    return StandardOutput(capsys)


def run_every_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each function once, on a request without a token; one operation on a store that breaks, too."""
    monkeypatch.setattr(logger.registered_handler, "stream", CurrentStdout())
    for operation in OPERATIONS:
        load_operation(operation)(proxy_event(operation, sub=None), FakeContext())
    settings = Settings(environment="dev", table_name="tasks", allowed_origins=("*",))
    load_operation("get_task").using(settings, None)(proxy_event("get_task"), FakeContext())
    load_function("authorizer").handler(token_event("Bearer a.b.c"), FakeContext())


def printed_metrics(records: list[dict[str, Any]]) -> Known:
    """What records in Embedded Metric Format make CloudWatch keep."""
    known: dict[tuple[str, str], set[frozenset[str]]] = {}
    for record in records:
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                assert metric["Name"] in record
                sets = known.setdefault((directive["Namespace"], metric["Name"]), set())
                sets |= {frozenset(dimensions) for dimensions in directive["Dimensions"]}
    return known


def filtered_metrics(resources: Mapping[str, Any]) -> Known:
    """What the metric filters make of log lines."""
    return {
        (concrete(each["MetricNamespace"], {}), each["MetricName"]): {frozenset()}
        for resource in resources.values()
        if resource["Type"] == "AWS::Logs::MetricFilter"
        for each in resource["Properties"]["MetricTransformations"]
    }


def test_every_alarm_and_widget_is_of_metrics_that_are_really_sent(
    resources: dict[str, Any], output: StandardOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given what the functions print, what the access log is filtered for and what AWS's services send
    run_every_function(monkeypatch)
    records = output.metrics
    known = {**OF_AWS, **printed_metrics(records), **filtered_metrics(resources)}
    operations = {record["operation"] for record in records}
    assert operations == set(FUNCTIONS)

    # When the metrics of all alarms and widgets are looked up there
    named = [metric for properties in alarms(resources).values() for metric in of_alarm(properties)]
    named += [metric for widget in widgets(resources) for metric in of_widget(widget)]
    assert len(named) > 80

    # Then each is known under its dimensions, and those of the functions' own by the values that they print
    assert [metric for metric in named if not metric.is_among(known)] == []
    own = [dict(metric.dimensions) for metric in named if metric.namespace == "TaskApi"]
    assert {each["service"] for each in own} - {None} == {record["service"] for record in records}
    assert {each["operation"] for each in own} - {None} <= operations
    assert {each["environment"] for each in own} == {"prod"}


def test_every_alarm_watches_what_it_should(resources: dict[str, Any]) -> None:
    # Given the alarms that are no composites
    found = alarms(resources)

    # When their metrics are listed, then they are these, and no alarm is missing
    watched = {
        name: [(metric.namespace, metric.name, set(metric.dimensions)) for metric in of_alarm(properties)]
        for name, properties in found.items()
    }
    assert watched == expected_metrics()


def test_an_alarm_is_an_alarm_that_cloudwatch_takes(resources: dict[str, Any]) -> None:
    # Given an account
    with mock_aws():
        monitor = boto3.client("cloudwatch", region_name=REGION)

        # When each alarm is made there, then its parameters are of the right names and types
        for name, properties in alarms(resources).items():
            numbers = {"Threshold": float(properties["Threshold"])}
            monitor.put_metric_alarm(AlarmName=name, **(properties | numbers))
        assert {each["AlarmName"] for each in monitor.describe_alarms()["MetricAlarms"]} == set(expected_metrics())


def test_an_alarms_formula_uses_all_of_its_metrics_and_no_other(resources: dict[str, Any]) -> None:
    computed = {name: each for name, each in alarms(resources).items() if "Metrics" in each}
    assert set(expected_metrics()) - set(computed) == THROTTLED
    for name, properties in computed.items():
        ids = {each["Id"] for each in properties["Metrics"] if "MetricStat" in each}
        [formula] = [each for each in properties["Metrics"] if "Expression" in each]
        used = set(re.findall(r"[a-z_]\w*", formula["Expression"]))

        assert used == ids or formula["Expression"] == "SUM(METRICS())", name
        assert all(each["ReturnData"] is False for each in properties["Metrics"] if "MetricStat" in each), name


@pytest.mark.parametrize("name", BURN_RATES)
def test_a_burn_rate_is_of_its_window(resources: dict[str, Any], name: str) -> None:
    properties = alarms(resources)[name]
    rate, window = BURN_RATES[name]

    assert properties["Threshold"] == rate
    assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert {each["MetricStat"]["Period"] for each in properties["Metrics"] if "MetricStat" in each} == {window}


def burn_rate(resources: dict[str, Any], name: str, **values: float | None) -> float:
    """What an alarm's formula comes to; the arithmetic of CloudWatch's metric math is Python's."""
    [expression] = [each["Expression"] for each in alarms(resources)[name]["Metrics"] if "Expression" in each]
    known: dict[str, Any] = {
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
        "FILL": lambda value, otherwise: otherwise if value is None else value,
        **values,
    }
    return float(eval(expression, {"__builtins__": {}}, known))


@pytest.mark.parametrize(
    ("failed", "unknown_keys", "requests", "expected"),
    [
        (0, None, 10_000, 0), (4, None, 10, 0), (5, None, 5_000, 1), (144, None, 10_000, 14.4), (60, 0, 10_000, 6),
        (10_000, None, 10_000, 1_000),
        # A flood of invented key ids burns nothing, and hides nothing
        (9_000, 9_000, 10_000, 0), (9_004, 9_000, 10_000, 0), (9_144, 9_000, 10_000, 14.4),
    ],
)  # fmt: skip
def test_availability_burns_by_the_share_that_fails(
    resources: dict[str, Any], failed: float, unknown_keys: float | None, requests: float, expected: float
) -> None:
    for name in (name for name in BURN_RATES if name.startswith("Availability")):
        found = burn_rate(resources, name, failed=failed, unknown_keys=unknown_keys, requests=requests)
        assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("crashes", "unknown_keys", "expected"), [(0, None, 0), (3, None, 3), (3, 0, 3), (500, 500, 0), (503, 500, 3)]
)
def test_the_authorizer_fails_by_all_but_keys_that_anybody_can_invent(
    resources: dict[str, Any], crashes: float, unknown_keys: float | None, expected: float
) -> None:
    assert burn_rate(resources, "AuthorizerFailing", crashes=crashes, unknown_keys=unknown_keys) == expected


@pytest.mark.parametrize(
    ("quick", "requests", "expected"), [(100, 10_000, 0), (99, 10_000, 1), (85.6, 10_000, 14.4), (0, 4, 0), (0, 5, 100)]
)
def test_latency_burns_by_the_share_that_is_slow(
    resources: dict[str, Any], quick: float, requests: float, expected: float
) -> None:
    for name in (name for name in BURN_RATES if name.startswith("Latency")):
        assert burn_rate(resources, name, quick=quick, requests=requests) == pytest.approx(expected)


def test_the_objectives_are_the_deployments(deployed: Document) -> None:
    given = {"AvailabilityObjective": "99.5", "LatencyObjectiveMilliseconds": "400"}
    resources = decided(deployed.body, given)["Resources"]

    assert burn_rate(
        resources, "AvailabilityFastBurnLong", failed=72, unknown_keys=None, requests=1_000
    ) == pytest.approx(14.4)
    statistics = {metric.name: metric.statistic for metric in of_alarm(alarms(resources)["LatencyFastBurnLong"])}
    # Percentile rank: the percentage of requests within the time ("CloudWatch statistics definitions").
    assert statistics == {"Latency": "PR(:400)", "Count": "SampleCount"}


@pytest.mark.parametrize("name", PAGING)
def test_a_page_needs_the_long_window_and_the_short_one(resources: dict[str, Any], name: str) -> None:
    assert alarms(resources, "CompositeAlarm")[name]["AlarmRule"] == f'ALARM("{name}Long") AND ALARM("{name}Short")'


def test_requests_are_throttled_where_the_gateway_or_any_function_says_so(resources: dict[str, Any]) -> None:
    rule = alarms(resources, "CompositeAlarm")["RequestsThrottled"]["AlarmRule"]

    assert re.fullmatch(r'ALARM\("\w+"\)(?:\s+OR ALARM\("\w+"\))*\s*', rule)
    assert set(re.findall(r'"(\w+)"', rule)) == THROTTLED
    for name in THROTTLED:
        part = alarms(resources)[name]
        assert (part["Threshold"], part["Statistic"], part["Period"]) == (20, "Sum", 300), name
        assert (part["EvaluationPeriods"], part["DatapointsToAlarm"]) == (2, 2), name
        assert part["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name


def test_there_is_no_other_composite(resources: dict[str, Any]) -> None:
    assert set(alarms(resources, "CompositeAlarm")) == {*PAGING, "RequestsThrottled"}


def test_silence_is_no_alarm(resources: dict[str, Any]) -> None:
    # No requests, no failures: at night every alarm would be INSUFFICIENT_DATA or worse.
    assert {properties["TreatMissingData"] for properties in alarms(resources).values()} == {"notBreaching"}


@pytest.mark.parametrize(
    ("given", "topic", "subscribers"),
    [
        ({}, "AlarmTopic", []),
        ({"AlarmEmail": "on-call@example.com"}, "AlarmTopic", ["on-call@example.com"]),
        ({"AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:pager"}, None, []),
        (
            {"AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:pager", "AlarmEmail": "on-call@example.com"},
            *(None, []),
        ),
    ],
)
def test_who_is_told_is_told_of_every_alarm_and_its_end(
    deployed: Document, given: dict[str, str], topic: str | None, subscribers: list[str]
) -> None:
    # Given a stack, and the alarms that page: the windows and the watches of deployments alone do not
    resources = decided(deployed.body, given)["Resources"]
    paging = alarms(resources) | alarms(resources, "CompositeAlarm")
    silent = set(BURN_RATES) | THROTTLED | (WATCHES - {"AuthorizerFailing"})

    # When their actions are read, then the topic is the stack's own, unless one is given
    told = [topic or given["AlarmTopicArn"]]
    for name, properties in paging.items():
        expected = None if name in silent else told
        assert (properties.get("AlarmActions"), properties.get("OKActions")) == (expected, expected), name
    assert ("AlarmTopic" in resources) is (topic is not None)
    assert ("AlarmTopicPolicy" in resources) is (topic is not None)
    found = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::SNS::Subscription"]
    assert [(each["Protocol"], each["Endpoint"]) for each in found] == [("email", each) for each in subscribers]


DASHBOARD = {
    *(("AWS/ApiGateway", name) for name in ("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency")),
    *(("TaskApi", name) for name in ("Requests", "Errors", "Latency", "ColdStarts", "ClientErrors")),
    *(("AWS/Lambda", name) for name in ("Throttles", "ConcurrentExecutions", "Errors")),
    *((OWN, name) for name in ("GatewayThrottles", "GatewayRefusals")),
    *(("AWS/DynamoDB", f"Consumed{kind}CapacityUnits") for kind in ("Read", "Write")),
    *(("AWS/DynamoDB", f"{kind}ThrottleEvents") for kind in ("Read", "Write")),
    *(("AWS/DynamoDB", name) for name in ("SuccessfulRequestLatency", "SystemErrors")),
}


def test_the_dashboard_shows_what_an_engineer_on_call_asks_for(resources: dict[str, Any]) -> None:
    # Given the widgets' metrics
    shown = [metric for widget in widgets(resources) for metric in of_widget(widget)]

    # When they are listed, then all of these are there
    assert {(metric.namespace, metric.name) for metric in shown} == DASHBOARD
    by_operation = {metric.statistic for metric in shown if (metric.namespace, metric.name) == ("TaskApi", "Latency")}
    assert by_operation == {"p50", "p95", "p99"}
    per_function = [metric for metric in shown if metric.namespace == "AWS/Lambda"]
    for name in ("Throttles", "ConcurrentExecutions", "Errors"):
        functions = {dict(metric.dimensions)["FunctionName"] for metric in per_function if metric.name == name}
        assert functions == set(map(logical_id, FUNCTIONS))


def test_the_dashboard_shows_the_state_of_every_alarm_that_pages(resources: dict[str, Any]) -> None:
    [states] = [widget for widget in widgets(resources) if widget["type"] == "alarm"]
    paging = alarms(resources) | alarms(resources, "CompositeAlarm")

    shown = {arn.rsplit(":", 1)[-1] for arn in states["properties"]["alarms"]}
    assert shown == {name for name, properties in paging.items() if "AlarmActions" in properties}


def test_no_widget_covers_another(resources: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(resources):
        columns, rows = (range(widget[at], widget[at] + widget[size]) for at, size in (("x", "width"), ("y", "height")))
        cells = {(column, row) for column in columns for row in rows}
        assert not cells & taken
        assert columns.stop <= 24
        taken |= cells


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("GatewayThrottles", {"THROTTLED", "QUOTA_EXCEEDED"}), ("GatewayRefusals", {"UNAUTHORIZED", "ACCESS_DENIED"})],
)
def test_the_access_log_is_filtered_for_what_it_holds(deployed: Document, name: str, kinds: set[str]) -> None:
    # Given the filter and a line of the access log
    found = deployed.properties(name)
    line = json.loads(deployed.properties("TaskApiv1Stage")["AccessLogSetting"]["Format"])

    # When the filter's pattern is read, then it is for responses that the gateway makes, in the member that names them
    pattern = r'\{ (?:\(\$\.(\w+) = "(\w+)"\))(?: \|\| \(\$\.(\w+) = "(\w+)"\))* \}'
    assert re.fullmatch(pattern, found["FilterPattern"])
    pairs = re.findall(r'\$\.(\w+) = "(\w+)"', found["FilterPattern"])
    assert {line[member] for member, _ in pairs} == {"$context.error.responseType"}
    assert {kind for _, kind in pairs} == kinds
    assert kinds <= deployed.properties("TaskApi")["Body"]["x-amazon-apigateway-gateway-responses"].keys()
    assert found["LogGroupName"] == {"Ref": "AccessLogs"}
    [transformation] = found["MetricTransformations"]
    assert (transformation["MetricValue"], transformation["DefaultValue"]) == ("1", 0)


def test_the_authorizers_log_is_filtered_for_keys_that_are_not_known_yet(deployed: Document) -> None:
    found = deployed.properties("UnknownKeys")

    # The log line's reason is its member code (tests/unit/tokens/test_authorizer.py)
    assert found["FilterPattern"] == f'{{ $.code = "{UnknownKeyYet.reason}" }}'
    assert found["LogGroupName"] == {"Ref": "AuthorizerLogs"}
    [transformation] = found["MetricTransformations"]
    assert (transformation["MetricValue"], transformation["DefaultValue"]) == ("1", 0)


QUERIES = {
    "OneRequestQuery": ("filter request_id = ", {"AccessLogs", "OperationLogs"}),
    "SlowestRequestsQuery": ("sort duration_ms desc", {"OperationLogs"}),
    "DenialsQuery": ("stats count(*) as denials by code", {"AuthorizerLogs"}),
    "OneUserQuery": ("filter user = ", {"AccessLogs", "OperationLogs"}),
}
"""Saved query to what makes it that, and the log groups that it reads."""

WORDS_OF_THE_LANGUAGE = {
    *("filter", "fields", "sort", "limit", "stats", "by", "desc", "as", "and", "bin", "count", "m", "denials")
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_query_is_of_fields_that_are_logged(
    deployed: Document, output: StandardOutput, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # Given the fields of the functions' lines and of the access log's, and those that CloudWatch adds
    run_every_function(monkeypatch)
    fields = {field for line in output.logs for field in line} | {"@timestamp", "@log"}
    fields |= set(json.loads(deployed.properties("TaskApiv1Stage")["AccessLogSetting"]["Format"]))

    # When the query is read
    found = deployed.properties(name)
    clause, groups = QUERIES[name]
    words = re.findall(r"@?[a-z_]+", re.sub(r"'[^']*'", "", found["QueryString"]))

    # Then it names no other
    assert set(words) - WORDS_OF_THE_LANGUAGE <= fields
    assert clause in found["QueryString"]
    assert {group["Ref"] for group in found["LogGroupNames"]} == groups


def test_every_saved_query_is_tested(deployed: Document) -> None:
    assert set(deployed.of_type("AWS::Logs::QueryDefinition")) == set(QUERIES)
