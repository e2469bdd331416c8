"""One task as a sequential machine: what the contract says that each operation does and answers, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.faults.instance import Reply


@dataclass(frozen=True)
class TaskState:
    """What there is under one id.

    Attributes:
        version: Counts on over a tombstone; 0 before anything was written.
        live: Whether there is a task, rather than nothing or a tombstone.
        title, completed: Of the live task.
    """

    version: int = 0
    live: bool = False
    title: str = ""
    completed: bool = False


NOTHING: Final = TaskState()


@dataclass(frozen=True)
class Call:
    """A request on the task.

    Attributes:
        operation: ``get_task`` and so on.
        title: What it writes there; None leaves it.
        completed: What it writes there; None leaves it, and makes ``toggle_task`` a blind one.
        match: The version whose etag is in ``If-Match``; None for no such header.
        etag: That etag, which is the store's to choose and nothing to the model.
        must_not_exist: Whether it says ``If-None-Match: *``.
        tag: Of its requests to DynamoDB; nothing to the model.
    """

    operation: str
    title: str | None = None
    completed: bool | None = None
    match: int | None = None
    etag: str = ""
    must_not_exist: bool = False
    tag: str = ""

    @property
    def event(self) -> dict[str, Any]:
        """The request, for :func:`tests.support.proxy_events.proxy_event`."""
        members = {"title": self.title, "completed": self.completed}
        body = {name: value for name, value in members.items() if value is not None}
        headers = {}
        if self.match is not None:
            headers["If-Match"] = f'"{self.etag}"'
        if self.must_not_exist:
            headers["If-None-Match"] = "*"
        return {"headers": headers} | ({"body": body} if body else {})


@dataclass(frozen=True)
class Result:
    """What was answered, or is known of a write otherwise.

    Attributes:
        status: HTTP status; None when not the answer is known but the task as the write left it.
        task: The task in the reply, or in a 412's ``current``; None when there is none.
    """

    status: int | None
    task: TaskState | None = None

    @classmethod
    def of(cls, reply: Reply) -> Result | None:
        """Read a reply; None when it leaves open whether there was an effect (429, 5xx)."""
        if reply.status == 429 or reply.status >= 500:
            return None
        shown = shown_in(reply)
        return cls(reply.status, _state(shown) if shown else None)


def shown_in(reply: Reply) -> Mapping[str, Any] | None:
    """The task in a reply, be it an error's ``current``."""
    shown: Mapping[str, Any] | None = reply.document
    return shown.get("current") if reply.status >= 400 and shown else shown


def _state(task: Mapping[str, Any]) -> TaskState:
    return TaskState(task["version"], live=True, title=task["title"], completed=task["completed"])


def perform(state: TaskState, call: Call) -> tuple[TaskState, Result]:
    """What a call makes of the task, and answers."""
    if not state.live and call.operation != "replace_task":
        return state, Result(404)
    if call.operation == "get_task":
        return state, Result(200, state)
    is_stale = call.match is not None and not (state.live and call.match == state.version)
    if is_stale or (call.must_not_exist and state.live):
        return state, Result(412, state if state.live else None)
    return _write(state, call)


def _write(state: TaskState, call: Call) -> tuple[TaskState, Result]:
    written = TaskState(state.version + 1, live=True, title=call.title or state.title, completed=state.completed)
    match call.operation:
        case "replace_task":
            written = replace(written, completed=bool(call.completed))
            return written, Result(200 if state.live else 201, written)
        case "delete_task":
            return TaskState(written.version), Result(204)
        case "toggle_task" if call.completed == state.completed:
            return state, Result(200, state)
        case "toggle_task":
            written = replace(written, completed=not state.completed)
        case "update_task":
            written = replace(written, completed=state.completed if call.completed is None else call.completed)
        case other:
            raise ValueError(other)
    return written, Result(200, written)


def step(state: TaskState, call: Call, result: Result | None) -> TaskState | None:
    """The model as :func:`tests.faults.histories.linearise` takes it."""
    following, expected = perform(state, call)
    if result is None:
        return following
    fits = following == result.task if result.status is None else expected == result
    return following if fits else None


def left_by(attributes: Mapping[str, Any]) -> TaskState:
    """The state that an item's attributes, in DynamoDB's types, stand for."""
    version = int(attributes["version"]["N"])
    if "deleted_at" in attributes:
        return TaskState(version)
    return TaskState(version, live=True, title=attributes["title"]["S"], completed=attributes["completed"]["BOOL"])
