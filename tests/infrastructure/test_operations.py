"""The table of operations, and what each operation has to have besides its row: the guards of docs/contributing.md."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from samcli.yamlhelper import yaml_parse

from local.contract import load
from local.paths import EVENTS, ROOT, TEMPLATE
from local.template.operations import OPERATIONS
from tests.operations import CASES, FAULTS
from tests.operations.case import Row


def test_every_operation_says_what_the_tests_need_to_know() -> None:
    assert not FAULTS, "; ".join(FAULTS)


@pytest.mark.parametrize("name", CASES)
def test_the_table_is_what_it_is_meant_to_be(name: str) -> None:
    found = OPERATIONS[name]

    # What users call and what functions may do changes in two places
    assert Row(found.method, found.path, found.actions, found.indexes) == CASES[name].row, (
        f"template.yaml and tests/operations/{name}.py have different rows of {name}"
    )


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
        ("events/ (make events)", [path.stem for path in EVENTS.glob("*.json")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_operation_has_its_place(place: str, named: Iterable[str]) -> None:
    # The contract is held to the table by tests/conformance
    lacking = [name for name in OPERATIONS if name not in named]

    assert not lacking, f"{place} has nothing for {', '.join(lacking)}"


@pytest.mark.parametrize("name", [each.name for each in load().operations])
def test_the_contract_shows_a_request(name: str) -> None:
    # Events, and tests that need any request, are made of it
    load().example(name)


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
