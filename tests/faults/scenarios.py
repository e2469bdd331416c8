"""One request of each kind, with what must be true before and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from taskapi import uuid7
from taskapi.dynamo.entity import is_tombstone
from taskapi.http.response import quoted
from taskapi.tasks.task import TaskContent
from tests.engines.items import RawItem, read_all
from tests.faults.instance import Instance, Reply
from tests.support.fixed_clocks import NOON
from tests.support.tasks import task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BODY: Final[Mapping[str, Any]] = {"title": "New", "due": "2026-12-01", "tags": ["home"], "priority": "high"}
_OLD: Final = TaskContent(title="Old", description="As it was", due="2026-11-30")
_DONE: Final = TaskContent(title="Old", completed=True)


@dataclass(frozen=True)
class Before:
    """What there is before the request: a task, a tombstone, or nothing (None).

    Attributes:
        content: Of the task.
        deleted: Whether it was deleted after.
    """

    content: TaskContent | None
    deleted: bool = False


@dataclass(frozen=True)
class Scenario:
    """One request and how the contract says that it ends.

    Attributes:
        name: For the test's id.
        operation: One of the contract's seven.
        before: What there is.
        event: For :func:`tests.support.proxy_events.proxy_event`.
        if_match: Whether it names the task that there is.
        status: Of the reply when DynamoDB serves it.
        changed: Members of the item after it, in Python's types; None when the task is gone.
    """

    name: str
    operation: str
    before: Before
    status: int
    changed: Mapping[str, Any] | None = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)
    if_match: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.operation in ("get_task", "list_tasks")

    def prepare(self, instance: Instance, owner: str) -> dict[str, Any]:
        """Put what there is in place, undisturbed.

        Returns:
            The event, for :meth:`run`; the task's id in it is a fresh one when there is nothing.
        """
        key = task_key(owner, uuid7.mint(NOON))
        event = {"sub": owner, "task_id": key.id, **self.event}
        if self.before.content is not None:
            task, _ = instance.store.replace(key, self.before.content)
            if self.before.deleted:
                instance.store.delete(key)
            if self.if_match:
                event["headers"] = {"If-Match": quoted(task.etag)}
        return event

    def run(self, instance: Instance, event: Mapping[str, Any], tag: str) -> Reply:
        """Send the request."""
        return instance.call(self.operation, tag=tag, **event)


_OPEN: Final = Before(_OLD)
_COMPLETED: Final = Before(_DONE)
_NOTHING: Final = Before(None)
_DELETED: Final = Before(_OLD, deleted=True)
_REPLACED: Final = {"title": "New", "description": None, "due": "2026-12-01", "completed": False}

EVERY_OPERATION: Final = (
    Scenario("create", "create_task", _NOTHING, 201, {"title": "New"}, {"body": BODY}),
    Scenario(
        "create with a key",
        "create_task",
        _NOTHING,
        201,
        {"title": "New"},
        {"body": BODY, "headers": {"Idempotency-Key": "key-1"}},
    ),
    Scenario("list", "list_tasks", _OPEN, 200),
    Scenario("get", "get_task", _OPEN, 200),
    Scenario("replace", "replace_task", _OPEN, 200, _REPLACED, {"body": BODY}),
    Scenario(
        "update", "update_task", _OPEN, 200, {"title": "New", "due": None}, {"body": {"title": "New", "due": None}}
    ),
    Scenario("delete", "delete_task", _OPEN, 204, None),
    Scenario("toggle", "toggle_task", _OPEN, 200, {"completed": True}),
)
"""Each operation once, in its plain form."""

PARTICULAR: Final = (
    Scenario("replace that creates", "replace_task", _NOTHING, 201, _REPLACED, {"body": BODY}),
    Scenario("replace over a tombstone", "replace_task", _DELETED, 201, _REPLACED, {"body": BODY}),
    Scenario(
        "replace if there is none",
        "replace_task",
        _NOTHING,
        201,
        _REPLACED,
        {"body": BODY, "headers": {"If-None-Match": "*"}},
    ),
    Scenario("replace if it matches", "replace_task", _OPEN, 200, _REPLACED, {"body": BODY}, if_match=True),
    Scenario(
        "update if it matches", "update_task", _OPEN, 200, {"title": "New"}, {"body": {"title": "New"}}, if_match=True
    ),
    Scenario("delete if it matches", "delete_task", _OPEN, 204, None, if_match=True),
    Scenario("toggle if it matches", "toggle_task", _OPEN, 200, {"completed": True}, if_match=True),
    Scenario("toggle that reopens", "toggle_task", _COMPLETED, 200, {"completed": False}),
    Scenario("complete", "toggle_task", _OPEN, 200, {"completed": True}, {"body": {"completed": True}}),
    Scenario("reopen", "toggle_task", _COMPLETED, 200, {"completed": False}, {"body": {"completed": False}}),
)
"""The forms in which a lost reply is easiest to answer wrongly."""


@dataclass(frozen=True)
class Partition:
    """What a user's partition holds, past the API.

    Attributes:
        tasks: The items of tasks, tombstones among them.
        records: The idempotency records.
    """

    tasks: list[RawItem]
    records: list[RawItem]

    @classmethod
    def read(cls, client: DynamoDBClient, owner: str) -> Partition:
        """Read it."""
        tasks: list[RawItem] = []
        records: list[RawItem] = []
        for item in read_all(client, owner):
            (tasks if item["sk"]["S"].startswith("TASK#") else records).append(item)
        return cls(tasks, records)

    @property
    def version(self) -> int:
        """Of the only task; 0 when there is none."""
        assert len(self.tasks) <= 1
        return int(self.tasks[0]["version"]["N"]) if self.tasks else 0


def differences(item: RawItem, changed: Mapping[str, Any] | None) -> Iterator[str]:
    """Members in which an item is not as it should be after a request."""
    if changed is None or is_tombstone(item):
        if (changed is None) != is_tombstone(item):
            yield "deleted"
        return
    for name, expected in changed.items():
        actual = next(iter(item[name].values())) if name in item else None
        if actual != expected:
            yield f"{name}: {actual!r} for {expected!r}"


Check = Callable[[str], None]
"""Checks a user's partition."""
