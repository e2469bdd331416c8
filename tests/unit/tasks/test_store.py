"""TaskStore against a scripted DynamoDB: which calls it makes, and what it does with answers that engines rarely give.

What the expressions do to items is the business of the contract tests, which run on real engines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from taskapi import clock, positions, uuid7
from taskapi.dynamo.idempotency import fingerprint
from taskapi.dynamo.stamp import WRITE_IDS, Stamp
from taskapi.dynamo.table import Table
from taskapi.errors import (
    IdempotencyKeyReused,
    PreconditionFailed,
    StoreUnavailable,
    TaskNotFound,
    TaskNotTrashed,
    TaskTrashed,
    TooManyRequests,
)
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import INDEXED, ChecklistEntry, Task, TaskContent
from tests.support import tasks
from tests.support.fixed_clocks import NOON, FixedClock, RecordingSleep
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.recording_dynamodb import (
    RecordingDynamoDB,
    client_error,
    condition_failed,
    transaction_canceled,
)
from tests.support.tasks import task_key

KEY = task_key(OWNER, TASK_ID)
NOW = clock.timestamp(NOON)
CONTENT = TaskContent("Pay rent", "By transfer", "2026-12-01", "high", ("home",))
LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
OTHER_LIST = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
AT_NOON = positions.at(NOON)
OPEN = tasks.task(version=3)
DONE = tasks.task(version=3, completed=True, completed_at=tasks.CREATED)
LISTED = tasks.task(version=3, list_id=LIST_ID)
CURRENT = EntityTags(etags=(OPEN.etag,))
STALE = EntityTags(etags=("3", tasks.FIRST_WRITE))
ANY = EntityTags(any=True)
NOT_TRASHED = "attribute_not_exists(#trashed_at)"
OF_STATE = (*INDEXED, "completed_at")
"""Attributes that an open task or a completed one has, and not the other."""


def store_over(dynamodb: RecordingDynamoDB, sleep: RecordingSleep | None = None) -> TaskStore:
    """A store over a recording client, at noon."""
    return TaskStore(Table(dynamodb.client, "tasks", now_ms=FixedClock(), sleep=sleep or RecordingSleep()))


def applied(arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Answers an UpdateItem as if it had met an open task: with what it SETs to plain values, over that item."""
    return {"Attributes": item_after(arguments)}


def item_after(arguments: dict[str, Any]) -> dict[str, Any]:
    """The item of OPEN with the plain values of an update over it."""
    return tasks.item_of(OPEN) | {name: value for name, value in plain_sets(arguments).items() if value is not None}


def plain_sets(arguments: dict[str, Any]) -> dict[str, Any]:
    """Attribute to new value of the clauses ``#name = :value``."""
    clause = arguments["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")[0]
    pairs = re.findall(r"#(\w+) = (:v\d+)(?:, |$)", clause)
    return {name: arguments["ExpressionAttributeValues"][value] for name, value in pairs}


def removed(arguments: dict[str, Any]) -> set[str]:
    """The attributes that an update removes."""
    return set(re.findall(r"#(\w+)", arguments["UpdateExpression"].partition("REMOVE ")[2]))


def at(home: str) -> dict[str, Any]:
    """What says where an open task stands."""
    return {"home": {"S": home}, "place": {"S": home}}


def assumptions(arguments: dict[str, Any]) -> set[str]:
    """The conditions of a PATCH beyond those of all writes, values filled in."""
    values = {name: str(next(iter(value.values()))) for name, value in arguments["ExpressionAttributeValues"].items()}
    conditions: list[str] = re.sub(r":v\d+", lambda found: values[found[0]], arguments["ConditionExpression"]).split(
        " AND "
    )
    return {each for each in conditions if "#updated_at" not in each and each != "attribute_exists(#title)"}


def value_of(arguments: dict[str, Any], value: str) -> str:
    """The placeholder of a value, which some other one may share."""
    values: dict[str, Any] = arguments["ExpressionAttributeValues"]
    return next(name for name, each in values.items() if each == {"S": value})


def lost_reply(arguments: dict[str, Any], *, others: int = 0) -> Mapping[str, Any]:
    """Answers as DynamoDB does when botocore sends an update again that was applied, though its reply was lost.

    Args:
        arguments: Of the UpdateItem.
        others: Writes of others that came in between, in the next milliseconds.
    """
    item = item_after(arguments)
    for number in range(others):
        names = WRITE_IDS[: 2 + number]
        earlier = {older: item[newer] for newer, older in itertools.pairwise(names)}
        item = item | earlier | {"write_id": {"S": Stamp.at(NOON + 1 + number).write_id}}
    raise condition_failed(item, retries=1)


def forgetful_item(ms: int) -> dict[str, Any]:
    """The item of OPEN whose last four writes were at these milliseconds and those before."""
    return tasks.item_of(OPEN) | {name: {"S": Stamp.at(ms - age).write_id} for age, name in enumerate(WRITE_IDS)}


WRITES: dict[str, Callable[[TaskStore, Precondition], Any]] = {
    "replace": lambda store, precondition: store.replace(KEY, CONTENT, precondition),
    "update": lambda store, precondition: store.update(KEY, {"title": "x"}, precondition),
    "delete": lambda store, precondition: store.delete(KEY, precondition),
    "delete for good": lambda store, precondition: store.delete(KEY, precondition, permanent=True),
    "toggle": lambda store, precondition: store.toggle(KEY, None, precondition),
    "complete": lambda store, precondition: store.toggle(KEY, True, precondition),
    "move": lambda store, precondition: store.update(KEY, {"list_id": LIST_ID}, precondition),
}
"""Every conditional write."""
NOT_CREATING = [name for name in WRITES if name != "replace"]


