"""The generator: it reads the code as it is, and does not pass over what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.openapi import limits, problems, violation_codes
from local.openapi.__main__ import main
from local.openapi.deployed import Deployed, GatewayProblem, read_template
from local.openapi.document import PATH
from local.openapi.handlers import read_handler
from local.openapi.operations import Operations
from local.openapi.problems import Occurrence
from taskapi.bodies.patch import TaskPatch
from taskapi.errors import StoreError
from taskapi.http.request import MERGE_PATCH
from tests.support.proxy_events import ROUTES


def test_limits_are_found_by_trying() -> None:
    assert limits.longest(lambda text: len(text) <= 12345) == 12345
    assert limits.shortest(lambda text: text != "") == 1
    assert limits.shortest(lambda text: True) == 0


@pytest.mark.parametrize("is_accepted", [lambda text: True, lambda text: False])
def test_a_limit_that_is_not_there_is_not_made_up(is_accepted: limits.IsAccepted) -> None:
    with pytest.raises(ValueError, match="no limit"):
        limits.longest(is_accepted)


def test_a_pattern_names_what_is_refused() -> None:
    assert limits.pattern(lambda text: not set(text) & set("\x00\x01\x02\x7f")) == r"^[^\u0000-\u0002\u007f]*$"


def test_handlers_tell_what_they_read_and_answer() -> None:
    update = read_handler("update_task")

    assert update.reads >= {"task_key", "json", "precondition"}
    assert update.answers == {"representation"}
    assert update.body is not None
    assert (update.body.model, tuple(update.body.media_types)) == (TaskPatch, MERGE_PATCH)
    assert read_handler("toggle_task").body is not None
    assert read_handler("get_task").body is None
    assert read_handler("list_tasks").takes_list_parameters


def test_routes_are_those_of_the_contract() -> None:
    deployed = read_template()

    assert {route.operation: (route.method.upper(), route.path) for route in deployed.routes} == ROUTES
    assert {preflight.path for preflight in deployed.preflights} == {path for _, path in ROUTES.values()}


def test_a_problem_without_a_description_is_an_error() -> None:
    # Given a gateway response with a code of its own
    new = GatewayProblem("WAF_FILTERED", 403, {}, {"code": "coffee_required"})
    deployed = Deployed(routes=(), problems=(new,), preflights=(), security_scheme="BearerToken", stage="v1")

    # When the problems are gathered, then that is an error
    with pytest.raises(ValueError, match="coffee_required"):
        problems.occurrences(deployed)


def test_a_problem_that_no_operation_answers_is_an_error() -> None:
    # Given an error whose exception no operation is said to end with
    deployed = read_template()
    new = Occurrence("coffee_required", "402", {}, {"code": "coffee_required"}, StoreError, "coffee_required")
    operations = Operations(deployed, [*problems.occurrences(deployed), new])
    for route in deployed.routes:
        operations.operation(route)

    # When the responses are gathered, then that is an error
    with pytest.raises(ValueError, match="coffee_required"):
        _ = operations.response_components


def test_a_violation_without_a_description_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(violation_codes, "DESCRIPTIONS", {**violation_codes.DESCRIPTIONS, "coffee_required": "none"})

    with pytest.raises(ValueError, match="coffee_required"):
        violation_codes.violation_codes()


def test_the_committed_document_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_a_stale_document_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a document that differs in a line
    stale = tmp_path / "openapi.yaml"
    stale.write_text(PATH.read_text(encoding="utf-8").replace("title: Task API", "title: Old API"), encoding="utf-8")
    monkeypatch.setattr("local.openapi.document.PATH", stale)

    # When it is checked, then the difference is shown, and when it is written, it is the same again
    assert main(["--check"]) == 1
    assert "-  title: Old API" in capsys.readouterr().err
    assert main([]) == 0
    assert stale.read_text(encoding="utf-8") == PATH.read_text(encoding="utf-8")
