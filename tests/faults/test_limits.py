"""The largest of everything: accepted at the limit, refused clearly beyond it, and never too large for AWS."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from taskapi import subject
from taskapi.tasks.query import ACCESS_PATHS
from taskapi.tasks.task import ChecklistEntry
from tests.engines.engine import TABLE_NAME, Capability
from tests.engines.items import RawItem, task_item, tombstone_item, write_all
from tests.faults.instance import Instance
from tests.faults.scenarios import Check, Partition
from tests.support.fixed_clocks import NOON

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# "Service, account, and table quotas in Amazon DynamoDB", Amazon DynamoDB Developer Guide.
MOST_ITEM_BYTES: Final = 400 * 1024
MOST_PARTITION_KEY_BYTES: Final = 2048
MOST_TRANSACTION_BYTES: Final = 4 * 1024 * 1024
# "Lambda quotas", AWS Lambda Developer Guide: a synchronous call's response.
MOST_RESPONSE_BYTES: Final = 6 * 1024 * 1024
MOST_BODY_BYTES: Final = 128 * 1024

WIDE: Final = "\U0001f3e0"
"""Four bytes of UTF-8, as many as a character can take."""
JSON: Final = {"Content-Type": "application/json"}
LIST_ID: Final = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
OTHER_LIST: Final = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
INDEXES: Final = frozenset(path.sort_attribute for path in ACCESS_PATHS.values() if path.index is not None)


def largest(character: str = WIDE) -> dict[str, Any]:
    """The largest task that the contract lets through, of one kind of character."""
    return {
        "title": character * 500,
        # 16,384 characters, and 32,768 bytes of UTF-8
        "description": character * min(16_384, 32_768 // len(character.encode())),
        "due": "2026-12-01T09:30:00.123Z",
        "priority": "medium",
        # Different in a letter of one byte: tags differ by more than case.
        "tags": [chr(ord("a") + number) + character * 49 for number in range(20)],
        "list_id": LIST_ID,
        "position": "a" + "V" * 254,
        "checklist": [{"id": f"{number:~>36}", "title": character * 150, "completed": False} for number in range(50)],
    }


def as_stored(task: Mapping[str, Any]) -> dict[str, Any]:
    """A task's members for :func:`tests.engines.items.task_item`."""
    checklist = tuple(ChecklistEntry(**entry) for entry in task["checklist"])
    return {**task, "tags": tuple(task["tags"]), "checklist": checklist}


def in_utf8(document: object) -> str:
    """A body in which every character takes the bytes that it takes in UTF-8, and not six or twelve of an escape."""
    return json.dumps(document, ensure_ascii=False)