class TestCreate:
    """A new task."""

    def test_it_is_one_put_of_everything_that_indexes_need(self) -> None:
        # Given an empty table, when a task is created
        dynamodb = RecordingDynamoDB({})
        created = store_over(dynamodb).create(OWNER, CONTENT)
        # Then one item was put, in its owner's partition, under an id of this instant
        [(name, arguments)] = dynamodb.calls
        item = arguments["Item"]
        assert name == "put_item"
        assert item["pk"] == {"S": "USER#alice"}
        assert item["sk"] == {"S": f"TASK#{created.id}"}
        assert uuid7.milliseconds(created.id) == NOON
        # And it is in the indexes of open tasks only
        assert (item["open_since"], item["open_due"]) == ({"S": NOW}, {"S": "2026-12-01"})
        assert item["place"] == item["home"] == {"S": f"inbox#{AT_NOON}#{created.id}"}
        assert item.keys().isdisjoint({"completed_at", "closed", "list_id", "position"})
        # And what is returned is what was stored
        assert created == Task.from_item(item, OWNER)
        assert (created.version, created.created_at, created.updated_at) == (1, NOW, NOW)

    def test_an_undated_task_sorts_last(self) -> None:
        dynamodb = RecordingDynamoDB({})
        store_over(dynamodb).create(OWNER, TaskContent("x"))
        item = dynamodb.calls[0][1]["Item"]
        assert item["open_due"] == {"S": "~"}
        assert item.keys().isdisjoint({"due", "description", "tags", "checklist"})

    def test_one_created_completed_is_in_the_index_of_completed_ones_only(self) -> None:
        dynamodb = RecordingDynamoDB({})
        created = store_over(dynamodb).create(OWNER, TaskContent("x", completed=True))
        item = dynamodb.calls[0][1]["Item"]
        assert item.keys().isdisjoint({"open_since", "open_due", "place"})
        assert item["closed"] == item["completed_at"]
        assert item["home"] == {"S": f"inbox#{AT_NOON}#{created.id}"}
        assert (created.completed, created.completed_at) == (True, NOW)

    def test_in_a_list_at_a_position_with_a_checklist(self) -> None:
        dynamodb = RecordingDynamoDB({})
        entries = (ChecklistEntry("1", "Ask the bank"), ChecklistEntry("2", "Sign", completed=True))
        created = store_over(dynamodb).create(
            OWNER, TaskContent("x", list_id=LIST_ID, position="a0", checklist=entries)
        )
        item = dynamodb.calls[0][1]["Item"]
        assert item["place"] == item["home"] == {"S": f"{LIST_ID}#a0#{created.id}"}
        assert item["checklist"] == {
            "L": [
                {"M": {"id": {"S": "1"}, "title": {"S": "Ask the bank"}, "completed": {"BOOL": False}}},
                {"M": {"id": {"S": "2"}, "title": {"S": "Sign"}, "completed": {"BOOL": True}}},
            ]
        }
        assert (created.list_id, created.position, created.checklist) == (LIST_ID, "a0", entries)

    def test_a_lost_reply_is_a_success(self) -> None:
        # Given a put that was applied, though its reply was lost, so that botocore sent it again
        def applied_before(arguments: dict[str, Any]) -> Mapping[str, Any]:
            raise condition_failed(arguments["Item"])

        # When it comes back as refused, then the item is recognised as its own
        created = store_over(RecordingDynamoDB(applied_before)).create(OWNER, CONTENT)
        assert created.version == 1

    def test_a_lost_reply_is_a_success_though_the_task_was_changed_since(self) -> None:
        # Its id is of 74 random bits of this call: what is there can only be what this call put there
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(OPEN)))
        assert store_over(dynamodb).create(OWNER, CONTENT).title == CONTENT.title
        assert dynamodb.calls[0][1]["ConditionExpression"] == "attribute_not_exists(pk)"


