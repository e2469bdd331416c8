"""The command that deletes a user's data, on moto with the table of the template."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.engines.store import embedded_dynamodb, ensure_table
from local.errors import LocalError
from taskapi.dynamo.table import Table
from taskapi.lists.list import ListContent
from taskapi.lists.store import ListStore
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TaskContent
from tests.e2e.serving import template
from tests.support.tasks import task_key
from tools.operators import delete_user
from tools.operators.delete_user import Deletion, Progress, UserPartition, region_of

TABLE_NAME = "tasks-of-all"
GONER, NEIGHBOURS = "alice", ("alice2", "alic", "Alice", "alice ", "USER", "bob")


@pytest.fixture
def client() -> Iterator[Any]:
    with embedded_dynamodb():
        client = boto3.client("dynamodb")
        ensure_table(client, TABLE_NAME, template().table_properties)
        yield client
        client.delete_table(TableName=TABLE_NAME)  # moto's data lives on while another test has it running


@pytest.fixture
def store(client: Any) -> TaskStore:
    return TaskStore(Table(client, TABLE_NAME))


def items(client: Any) -> Counter[str]:
    """Items of each partition; of a test's own table, so that a Scan is no harm."""
    pages = client.get_paginator("scan").paginate(TableName=TABLE_NAME)
    return Counter(item["pk"]["S"] for page in pages for item in page["Items"])


def fill(store: TaskStore, owner: str, tasks: int = 3) -> None:
    """Tasks, of which one is in the trash, one done and one deleted for good, and one made under an idempotency key."""
    made = [store.create(owner, TaskContent(f"Task {number}", completed=number == 1)).id for number in range(tasks)]
    store.delete(task_key(owner, made[0]))
    store.delete(task_key(owner, made[-1]), permanent=True)
    store.create_once(owner, TaskContent(title="Once"), "key")


def command(*arguments: str) -> int:
    return delete_user.main(["--table", TABLE_NAME, "--rate", "10000", *arguments])


