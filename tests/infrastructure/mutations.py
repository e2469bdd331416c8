"""Deletes what must not be missing from template.yaml, one thing at a time, and tells which tests notice.

``make mutations`` writes the table, build/template-mutations.md, and fails when one goes unnoticed. A mutant is a file
of its own, which the tests are pointed at by an environment variable.
"""

from __future__ import annotations

import contextlib
import copy
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import tests.infrastructure.deployment  # noqa: F401  # before the fork
from local.paths import BUILD, ROOT
from tests.infrastructure.policies import each_of
from tests.infrastructure.template import TEMPLATE_VARIABLE, source

Place = tuple[str | int, ...]

RESULT: Final = BUILD / "template-mutations.md"
_HEAD: Final = """# What must not be missing from the template

Each row is one thing that was deleted from `template.yaml`, alone, and the first test of `tests/infrastructure` that
failed without it.

| deleted | noticed by |
| --- | --- |
"""

SUITE: Final = ("test_permissions", "test_gateway_responses", "test_routes", "test_monitoring")


def mutations() -> Iterator[tuple[str, Place]]:
    """What to delete: its description, and where it is in the template as written."""
    for name, resource in source()["Resources"].items():
        here: Place = ("Resources", name)
        kind = resource["Type"]
        if kind in _WHOLE:
            yield f"{_WHOLE[kind]} {name}", here
        if kind in _PARTS:
            yield from _PARTS[kind](name, resource["Properties"], (*here, "Properties"))


def _of_function(name: str, properties: dict[str, Any], at: Place) -> Iterator[tuple[str, Place]]:
    for index, policy in enumerate(properties["Policies"]):
        where: Place = (*at, "Policies", index)
        document = policy
        if "Fn::If" in policy:
            document, where = policy["Fn::If"][1], (*where, "Fn::If", 1)
        for number, statement in enumerate(document["Statement"]):
            yield from _of_statement(name, statement, (*where, "Statement", number))
    if "Events" in properties:
        yield f"route of {name}", (*at, "Events")


def _of_statement(name: str, statement: dict[str, Any], at: Place) -> Iterator[tuple[str, Place]]:
    inner, where = (statement["Fn::If"][1], (*at, "Fn::If", 1)) if "Fn::If" in statement else (statement, at)
    action = ", ".join(each_of(inner["Action"]))
    yield f"{name}: {action}", at
    if isinstance(inner["Resource"], list):
        for number, resource in enumerate(inner["Resource"]):
            yield f"{name}: {action} on {json.dumps(resource)}", (*where, "Resource", number)
    for operator in inner.get("Condition", {}):
        yield f"{name}: {operator} on {action}", (*where, "Condition", operator)


def _of_api(_name: str, properties: dict[str, Any], at: Place) -> Iterator[tuple[str, Place]]:
    yield "default authorizer", (*at, "Auth", "DefaultAuthorizer")
    for kind in properties["GatewayResponses"]:
        yield f"gateway response {kind}", (*at, "GatewayResponses", kind)


def _of_alarm(name: str, properties: dict[str, Any], at: Place) -> Iterator[tuple[str, Place]]:
    for index, metric in enumerate(properties.get("Metrics", [])):
        yield f"metric {metric['Id']} of {name}", (*at, "Metrics", index)


_WHOLE: Final = {
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::CloudWatch::CompositeAlarm": "composite alarm",
    "AWS::Logs::MetricFilter": "metric filter",
    "AWS::Logs::QueryDefinition": "saved query",
    "AWS::Lambda::Permission": "permission",
    "AWS::SNS::TopicPolicy": "permission",
    "AWS::SNS::Subscription": "subscription",
}
_PARTS: Final = {
    "AWS::Serverless::Function": _of_function,
    "AWS::Serverless::Api": _of_api,
    "AWS::CloudWatch::Alarm": _of_alarm,
}


def mutant(at: Place) -> dict[str, Any]:
    """The template as written, without what is there."""
    template = copy.deepcopy(source())
    *way, last = at
    parent: Any = template
    for step in way:
        parent = parent[step]
    del parent[last]
    return template


class _Failures:
    """A pytest plugin that remembers which tests failed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names.append(report.nodeid.removeprefix("tests/infrastructure/"))


def failing_tests(at: Place) -> list[str]:
    """The first test that fails on a mutant. Changes the process: run it in one of its own."""
    failures = _Failures()
    is_monitoring = _is_monitoring(at)
    modules = sorted(SUITE, key=lambda name: (name == "test_monitoring") is not is_monitoring)
    with (
        tempfile.TemporaryDirectory() as folder,
        (Path(folder) / "output").open("w") as output,
        contextlib.redirect_stdout(output),
    ):
        file = Path(folder) / "template.yaml"
        file.write_text(json.dumps(mutant(at)), encoding="utf-8")
        os.environ[TEMPLATE_VARIABLE] = str(file)
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--rootdir", str(ROOT)]
        status = pytest.main(
            [*options, *(f"{ROOT}/tests/infrastructure/{name}.py" for name in modules)], plugins=[failures]
        )
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest could not run: {status!r}")
    return failures.names


def _is_monitoring(at: Place) -> bool:
    """Whether the tests of monitoring are the likelier ones to fail, and so the first to run."""
    kind: str = source()["Resources"][at[1]]["Type"]
    return kind.startswith(("AWS::CloudWatch::", "AWS::Logs::")) or kind == "AWS::SNS::Subscription"


def noticed() -> Iterator[tuple[str, list[str]]]:
    """Each mutation's description, and the test that fails. Processes are forked, so that nothing is imported twice."""
    descriptions, places = zip(*mutations(), strict=True)
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        yield from zip(descriptions, pool.imap(failing_tests, places), strict=True)


def main() -> int:
    """Write the table, a row for each mutation; the status is 1 when one went unnoticed."""
    rows, unnoticed = [_HEAD], []
    for description, names in noticed():
        rows.append(f"| {_text(description)} | {', '.join(f'`{name}`' for name in names) or 'NOTHING'} |\n")
        print(rows[-1], end="", flush=True)  # noqa: T201  # it takes many minutes
        unnoticed += [] if names else [description]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("".join(rows), encoding="utf-8")
    for description in unnoticed:
        print(f"nothing notices that this is missing: {description}", file=sys.stderr)  # noqa: T201
    return 1 if unnoticed else 0


def _text(description: str) -> str:
    return description.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    sys.exit(main())
