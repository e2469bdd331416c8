"""Raw items: writing many at once, reading them all, and what design must hold of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from taskapi import clock, positions, uuid7
from taskapi.dynamo.attributes import attribute, partition
from taskapi.dynamo.entity import Key, id_of, is_tombstone
from taskapi.dynamo.idempotency import PREFIX as RECORD
from taskapi.dynamo.stamp import WRITE_IDS, Stamp
from taskapi.lists.list import LIST
from taskapi.tasks import place
from taskapi.tasks.query import ACCESS_PATHS, Status
from taskapi.tasks.task import OPEN, TASK, TRASHED, UNDATED
from tests.engines.engine import TABLE_NAME
from tests.support.tasks import task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RawItem = dict[str, Any]
_BATCH = 25
"""The most puts that one BatchWriteItem takes."""


def task_item(
    owner: str, created_ms: int, *, completed_ms: int | None = None, trashed_ms: int | None = None, **members: Any
) -> RawItem:
    """A task as the store writes it (tests/contract/test_seeding.py holds it to that).

    Args:
        owner: The user.
        created_ms: Unix milliseconds.
        completed_ms: When it was completed; None leaves it open.
        trashed_ms: When it was put into the trash; None leaves it where it is.
        members: Of the task's content, as :class:`~taskapi.tasks.task.TaskContent` names them.
    """
    created = clock.timestamp(created_ms)
    values: dict[str, Any] = {
        "title": "A task",
        "priority": "none",
        **members,
        "completed": completed_ms is not None,
        "created_at": created,
        "updated_at": created if completed_ms is None else clock.timestamp(completed_ms),
        "version": 1,
        "write_id": Stamp.at(created_ms).write_id,
        "created_write_id": Stamp.at(created_ms).write_id,
    }
    task_id = uuid7.mint(created_ms)
    home = place.home(values.pop("list_id", None), values.pop("position", None), task_id)
    values |= {"home": home, "checklist": tuple(entry._asdict() for entry in values.get("checklist", ()))}
    if completed_ms is None:
        values |= {"open_since": created, "open_due": values.get("due") or UNDATED, "place": home}
    else:
        completed = clock.timestamp(completed_ms)
        values |= {"completed_at": completed, "closed": completed, **_second_write(created_ms, completed_ms)}
    if trashed_ms is not None:
        trashed = clock.timestamp(trashed_ms)
        values |= {"updated_at": trashed, "trashed_at": trashed, "closed": TRASHED + trashed}
        values |= {"expires_at": trashed_ms // 1000 + 30 * 86_400, **_second_write(created_ms, trashed_ms)}
        values |= dict.fromkeys(OPEN)
    key = task_key(owner, task_id).as_item()
    return {**key, **{name: attribute(value) for name, value in values.items() if value is not None and value != ()}}


def listed_since(status: Status, ms: int) -> dict[str, int]:
    """What makes :func:`task_item` one of a list's tasks, since an instant in Unix milliseconds."""
    return {"completed": {"completed_ms": ms}, "trashed": {"trashed_ms": ms}}.get(status, {})


def _second_write(first_ms: int, second_ms: int) -> dict[str, Any]:
    """What the second write of a task leaves beside its own changes."""
    earlier = dict(zip(WRITE_IDS[1:], (Stamp.at(first_ms).write_id, "-", "-"), strict=True))
    return {"version": 2, WRITE_IDS[0]: Stamp.at(second_ms).write_id, **earlier}


def tombstone_item(owner: str, created_ms: int, deleted_ms: int) -> RawItem:
    """A deleted task as the store leaves it."""
    deleted = clock.timestamp(deleted_ms)
    values: dict[str, Any] = {
        "created_at": clock.timestamp(created_ms),
        "updated_at": deleted,
        **_second_write(created_ms, deleted_ms),
        "deleted_at": deleted,
        "expires_at": deleted_ms // 1000 + 30 * 86_400,
    }
    key = task_key(owner, uuid7.mint(created_ms)).as_item()
    return {**key, **{name: attribute(value) for name, value in values.items()}}


def write_all(client: DynamoDBClient, items: Iterable[RawItem]) -> list[str]:
    """Put items, 25 a call.

    Returns:
        Their ids, in the same order.
    """
    written = list(items)
    for start in range(0, len(written), _BATCH):
        requests: Any = [{"PutRequest": {"Item": item}} for item in written[start : start + _BATCH]]
        unprocessed = client.batch_write_item(RequestItems={TABLE_NAME: requests})["UnprocessedItems"]
        assert not unprocessed, "a local engine does not throttle"
    return [id_of(item) for item in written]


def delete_all(client: DynamoDBClient, items: Iterable[RawItem]) -> None:
    """Delete items, 25 a call, so that not even a tombstone is left."""
    keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items]
    for start in range(0, len(keys), _BATCH):
        requests: Any = [{"DeleteRequest": {"Key": key}} for key in keys[start : start + _BATCH]]
        client.batch_write_item(RequestItems={TABLE_NAME: requests})


