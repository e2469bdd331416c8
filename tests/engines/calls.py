"""Watches and disturbs a client's calls where they leave it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class Calls:
    """The requests that a client has sent, retries included.

    Attributes:
        operations: Their names in order, ``UpdateItem`` say.
        capacity: The ``ConsumedCapacity`` of those answers that reported one.
    """

    operations: list[str] = field(default_factory=list)
    capacity: list[Any] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.operations)


@contextlib.contextmanager
def counted(client: DynamoDBClient, *, measuring: bool = False) -> Iterator[Calls]:
    """Count what the client sends inside the block.

    Args:
        client: The client.
        measuring: Ask every call for its capacity by table and index (``ReturnConsumedCapacity=INDEXES``).
    """
    calls = Calls()

    def on_send(event_name: str, **_: Any) -> None:
        calls.operations.append(event_name.rpartition(".")[2])

    def on_parameters(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "INDEXES"

    def on_answer(parsed: dict[str, Any], **_: Any) -> None:
        capacity = parsed.get("ConsumedCapacity", [])
        calls.capacity.extend(capacity if isinstance(capacity, list) else [capacity])

    events = client.meta.events
    # First: moto answers in a handler of this same event, and none after it is called.
    events.register_first("before-send.dynamodb", on_send)
    events.register("after-call.dynamodb", on_answer)
    if measuring:
        events.register("provide-client-params.dynamodb", on_parameters)
    try:
        yield calls
    finally:
        events.unregister("before-send.dynamodb", on_send)
        events.unregister("after-call.dynamodb", on_answer)
        if measuring:
            events.unregister("provide-client-params.dynamodb", on_parameters)


@contextlib.contextmanager
def first_reply_lost(client: DynamoDBClient) -> Iterator[None]:
    """Lose the first reply to a call inside the block: the engine has applied it, and botocore sends it once more.

    It is botocore's own retry, of the same request to the byte, that a reply lost on the way leads to.
    """
    lost: list[bool] = []

    def on_reply(**_: Any) -> Any:
        if lost:
            return None
        lost.append(True)
        return 0.0  # seconds to wait before sending it again

    client.meta.events.register_first("needs-retry.dynamodb", on_reply)
    try:
        yield
    finally:
        client.meta.events.unregister("needs-retry.dynamodb", on_reply)
    assert lost, "no call was made"
