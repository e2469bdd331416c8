"""Runs Lambda functions in this process.

A function gets what it has on Lambda: its own module, its own copy of our layer's package, the environment that the
template gives it, events that went through JSON and a context. What it does not get is a timeout or a memory limit.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from local.errors import LocalError
from local.template.loading import FunctionDefinition

Handler = Callable[[Any, Any], Any]


class FunctionRaised(Exception):
    """A handler raised."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error


@dataclass(frozen=True)
class LambdaContext:
    """What a Python handler gets next to the event.

    "Using the Lambda context object to retrieve Python function information", AWS Lambda Developer Guide.
    """

    function_name: str
    memory_limit_in_mb: int
    deadline: float
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    identity: None = None
    client_context: None = None

    @property
    def invoked_function_arn(self) -> str:
        """An ARN with SAM CLI's local account and region."""
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """As Lambda names it by default."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """There is but one."""
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        """Until the timeout, which is not enforced here."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class Functions:
    """The functions of a template, imported and ready to be called. Close it to give the environment back."""

    def __init__(self, definitions: Iterable[FunctionDefinition], layers: Sequence[Path]) -> None:
        """Import the functions, with the folders of our own layers on ``sys.path``.

        Raises:
            LocalError: one can't be imported; the text says which and why.
        """
        self._definitions = {definition.logical_id: definition for definition in definitions}
        self._handlers: dict[str, Handler] = {}
        with contextlib.ExitStack() as stack:
            stack.enter_context(_search_path(layers))
            for definition in self._definitions.values():
                with _environment(definition.environment), _fresh_packages(layers):
                    self._handlers[definition.logical_id] = _import_handler(definition)
            # Libraries read some variables with every request (Powertools does, for metrics). They are the same for
            # all functions, so one environment will do from here on.
            for definition in self._definitions.values():
                stack.enter_context(_environment(definition.environment))
            self._stack = stack.pop_all()

    def invoke(self, logical_id: str, event: Mapping[str, Any]) -> Any:
        """Call a function, as ``Invoke`` with ``RequestResponse`` does.

        Args:
            logical_id: The function's.
            event: The event; it goes through JSON.

        Returns:
            The result, as decoded from JSON.

        Raises:
            FunctionRaised: it raised, or returned what is not JSON.
        """
        definition = self._definitions[logical_id]
        context = LambdaContext(logical_id, definition.memory, time.monotonic() + definition.timeout)
        try:
            return json.loads(json.dumps(self._handlers[logical_id](json.loads(json.dumps(event)), context)))
        except Exception as error:  # as the runtime does: whatever it is becomes the invocation's error
            traceback.print_exc(file=sys.stdout)
            raise FunctionRaised(error) from error

    def close(self) -> None:
        """Restore the environment and the module search path."""
        self._stack.close()

    def __enter__(self) -> Functions:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()


def _import_handler(definition: FunctionDefinition) -> Handler:
    module_name, _, attribute = definition.handler.rpartition(".")
    source = definition.code.joinpath(*module_name.split(".")).with_suffix(".py")
    if not source.is_file():
        raise LocalError(f"the code of {definition.logical_id} is missing: {source}")
    spec = importlib.util.spec_from_file_location(f"{definition.logical_id}.{module_name}", source)
    assert spec is not None  # noqa: S101  # true of every .py file
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        handler: Handler = getattr(module, attribute)
    except Exception as error:
        raise LocalError(f"{definition.logical_id} does not start: {type(error).__name__}: {error}") from error
    return handler


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _search_path(folders: Sequence[Path]) -> Iterator[None]:
    added = [str(folder) for folder in folders]
    sys.path[:0] = added
    try:
        yield
    finally:
        for folder in added:
            sys.path.remove(folder)


@contextlib.contextmanager
def _fresh_packages(layers: Sequence[Path]) -> Iterator[None]:
    """Import the layers' packages anew inside, and leave ``sys.modules`` as it was.

    Each function thus has its own, set up from its own environment, as it would in a process of its own.
    """
    names = {entry.name for layer in layers for entry in layer.iterdir() if entry.is_dir()}
    before = _take_modules(names)
    try:
        yield
    finally:
        _take_modules(names)
        sys.modules.update(before)


def _take_modules(packages: set[str]) -> dict[str, ModuleType]:
    found = [name for name in sys.modules if name.partition(".")[0] in packages]
    return {name: sys.modules.pop(name) for name in found}