class TestCreateOnce:
    """With an Idempotency-Key."""

    def test_without_a_key_it_is_a_plain_create(self) -> None:
        dynamodb = RecordingDynamoDB({})
        _, was_replayed = store_over(dynamodb).create_once(OWNER, CONTENT, None)
        assert (dynamodb.names, was_replayed) == (["put_item"], False)

    def test_task_and_record_are_written_together(self) -> None:
        dynamodb = RecordingDynamoDB({})
        created, was_replayed = store_over(dynamodb).create_once(OWNER, CONTENT, "key-1")
        [(name, arguments)] = dynamodb.calls
        task_put, record_put = (entry["Put"] for entry in arguments["TransactItems"])
        assert (name, was_replayed) == ("transact_write_items", False)
        assert created == Task.from_item(task_put["Item"], OWNER)
        assert task_put["ConditionExpression"] == "attribute_not_exists(pk)"
        assert record_put["ConditionExpression"] == "attribute_not_exists(pk) OR expires_at <= :now"
        assert record_put["ExpressionAttributeValues"] == {":now": {"N": str(NOON // 1000)}}
        assert record_put["Item"]["expires_at"] == {"N": str(NOON // 1000 + 24 * 3_600)}
        assert record_put["Item"]["write_id"] == task_put["Item"]["write_id"]

    def refuse_with(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., Mapping[str, Any]]:
        """Refuses the transaction because of the very record that it would write, changed."""

        def answer(arguments: dict[str, Any]) -> Mapping[str, Any]:
            record = arguments["TransactItems"][1]["Put"]["Item"]
            raise transaction_canceled("None", {"Code": "ConditionalCheckFailed", "Item": change(dict(record))})

        return answer

    def test_a_replay_returns_the_first_answer(self) -> None:
        # Given a record of an earlier request with the same content
        first = tasks.task(title="As first answered")
        dynamodb = RecordingDynamoDB(
            self.refuse_with(lambda r: r | {"write_id": {"S": "earlier"}, "answer": {"M": tasks.item_of(first)}})
        )
        # When it is sent again, then the first answer comes back, in one round trip
        assert store_over(dynamodb).create_once(OWNER, CONTENT, "key-1") == (first, True)
        assert dynamodb.is_spent

    def test_a_lost_reply_is_no_replay(self) -> None:
        created, was_replayed = store_over(RecordingDynamoDB(self.refuse_with(lambda record: record))).create_once(
            OWNER, CONTENT, "key-1"
        )
        assert (created.title, was_replayed) == (CONTENT.title, False)

    def test_a_key_used_for_other_content_is_refused(self) -> None:
        other = {"fingerprint": {"S": fingerprint(TaskContent("Other"))}, "write_id": {"S": "earlier"}}
        with pytest.raises(IdempotencyKeyReused):
            store_over(RecordingDynamoDB(self.refuse_with(lambda r: r | other))).create_once(OWNER, CONTENT, "key-1")

    def test_an_id_that_is_taken_does_not_overwrite(self) -> None:
        canceled = transaction_canceled({"Code": "ConditionalCheckFailed", "Item": tasks.item_of(OPEN)}, "None")
        with pytest.raises(StoreUnavailable):
            store_over(RecordingDynamoDB(canceled)).create_once(OWNER, CONTENT, "key-1")


class TestGet:
    """One task."""

    def test_it_is_one_read_of_the_owners_partition(self) -> None:
        dynamodb = RecordingDynamoDB({"Item": tasks.item_of(OPEN)})
        assert store_over(dynamodb).get(KEY) == OPEN
        assert [arguments["Key"] for _, arguments in dynamodb.calls] == [KEY.as_item()]

    @pytest.mark.parametrize("answer", [{}, {"Item": tasks.tombstone()}], ids=["nothing", "deleted"])
    def test_what_is_not_there(self, answer: Mapping[str, Any]) -> None:
        with pytest.raises(TaskNotFound):
            store_over(RecordingDynamoDB(answer)).get(KEY)


class TestWrites:
    """What all conditional writes share."""

    @pytest.mark.parametrize("name", WRITES)
    def test_they_are_one_round_trip_under_a_condition(self, name: str) -> None:
        dynamodb = RecordingDynamoDB(applied)
        WRITES[name](store_over(dynamodb), Precondition())
        [(operation, arguments)] = dynamodb.calls
        assert operation == "update_item"
        assert arguments["Key"] == KEY.as_item()
        assert ("attribute_exists(#title)" in arguments["ConditionExpression"]) is (name != "replace")
        # Each is later than the one before, so that one that is sent again is refused
        conditions = arguments["ConditionExpression"].split(" AND ")
        pattern = r"\(attribute_not_exists\(#updated_at\) OR #updated_at < (:v\d+)\)"
        [found] = [match for condition in conditions if (match := re.fullmatch(pattern, condition))]
        assert arguments["ExpressionAttributeValues"][found[1]] == {"S": NOW}
        assert "#version = if_not_exists(#version, " in arguments["UpdateExpression"]
        assert plain_sets(arguments)["updated_at"] == {"S": NOW}

    @pytest.mark.parametrize("name", WRITES)
    def test_each_stamps_a_fresh_write_id(self, name: str) -> None:
        dynamodb = RecordingDynamoDB(applied, applied)
        store = store_over(dynamodb)
        for _ in range(2):
            WRITES[name](store, Precondition())
        one, other = (plain_sets(arguments)["write_id"]["S"] for _, arguments in dynamodb.calls)
        assert one != other
        assert int(one[:11], 16) == int(other[:11], 16) == NOON

    @pytest.mark.parametrize("name", WRITES)
    def test_a_lost_reply_is_a_success(self, name: str) -> None:
        dynamodb = RecordingDynamoDB(lost_reply)
        WRITES[name](store_over(dynamodb), Precondition(match=CURRENT))
        assert dynamodb.is_spent

    @pytest.mark.parametrize("name", WRITES)
    @pytest.mark.parametrize("others", [1, 2, 3])
    def test_a_lost_reply_is_a_success_though_others_wrote_since(self, name: str, others: int) -> None:
        dynamodb = RecordingDynamoDB(lambda arguments: lost_reply(arguments, others=others))
        WRITES[name](store_over(dynamodb), Precondition(match=CURRENT))
        assert dynamodb.is_spent

    @pytest.mark.parametrize("name", WRITES)
    @pytest.mark.parametrize("match", [None, CURRENT])
    def test_when_nobody_can_tell_any_more_it_says_so(self, name: str, match: EntityTags | None) -> None:
        dynamodb = RecordingDynamoDB(lambda arguments: lost_reply(arguments, others=4))
        with pytest.raises(StoreUnavailable):
            WRITES[name](store_over(dynamodb), Precondition(match=match))
        assert dynamodb.is_spent

    @pytest.mark.parametrize("name", NOT_CREATING)
    def test_four_writes_of_others_are_none_of_ours_when_the_request_was_sent_once(self, name: str) -> None:
        later = forgetful_item(NOON + 60_000)
        dynamodb = RecordingDynamoDB(condition_failed(later), applied)
        WRITES[name](store_over(dynamodb), Precondition())
        assert dynamodb.is_spent

    @pytest.mark.parametrize("name", WRITES)
    def test_a_request_sent_again_that_was_never_applied_goes_on(self, name: str) -> None:
        # Given a task whose last four writes were all before this request
        dynamodb = RecordingDynamoDB(condition_failed(forgetful_item(NOON - 60_000), retries=1))
        # When it is refused, then for what it is
        with pytest.raises(PreconditionFailed):
            WRITES[name](store_over(dynamodb), Precondition(match=STALE))

    @pytest.mark.parametrize("name", [name for name in WRITES if "delete" not in name])
    def test_what_was_applied_and_then_deleted_by_another_is_not_called_missing(self, name: str) -> None:
        def deleted_since(arguments: dict[str, Any]) -> Mapping[str, Any]:
            raise condition_failed(tasks.tombstone() | {"write_id_1": plain_sets(arguments)["write_id"]}, retries=1)

        with pytest.raises(StoreUnavailable) as raised:
            WRITES[name](store_over(RecordingDynamoDB(deleted_since)), Precondition())
        assert raised.value.detail == "The store did not answer in time, and the task was deleted since."

    @pytest.mark.parametrize("name", NOT_CREATING)
    @pytest.mark.parametrize("there", [None, tasks.tombstone()], ids=["nothing", "deleted"])
    @pytest.mark.parametrize("match", [None, ANY, CURRENT], ids=["blind", "any", "an etag"])
    def test_what_is_not_there_is_not_found(
        self, name: str, there: dict[str, Any] | None, match: EntityTags | None
    ) -> None:
        with pytest.raises(TaskNotFound):
            WRITES[name](store_over(RecordingDynamoDB(condition_failed(there))), Precondition(match=match))

    @pytest.mark.parametrize("name", WRITES)
    def test_a_stale_etag_is_refused_with_the_current_task(self, name: str) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(OPEN)))
        with pytest.raises(PreconditionFailed) as raised:
            WRITES[name](store_over(dynamodb), Precondition(match=STALE))
        assert raised.value.current == OPEN.as_json()

    @pytest.mark.parametrize("there", [None, tasks.tombstone()], ids=["nothing", "deleted"])
    @pytest.mark.parametrize("match", [ANY, CURRENT], ids=["any", "an etag"])
    def test_replacing_only_what_is_there(self, there: dict[str, Any] | None, match: EntityTags) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(there))
        with pytest.raises(PreconditionFailed) as raised:
            store_over(dynamodb).replace(KEY, CONTENT, Precondition(match=match))
        assert raised.value.current is None
        assert "attribute_exists(#title)" in dynamodb.calls[0][1]["ConditionExpression"]

    def test_replacing_only_what_is_not_there(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(OPEN)))
        with pytest.raises(PreconditionFailed) as raised:
            store_over(dynamodb).replace(KEY, CONTENT, Precondition(none_match=ANY))
        assert raised.value.current == OPEN.as_json()
        assert "attribute_not_exists(#title)" in dynamodb.calls[0][1]["ConditionExpression"]

    @pytest.mark.parametrize("name", WRITES)
    def test_if_none_match_of_an_etag(self, name: str) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(OPEN)))
        with pytest.raises(PreconditionFailed):
            WRITES[name](store_over(dynamodb), Precondition(none_match=CURRENT))
        assert "NOT #write_id IN (" in dynamodb.calls[0][1]["ConditionExpression"]

    @pytest.mark.parametrize(
        ("precondition", "there", "detail"),
        [
            (Precondition(match=ANY), None, "There is no task with this id."),
            (Precondition(match=CURRENT), tasks.tombstone(), "There is no task with this id."),
            (Precondition(match=STALE), OPEN, "The task has changed since the one that If-Match names."),
            (Precondition(STALE, ANY), OPEN, "The task has changed since the one that If-Match names."),
            (Precondition(none_match=ANY), OPEN, "There is a task with this id already."),
            (Precondition(CURRENT, ANY), OPEN, "There is a task with this id already."),
            (Precondition(none_match=CURRENT), OPEN, "The task is one that If-None-Match names."),
            (Precondition(ANY, CURRENT), OPEN, "The task is one that If-None-Match names."),
        ],
    )
    def test_a_refusal_says_which_of_the_preconditions_does_not_hold(
        self, precondition: Precondition, there: Task | dict[str, Any] | None, detail: str
    ) -> None:
        item = tasks.item_of(there) if isinstance(there, Task) else there
        with pytest.raises(PreconditionFailed) as raised:
            store_over(RecordingDynamoDB(condition_failed(item))).replace(KEY, CONTENT, precondition)
        assert raised.value.detail == detail

    @pytest.mark.parametrize("name", WRITES)
    def test_time_within_a_task_never_goes_back(self, name: str) -> None:
        # Given a task that an instance wrote whose clock is ahead of ours
        ahead = tasks.task(version=3, updated_at=clock.timestamp(NOON + 5_000))
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(ahead)), applied)
        # When it is written again, then at a later time
        WRITES[name](store_over(dynamodb), Precondition())
        assert plain_sets(dynamodb.calls[1][1])["updated_at"] == {"S": clock.timestamp(NOON + 5_001)}

    @pytest.mark.parametrize("name", WRITES)
    def test_a_write_that_others_keep_getting_ahead_of_gives_up(self, name: str) -> None:
        ever_newer = [
            condition_failed(tasks.item_of(tasks.task(updated_at=clock.timestamp(NOON + second * 1000))))
            for second in range(1, 17)
        ]
        dynamodb, sleep = RecordingDynamoDB(*ever_newer), RecordingSleep()
        with pytest.raises(StoreUnavailable) as raised:
            WRITES[name](store_over(dynamodb, sleep), Precondition())
        assert dynamodb.is_spent
        assert raised.value.detail == "Other requests keep changing the task."
        # The second try is made at once, since it knows the task; the others give way, at most 0.1, 0.2 and 0.4 seconds
        assert len(sleep.pauses) == 14
        bounds = [0.1, 0.2, *[0.4] * 12]
        assert all(0 <= pause <= bound for pause, bound in zip(sleep.pauses, bounds, strict=True))

    @pytest.mark.parametrize("name", WRITES)
    def test_what_the_table_raises_passes_through(self, name: str) -> None:
        with pytest.raises(TooManyRequests):
            WRITES[name](store_over(RecordingDynamoDB(client_error("ThrottlingException"))), Precondition())


