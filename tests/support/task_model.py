"""One task as a sequential machine: what the contract says that each operation makes of it, and answers.

Etags are the store's own to choose, and no part of it. Times, and positions that the store chooses by them, are where
the time of the write is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

from taskapi import clock, positions, uuid7
from taskapi.tasks import place
from taskapi.tasks.task import ChecklistEntry, TaskContent


@dataclass(frozen=True)
class State:
    """What there is under one id, of any entity.

    Attributes:
        version: Counts on over a tombstone; 0 before anything was written.
        content: What its owner writes; None for nothing, or a tombstone. Its position is None where nobody knows it.
    """

    version: int = 0
    content: Any = None

    def fits(self, other: State | None) -> bool:
        """Whether another, whose position is known, may be this one."""
        if self.content is None or other is None or other.content is None or self.content.position is not None:
            return self == other
        return replace(self, content=self.content._replace(position=other.content.position)) == other


@dataclass(frozen=True)
class TaskState(State):
    """Of a task.

    Attributes:
        is_trashed: Whether it is in the trash.
        created_at, updated_at, completed_at, trashed_at: None where nobody knows the times.
    """

    content: TaskContent | None = None
    is_trashed: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    completed_at: str | None = None
    trashed_at: str | None = None

    @classmethod
    def of(cls, task: Mapping[str, Any], *, timed: bool = False) -> TaskState:
        """The state that the contract's ``Task`` shows, with or without its times."""
        members = {name: task[name] for name in TaskContent._fields}
        times = [task[name] for name in ("created_at", "updated_at", "completed_at", "trashed_at")] if timed else []
        return cls(task["version"], _content(members), task["trashed_at"] is not None, *times)

    @classmethod
    def left_by(cls, attributes: Mapping[str, Any]) -> TaskState:
        """The state that an item's attributes, in DynamoDB's types, stand for; without times."""
        item = {name: TypeDeserializer().deserialize(value) for name, value in attributes.items()}
        version = int(item["version"])
        if "deleted_at" in item:
            return cls(version)
        list_id, position = place.list_and_position(attributes)
        absent = {"description": None, "due": None, "tags": (), "checklist": (), "trashed_at": None}
        return cls.of({**absent, **item, "list_id": list_id, "position": position, "version": version})

    def after(self, call: Call) -> TaskState:
        """What a call makes of it; without times."""
        return perform(self, call)[0]


NOTHING: Final = TaskState()
_REFUSED_IN_TRASH: Final = ("update_task", "toggle_task", "move_task")


def _content(members: Mapping[str, Any]) -> TaskContent:
    """Of members as JSON or as the store has them."""
    checklist = tuple(
        entry if isinstance(entry, ChecklistEntry) else ChecklistEntry(**entry)
        for entry in members.get("checklist") or ()
    )
    return TaskContent(**{**members, "tags": tuple(members.get("tags") or ()), "checklist": checklist})


@dataclass(frozen=True)
class Call:
    """A request on the task, or on what else there is under an id.

    Attributes:
        operation: ``get_task`` and so on.
        body: Its members; none makes ``toggle_task`` a blind one.
        match: The version whose etag is in ``If-Match``; None for no such header.
        etag: That etag, which is the store's to choose and nothing to the model.
        must_exist: Whether it says ``If-Match: *``.
        must_not_exist: Whether it says ``If-None-Match: *``.
        permanent: Whether a deletion is for good.
        tag: Of its requests to DynamoDB; nothing to the model.
    """

    operation: str
    body: Mapping[str, Any] = field(default_factory=dict)
    match: int | None = None
    etag: str = ""
    must_exist: bool = False
    must_not_exist: bool = False
    permanent: bool = False
    tag: str = ""

    @property
    def event(self) -> dict[str, Any]:
        """The request, for :func:`tests.support.proxy_events.proxy_event`."""
        headers = {}
        if self.must_exist or self.match is not None:
            headers["If-Match"] = "*" if self.must_exist else f'"{self.etag}"'
        if self.must_not_exist:
            headers["If-None-Match"] = "*"
        query = {"query": {"permanent": ["true"]}} if self.permanent else {}
        return {"headers": headers} | query | ({"body": self.body} if self.body else {})

    def holds(self, state: State) -> bool:
        """Whether its preconditions do."""
        if state.content is None:
            return not self.must_exist and self.match is None
        return not self.must_not_exist and self.match in (None, state.version)


