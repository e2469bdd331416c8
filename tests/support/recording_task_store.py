"""A TaskStore that answers what it was told to and records what it was asked; for tests of handlers."""

from __future__ import annotations

from typing import Any, cast

from taskapi.tasks.store import TaskStore


class RecordingTaskStore:
    """Stands in for :class:`taskapi.tasks.store.TaskStore`.

    Attributes:
        calls: The calls so far, each the method's name with its positional arguments.
    """

    def __init__(self, answer: Any = None) -> None:
        """Make a store whose every method returns ``answer``, or raises it when it is an exception."""
        self._answer = answer
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    @property
    def store(self) -> TaskStore:
        """Itself, under the type that the code under test takes."""
        return cast(TaskStore, self)

    def create(self, *arguments: Any) -> Any:
        """See TaskStore.create."""
        return self._record("create", arguments)

    def create_once(self, *arguments: Any) -> Any:
        """See TaskStore.create_once."""
        return self._record("create_once", arguments)

    def get(self, *arguments: Any) -> Any:
        """See TaskStore.get."""
        return self._record("get", arguments)

    def replace(self, *arguments: Any) -> Any:
        """See TaskStore.replace."""
        return self._record("replace", arguments)

    def update(self, *arguments: Any) -> Any:
        """See TaskStore.update."""
        return self._record("update", arguments)

    def delete(self, *arguments: Any) -> Any:
        """See TaskStore.delete."""
        return self._record("delete", arguments)

    def toggle(self, *arguments: Any) -> Any:
        """See TaskStore.toggle."""
        return self._record("toggle", arguments)

    def read(self, *arguments: Any) -> Any:
        """See TaskPages.read."""
        return self._record("read", arguments)

    def _record(self, name: str, arguments: tuple[Any, ...]) -> Any:
        self.calls.append((name, arguments))
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer
