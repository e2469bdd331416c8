"""The books of a chaos run: what every operation was told, against what the engine really did.

Four kinds of findings, each of which must stay at zero:

* lost: a write was acknowledged and is not there, or is there and was refused, or an answer shows what never was;
* doubled: a write took effect more than once, or a key made more than one task;
* half-applied: an item whose index attributes disagree with it, an index that disagrees with its items, or one half of
  the transaction that creates a task and its idempotency record;
* unexplained: a 429 or 5xx to an operation on which the proxy had inflicted nothing that would exhaust its retries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from taskapi.dynamo.attributes import partition
from taskapi.tasks.task import TASK
from tests.engines.items import RawItem, check_indexes, check_item, read_all
from tests.faults.instance import Reply
from tests.faults.proxy import Exchange
from tests.support.task_model import NOTHING, Call, Result, TaskState, perform

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Kind(Enum):
    """What is wrong; the names in the last line of a run."""

    LOST = "lost"
    DOUBLED = "doubled"
    HALF_APPLIED = "half_applied"
    UNEXPLAINED = "unexplained_5xx"


@dataclass(frozen=True)
class Finding:
    """One thing wrong."""

    kind: Kind
    what: str


@dataclass(frozen=True)
class Entry:
    """One operation of the run.

    Attributes:
        tag: Its name, carried by all of its requests to DynamoDB.
        owner: The user.
        call: What was asked; for ``list_tasks`` only its operation counts.
        task_id: Of the task; of a create, as answered; None for a list or a create without an answer.
        key: The ``Idempotency-Key`` of a create.
        reply: What was answered.
    """

    tag: str
    owner: str
    call: Call
    task_id: str | None
    key: str | None
    reply: Reply

    @property
    def succeeded(self) -> bool:
        """Whether it was acknowledged."""
        return self.reply.status < 300

    @property
    def failed(self) -> bool:
        """Whether it was told to try again later."""
        return self.reply.status == 429 or self.reply.status >= 500


TaskName = tuple[str, str]
"""Sort key of a task, behind its owner's partition key."""


