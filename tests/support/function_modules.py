"""Loads functions, whose modules are all called ``app``, under names of their own."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

from taskapi.http import Operation

FUNCTIONS: Final = Path(__file__).resolve().parents[2] / "functions"
LEAN: Final = (
    "list_tasks",
    "get_task",
    "delete_task",
    "restore_task",
    "toggle_task",
    "move_task",
    "get_list",
    "list_lists",
    "delete_list",
)
"""The functions that read no body, or next to none, and so are not to pay for what reads bodies."""


def load_function(name: str) -> ModuleType:
    """The module ``functions/<name>/app.py``, imported once a process."""
    qualified = f"functions_{name}_app"
    if qualified in sys.modules:
        return sys.modules[qualified]
    spec = importlib.util.spec_from_file_location(qualified, FUNCTIONS / name / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[qualified] = module
    return module


def load_operation(name: str) -> Operation:
    """The handler of an operation."""
    handler = load_function(name).handler
    assert isinstance(handler, Operation)
    return handler
