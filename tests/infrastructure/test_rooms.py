"""The rooms of local and tools: their imports go one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("local", "tools")
    for path in (ROOT / folder).rglob("*.py")
}


def imports(path: Path) -> Iterator[str]:
    """The modules of local and tools that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from members & MODULES.keys() or [node.module]
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & MODULES.keys()


@pytest.mark.parametrize("depth", [2, 3], ids=["rooms", "modules"])
def test_no_import_leads_back(depth: int) -> None:
    # Given who imports whom, by the rooms and the modules beside them, or by each module
    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        own = ".".join(module.split(".")[:depth])
        imported = {".".join(name.split(".")[:depth]) for name in imports(path)}
        graph.setdefault(own, set()).update(imported - {own})
    assert len(graph) > 15

    # Then there is an order in which each only needs those before it
    TopologicalSorter(graph).prepare()
