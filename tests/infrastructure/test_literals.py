"""Numbers that the documentation promises are spelt out in tests: one that is imported is always right."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
FILES = [path for path in sorted(TESTS.rglob("*.py")) if {"benchmarks", "sam"}.isdisjoint(path.parts)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_number_is_imported_from_the_layer(path: Path) -> None:
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("taskapi.")
        for alias in node.names
        if isinstance(getattr(importlib.import_module(node.module or ""), alias.name, None), (int, float))
    ]
    assert imported == []
