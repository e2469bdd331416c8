"""What a test needs to know of a DynamoDB engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from botocore.config import Config

from taskapi.dynamo.client import CLIENT_CONFIG, create_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE_NAME = "tasks"


class Capability(Enum):
    """Something that AWS's service does, a test relies on, and not every engine does.

    tests/contract/test_engines.py holds every engine to what it is said to lack, so that no mark outlives its reason.
    """

    ATOMIC_WRITES = "conditional writes are atomic among concurrent callers"
    CAPACITY = "consumed capacity is reported by the size of what was read or written"
    KEY_CONDITIONS = "a range whose lower bound is above its upper one is refused"
    START_KEY_BOUNDS = "a start key outside of the key condition is refused"
    TRANSACTION_TOKENS = "a transaction that is sent again with its ClientRequestToken is not applied again"
    STORED_INDEXES = "an index is a structure of its own, which could disagree with the items"
    LARGE_PARTITIONS = "a query takes no longer, however many items the table has"


@dataclass(frozen=True)
class Engine:
    """A running engine with the table of template.yaml in it.

    Attributes:
        name: As in ``TEST_ENGINES``.
        endpoint: Its URL; None where calls to AWS are answered in this process.
        lacks: What it can't do, and why.
    """

    name: str
    endpoint: str | None
    lacks: Mapping[Capability, str] = field(default_factory=dict)

    def client(self) -> DynamoDBClient:
        """A client as the functions build theirs, but for its patience: an engine on a busy machine takes its time."""
        return create_client(self.endpoint, CLIENT_CONFIG.merge(Config(read_timeout=30)))