class TestReplace:
    """PUT."""

    def test_it_says_whether_the_task_came_to_be_with_it(self) -> None:
        def fresh(arguments: dict[str, Any]) -> Mapping[str, Any]:
            return {"Attributes": item_after(arguments) | {"created_write_id": plain_sets(arguments)["write_id"]}}

        assert store_over(RecordingDynamoDB(fresh)).replace(KEY, CONTENT)[1] is True
        assert store_over(RecordingDynamoDB(applied)).replace(KEY, CONTENT)[1] is False

    def test_an_open_task(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).replace(KEY, CONTENT)
        [(_, arguments)] = dynamodb.calls
        assert (
            plain_sets(arguments).items()
            >= {
                "title": {"S": "Pay rent"},
                "description": {"S": "By transfer"},
                "due": {"S": "2026-12-01"},
                "open_due": {"S": "2026-12-01"},
                "priority": {"S": "high"},
                "tags": {"L": [{"S": "home"}]},
                "completed": {"BOOL": False},
            }.items()
        )
        assert "#open_since = if_not_exists(#created_at, " in arguments["UpdateExpression"]
        assert (
            plain_sets(arguments)["home"]
            == plain_sets(arguments)["place"]
            == {"S": f"inbox#{tasks.POSITION}#{TASK_ID}"}
        )
        assert removed(arguments) == {"completed_at", "closed", "checklist", "trashed_at", "deleted_at", "expires_at"}

    def test_where_its_owner_has_put_it(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).replace(KEY, CONTENT._replace(list_id=LIST_ID, position="a0"))
        [(_, arguments)] = dynamodb.calls
        assert plain_sets(arguments)["home"] == plain_sets(arguments)["place"] == {"S": f"{LIST_ID}#a0#{TASK_ID}"}

    def test_a_completed_task_with_nothing_but_a_title(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).replace(KEY, TaskContent("x", completed=True))
        [(_, arguments)] = dynamodb.calls
        assert "#completed_at = if_not_exists(#completed_at, " in arguments["UpdateExpression"]
        assert "#closed = if_not_exists(#completed_at, " in arguments["UpdateExpression"]
        assert plain_sets(arguments)["home"] == {"S": f"inbox#{tasks.POSITION}#{TASK_ID}"}
        assert removed(arguments) == {
            "description", "due", "tags", "checklist", "open_since", "open_due", "place", "trashed_at",
            "deleted_at", "expires_at",
        }  # fmt: skip

    def test_a_refusal_that_brings_no_item_back_is_tried_again(self) -> None:
        # Given an engine that ignores ReturnValuesOnConditionCheckFailure
        dynamodb = RecordingDynamoDB(condition_failed(), applied)
        store_over(dynamodb).replace(KEY, CONTENT)
        assert dynamodb.is_spent

    def test_a_new_task_is_created_when_its_id_was_minted(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).replace(KEY, CONTENT)
        [(_, arguments)] = dynamodb.calls
        found = re.search(r"#created_at = if_not_exists\(#created_at, (:v\d+)\)", arguments["UpdateExpression"])
        assert found is not None
        minted = clock.timestamp(uuid7.milliseconds(TASK_ID))
        assert arguments["ExpressionAttributeValues"][found[1]] == {"S": min(minted, NOW)}