@dataclass
class Audit:
    """Holds entries against the proxy's journal and the engine's items.

    Attributes:
        entries: All operations.
        journal: All requests that reached the proxy.
        client: Of the engine, past the proxy.
        findings: What is wrong; filled by :meth:`run`.
    """

    entries: Sequence[Entry]
    journal: Sequence[Exchange]
    client: DynamoDBClient
    findings: list[Finding] = field(default_factory=list)

    def run(self) -> Counter[Kind]:
        """Check everything; how many findings of each kind there are."""
        self._exchanges: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in self.journal:
            self._exchanges[exchange.tag].append(exchange)
        self._items = self._read_items()
        self._states = self._follow_tasks()
        for entry in self.entries:
            self._check_failure(entry)
            match entry.call.operation:
                case "create_task":
                    self._check_create(entry)
                case "list_tasks":
                    self._check_list(entry)
                case "get_task":
                    self._check_shown(entry, entry.reply.document, entry.reply)
                case _:
                    self._check_write(entry)
        self._check_freshness()
        self._check_etags()
        self._check_keys()
        return Counter(finding.kind for finding in self.findings)

    def _find(self, kind: Kind, what: str) -> None:
        self.findings.append(Finding(kind, what))

    def _read_items(self) -> dict[TaskName, RawItem]:
        """All items there are; checks each, and each index, on the way."""
        items: dict[TaskName, RawItem] = {}
        for owner in sorted({entry.owner for entry in self.entries}):
            tasks: dict[str, RawItem] = {}
            for item in read_all(self.client, owner):
                items[item["pk"]["S"], item["sk"]["S"]] = item
                if item["sk"]["S"].startswith(TASK.prefix):
                    tasks[item["sk"]["S"]] = item
            try:
                check_indexes(self.client, owner, tasks)
            except AssertionError as error:
                self._find(Kind.HALF_APPLIED, f"{owner}: an index differs from the table: {_first_line(error)}")
        return items

    def _follow_tasks(self) -> dict[TaskName, list[TaskState]]:
        """Go through the writes of each task in the order of its versions; its states, the first for version 1."""
        entries = {entry.tag: entry for entry in self.entries}
        applied: dict[TaskName, dict[int, tuple[str, RawItem]]] = defaultdict(dict)
        for tag, name, item in self._applied_writes():
            version = int(item["version"]["N"])
            if version in applied[name] and applied[name][version] != (tag, item):
                self._find(Kind.LOST, f"{name[1]}: two writes made version {version}")
            applied[name][version] = (tag, item)
            self._check_item(item, f"{name[1]} after {tag}")
        states: dict[TaskName, list[TaskState]] = {}
        for name, versions in applied.items():
            states[name] = [TaskState.left_by(versions[version][1]) for version in sorted(versions)]
            if sorted(versions) != list(range(1, len(versions) + 1)):
                self._find(Kind.LOST, f"{name[1]}: of its versions only {sorted(versions)} were ever written")
                continue
            before = NOTHING
            for state, (tag, _) in zip(states[name], (versions[version] for version in sorted(versions)), strict=True):
                call = entries[tag].call
                if call.operation == "move_task" and name != _name(entries[tag]):
                    call = Call("move_task")  # which makes room, where there is none, within the others' list
                if not perform(before, call)[0].fits(state):
                    self._find(Kind.HALF_APPLIED, f"{name[1]}: {call} made {state} of {before}")
                before = state
        self._check_final(applied)
        return states

    def _check_final(self, applied: Mapping[TaskName, Mapping[int, tuple[str, RawItem]]]) -> None:
        tasks = {name: item for name, item in self._items.items() if name[1].startswith(TASK.prefix)}
        for name in sorted(tasks.keys() | applied.keys()):
            last = applied[name][max(applied[name])][1] if name in applied else None
            if tasks.get(name) != last:
                self._find(Kind.LOST, f"{name[1]}: is not as its last write left it")
            elif last is not None:
                self._check_item(last, name[1])

    def _check_item(self, item: RawItem, where: str) -> None:
        try:
            check_item(item)
        except AssertionError as error:
            self._find(Kind.HALF_APPLIED, f"{where}: {_first_line(error)}")

    def _applied_writes(self) -> Iterator[tuple[str, TaskName, RawItem]]:
        """Tag, task and item afterwards of each write of a task that the engine carried out."""
        for exchange in self.journal:
            if not exchange.was_applied:
                continue
            if exchange.operation == "UpdateItem":
                item = exchange.reply["Attributes"]
                yield exchange.tag, (item["pk"]["S"], item["sk"]["S"]), item
            else:
                for item in _put_items(exchange):
                    if item["sk"]["S"].startswith(TASK.prefix):
                        yield exchange.tag, (item["pk"]["S"], item["sk"]["S"]), item

    def _applied(self, entry: Entry) -> list[RawItem]:
        """What an operation's writes of its own task left."""
        exchanges = [each for each in self._exchanges[entry.tag] if each.is_write and each.was_applied]
        items: list[RawItem] = [exchange.reply["Attributes"] for exchange in exchanges]
        return [item for item in items if (item["pk"]["S"], item["sk"]["S"]) == _name(entry)]

    def _check_failure(self, entry: Entry) -> None:
        exchanges = self._exchanges[entry.tag]
        if entry.reply.status == 500:
            self._find(Kind.UNEXPLAINED, f"{entry.tag}: {entry.call.operation} answered 500")
        elif entry.failed and not (exchanges and (exchanges[-1].fault is not None or _is_undecidable(exchanges))):
            detail = entry.reply.document["detail"]
            self._find(Kind.UNEXPLAINED, f"{entry.tag}: {entry.call.operation}: {entry.reply.status} {detail}")

    def _check_create(self, entry: Entry) -> None:
        names = {
            (item["pk"]["S"], item["sk"]["S"])
            for exchange in self._exchanges[entry.tag]
            for item in _put_items(exchange)
            if item["sk"]["S"].startswith(TASK.prefix)
        }
        made = [name for name in names if name in self._items]
        if len(made) > 1:
            self._find(Kind.DOUBLED, f"{entry.tag}: one create made {len(made)} tasks")
        if not entry.succeeded:
            if made and not entry.failed:
                self._find(Kind.LOST, f"{entry.tag}: made a task and was answered {entry.reply.status}")
            return
        name = _name(entry)
        if name not in self._items:
            self._find(Kind.LOST, f"{entry.tag}: acknowledged {name[1]}, which is not there")
        elif "Idempotency-Replayed" not in entry.reply.headers and made != [name]:
            self._find(Kind.LOST, f"{entry.tag}: acknowledged {name[1]}, but made {made}")
        elif Result.of(entry.reply.status, entry.reply.shown) != Result(201, self._states[name][0]):
            self._find(Kind.LOST, f"{entry.tag}: acknowledged another task than it made")

    def _check_write(self, entry: Entry) -> None:
        applied = self._applied(entry)
        if len(applied) > 1:
            self._find(Kind.DOUBLED, f"{entry.tag}: {entry.call.operation} took effect {len(applied)} times")
            return
        states = self._states.get(_name(entry), [])
        left = TaskState.left_by(applied[0]) if applied else None
        resent = sum(exchange.is_write for exchange in self._exchanges[entry.tag]) > 1
        if entry.succeeded and left is None:
            # Setting a state that the task is in already needs no write, nor does putting it where it is.
            is_set = entry.call.operation == "toggle_task" and entry.call.body
            if not is_set and (entry.call.operation != "delete_task" or entry.call.permanent):
                self._find(Kind.LOST, f"{entry.tag}: {entry.call.operation} was acknowledged without effect")
        elif not entry.succeeded and not entry.failed and left is not None:
            gone_since = any(state.content is None for state in states[left.version :])
            if not (entry.reply.status == 404 and resent and gone_since):
                self._find(Kind.LOST, f"{entry.tag}: {entry.call.operation} was applied and refused")
        elif entry.succeeded and left is not None and entry.reply.document is not None:
            shown = Result.of(entry.reply.status, entry.reply.shown)
            later = states[left.version - 1 :] if resent else [left]
            if shown is None or shown.task not in later:
                self._find(Kind.LOST, f"{entry.tag}: {entry.call.operation} was answered {shown}, but left {left}")
        if entry.reply.status in (409, 412) and "current" in entry.reply.document:
            self._check_shown(entry, entry.reply.document["current"], entry.reply)

    def _check_shown(self, entry: Entry, document: Any, reply: Reply) -> None:
        """Check that a task in an answer is one that there was."""
        if reply.status not in (200, 409, 412):
            return
        states = self._states.get(_task_name(entry.owner, document["id"]), [])
        version = document["version"]
        if version > len(states) or states[version - 1] != TaskState.of(document):
            self._find(Kind.LOST, f"{entry.tag}: shows version {version} of {document['id']}, which never was")

    def _check_list(self, entry: Entry) -> None:
        if not entry.succeeded:
            return
        tasks = entry.reply.document["items"]
        if len({task["id"] for task in tasks}) != len(tasks):
            self._find(Kind.DOUBLED, f"{entry.tag}: a task is listed twice")
        for task in tasks:
            self._check_shown(entry, task, entry.reply)

    def _check_freshness(self) -> None:
        """Check that no read shows a version older than one that was acknowledged before the read began."""
        acknowledged: dict[TaskName, list[tuple[float, int]]] = defaultdict(list)
        for entry in self.entries:
            if entry.task_id is not None and entry.succeeded and entry.reply.document is not None:
                acknowledged[_name(entry)].append((entry.reply.ended, entry.reply.document["version"]))
        for entry in self.entries:
            if entry.call.operation == "get_task" and entry.reply.status == 200:
                before = (version for ended, version in acknowledged[_name(entry)] if ended < entry.reply.started)
                if entry.reply.document["version"] < max(before, default=0):
                    self._find(Kind.LOST, f"{entry.tag}: read a version older than one acknowledged before")

    def _check_etags(self) -> None:
        """Check that each version of each task was shown with one etag, which no other had."""
        version_of: dict[str, tuple[str, str, int]] = {}
        etag_of: dict[tuple[str, str, int], str] = {}
        for entry in self.entries:
            if entry.reply.status in (429, 304) or entry.reply.status >= 500:
                continue
            shown = entry.reply.shown or {}
            for task in shown.get("items", [shown] if shown else []):
                version = (entry.owner, task["id"], task["version"])
                if version_of.setdefault(task["etag"], version) != version or (
                    etag_of.setdefault(version, task["etag"]) != task["etag"]
                ):
                    self._find(Kind.LOST, f"{entry.tag}: shows etag {task['etag']} for another write of {task['id']}")

    def _check_keys(self) -> None:
        """Check that each key made one task and one record, or neither, and always got the same answer."""
        by_key: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.key is not None:
                by_key[entry.owner, entry.key].append(entry)
        for (owner, key), entries in by_key.items():
            answers = [entry.reply.document for entry in entries if entry.succeeded]
            if any(answer != answers[0] for answer in answers):
                self._find(Kind.DOUBLED, f"{owner} {key}: answered with different tasks")
            puts = [
                item for entry in entries for exchange in self._exchanges[entry.tag] for item in _put_items(exchange)
            ]
            names = {(item["pk"]["S"], item["sk"]["S"]) for item in puts}
            made = [name for name in names if name in self._items]
            tasks = sum(sk.startswith(TASK.prefix) for _, sk in made)
            if tasks > 1:
                self._find(Kind.DOUBLED, f"{owner} {key}: made {tasks} tasks")
            if len(made) - tasks != tasks and tasks <= 1:
                self._find(Kind.HALF_APPLIED, f"{owner} {key}: {tasks} tasks, but {len(made) - tasks} records")


def _name(entry: Entry) -> TaskName:
    return _task_name(entry.owner, entry.task_id)


def _task_name(owner: str, task_id: str | None) -> TaskName:
    return partition(owner), f"{TASK.prefix}{task_id}"


def _put_items(exchange: Exchange) -> Iterable[RawItem]:
    if exchange.operation == "PutItem":
        return [exchange.request["Item"]]
    if exchange.operation == "TransactWriteItems":
        return [action["Put"]["Item"] for action in exchange.request["TransactItems"]]
    return []


def _is_undecidable(exchanges: Sequence[Exchange]) -> bool:
    """Whether a reply was lost, and the retry was refused: the item may not tell any more whether it was applied."""
    lost = any(exchange.fault is not None and exchange.is_write for exchange in exchanges[:-1])
    return lost and exchanges[-1].status == 400


def _first_line(error: AssertionError) -> str:
    return str(error).partition("\n")[0] or "an item is not as it should be"