def size_of(value: Mapping[str, Any]) -> int:
    """Bytes of one attribute value ("DynamoDB item sizes and formats", Amazon DynamoDB Developer Guide)."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 2  # one byte for two digits, and one or two more
        case "BOOL":
            return 1
        case "L":
            return 3 + sum(1 + size_of(member) for member in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + size_of(member) for name, member in content.items())
        case _:
            raise ValueError(kind)


def item_bytes(item: RawItem) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def with_indexes(item: RawItem) -> int:
    """Bytes of an item and its entries in the local indexes (projection ALL), which share the limit of one item."""
    return item_bytes(item) * (1 + sum(name in item for name in INDEXES))


@pytest.fixture
def widest_owner(owner: str) -> str:
    """A ``sub`` of 256 characters, all but those that make it unique four bytes wide."""
    return owner + WIDE * (256 - len(owner))


def test_the_largest_task_fits_with_all_its_indexes(
    instance: Instance, widest_owner: str, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    sub, task = subject.encode(widest_owner), largest()
    create: dict[str, Any] = {"sub": sub, "body": in_utf8(task), "headers": {**JSON, "Idempotency-Key": "~" * 255}}
    created = instance.call("create_task", **create)
    assert created.status == 201
    assert {name: created.document[name] for name in task} == task

    event: dict[str, Any] = {"sub": sub, "task_id": created.document["id"]}
    for operation, body in (
        ("update_task", {"title": "b" + WIDE * 499}),
        ("update_task", {"list_id": OTHER_LIST}),
        ("update_task", {"position": task["position"]}),
        ("update_task", {"list_id": LIST_ID, "position": task["position"], "checklist": task["checklist"]}),
        ("toggle_task", {"completed": True}),
        ("update_task", {"due": "2026-12-02T09:30:00.123Z"}),
        ("update_task", {"position": task["position"][:-1] + "W"}),
        ("replace_task", task),
        ("replace_task", {**task, "completed": True}),
        ("toggle_task", {"completed": False}),
    ):
        reply = instance.call(operation, body=in_utf8(body), headers=JSON, **event)
        assert reply.status == 200
        partition = Partition.read(direct_client, widest_owner)
        assert with_indexes(partition.tasks[0]) <= MOST_ITEM_BYTES, operation
        assert len(partition.tasks[0]["pk"]["S"].encode()) <= MOST_PARTITION_KEY_BYTES
        check_partition(widest_owner)

    assert item_bytes(partition.records[0]) <= MOST_ITEM_BYTES
    assert item_bytes(partition.records[0]) + with_indexes(partition.tasks[0]) <= MOST_TRANSACTION_BYTES
    replay = instance.call("create_task", **create)
    assert (replay.document, replay.headers["Idempotency-Replayed"]) == (created.document, "true")
    shown = instance.call("get_task", **event).document
    assert {name: shown[name] for name in task} == task
    for query in (
        {},
        {"sort": ["updated_at"]},
        {"status": ["open"]},
        {"status": ["open"], "sort": ["due"]},
        {"status": ["open"], "sort": ["position"], "list": [LIST_ID]},
    ):
        assert instance.call("list_tasks", sub=sub, query=query).document["items"] == [shown]
    assert instance.call("delete_task", **event).status == 204
    check_partition(widest_owner)


def test_the_cursor_of_the_longest_place_is_no_longer_than_the_contract_says(
    instance: Instance, owner: str, direct_client: DynamoDBClient
) -> None:
    members = as_stored({**largest("a"), "checklist": [], "tags": []})
    ids = write_all(direct_client, [task_item(owner, NOON + number, **members) for number in range(2)])
    query = {"status": ["open"], "sort": ["position"], "list": [LIST_ID], "limit": ["1"]}
    page = instance.call("list_tasks", sub=owner, query=query).document
    following = instance.call("list_tasks", sub=owner, query={**query, "cursor": [page["next_cursor"]]}).document

    assert 400 < len(page["next_cursor"]) <= 800
    assert [item["id"] for item in (*page["items"], *following["items"])] == sorted(ids)


def test_the_engine_would_refuse_a_larger_item(direct_client: DynamoDBClient, owner: str) -> None:
    item = {"pk": {"S": f"USER#{owner}"}, "sk": {"S": "TASK#large"}, "text": {"S": "a" * MOST_ITEM_BYTES}}

    with pytest.raises(ClientError, match="size"):
        direct_client.put_item(TableName=TABLE_NAME, Item=item)


@pytest.mark.parametrize(
    ("member", "value", "pointer"),
    [
        ("title", WIDE * 501, "/title"),
        ("description", "a" * 16_385, "/description"),
        ("description", WIDE * 8_192 + "a", "/description"),
        ("position", "a" + "V" * 255, "/position"),
        ("checklist", [{"id": str(number), "title": "A"} for number in range(51)], "/checklist"),
        ("checklist", [{"id": "1", "title": WIDE * 151}], "/checklist/0/title"),
        ("checklist", [{"id": "~" * 37, "title": "A"}], "/checklist/0/id"),
        ("tags", [WIDE * 51], "/tags/0"),
        ("tags", [str(number) for number in range(21)], "/tags"),
    ],
    ids=["title", "description", "description in bytes", "position", "checklist", "entry", "entry's id", "tag", "tags"],
)
def test_beyond_a_limit_is_a_422_that_says_where(
    instance: Instance, owner: str, member: str, value: object, pointer: str
) -> None:
    reply = instance.call("create_task", sub=owner, body=in_utf8({"title": "A", member: value}), headers=JSON)

    assert (reply.status, reply.code) == (422, "validation_failed")
    assert [violation["pointer"] for violation in reply.document["errors"]] == [pointer]


def _padded(bytes_wanted: int) -> str:
    text = in_utf8({"title": WIDE * 500})
    return text + " " * (bytes_wanted - len(text.encode()))


@pytest.mark.parametrize("operation", ["create_task", "replace_task"])
def test_a_body_is_counted_in_bytes(instance: Instance, owner: str, operation: str) -> None:
    at_the_limit = instance.call(operation, sub=owner, body=_padded(MOST_BODY_BYTES), headers=JSON)

    assert at_the_limit.status == 201


@pytest.mark.parametrize("excess", [1, 1_000_000])
@pytest.mark.parametrize("operation", ["create_task", "replace_task"])
def test_a_larger_body_is_refused(
    instance: Instance, owner: str, operation: str, excess: int, direct_client: DynamoDBClient
) -> None:
    over = instance.call(operation, sub=owner, body=_padded(MOST_BODY_BYTES + excess), headers=JSON)

    assert (over.status, over.code) == (413, "payload_too_large")
    assert Partition.read(direct_client, owner).tasks == []


def as_lambda_sends(reply_document: object, headers: Mapping[str, str]) -> int:
    """Bytes of a response as Lambda's runtime serialises it: its body is JSON within JSON."""
    body = json.dumps(reply_document, ensure_ascii=False, separators=(",", ":"))
    response = {"statusCode": 200, "headers": dict(headers), "body": body, "isBase64Encoded": False}
    return len(json.dumps(response, ensure_ascii=False).encode())