class TestUpdate:
    """PATCH."""

    @pytest.mark.parametrize(
        ("changes", "sets", "removes", "copies"),
        [
            ({"title": "x"}, {"title": {"S": "x"}}, set(), []),
            ({"description": None, "tags": ()}, {}, {"description", "tags"}, []),
            ({"due": "2026-12-01"}, {"due": {"S": "2026-12-01"}, "open_due": {"S": "2026-12-01"}}, set(), []),
            ({"due": None}, {"open_due": {"S": "~"}}, {"due"}, []),
            ({"checklist": ()}, {}, {"checklist"}, []),
            ({"checklist": (ChecklistEntry("1", "x"),)},
             {"checklist": {"L": [{"M": {"id": {"S": "1"}, "title": {"S": "x"}, "completed": {"BOOL": False}}}]}},
             set(), []),
            ({"completed": True}, {"completed": {"BOOL": True}}, {"open_since", "open_due", "place"},
             ["#completed_at = if_not_exists(#completed_at, ", "#closed = if_not_exists(#completed_at, "]),
            ({"completed": True, "due": "2026-12-01"}, {"due": {"S": "2026-12-01"}},
             {"open_since", "open_due", "place"}, []),
            ({"completed": False}, {"completed": {"BOOL": False}}, {"completed_at", "closed"},
             ["#open_since = #created_at", "#open_due = if_not_exists(#due, ", "#place = #home"]),
            ({"completed": False, "due": None}, {"open_due": {"S": "~"}}, {"due", "completed_at", "closed"},
             ["#open_since = #created_at", "#place = #home"]),
            ({"list_id": None, "position": "a0"}, at(f"inbox#a0#{TASK_ID}"), set(), []),
            ({"list_id": LIST_ID, "position": None}, at(f"{LIST_ID}#{tasks.POSITION}#{TASK_ID}"), set(), []),
            ({"list_id": LIST_ID}, at(f"{LIST_ID}#{AT_NOON}#{TASK_ID}"), set(), []),
            ({"list_id": LIST_ID, "due": None}, {"open_due": {"S": "~"}, **at(f"{LIST_ID}#{AT_NOON}#{TASK_ID}")},
             {"due"}, []),
            ({"list_id": LIST_ID, "completed": True}, {"home": {"S": f"{LIST_ID}#{AT_NOON}#{TASK_ID}"}},
             {"open_since", "open_due", "place"}, []),
            ({"list_id": LIST_ID, "completed": False}, at(f"{LIST_ID}#{AT_NOON}#{TASK_ID}"),
             {"completed_at", "closed"}, ["#open_due = if_not_exists(#due, "]),
            ({"list_id": LIST_ID, "position": "a0", "completed": True}, {"home": {"S": f"{LIST_ID}#a0#{TASK_ID}"}},
             {"open_since", "open_due", "place"}, []),
            ({"list_id": LIST_ID, "position": "a0", "completed": False, "due": "2026-12-01"},
             {"open_due": {"S": "2026-12-01"}, **at(f"{LIST_ID}#a0#{TASK_ID}")}, {"completed_at", "closed"}, []),
        ],
    )  # fmt: skip
    def test_only_what_changes_is_written(
        self, changes: dict[str, Any], sets: dict[str, Any], removes: set[str], copies: list[str]
    ) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).update(KEY, changes)
        [(_, arguments)] = dynamodb.calls
        assert plain_sets(arguments).items() >= sets.items()
        assert removed(arguments) == removes
        assert all(copy in arguments["UpdateExpression"] for copy in copies)
        written = plain_sets(arguments).keys() | removed(arguments)
        untouched = {"title", "description", "due", "priority", "tags", "completed", "checklist"} - changes.keys()
        assert untouched.isdisjoint(written)
        assert "home" in written or changes.keys().isdisjoint({"list_id", "position"})
        assert written.isdisjoint({"list_id", "position"})

    @pytest.mark.parametrize(
        ("changes", "assumed"),
        [
            ({"title": "x"}, set()),
            ({"checklist": ()}, set()),
            # What is in an index of open tasks alone is written to tasks that are
            ({"due": None}, {"#completed = False"}),
            ({"list_id": LIST_ID, "position": "a0"}, {"#completed = False"}),
            ({"list_id": LIST_ID}, {"#completed = False", f"NOT begins_with(#home, {LIST_ID}#)"}),
            ({"list_id": None}, {"#completed = False", "NOT begins_with(#home, inbox#)"}),
            # Said by the patch itself
            ({"completed": True}, set()),
            ({"completed": False}, set()),
            ({"completed": True, "due": None}, set()),
            ({"completed": True, "list_id": LIST_ID, "position": "a0"}, set()),
            ({"completed": False, "list_id": LIST_ID}, {f"NOT begins_with(#home, {LIST_ID}#)"}),
        ],
    )  # fmt: skip
    def test_what_it_assumes_of_the_task(self, changes: dict[str, Any], assumed: set[str]) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).update(KEY, changes)
        [(_, arguments)] = dynamodb.calls
        assert assumptions(arguments) == {NOT_TRASHED, *assumed}

    @pytest.mark.parametrize(
        "changes", [{"due": "2026-12-01"}, {"list_id": LIST_ID}, {"list_id": LIST_ID, "position": "a0"}]
    )
    def test_of_a_completed_task_the_second_round_trip_knows_better(self, changes: dict[str, Any]) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(DONE)), applied)
        store_over(dynamodb).update(KEY, changes)
        [_, (_, second)] = dynamodb.calls
        assert "#completed = True" in assumptions(second)
        assert (plain_sets(second).keys() | removed(second)).isdisjoint(OF_STATE)

    def test_the_list_that_it_is_in_does_not_move_it(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(LISTED)), applied)
        store_over(dynamodb).update(KEY, {"list_id": LIST_ID})
        [_, (_, second)] = dynamodb.calls
        assert assumptions(second) == {NOT_TRASHED, f"begins_with(#home, {LIST_ID}#)"}
        assert (plain_sets(second).keys() | removed(second)).isdisjoint({"home", *OF_STATE})

    @pytest.mark.parametrize("position", ["a0", None])
    @pytest.mark.parametrize("there", [OPEN, DONE, LISTED], ids=["open", "completed", "in a list"])
    def test_a_position_alone_is_within_the_list_that_is_read_first(self, there: Task, position: str | None) -> None:
        dynamodb = RecordingDynamoDB({"Item": tasks.item_of(there)}, applied)
        store_over(dynamodb).update(KEY, {"position": position})
        assert dynamodb.names == ["get_item", "update_item"]
        arguments = dynamodb.calls[1][1]
        within = there.list_id or "inbox"
        home = {"S": f"{within}#{position or tasks.POSITION}#{TASK_ID}"}
        assert assumptions(arguments) == {
            NOT_TRASHED, f"begins_with(#home, {within}#)", f"#completed = {there.completed}"
        }  # fmt: skip
        assert plain_sets(arguments)["home"] == home
        assert plain_sets(arguments).get("place") == (None if there.completed else home)

    def test_where_another_moved_the_task_meanwhile_it_stays_in_the_other_list(self) -> None:
        moved = tasks.item_of(LISTED)
        dynamodb = RecordingDynamoDB({"Item": tasks.item_of(OPEN)}, condition_failed(moved), applied)
        store_over(dynamodb).update(KEY, {"position": "a0"})
        assert plain_sets(dynamodb.calls[2][1])["home"] == {"S": f"{LIST_ID}#a0#{TASK_ID}"}

    @pytest.mark.parametrize("there", [{}, {"Item": tasks.tombstone()}], ids=["nothing", "deleted"])
    def test_a_position_of_what_is_not_there(self, there: Mapping[str, Any]) -> None:
        dynamodb = RecordingDynamoDB(there)
        with pytest.raises(TaskNotFound):
            store_over(dynamodb).update(KEY, {"position": "a0"})
        assert dynamodb.is_spent

    def test_it_is_put_at_the_end_by_the_time_of_the_write_that_is_applied(self) -> None:
        ahead = tasks.task(version=3, updated_at=clock.timestamp(NOON + 5_000))
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(ahead)), applied)
        store_over(dynamodb).update(KEY, {"list_id": OTHER_LIST})
        assert plain_sets(dynamodb.calls[1][1])["home"] == {"S": f"{OTHER_LIST}#{positions.at(NOON + 5_001)}#{TASK_ID}"}


