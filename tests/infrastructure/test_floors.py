"""The package's floors: imports only point down, and no function pays for what it does not use."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.function_modules import LEAN

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "taskapi" / "taskapi"
FUNCTIONS = ROOT / "functions"

FLOORS = {
    # Entities: folders that have a store
    3: {path.parent.name for path in PACKAGE.glob("*/store.py")},
    2: {"http", "tokens"},
    1: {"dynamo"},
    0: {
        "clock",
        "due",
        "errors",
        "exchange",
        "initialisation",
        "observability",
        "positions",
        "preconditions",
        "settings",
        "strict_json",
        "subject",
        "text",
        "uuid7",
    },
}
FLOOR_OF = {module: floor for floor, modules in FLOORS.items() for module in modules}


def imports(path: Path) -> Iterator[str]:
    """The modules of taskapi that run-time imports of a file name; what only the type checker imports doesn't count."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and isinstance(guard.test, ast.Name) and guard.test.id == "TYPE_CHECKING"
        for node in ast.walk(guard)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "taskapi":
            parts = (node.module or "").split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from [alias.name.split(".")[1] for alias in node.names if alias.name.startswith("taskapi.")]


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def test_every_module_has_a_floor() -> None:
    assert {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules()} == set(FLOOR_OF)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    # Given a module, when its imports are read, then none is of a floor above, nor http of tokens or the other way
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for imported in imports(path):
        assert FLOOR_OF[imported] <= FLOOR_OF[own], f"{own} imports {imported}"
        assert imported == own or not {own, imported} <= FLOORS[2], f"{own} imports {imported}"


def imported_by(function: str) -> set[str]:
    """The modules in a fresh interpreter that has loaded a function, as Lambda's initialisation does."""
    code = "import app; print(*sys.modules)"
    layers = [str(FUNCTIONS / function), str(PACKAGE.parent)]
    code = f"import sys; sys.path[:0] = {layers!r}; {code}"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    return set(run.stdout.split())


@pytest.mark.parametrize("function", LEAN)
def test_operations_that_read_no_content_do_not_load_pydantic(function: str) -> None:
    assert "pydantic" not in imported_by(function)


@pytest.mark.parametrize("function", ["create_task", "get_task", "list_lists"])
def test_only_the_operation_that_lists_loads_the_reading_of_pages(function: str) -> None:
    assert "taskapi.dynamo.paging" in imported_by("list_tasks")
    assert not {"taskapi.dynamo.paging", "taskapi.dynamo.cursor"} & imported_by(function)


@pytest.mark.parametrize("function", ["delete_task", "restore_task", "toggle_task", "move_task"])
def test_operations_that_read_no_text_do_not_load_what_cleans_it(function: str) -> None:
    assert "taskapi.text" not in imported_by(function)


def test_the_authorizer_loads_neither_botocore_nor_pydantic() -> None:
    # botocore's own __init__ is loaded by Powertools, which asks it for its version; nothing else of it is.
    assert not {"boto3", "botocore.session", "botocore.client", "pydantic"} & imported_by("authorizer")


@pytest.mark.parametrize("path", sorted(FUNCTIONS.glob("*/app.py")), ids=lambda path: path.parent.name)
def test_a_handler_is_wiring(path: Path) -> None:
    # Given a function, then it is short, decides nothing, handles no error and knows no AWS
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 30
    tree = ast.walk(ast.parse(text))
    assert not [node for node in tree if isinstance(node, (ast.If, ast.Try, ast.For, ast.While, ast.Match))]
    assert "boto" not in text


@pytest.mark.parametrize("folder", ["layers", "functions", "local"])
def test_what_the_api_runs_on_does_not_import_the_tools(folder: str) -> None:
    importers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(from|import) (tools|tests)\b", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert importers == []
