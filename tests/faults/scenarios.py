"""The requests of tests/operations as they are made under faults, and what a user's partition holds after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from local.template.operations import OPERATIONS
from taskapi import uuid7
from taskapi.dynamo.entity import is_tombstone
from taskapi.dynamo.idempotency import PREFIX
from tests.engines.items import RawItem, read_all
from tests.faults.instance import Instance, Reply
from tests.operations import CASES
from tests.operations.case import Request
from tests.support.fixed_clocks import NOON

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Scenario:
    """One request of an operation."""

    operation: str
    request: Request

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return {*OPERATIONS[self.operation].actions} <= {"dynamodb:GetItem", "dynamodb:Query"}

    @property
    def has_key(self) -> bool:
        """Whether it leaves an idempotency record."""
        return "Idempotency-Key" in self.request.event.get("headers", {})

    def prepare(self, instance: Instance, owner: str) -> dict[str, Any]:
        """Put what there is in place, undisturbed.

        Returns:
            The event, for :meth:`run`.
        """
        ids = {"sub": owner, "task_id": uuid7.mint(NOON)}

        def serve(operation: str, event: Mapping[str, Any]) -> Mapping[str, str]:
            reply = instance.call(operation, **ids, **event)
            assert reply.status < 300, reply.document
            return reply.headers

        return {**ids, **self.request.prepare(serve)}

    def run(self, instance: Instance, event: Mapping[str, Any], tag: str) -> Reply:
        """Send the request."""
        return instance.call(self.operation, tag=tag, **event)


EVERY_OPERATION: Final = tuple(Scenario(name, request) for name, case in CASES.items() for request in case.plain)
"""Each operation in its plain forms."""

PARTICULAR: Final = tuple(Scenario(name, request) for name, case in CASES.items() for request in case.particular)
"""The forms in which a lost reply is easiest to answer wrongly."""


@dataclass(frozen=True)
class Partition:
    """What a user's partition holds, past the API.

    Attributes:
        tasks: The items of tasks, or of other entities, tombstones among them.
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
            (records if item["sk"]["S"].startswith(PREFIX) else tasks).append(item)
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
