"""The metrics that the template's alarms and dashboard name, and those that there are.

What the functions print is asked of the functions (test_monitoring); what AWS's services send is from their pages:

- "Amazon API Gateway dimensions and metrics", Amazon API Gateway Developer Guide
- "Types of metrics for Lambda functions" and "Viewing metrics for Lambda functions", AWS Lambda Developer Guide
- "DynamoDB metrics and dimensions", Amazon DynamoDB Developer Guide
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.infrastructure.deployment import concrete

Known = Mapping[tuple[str, str], set[frozenset[str]]]
"""Namespace and name to the sets of dimensions that a metric is kept under."""

_API: Final = {frozenset({"ApiName"}), frozenset({"ApiName", "Stage"})}
_FUNCTION: Final = {frozenset({"FunctionName"}), frozenset({"FunctionName", "Resource"})}
_TABLE: Final = {frozenset({"TableName"})}
_OPERATION: Final = {frozenset({"TableName", "Operation"})}

OF_AWS: Final[Known] = {
    **{("AWS/ApiGateway", name): _API for name in ("Count", "4XXError", "5XXError", "Latency", "IntegrationLatency")},
    **{("AWS/Lambda", name): _FUNCTION for name in ("Errors", "Throttles", "ConcurrentExecutions")},
    **{("AWS/DynamoDB", f"Consumed{kind}CapacityUnits"): _TABLE for kind in ("Read", "Write")},
    **{("AWS/DynamoDB", f"{kind}ThrottleEvents"): _TABLE for kind in ("Read", "Write")},
    **{("AWS/DynamoDB", name): _OPERATION for name in ("SuccessfulRequestLatency", "SystemErrors")},
}


@dataclass(frozen=True)
class Metric:
    """A metric that the template names.

    Attributes:
        dimensions: Name to value; in a SEARCH, a dimension whose value is any has None.
        statistic: ``Sum``, ``p99``.
    """

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str | None]]
    statistic: str

    def is_among(self, known: Known) -> bool:
        """Whether it is sent, under exactly these dimensions."""
        return frozenset(name for name, _ in self.dimensions) in known.get((self.namespace, self.name), set())


def of_alarm(properties: Mapping[str, Any]) -> Iterator[Metric]:
    """The metrics of an alarm, its properties as :func:`~tests.infrastructure.deployment.concrete` has them."""
    if "Metrics" not in properties:
        yield _metric(properties, properties["Statistic"])
        return
    for each in properties["Metrics"]:
        if "MetricStat" in each:
            yield _metric(each["MetricStat"]["Metric"], each["MetricStat"]["Stat"])


def _metric(metric: Mapping[str, Any], statistic: str) -> Metric:
    dimensions = frozenset((pair["Name"], pair["Value"]) for pair in metric.get("Dimensions", []))
    return Metric(metric["Namespace"], metric["MetricName"], dimensions, statistic)


def widgets(resources: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The dashboard's widgets ("Dashboard body structure and syntax", Amazon CloudWatch API Reference)."""
    body = concrete(resources["Dashboard"]["Properties"]["DashboardBody"], {})
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def of_widget(widget: Mapping[str, Any]) -> Iterator[Metric]:
    """The metrics of a widget, those of SEARCH expressions too."""
    for row in widget["properties"].get("metrics", []):
        *parts, options = row
        if "expression" in options:
            yield _searched(options["expression"])
        else:
            namespace, name, *pairs = parts
            yield Metric(namespace, name, frozenset(zip(pairs[::2], pairs[1::2], strict=True)), options["stat"])


def _searched(expression: str) -> Metric:
    """``SEARCH('{Namespace,Dimension,…} MetricName="…" dimension="…"', 'stat', period)``."""
    found = re.fullmatch(r"SEARCH\('\{([\w/,]+)\} (.+)', '(\w+)', \d+\)", expression)
    assert found is not None, expression
    namespace, *names = found[1].split(",")
    values = dict(re.findall(r'(?<!NOT )\b(\w+)="([^"]+)"', found[2]))
    name = values.pop("MetricName")
    assert values.keys() <= set(names), expression
    return Metric(namespace, name, frozenset((each, values.get(each)) for each in names), found[3])