def read_all(client: DynamoDBClient, owner: str, index: str | None = None) -> Iterator[RawItem]:
    """Every item of a user in the table or in an index, strongly consistent, without the store."""
    arguments: dict[str, Any] = {
        "TableName": TABLE_NAME,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": partition(owner)}},
        "ConsistentRead": True,
    }
    if index is not None:
        arguments["IndexName"] = index
    while True:
        answer = client.query(**arguments)
        yield from answer["Items"]
        if not answer.get("LastEvaluatedKey"):
            return
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def read_one(client: DynamoDBClient, key: Key) -> RawItem | None:
    """One task's item, tombstone or not."""
    return client.get_item(TableName=TABLE_NAME, Key=key.as_item(), ConsistentRead=True).get("Item")


ALWAYS = frozenset({"pk", "sk", "created_at", "updated_at", "version", "write_id"})
EARLIER_WRITES = frozenset(WRITE_IDS[1:])


def check_item(item: Mapping[str, Any]) -> None:
    """Check one item against the storage section of docs/architecture.md.

    Raises:
        AssertionError: it is in an index that it does not belong to, or lacks what it must have.
    """
    names = set(item)
    assert names >= ALWAYS, f"lacks {ALWAYS - names}"
    assert int(item["version"]["N"]) >= 1
    assert item["created_at"]["S"] == clock.timestamp(uuid7.milliseconds(id_of(item)))
    ids = [item[name]["S"] for name in WRITE_IDS if name in item and item[name]["S"] != "-"]
    times = [int(write_id[:11], 16) for write_id in ids]
    assert times == sorted(times, reverse=True), "the last write is the latest"
    if is_tombstone(item):
        extra = names - ALWAYS - EARLIER_WRITES - {"deleted_at", "expires_at"}
        assert not extra, f"a tombstone keeps {extra}"
        assert item["deleted_at"] == item["updated_at"]
        deleted_seconds = clock.milliseconds(item["deleted_at"]["S"]) // 1000
        assert int(item["expires_at"]["N"]) == deleted_seconds + 30 * 86_400
        return
    assert "created_write_id" in names
    prefix = item["sk"]["S"].removesuffix(id_of(item))
    assert prefix in LIVE, f"LIVE does not say what an item under {prefix} holds"
    LIVE[prefix](item, names - EARLIER_WRITES - ALWAYS - {"created_write_id"})


def check_task(item: Mapping[str, Any], names: set[str]) -> None:
    """Check what a live task holds beside what every item does."""
    optional = {"description", "due", "tags", "checklist"}
    if "trashed_at" in item:
        kept = {"completed_at"} if item["completed"]["BOOL"] else set()
        state = kept | {"closed", "trashed_at", "expires_at"}
        assert item["closed"]["S"] == f"T#{item['trashed_at']['S']}"
        assert item["trashed_at"] == item["updated_at"]
        assert int(item["expires_at"]["N"]) == clock.milliseconds(item["trashed_at"]["S"]) // 1000 + 30 * 86_400
        _check_home(item, names - optional, state)
        return
    state = {"completed_at", "closed"} if item["completed"]["BOOL"] else {"open_since", "open_due", "place"}
    _check_home(item, names - optional, state)
    if item["completed"]["BOOL"]:
        assert item["closed"] == item["completed_at"]
    else:
        assert item["place"] == item["home"]
        assert item["open_since"] == item["created_at"]
        assert item["open_due"]["S"] == item.get("due", {"S": UNDATED})["S"]


def _check_home(item: Mapping[str, Any], names: set[str], state: set[str]) -> None:
    assert names == {"title", "priority", "completed", "home", *state}
    list_id, position = place.list_and_position(item)
    assert item["home"]["S"] == place.home(list_id, position, id_of(item))
    assert positions.is_valid(position)


def check_list(item: Mapping[str, Any], names: set[str]) -> None:
    """Check what a live list holds beside what every item does."""
    assert names - {"color"} == {"title", "place"}
    group, position, list_id = item["place"]["S"].split("#")
    assert (group, list_id) == ("lists", id_of(item))
    assert positions.is_valid(position)


LIVE: Final[Mapping[str, Callable[[Mapping[str, Any], set[str]], None]]] = {
    TASK.prefix: check_task,
    LIST.prefix: check_list,
}
"""By the prefix of an entity's sort keys: checks a live item, given the names of the attributes that are its own."""


def check_items(client: DynamoDBClient, owner: str) -> dict[str, RawItem]:
    """Check every item of a user but the records of idempotency keys.

    Returns:
        The items by sort key.

    Raises:
        AssertionError: one is not as it should be.
    """
    items = {item["sk"]["S"]: item for item in read_all(client, owner) if not item["sk"]["S"].startswith(RECORD)}
    for item in items.values():
        check_item(item)
    return items


def check_indexes(client: DynamoDBClient, owner: str, items: Mapping[str, RawItem]) -> None:
    """Check that each index holds exactly the items that have its sort key, in full.

    Raises:
        AssertionError: one does not.
    """
    for path in ACCESS_PATHS.values():
        if path.index is not None:
            indexed = {item["sk"]["S"]: item for item in read_all(client, owner, path.index)}
            assert indexed == {sk: item for sk, item in items.items() if path.sort_attribute in item}, path.index