def _walk(instance: Instance, owner: str, **query: str) -> list[str]:
    """All ids of a list of 100 a page, each page checked for its size."""
    ids: list[str] = []
    cursor: str | None = None
    for _ in range(400):
        parameters = {**query, "limit": "100"} | ({} if cursor is None else {"cursor": cursor})
        reply = instance.call("list_tasks", sub=owner, query={name: [value] for name, value in parameters.items()})
        assert reply.status == 200
        assert as_lambda_sends(reply.document, reply.headers) < MOST_RESPONSE_BYTES
        ids += [task["id"] for task in reply.document["items"]]
        cursor = reply.document["next_cursor"]
        if cursor is None:
            return ids
    raise AssertionError("the walk does not end")


def _seeded(client: DynamoDBClient, items: Iterable[RawItem]) -> list[str]:
    return list(reversed(write_all(client, items)))


@pytest.mark.requires(Capability.CAPACITY)
@pytest.mark.dynamodb_local
@pytest.mark.parametrize("character", [WIDE, "\\", '"', "\u2028", "é"], ids=ascii)
def test_no_page_is_too_large_for_lambda(
    instance: Instance, owner: str, character: str, direct_client: DynamoDBClient
) -> None:
    """Characters of four bytes, and those of one byte that take four where JSON is put into JSON."""
    members = as_stored(largest(character))
    ids = _seeded(direct_client, [task_item(owner, NOON + number, **members) for number in range(110)])

    assert _walk(instance, owner) == ids


@pytest.mark.requires(Capability.CAPACITY)
@pytest.mark.dynamodb_local
def test_a_page_that_is_made_up_of_two_reads_is_not_either(
    instance: Instance, owner: str, direct_client: DynamoDBClient
) -> None:
    """The first read ends just below the budget, with half of its items tombstones; the second goes on for 1 MB."""
    members = as_stored(largest("\\"))
    tasks = [task_item(owner, NOON + number, **members) for number in range(150)]
    tombstones = [tombstone_item(owner, NOON + 1_000 + number, NOON + 5_000) for number in range(50)]
    ids = _seeded(direct_client, tasks)
    write_all(direct_client, tombstones)

    assert _walk(instance, owner) == ids


@pytest.mark.requires(Capability.CAPACITY)
@pytest.mark.dynamodb_local
def test_a_page_cut_for_its_size_holds_no_more_than_was_asked_for(
    instance: Instance, owner: str, direct_client: DynamoDBClient
) -> None:
    """With tombstones among them, the first read ends below the budget; the second finds more than is wanted."""
    members = as_stored({**largest("a"), "checklist": []})
    write_all(direct_client, [task_item(owner, NOON + number, **members) for number in range(110)])
    write_all(direct_client, [tombstone_item(owner, NOON + 1_000 + number, NOON + 5_000) for number in range(10)])
    reply = instance.call("list_tasks", sub=owner, query={"limit": ["60"]})

    assert len(reply.document["items"]) == 60
    assert reply.document["next_cursor"] is not None
