"""``make delete-user TABLE=… SUB=…``: deletes everything that a table holds of one user, for good.

The API's own delete leaves the task or a tombstone for 30 days, and a replayed ``Idempotency-Key`` finds its task for a
day; a user who leaves is owed more than that. All of a user's items share one partition, so one Query finds them and
nothing of anybody else's can be among them. The command can be stopped at any time and run again: it goes on with what
is left.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TextIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError, run_command
from local.make_variables import whole_number
from local.paths import LAYERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEFAULT_RATE: Final = 100
"""Items a second. Each costs about one write unit for itself and one for each index that it is in: up to five."""
MOST_RATE: Final = 10_000
MOST_DELETES_AT_ONCE: Final = 25
"""BatchWriteItem's limit (Amazon DynamoDB API Reference)."""
MOST_ATTEMPTS: Final = 8
"""Times that DynamoDB is asked for the same deletes while it hands some back unprocessed; 13 seconds in all."""
BAR_WIDTH: Final = 30
TASKS, LISTS, OTHERS = "tasks", "lists", "other items"
TOMBSTONES, RECORDS = "tombstones of deleted tasks", "idempotency records"
_TABLE: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}|arn:[a-z-]+:dynamodb:[^\s]+")  # TableName, DynamoDB API Reference
KINDS: Final = (TASKS, LISTS, TOMBSTONES, RECORDS, OTHERS)

Key = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UserItem:
    """One item of the user's."""

    key: Key
    kind: str


class UserPartition:
    """All items of one user in one table."""

    def __init__(self, client: DynamoDBClient, table: str, sub: str) -> None:
        sys.path[:0] = [folder for folder in map(str, LAYERS) if folder not in sys.path]
        from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY, partition  # noqa: PLC0415
        from taskapi.dynamo.idempotency import PREFIX  # noqa: PLC0415
        from taskapi.lists.list import LIST  # noqa: PLC0415
        from taskapi.tasks.task import TASK  # noqa: PLC0415

        self._client = client
        self._table = table
        self._partition_key, self._sort_key = PARTITION_KEY, SORT_KEY
        self._kinds = {TASK.prefix: TASKS, LIST.prefix: LISTS, PREFIX: RECORDS}
        self._partition = partition(sub)

    def pages(self) -> Iterator[list[UserItem]]:
        """The items, a Query at a time; deleting a page before asking for the next is fine."""
        start: dict[str, Any] = {}
        while True:
            response = self._client.query(
                TableName=self._table,
                KeyConditionExpression="#pk = :pk",
                ExpressionAttributeNames={"#pk": self._partition_key, "#sk": self._sort_key},
                ExpressionAttributeValues={":pk": {"S": self._partition}},
                ProjectionExpression="#pk, #sk, deleted_at",
                ConsistentRead=True,
                **start,
            )
            yield [self._user_item(item) for item in response["Items"]]
            last = response.get("LastEvaluatedKey")
            if not last:
                return
            start = {"ExclusiveStartKey": last}

    def count(self) -> Counter[str]:
        """Items by kind."""
        return Counter(item.kind for page in self.pages() for item in page)

    def delete(self, items: Sequence[UserItem], sleep: Callable[[float], None]) -> None:
        """Delete up to 25 items; it is no error when some are gone already.

        Raises:
            LocalError: DynamoDB kept handing some back.
        """
        requests: Any = [{"DeleteRequest": {"Key": item.key}} for item in items]
        for attempt in range(MOST_ATTEMPTS):
            if attempt:
                sleep(0.1 * 2**attempt)
            response = self._client.batch_write_item(RequestItems={self._table: requests})
            requests = response.get("UnprocessedItems", {}).get(self._table, [])
            if not requests:
                return
        raise LocalError("DynamoDB keeps throttling the deletes; run the command again later, with a lower RATE")

    def _user_item(self, item: Mapping[str, Any]) -> UserItem:
        key = {name: item[name] for name in (self._partition_key, self._sort_key)}
        prefix, separator, _ = item[self._sort_key]["S"].partition("#")
        return UserItem(key, TOMBSTONES if "deleted_at" in item else self._kinds.get(prefix + separator, OTHERS))