TRASHED = tasks.task(version=3, trashed_at=tasks.CREATED)
LONG_AGO = "2026-10-01T00:00:00.000Z"
EXPIRED = tasks.task(version=3, trashed_at=LONG_AGO, updated_at=LONG_AGO)
"""More than 30 days before noon."""
REFUSED = [name for name in WRITES if name not in ("replace", "delete", "delete for good")]


class TestTrash:
    """What is there, and what was there too long."""

    def test_a_task_is_put_there_with_all_that_it_holds(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).delete(KEY)
        [(name, arguments)] = dynamodb.calls
        assert name == "update_item"
        assert plain_sets(arguments)["trashed_at"] == {"S": NOW}
        assert plain_sets(arguments)["closed"] == {"S": f"T#{NOW}"}
        assert plain_sets(arguments)["expires_at"] == {"N": str(NOON // 1000 + 30 * 86_400)}
        assert removed(arguments) == {"open_since", "open_due", "place"}
        assert assumptions(arguments) == {NOT_TRASHED}

    def test_one_that_is_there_stays_as_it_is(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(TRASHED)))
        store_over(dynamodb).delete(KEY)
        assert dynamodb.is_spent

    @pytest.mark.parametrize("precondition", [Precondition(), Precondition(match=STALE)], ids=["blind", "stale"])
    @pytest.mark.parametrize("name", REFUSED)
    def test_what_would_change_it_is_refused_before_the_precondition(
        self, name: str, precondition: Precondition
    ) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(TRASHED)))
        with pytest.raises(TaskTrashed) as raised:
            WRITES[name](store_over(dynamodb), precondition)
        assert (raised.value.current, raised.value.etag) == (TRASHED.as_json(), TRASHED.etag)
        assert dynamodb.is_spent

    @pytest.mark.parametrize("name", [name for name in WRITES if name != "replace"])
    def test_past_its_time_it_is_not_found(self, name: str) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(EXPIRED)))
        with pytest.raises(TaskNotFound):
            WRITES[name](store_over(dynamodb), Precondition())
        assert dynamodb.is_spent

    def test_nor_read(self) -> None:
        with pytest.raises(TaskNotFound):
            store_over(RecordingDynamoDB({"Item": tasks.item_of(EXPIRED)})).get(KEY)
        assert store_over(RecordingDynamoDB({"Item": tasks.item_of(TRASHED)})).get(KEY) == TRASHED

    @pytest.mark.parametrize("precondition", [Precondition(), Precondition(none_match=ANY)], ids=["blind", "new"])
    def test_put_over_what_is_past_its_time_buries_it_first(self, precondition: Precondition) -> None:
        """Else the time at which it was completed would be the new one's."""
        buried = tasks.tombstone(version=4)
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(EXPIRED)), {"Attributes": buried}, applied)
        store_over(dynamodb).replace(KEY, CONTENT, precondition)
        _, (_, second), (_, third) = dynamodb.calls
        assert plain_sets(second)["deleted_at"] == {"S": NOW}
        assert removed(second) >= {"title", "completed_at", "trashed_at", "closed", "created_write_id"}
        assert f"#write_id = {value_of(second, EXPIRED.etag)}" in second["ConditionExpression"].split(" AND ")
        assert plain_sets(third)["title"] == {"S": "Pay rent"}

    def test_where_another_is_ahead_of_that_it_goes_on_from_what_is_there(self) -> None:
        dynamodb = RecordingDynamoDB(
            condition_failed(tasks.item_of(EXPIRED)), condition_failed(tasks.item_of(OPEN)), applied
        )
        _, was_created = store_over(dynamodb).replace(KEY, CONTENT)
        assert (was_created, dynamodb.is_spent) == (False, True)


