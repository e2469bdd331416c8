"""A store that answers what it was told to and records what it was asked; for tests of handlers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, cast

from local.template.operations import OPERATIONS
from taskapi.tasks.store import TaskStore
from tests.support.function_modules import load_operation


@functools.cache
def _methods() -> dict[str, Any]:
    stores = {store for name in OPERATIONS for store in load_operation(name).store_types}
    return {name: method for store in stores for name, method in vars(store).items()}


class RecordingTaskStore:
    """Stands in for the functions' stores: has their public methods, which take what theirs take.

    Attributes:
        calls: The calls so far, each the method's name with its arguments in the signature's order.
    """

    def __init__(self, answer: Any = None) -> None:
        """Make a store whose every method returns ``answer``, or raises it when it is an exception."""
        self._answer = answer
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    @property
    def store(self) -> TaskStore:
        """Itself, under the type that the code under test takes."""
        return cast(TaskStore, self)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The method of this name.

        Raises:
            AttributeError: no store has such a public method.
        """
        method = None if name.startswith("_") else _methods().get(name)
        if not inspect.isfunction(method):
            raise AttributeError(f"no store has a method {name}")
        signature = inspect.signature(method)

        def call(*arguments: Any, **named: Any) -> Any:
            _, *given = signature.bind(self, *arguments, **named).args
            self.calls.append((name, tuple(given)))
            if isinstance(self._answer, BaseException):
                raise self._answer
            return self._answer

        return call
