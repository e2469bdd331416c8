"""A store that answers what it was told to and records what it was asked; for tests of handlers."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, cast

from local.template.operations import OPERATIONS
from taskapi.tasks.store import TaskStore
from tests.support.function_modules import load_operation


@functools.cache
def _signatures(method: str) -> list[inspect.Signature]:
    """Of the functions' stores that have this method; two entities' may have different ones of one name."""
    stores = dict.fromkeys(store for name in OPERATIONS for store in load_operation(name).store_types)
    methods = [vars(store)[method] for store in stores if method in vars(store)]
    return [inspect.signature(each) for each in methods if inspect.isfunction(each)]


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
        signatures = [] if name.startswith("_") else _signatures(name)
        if not signatures:
            raise AttributeError(f"no store has a method {name}")

        def call(*arguments: Any, **named: Any) -> Any:
            bound = _bound(signatures, self, *arguments, **named)
            self.calls.append((name, (*bound.args[1:], *bound.kwargs.values())))
            if isinstance(self._answer, BaseException):
                raise self._answer
            return self._answer

        return call


def _bound(signatures: Sequence[inspect.Signature], *arguments: Any, **named: Any) -> inspect.BoundArguments:
    """The arguments under the first signature that takes them; raises TypeError where none does."""
    *others, last = signatures
    for signature in others:
        with contextlib.suppress(TypeError):
            return signature.bind(*arguments, **named)
    return last.bind(*arguments, **named)