class Progress:
    """A bar on a terminal that redraws itself; elsewhere a line for each tenth of the way."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream = stream
        self._total = total
        self._redraws = stream.isatty()
        self._shown = -1

    def show(self, done: int) -> None:
        """Show so many of the total; the total may have grown meanwhile."""
        share = min(1.0, done / self._total) if self._total else 1.0
        if self._redraws:
            filled = int(share * BAR_WIDTH)
            self._stream.write(f"\r[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done:,} of {self._total:,}")
        elif int(share * 10) > self._shown:
            self._shown = int(share * 10)
            self._stream.write(f"deleted {done:,} of {self._total:,}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line that was redrawn."""
        if self._redraws:
            self._stream.write("\n")


@dataclass
class Deletion:
    """The deleting: batches at a bounded rate.

    Attributes:
        deleted: Items so far, by kind.
    """

    partition: UserPartition
    rate: float
    progress: Progress
    deleted: Counter[str]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Delete everything that is there."""
        started = self.monotonic()
        self.progress.show(0)
        for page in self.partition.pages():
            for first in range(0, len(page), MOST_DELETES_AT_ONCE):
                batch = page[first : first + MOST_DELETES_AT_ONCE]
                self.partition.delete(batch, self.sleep)
                self.deleted.update(item.kind for item in batch)
                self.progress.show(self.deleted.total())
                ahead = self.deleted.total() / self.rate - (self.monotonic() - started)
                if ahead > 0:
                    self.sleep(ahead)
        self.progress.end()


def delete_user(partition: UserPartition, options: argparse.Namespace) -> int:
    """Count, and with ``options.yes`` delete.

    Returns:
        The exit status: 0 when nothing is left or it was a dry run, 1 when something came after, 2 when refused.
    """
    found = partition.count()
    print(_told("found", found))
    if options.dry_run:
        print("Dry run: nothing was deleted.")
        return 0
    if not options.yes:
        print("Refused: this can't be undone. Give YES=1 to delete, or DRY_RUN=1 to count only.", file=sys.stderr)
        return 2
    deletion = Deletion(partition, options.rate, Progress(sys.stderr, found.total()), Counter())
    try:
        deletion.run()
    except (KeyboardInterrupt, LocalError, ClientError, BotoCoreError):
        print(f"\n{_told('deleted', deletion.deleted)}. Run the command again to go on.", file=sys.stderr)
        raise
    print(_told("deleted", deletion.deleted))
    left = partition.count()
    if left.total():
        print(f"{_told('left', left)}: written meanwhile. Revoke the user's tokens, then run the command again.")
        return 1
    print("Nothing of the user is left in the table.")
    return 0


def _told(verb: str, counts: Counter[str]) -> str:
    kinds = [f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind] or kind == TASKS]
    return f"{verb}: {', '.join(kinds)} ({counts.total():,} items)"


def _table(text: str) -> str:
    name = text.strip()
    if not name:
        raise LocalError("give TABLE=..., the stack's output TableName")
    if not _TABLE.fullmatch(name):
        raise LocalError(f"TABLE is no name of a table: {text!r}")
    return name


def _sub(text: str) -> str:
    if not text.strip():
        raise LocalError("give SUB=..., the sub of the user's tokens, exactly")
    return text


def region_of(session: boto3.Session, environment: Mapping[str, str]) -> str:
    """The region as AWS's other tools find it: boto3 does not read AWS_REGION ("AWS Region", SDKs and Tools guide)."""
    region = environment.get("AWS_REGION", "").strip() or (session.region_name or "").strip()
    if not region:
        raise LocalError("no region: set AWS_REGION to the stack's, or AWS_PROFILE to a profile that has one")
    return region


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.operators.delete_user", description="Delete everything that a table holds of one user."
    )
    parser.add_argument("--table", default="", help="the table's name: the stack's output TableName")
    parser.add_argument("--sub", default="", help="the user: the sub of their tokens, exactly")
    parser.add_argument("--yes", action="store_true", help="really delete")
    parser.add_argument("--dry-run", action="store_true", help="count only")
    parser.add_argument(
        "--rate", default=str(DEFAULT_RATE), help=f"items a second at most, 1 to {MOST_RATE:,} ({DEFAULT_RATE})"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        table, sub = _table(options.table), _sub(options.sub)
        options.rate = whole_number("RATE", options.rate, 1, MOST_RATE)
        try:
            session = boto3.Session()
            client = session.client(
                "dynamodb",
                region_name=region_of(session, os.environ),
                config=Config(retries={"mode": "standard", "total_max_attempts": 8}),
            )
            return delete_user(UserPartition(client, table, sub), options)
        except (ClientError, BotoCoreError) as error:
            raise LocalError(str(error)) from error

    try:
        return run_command(command)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