@dataclass(frozen=True)
class Result:
    """What was answered, or is known of a write otherwise.

    Attributes:
        status: HTTP status; None when not the answer is known but the task as the write left it.
        task: The task in the reply, or in a 409's or 412's ``current``; None when there is none.
    """

    status: int | None
    task: TaskState | None = None

    @classmethod
    def of(cls, status: int, shown: Mapping[str, Any] | None) -> Result | None:
        """Read a reply that shows this task; None when it leaves open whether there was an effect (429, 5xx)."""
        if status == 429 or status >= 500:
            return None
        return cls(status, TaskState.of(shown) if shown else None)


def perform(state: TaskState, call: Call, task_id: str = "", now_ms: int | None = None) -> tuple[TaskState, Result]:
    """What a call makes of the task, and answers.

    Args:
        state: Before it.
        call: The call.
        task_id: Tells when a new task was created, and its position; wanted with ``now_ms`` only.
        now_ms: The clock's time; without it, the state has no times.
    """
    is_put = call.operation in ("create_task", "replace_task")
    if state.content is None and not is_put:
        return state, Result(404)
    if call.operation == "get_task":
        return state, Result(200, state)
    if call.operation in _REFUSED_IN_TRASH if state.is_trashed else call.operation == "restore_task":
        return state, Result(409, state)
    if not call.holds(state):
        return state, Result(412, state if state.content else None)
    written_at = None if now_ms is None else _written_at(state, now_ms)
    after = _written(state.content, call, task_id, written_at)
    if call.operation == "toggle_task" and after == state.content:
        return state, Result(200, state)
    if call.operation == "delete_task" and state.is_trashed and not call.permanent:
        return state, Result(204)
    written = _stamped(state, after, task_id, written_at)
    if call.operation == "delete_task":
        if after is not None:
            written = replace(written, is_trashed=True, trashed_at=written.updated_at)
        return written, Result(204)
    return written, Result(201 if state.content is None else 200, written)


def _written_at(before: TaskState, now_ms: int) -> int:
    """Always after the task's last change."""
    return now_ms if before.updated_at is None else max(now_ms, clock.milliseconds(before.updated_at) + 1)


def _written(content: TaskContent | None, call: Call, task_id: str, written_at: int | None) -> TaskContent | None:
    at_the_end = positions.at(uuid7.milliseconds(task_id)) if task_id else None
    if call.operation in ("create_task", "replace_task"):
        whole = _content(call.body)
        return whole if whole.position else whole._replace(position=at_the_end)
    assert content is not None
    match call.operation:
        case "update_task":
            changed = _content({**content._asdict(), **call.body})
            if "position" not in call.body and changed.list_id != content.list_id:
                return changed._replace(position=None if written_at is None else positions.at(written_at))
            return changed if changed.position else changed._replace(position=at_the_end)
        case "toggle_task":
            return content._replace(completed=call.body.get("completed", not content.completed))
        case "delete_task":
            return None if call.permanent else content
        case "move_task":  # between which two it comes to stand is not this task's alone
            return content._replace(list_id=call.body.get("list_id", content.list_id), position=None)
        case "restore_task":
            return content
        case other:
            raise ValueError(other)


def _stamped(before: TaskState, content: TaskContent | None, task_id: str, written_at: int | None) -> TaskState:
    if written_at is None:
        return TaskState(before.version + 1, content)
    now = clock.timestamp(written_at)
    was_completed = before.content is not None and before.content.completed
    return TaskState(
        before.version + 1,
        content,
        created_at=before.created_at or clock.timestamp(uuid7.milliseconds(task_id)),
        updated_at=now,
        completed_at=(before.completed_at if was_completed else now) if content and content.completed else None,
    )


def step(state: TaskState, call: Call, result: Result | None) -> TaskState | None:
    """The model as :func:`tests.faults.histories.linearise` takes it."""
    following, expected = perform(state, call)
    if result is None:
        return following
    if result.status is None:
        return result.task if following.fits(result.task) else None
    if expected.status != result.status:
        return None
    if expected.task is None:
        return following if result.task is None else None
    # What is shown is what there is then, and says where the store has put it.
    return result.task if expected.task.fits(result.task) else None