def test_everything_of_the_user_is_deleted_and_nothing_of_anybody_else(
    client: Any, store: TaskStore, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given users with similar names, each with tasks, one in the trash, a tombstone, an idempotency record and a list
    for owner in (GONER, *NEIGHBOURS):
        fill(store, owner)
        ListStore(Table(client, TABLE_NAME)).create_once(owner, ListContent("Home"), None)
    before = items(client)

    # When one of them is deleted
    assert command("--sub", GONER, "--yes") == 0

    # Then the others have what they had
    assert items(client) == Counter({key: count for key, count in before.items() if key != f"USER#{GONER}"})
    printed = capsys.readouterr()
    counts = "3 tasks, 1 lists, 1 tombstones of deleted tasks, 1 idempotency records (6 items)"
    assert printed.out.splitlines() == [
        f"found: {counts}",
        f"deleted: {counts}",
        "Nothing of the user is left in the table.",
    ]


def test_without_yes_it_refuses(client: Any, store: TaskStore, capsys: pytest.CaptureFixture[str]) -> None:
    fill(store, GONER)
    before = items(client)

    assert command("--sub", GONER) == 2

    assert items(client) == before
    assert "Refused" in capsys.readouterr().err


@pytest.mark.parametrize("also", [(), ("--yes",)])
def test_a_dry_run_counts_and_deletes_nothing(
    client: Any, store: TaskStore, capsys: pytest.CaptureFixture[str], also: tuple[str, ...]
) -> None:
    fill(store, GONER)
    before = items(client)

    assert command("--sub", GONER, "--dry-run", *also) == 0

    assert items(client) == before
    assert "found: 3 tasks" in capsys.readouterr().out


def test_a_user_who_has_nothing(client: Any, store: TaskStore, capsys: pytest.CaptureFixture[str]) -> None:
    fill(store, "bob")

    assert command("--sub", GONER, "--yes") == 0

    assert "found: 0 tasks (0 items)" in capsys.readouterr().out
    assert items(client)["USER#bob"] == 5


@pytest.mark.parametrize("sub", ["auth0|5f7c", "zo\u00eb", "a/b", " a", "%2F", "me"])
def test_a_sub_is_taken_as_it_is(client: Any, store: TaskStore, sub: str) -> None:
    fill(store, sub)
    fill(store, "bob")

    assert command("--sub", sub, "--yes") == 0

    assert items(client) == {"USER#bob": 5}


def big_partition(client: Any, count: int) -> None:
    """Items of 10 KB each, so that a Query of them takes several pages of 1 MB."""
    for number in range(count):
        key = {"pk": {"S": f"USER#{GONER}"}, "sk": {"S": f"TASK#{number:06}"}, "updated_at": {"S": "x"}}
        client.put_item(TableName=TABLE_NAME, Item={**key, "title": {"S": "x" * 10_000}})


def test_many_pages(client: Any) -> None:
    big_partition(client, 260)
    partition = UserPartition(client, TABLE_NAME, GONER)
    assert len(list(partition.pages())) > 2

    assert command("--sub", GONER, "--yes") == 0

    assert items(client) == {}


def test_it_goes_on_where_it_was_stopped(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a run that is stopped in the middle
    big_partition(client, 60)
    batches = iter(range(100))
    delete = UserPartition.delete

    def stopped(partition: UserPartition, *arguments: Any) -> None:
        if next(batches) == 1:
            raise KeyboardInterrupt
        delete(partition, *arguments)

    monkeypatch.setattr(UserPartition, "delete", stopped)
    assert command("--sub", GONER, "--yes") == 130
    assert "deleted: 25 tasks (25 items). Run the command again to go on." in capsys.readouterr().err
    assert items(client).total() == 35

    # When it is run again, then it deletes the rest
    assert command("--sub", GONER, "--yes") == 0
    assert "found: 35 tasks" in capsys.readouterr().out
    assert items(client) == {}


def test_what_is_written_meanwhile_is_told(
    client: Any, store: TaskStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a user whose token is still good
    fill(store, GONER)
    run = Deletion.run

    def with_a_write(deletion: Deletion) -> None:
        run(deletion)
        store.create(GONER, TaskContent(title="Still here"))

    monkeypatch.setattr(Deletion, "run", with_a_write)

    assert command("--sub", GONER, "--yes") == 1
    assert "left: 1 tasks (1 items): written meanwhile" in capsys.readouterr().out


class Throttling:
    """A client whose BatchWriteItem hands back all but one delete, so many times."""

    def __init__(self, client: Any, times: int) -> None:
        self._client = client
        self.times = times
        self.batches: list[int] = []

    def query(self, **arguments: Any) -> Any:
        return self._client.query(**arguments)

    def batch_write_item(self, **arguments: dict[str, list[Any]]) -> Any:
        ((table, requests),) = arguments["RequestItems"].items()
        self.batches.append(len(requests))
        if self.times == 0:
            return self._client.batch_write_item(**arguments)
        self.times -= 1
        self._client.batch_write_item(RequestItems={table: requests[:1]})
        return {"UnprocessedItems": {table: requests[1:]} if requests[1:] else {}}


def deletion(client: Any, **changes: Any) -> tuple[Deletion, list[float]]:
    """A deletion with a clock that only sleeping moves."""
    slept: list[float] = []
    partition = UserPartition(client, TABLE_NAME, GONER)
    values: dict[str, Any] = {"rate": 10_000, "monotonic": lambda: sum(slept), "sleep": slept.append} | changes
    return Deletion(partition, progress=Progress(io.StringIO(), 60), deleted=Counter(), **values), slept


def test_what_dynamodb_hands_back_is_sent_again_after_a_while(client: Any) -> None:
    big_partition(client, 30)
    throttling = Throttling(client, 3)
    under_test, slept = deletion(throttling)

    under_test.run()

    assert throttling.batches == [25, 24, 23, 22, 5]
    assert under_test.deleted.total() == 30
    assert slept[:3] == [0.2, 0.4, 0.8]
    assert items(client) == {}


def test_it_gives_up_in_the_end(client: Any) -> None:
    big_partition(client, 30)
    under_test, slept = deletion(Throttling(client, 1_000))

    with pytest.raises(LocalError, match="throttling"):
        under_test.run()

    assert sum(slept) < 30


@pytest.mark.parametrize(("rate", "seconds"), [(10, 6.0), (100, 0.6)])
def test_the_rate_is_bounded(client: Any, rate: int, seconds: float) -> None:
    big_partition(client, 60)
    under_test, slept = deletion(client, rate=rate)

    under_test.run()

    assert sum(slept) == pytest.approx(seconds)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_is_a_bar() -> None:
    terminal = Terminal()
    progress = Progress(terminal, 200)
    for done in (0, 50, 200, 220):
        progress.show(done)
    progress.end()

    bars = re.findall(r"\r\[([#.]+)\] ([\d,]+) of 200", terminal.getvalue())
    assert [(bar.count("#"), len(bar), done) for bar, done in bars] == [
        (0, 30, "0"), (7, 30, "50"), (30, 30, "200"), (30, 30, "220"),
    ]  # fmt: skip
    assert terminal.getvalue().endswith("\n")


def test_progress_in_a_log_is_a_line_for_each_tenth() -> None:
    log = io.StringIO()
    progress = Progress(log, 1_000)
    for done in range(0, 1_001, 25):
        progress.show(done)
    progress.end()

    lines = log.getvalue().splitlines()
    assert len(lines) == 11
    assert (lines[0], lines[-1]) == ("deleted 0 of 1,000", "deleted 1,000 of 1,000")


def test_what_can_t_be_done_is_one_line(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert delete_user.main(["--table", "not-there", "--sub", GONER, "--yes"]) == 1
    assert command("--sub", "", "--yes") == 1

    lines = capsys.readouterr().err.splitlines()
    assert [line.startswith("error: ") for line in lines] == [True, True]
    assert "ResourceNotFoundException" in lines[0]


def test_a_failure_on_the_way_says_how_far_it_came(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    big_partition(client, 30)
    batches = iter(range(100))
    delete = UserPartition.delete

    def denied(partition: UserPartition, *arguments: Any) -> None:
        if next(batches) == 1:
            error: Any = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
            raise ClientError(error, "BatchWriteItem")
        delete(partition, *arguments)

    monkeypatch.setattr(UserPartition, "delete", denied)

    assert command("--sub", GONER, "--yes") == 1
    assert "deleted: 25 tasks (25 items)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"table": ""}, "give TABLE=..., the stack's output TableName"),
        ({"table": " \t"}, "give TABLE=..., the stack's output TableName"),
        ({"table": "a b"}, "TABLE is no name of a table: 'a b'"),
        ({"table": "-x"}, "TABLE is no name of a table: '-x'"),
        ({"sub": ""}, "give SUB=..., the sub of the user's tokens, exactly"),
        ({"sub": " "}, "give SUB=..., the sub of the user's tokens, exactly"),
        *(
            ({"rate": rate}, f"RATE must be a whole number from 1 to 10,000, such as RATE=1, not {rate!r}")
            for rate in ("", "0", "-1", "nan", "many", "10001", "1.5", "\u0661", "9" * 5_000)
        ),
    ],
)
def test_what_is_missing_or_wrong_is_told_by_the_name_that_make_has_for_it(
    arguments: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"table": TABLE_NAME, "sub": GONER, "rate": "100"} | arguments

    assert delete_user.main([f"--{name}={value}" for name, value in given.items()]) == 1

    assert capsys.readouterr().err == f"error: {told}\n"


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-north-1"}, "eu-north-1"),
        ({"AWS_DEFAULT_REGION": "eu-south-1"}, "eu-south-1"),
        ({"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-south-1"}, "eu-north-1"),
        ({"AWS_REGION": " ", "AWS_DEFAULT_REGION": "eu-south-1"}, "eu-south-1"),
        ({"AWS_PROFILE": "work"}, "eu-west-3"),
        ({"AWS_PROFILE": "work", "AWS_REGION": "eu-north-1"}, "eu-north-1"),
        ({}, None),
        ({"AWS_PROFILE": "bare"}, None),
        ({"AWS_DEFAULT_REGION": ""}, None),
    ],
)
def test_the_region_is_that_of_the_environment_or_of_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], region: str | None
) -> None:
    # Given a developer's profiles and environment
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-3\n[profile bare]\noutput = json\n")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_CONFIG_FILE": str(tmp_path / "config"), **variables}.items():
        monkeypatch.setenv(name, value)

    # Then the region is the one that AWS's tools would take, or the developer is told what to set
    if region is None:
        with pytest.raises(LocalError, match="set AWS_REGION"):
            region_of(boto3.Session(), os.environ)
    else:
        assert region_of(boto3.Session(), os.environ) == region


def test_a_profile_that_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    assert command("--sub", GONER) == 1
    assert capsys.readouterr().err == "error: The config profile (nowhere) could not be found\n"
