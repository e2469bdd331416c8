"""The table of operations, and what each operation has to have besides its row: the guards of docs/contributing.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pytest
from samcli.yamlhelper import yaml_parse

from local.events import EXAMPLES
from local.operations import OPERATIONS
from local.paths import ROOT, TEMPLATE
from tests.benchmarks.capacity import ROWS
from tests.faults.scenarios import EVERY_OPERATION
from tests.infrastructure.test_least_privilege import REQUESTS
from tests.unit.functions.test_functions import ANSWERS

TASKS: Final = "/users/{user_id}/tasks"
TASK: Final = "/users/{user_id}/tasks/{task_id}"

EXPECTED: Final = {
    "create_task": ("POST", TASKS, ("dynamodb:PutItem",), "none"),
    "list_tasks": ("GET", TASKS, ("dynamodb:Query",), "*"),
    "get_task": ("GET", TASK, ("dynamodb:GetItem",), "none"),
    "replace_task": ("PUT", TASK, ("dynamodb:UpdateItem",), "none"),
    "update_task": ("PATCH", TASK, ("dynamodb:UpdateItem",), "none"),
    "delete_task": ("DELETE", TASK, ("dynamodb:UpdateItem",), "none"),
    "toggle_task": ("POST", f"{TASK}/toggle", ("dynamodb:UpdateItem",), "none"),
}
"""Method, path, actions, indexes: the one copy. What users call and what functions may do changes in two places."""


def test_the_table_is_what_it_is_meant_to_be() -> None:
    found = {name: (each.method, each.path, each.actions, each.indexes) for name, each in OPERATIONS.items()}

    assert found == EXPECTED, "template.yaml, Mappings, Operations"


def test_the_loop_runs_over_the_table() -> None:
    rows = {each.row for each in OPERATIONS.values()}
    names = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]["Fn::ForEach::Operations"][1]

    differing = sorted(rows ^ set(names))
    assert not differing, f"template.yaml: in the table or in Fn::ForEach::Operations, not in both: {differing}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_row_is_named_as_its_function(name: str) -> None:
    operation = OPERATIONS[name]

    assert operation.handler == f"{name}.app.handler"
    assert operation.row == "".join(word.capitalize() for word in name.split("_"))


def test_every_function_is_an_operation_or_the_authorizer() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}

    assert not (lacking := sorted({*OPERATIONS, "authorizer"} - folders)), f"functions/ has no app.py for {lacking}"
    assert not (unknown := sorted(folders - {*OPERATIONS, "authorizer"})), f"template.yaml has no row for {unknown}"


def in_the_docs() -> Iterable[str]:
    """The operations whose method and path stand in the table of docs/task-api.md."""
    page = (ROOT / "docs" / "task-api.md").read_text(encoding="utf-8")
    return [name for name, each in OPERATIONS.items() if f"| `{each.method} {each.path}` |" in page]


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("docs/task-api.md", in_the_docs()),
        ("local/events.py (then make events)", EXAMPLES),
        ("tests/unit/functions/test_functions.py: ANSWERS", ANSWERS),
        ("tests/infrastructure/test_least_privilege.py: REQUESTS", REQUESTS),
        ("tests/faults/scenarios.py: EVERY_OPERATION", [each.operation for each in EVERY_OPERATION]),
        ("tests/benchmarks/capacity.py: ROWS (then make capacity)", [each.operation for each in ROWS]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_operation_has_its_place(place: str, named: Iterable[str]) -> None:
    # The contract is held to the table by tests/conformance, the smoke checks are by tests/security/test_smoke.py.
    lacking = [name for name in OPERATIONS if name not in named]

    assert not lacking, f"{place} has nothing for {', '.join(lacking)}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_path_part_is_a_parameter_or_text(name: str) -> None:
    # "{part}" alone may be variable in a resource of a REST API ("Amazon API Gateway quotas": a path part is either a
    # parameter or text), which neither SAM nor cfn-lint says: "/feeds/{secret}.ics" would fail at the deployment.
    for part in OPERATIONS[name].path.split("/")[1:]:
        assert re.fullmatch(r"[a-z_.]+|\{[a-z_]+\}", part), f"{name}: the path part {part} is neither"


def test_parameters_of_one_place_have_one_name() -> None:
    # A REST API has one parameter below a resource: two names for it are a deployment that fails.
    names: dict[str, set[str]] = {}
    for operation in OPERATIONS.values():
        above = ""
        for part in operation.path.split("/")[1:]:
            if part.startswith("{"):
                names.setdefault(above, set()).add(part)
            above += f"/{part if not part.startswith('{') else '{}'}"

    assert {above: found for above, found in names.items() if len(found) > 1} == {}
