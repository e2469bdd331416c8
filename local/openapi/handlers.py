"""What an operation reads of a request, and which answers it makes, off the source of its handler.

Handlers hold no logic, only wiring, so the names that they use tell all: ``request.precondition`` means that it takes
``If-Match``, ``created(…)`` that it answers 201.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.paths import ROOT
from taskapi.http import request as request_module
from taskapi.http import response as response_module


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body that an operation takes.

    Attributes:
        model: Its class.
        media_types: Those accepted, the best first.
        is_required: Whether the request must have one.
    """

    model: type[Any]
    media_types: Sequence[str]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Handler:
    """What a handler uses.

    Attributes:
        reads: Names of attributes and methods of the request: ``precondition``, ``task_key`` and so on.
        answers: Names of functions of :mod:`taskapi.http.response`: ``created`` and so on.
        body: None when it takes none.
        takes_list_parameters: Whether it declares query parameters.
    """

    reads: frozenset[str]
    answers: frozenset[str]
    body: RequestBody | None
    takes_list_parameters: bool


def read_handler(operation: str) -> Handler:
    """Read ``functions/<operation>/app.py``."""
    tree = ast.parse((ROOT / "functions" / operation / "app.py").read_text(encoding="utf-8"))
    uses = [node for node in ast.walk(tree) if _is_of_request(node)]
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return Handler(
        reads=frozenset(node.attr for node in uses if isinstance(node, ast.Attribute)),
        answers=frozenset(called & set(dir(response_module))),
        body=next(_bodies(tree), None),
        takes_list_parameters=any(
            keyword.arg == "query_parameters"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        ),
    )


def _is_of_request(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "request"


def _bodies(tree: ast.Module) -> Iterator[RequestBody]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not _is_of_request(node.func):
            continue
        if node.func.attr in ("json", "optional_json"):
            model, *media_types = [
                _imported(tree, argument.id) for argument in node.args if isinstance(argument, ast.Name)
            ]
            yield RequestBody(
                model=model,
                media_types=media_types[0] if media_types else request_module.JSON,
                is_required=node.func.attr == "json",
            )


def _imported(tree: ast.Module, name: str) -> Any:
    """What a module imports under a name; the module itself is not run, since it would need its environment."""
    [module] = [
        node.module or ""
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]
    ]
    return getattr(importlib.import_module(module), name)