class TestRestore:
    """POST …/restore"""

    def test_an_open_task_is_one_round_trip(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).restore(KEY)
        [(_, arguments)] = dynamodb.calls
        assert removed(arguments) == {"trashed_at", "expires_at", "completed_at", "closed"}
        assert all(
            copy in arguments["UpdateExpression"]
            for copy in ("#place = #home", "#open_since = #created_at", "#open_due = if_not_exists(#due, ")
        )
        assert assumptions(arguments) == {
            "attribute_exists(#trashed_at)",
            "#completed = False",
            f"(attribute_not_exists(#expires_at) OR #expires_at > {NOON // 1000})",
        }

    def test_a_completed_one_two(self) -> None:
        completed = TRASHED._replace(completed=True, completed_at=tasks.CREATED)
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(completed)), applied)
        store_over(dynamodb).restore(KEY)
        [_, (_, second)] = dynamodb.calls
        assert removed(second) == {"trashed_at", "expires_at"}
        assert "#closed = #completed_at" in second["UpdateExpression"]
        assert "#completed = True" in assumptions(second)

    @pytest.mark.parametrize("there", [OPEN, DONE], ids=["open", "completed"])
    @pytest.mark.parametrize("precondition", [Precondition(), Precondition(match=STALE)], ids=["blind", "stale"])
    def test_what_is_not_in_the_trash(self, there: Task, precondition: Precondition) -> None:
        with pytest.raises(TaskNotTrashed) as raised:
            store_over(RecordingDynamoDB(condition_failed(tasks.item_of(there)))).restore(KEY, precondition)
        assert (raised.value.current, raised.value.etag) == (there.as_json(), there.etag)

    @pytest.mark.parametrize("there", [None, tasks.tombstone(), tasks.item_of(EXPIRED)], ids=["none", "deleted", "old"])
    def test_what_there_is_none_of(self, there: dict[str, Any] | None) -> None:
        with pytest.raises(TaskNotFound):
            store_over(RecordingDynamoDB(condition_failed(there))).restore(KEY)

    def test_a_stale_etag_is_told(self) -> None:
        with pytest.raises(PreconditionFailed) as raised:
            store_over(RecordingDynamoDB(condition_failed(tasks.item_of(TRASHED)))).restore(
                KEY, Precondition(match=STALE)
            )
        assert raised.value.current == TRASHED.as_json()

    @pytest.mark.parametrize("others", [0, 1, 3])
    def test_a_lost_reply_is_a_success(self, others: int) -> None:
        dynamodb = RecordingDynamoDB(lambda arguments: lost_reply(arguments, others=others))
        assert store_over(dynamodb).restore(KEY).trashed_at is None
        assert dynamodb.is_spent


class TestDelete:
    """A tombstone."""

    def test_its_content_is_gone_and_its_time_is_set(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).delete(KEY, permanent=True)
        [(name, arguments)] = dynamodb.calls
        assert name == "update_item"
        assert plain_sets(arguments)["deleted_at"] == {"S": NOW}
        assert plain_sets(arguments)["expires_at"] == {"N": str(NOON // 1000 + 30 * 86_400)}
        assert removed(arguments) == {
            "title", "description", "due", "priority", "tags", "completed", "checklist", "home", "created_write_id",
            "trashed_at", *OF_STATE,
        }  # fmt: skip


class TestToggle:
    """Completing and reopening."""

    def test_a_blind_toggle_of_an_open_task_is_one_round_trip(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).toggle(KEY)
        [(_, arguments)] = dynamodb.calls
        assert plain_sets(arguments)["completed"] == {"BOOL": True}
        assert removed(arguments) == {"open_since", "open_due", "place"}
        assert "home" not in plain_sets(arguments)

    def test_of_a_completed_one_two(self) -> None:
        # Given a completed task, when it is toggled blindly
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(DONE)), applied)
        store_over(dynamodb).toggle(KEY)
        # Then the first try, which took it for open, is followed by one that reopens it
        [_, (_, second)] = dynamodb.calls
        assert plain_sets(second)["completed"] == {"BOOL": False}
        assert removed(second) == {"completed_at", "closed"}
        assert "#place = #home" in second["UpdateExpression"]
        assert "#open_since = #created_at" in second["UpdateExpression"]
        assert "#open_due = if_not_exists(#due, " in second["UpdateExpression"]

    @pytest.mark.parametrize(("wanted", "there"), [(True, DONE), (False, OPEN)])
    def test_setting_what_is_set_already_changes_nothing(self, wanted: bool, there: Task) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(there)))
        assert store_over(dynamodb).toggle(KEY, wanted) == there
        assert dynamodb.is_spent

    def test_unless_the_precondition_says_otherwise(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(tasks.item_of(DONE)))
        with pytest.raises(PreconditionFailed):
            store_over(dynamodb).toggle(KEY, True, Precondition(match=STALE))

    def test_reopening_by_name_is_one_round_trip(self) -> None:
        dynamodb = RecordingDynamoDB(applied)
        store_over(dynamodb).toggle(KEY, False)
        [(_, arguments)] = dynamodb.calls
        assert plain_sets(arguments)["completed"] == {"BOOL": False}
