"""The books of a chaos run: what every operation was told, against what the engine really did.

Four kinds of findings, each of which must stay at zero:

* lost: a write was acknowledged and is not there, or is there and was refused, or an answer shows what never was;
* doubled: a write took effect more than once, or a key made more than one item;
* half-applied: an item whose index attributes disagree with it, an index that disagrees with its items, one half of
  the transaction that creates an item and its idempotency record, or a deleted list of which open tasks are left;
* unexplained: a 429 or 5xx to an operation on which the proxy had inflicted nothing that would exhaust its retries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from local.template.operations import OPERATIONS
from taskapi.dynamo.entity import Entity, Key
from taskapi.dynamo.idempotency import PREFIX as RECORD
from taskapi.lists.list import LIST
from taskapi.tasks.task import TASK
from tests.engines.items import RawItem, check_indexes, check_item, read_all
from tests.faults.instance import FUNCTION_SECONDS, Reply
from tests.faults.proxy import Exchange
from tests.support.list_model import ListState
from tests.support.task_model import Call, TaskState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


READ_TIMEOUT: Final = 1.0
"""Seconds that the clients of a run wait for a reply."""


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
        call: What was asked; for ``list_tasks`` and ``list_lists`` only its operation counts.
        task_id: Of the task or list; of a create, as answered; None of a create without an answer, and of many items.
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
    def entity(self) -> Entity:
        """Of what it is about."""
        return LIST if "/lists" in OPERATIONS[self.call.operation].path else TASK

    @property
    def succeeded(self) -> bool:
        """Whether it was acknowledged."""
        return self.reply.status < 300

    @property
    def failed(self) -> bool:
        """Whether it was told to try again later."""
        return self.reply.status == 429 or self.reply.status >= 500


Name = tuple[str, str]
"""Sort key of an item, behind its owner's partition key."""
State = TaskState | ListState
_STATES: Final[Mapping[str, type[State]]] = {TASK.prefix: TaskState, LIST.prefix: ListState}
_OF_OTHERS: Final = {"move_task": Call("move_task"), "delete_list": Call("delete_task")}
"""What an operation makes of items other than its own: room, where there is none, and trash."""


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
        self._writes: dict[Name, list[Exchange]] = {}
        self._states = self._follow_items()
        for entry in self.entries:
            self._check_failure(entry)
            match entry.call.operation:
                case "create_task" | "create_list":
                    self._check_create(entry)
                case "list_tasks" | "list_lists":
                    self._check_list(entry)
                case "get_task" | "get_list":
                    self._check_shown(entry, entry.reply.document, entry.reply)
                case _:
                    if entry.call.operation == "delete_list" and entry.succeeded:
                        self._check_trashed(entry)
                    self._check_write(entry)
        self._check_freshness()
        self._check_etags()
        self._check_keys()
        return Counter(finding.kind for finding in self.findings)

    def _find(self, kind: Kind, what: str) -> None:
        self.findings.append(Finding(kind, what))

    def _read_items(self) -> dict[Name, RawItem]:
        """All items there are; checks each, and each index, on the way."""
        items: dict[Name, RawItem] = {}
        for owner in sorted({entry.owner for entry in self.entries}):
            indexed: dict[str, RawItem] = {}
            for item in read_all(self.client, owner):
                items[item["pk"]["S"], item["sk"]["S"]] = item
                if not item["sk"]["S"].startswith(RECORD):
                    indexed[item["sk"]["S"]] = item
            try:
                check_indexes(self.client, owner, indexed)
            except AssertionError as error:
                self._find(Kind.HALF_APPLIED, f"{owner}: an index differs from the table: {_first_line(error)}")
        return items

    def _follow_items(self) -> dict[Name, list[State]]:
        """Go through the writes of each item in the order of its versions; its states, the first for version 1."""
        entries = {entry.tag: entry for entry in self.entries}
        applied: dict[Name, dict[int, tuple[Exchange, RawItem]]] = defaultdict(dict)
        for exchange, name, item in self._applied_writes():
            version = int(item["version"]["N"])
            earlier, left = applied[name].setdefault(version, (exchange, item))
            if (earlier.tag, left) != (exchange.tag, item):
                self._find(Kind.LOST, f"{name[1]}: two writes made version {version}")
            self._check_item(item, f"{name[1]} after {exchange.tag}")
        states: dict[Name, list[State]] = {}
        for name, versions in applied.items():
            kind = _state_type(name)
            states[name] = [kind.left_by(versions[version][1]) for version in sorted(versions)]
            self._writes[name] = [versions[version][0] for version in sorted(versions)]
            if sorted(versions) != list(range(1, len(versions) + 1)):
                self._find(Kind.LOST, f"{name[1]}: of its versions only {sorted(versions)} were ever written")
                continue
            before: State = kind()
            for state, exchange in zip(states[name], self._writes[name], strict=True):
                entry = entries[exchange.tag]
                call = entry.call if name == _name(entry) else _OF_OTHERS.get(entry.call.operation, entry.call)
                if not before.after(call).fits(state):
                    self._find(Kind.HALF_APPLIED, f"{name[1]}: {call} made {state} of {before}")
                elif call is _OF_OTHERS["delete_list"] and not _is_open_in(before, entry.task_id):
                    self._find(Kind.LOST, f"{name[1]}: trashed with a list that it was not open in")
                before = state
        self._check_final(applied)
        return states

    def _check_final(self, applied: Mapping[Name, Mapping[int, tuple[Exchange, RawItem]]]) -> None:
        items = {name: item for name, item in self._items.items() if not name[1].startswith(RECORD)}
        for name in sorted(items.keys() | applied.keys()):
            last = applied[name][max(applied[name])][1] if name in applied else None
            if items.get(name) != last:
                self._find(Kind.LOST, f"{name[1]}: is not as its last write left it")
            elif last is not None:
                self._check_item(last, name[1])

    def _check_item(self, item: RawItem, where: str) -> None:
        try:
            check_item(item)
        except AssertionError as error:
            self._find(Kind.HALF_APPLIED, f"{where}: {_first_line(error)}")

    def _applied_writes(self) -> Iterator[tuple[Exchange, Name, RawItem]]:
        """Each write of an item, records apart, that the engine carried out, and the item afterwards."""
        for exchange in self.journal:
            if not exchange.was_applied:
                continue
            if exchange.operation == "UpdateItem":
                item = exchange.reply["Attributes"]
                yield exchange, _name_of(item), item
            else:
                for item in _put_items(exchange):
                    if not item["sk"]["S"].startswith(RECORD):
                        yield exchange, _name_of(item), item

    def _applied(self, entry: Entry) -> list[RawItem]:
        """What an operation's writes of its own item left."""
        exchanges = [each for each in self._exchanges[entry.tag] if each.is_write and each.was_applied]
        items: list[RawItem] = [exchange.reply["Attributes"] for exchange in exchanges]
        return [item for item in items if _name_of(item) == _name(entry)]

    def _check_failure(self, entry: Entry) -> None:
        exchanges = self._exchanges[entry.tag]
        if entry.reply.status == 500:
            self._find(Kind.UNEXPLAINED, f"{entry.tag}: {entry.call.operation} answered 500")
        elif entry.failed and not (
            exchanges and (exchanges[-1].fault is not None or _is_undecidable(exchanges) or _was_late(entry, exchanges))
        ):
            detail = entry.reply.document["detail"]
            self._find(Kind.UNEXPLAINED, f"{entry.tag}: {entry.call.operation}: {entry.reply.status} {detail}")

    def _check_create(self, entry: Entry) -> None:
        names = {
            _name_of(item)
            for exchange in self._exchanges[entry.tag]
            for item in _put_items(exchange)
            if not item["sk"]["S"].startswith(RECORD)
        }
        made = [name for name in names if name in self._items]
        if len(made) > 1:
            self._find(Kind.DOUBLED, f"{entry.tag}: one create made {len(made)} items")
        if not entry.succeeded:
            if made and not entry.failed:
                self._find(Kind.LOST, f"{entry.tag}: made an item and was answered {entry.reply.status}")
            return
        name = _name(entry)
        if name not in self._items:
            self._find(Kind.LOST, f"{entry.tag}: acknowledged {name[1]}, which is not there")
        elif "Idempotency-Replayed" not in entry.reply.headers and made != [name]:
            self._find(Kind.LOST, f"{entry.tag}: acknowledged {name[1]}, but made {made}")
        elif (entry.reply.status, _state_type(name).of(entry.reply.document)) != (201, self._states[name][0]):
            self._find(Kind.LOST, f"{entry.tag}: acknowledged another item than it made")

    def _check_write(self, entry: Entry) -> None:
        applied = self._applied(entry)
        if len(applied) > 1:
            self._find(Kind.DOUBLED, f"{entry.tag}: {entry.call.operation} took effect {len(applied)} times")
            return
        states = self._states.get(_name(entry), [])
        kind = _STATES[entry.entity.prefix]
        left = kind.left_by(applied[0]) if applied else None
        resent = sum(exchange.is_write for exchange in self._exchanges[entry.tag]) > 1
        if entry.succeeded and left is None:
            # Setting a state that the task is in already needs no write, nor does putting it where it is.
            is_set = entry.call.operation == "toggle_task" and entry.call.body
            if not is_set and not _is_part(entry) and (entry.call.operation != "delete_task" or entry.call.permanent):
                self._find(Kind.LOST, f"{entry.tag}: {entry.call.operation} was acknowledged without effect")
        elif not entry.succeeded and not entry.failed and left is not None:
            gone_since = any(state.content is None for state in states[left.version :])
            if not (entry.reply.status == 404 and resent and gone_since):
                self._find(Kind.LOST, f"{entry.tag}: {entry.call.operation} was applied and refused")
        elif entry.succeeded and left is not None and entry.reply.document is not None:
            later = states[left.version - 1 :] if resent else [left]
            shown = None if _is_part(entry) else kind.of(entry.reply.document)
            if shown not in later:
                self._find(Kind.LOST, f"{entry.tag}: {entry.call.operation} was answered {shown}, but left {left}")
        if entry.reply.status in (409, 412) and "current" in entry.reply.document:
            self._check_shown(entry, entry.reply.document["current"], entry.reply)

    def _check_trashed(self, entry: Entry) -> None:
        """Check a deletion of a list: what it says that it trashed, or that it left no open task at all.

        A task counts that was open in the list from before the request until after it.
        """
        if _is_part(entry):
            trashed = {_name_of(item) for each, _, item in self._applied_writes() if each.tag == entry.tag}
            if len(trashed) != entry.reply.document["trashed"]:
                self._find(Kind.LOST, f"{entry.tag}: trashed {len(trashed)}, told {entry.reply.document}")
            return
        for name, states in self._states.items():
            if not name[1].startswith(TASK.prefix) or name[0] != _name(entry)[0]:
                continue
            writes = self._writes[name]
            for state, write, following in zip(states, writes, [*writes[1:], None], strict=True):
                assert write.answered is not None
                is_old = write.answered < entry.reply.started
                if (
                    is_old
                    and _is_open_in(state, entry.task_id)
                    and (following is None or following.arrived > entry.reply.ended)
                ):
                    self._find(Kind.HALF_APPLIED, f"{entry.tag}: deleted a list and left {name[1]} open in it")

    def _check_shown(self, entry: Entry, document: Any, reply: Reply) -> None:
        """Check that an item in an answer is one that there was."""
        if reply.status not in (200, 409, 412):
            return
        key = Key(entry.entity, entry.owner, document["id"])
        states = self._states.get(_name_of(key.as_item()), [])
        version = document["version"]
        if version > len(states) or states[version - 1] != _STATES[entry.entity.prefix].of(document):
            self._find(Kind.LOST, f"{entry.tag}: shows version {version} of {document['id']}, which never was")

    def _check_list(self, entry: Entry) -> None:
        if not entry.succeeded:
            return
        items = entry.reply.document["items"]
        if len({item["id"] for item in items}) != len(items):
            self._find(Kind.DOUBLED, f"{entry.tag}: an item is listed twice")
        for item in items:
            self._check_shown(entry, item, entry.reply)

    def _check_freshness(self) -> None:
        """Check that no read shows a version older than one that was acknowledged before the read began."""
        acknowledged: dict[Name, list[tuple[float, int]]] = defaultdict(list)
        for entry in self.entries:
            if entry.task_id is not None and entry.succeeded and "version" in (entry.reply.document or {}):
                acknowledged[_name(entry)].append((entry.reply.ended, entry.reply.document["version"]))
        for entry in self.entries:
            if entry.call.operation in ("get_task", "get_list") and entry.reply.status == 200:
                before = (version for ended, version in acknowledged[_name(entry)] if ended < entry.reply.started)
                if entry.reply.document["version"] < max(before, default=0):
                    self._find(Kind.LOST, f"{entry.tag}: read a version older than one acknowledged before")

    def _check_etags(self) -> None:
        """Check that each version of each item was shown with one etag, which no other had."""
        version_of: dict[str, tuple[str, str, int]] = {}
        etag_of: dict[tuple[str, str, int], str] = {}
        for entry in self.entries:
            if entry.reply.status in (429, 304) or entry.reply.status >= 500:
                continue
            shown = entry.reply.shown or {}
            for item in shown.get("items", [shown] if "etag" in shown else []):
                version = (entry.owner, item["id"], item["version"])
                if version_of.setdefault(item["etag"], version) != version or (
                    etag_of.setdefault(version, item["etag"]) != item["etag"]
                ):
                    self._find(Kind.LOST, f"{entry.tag}: shows etag {item['etag']} for another write of {item['id']}")

    def _check_keys(self) -> None:
        """Check that each key made one item and one record, or neither, and always got the same answer."""
        by_key: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.key is not None:
                by_key[entry.owner, entry.key].append(entry)
        for (owner, key), entries in by_key.items():
            answers = [entry.reply.document for entry in entries if entry.succeeded]
            if any(answer != answers[0] for answer in answers):
                self._find(Kind.DOUBLED, f"{owner} {key}: answered with different items")
            puts = [
                item for entry in entries for exchange in self._exchanges[entry.tag] for item in _put_items(exchange)
            ]
            made = [name for name in {_name_of(item) for item in puts} if name in self._items]
            records = sum(sk.startswith(RECORD) for _, sk in made)
            items = len(made) - records
            if items > 1:
                self._find(Kind.DOUBLED, f"{owner} {key}: made {items} items")
            elif records != items:
                self._find(Kind.HALF_APPLIED, f"{owner} {key}: {items} items, but {records} records")


def _name(entry: Entry) -> Name:
    return _name_of(Key(entry.entity, entry.owner, str(entry.task_id)).as_item())


def _name_of(item: Mapping[str, Any]) -> Name:
    return item["pk"]["S"], item["sk"]["S"]


def _state_type(name: Name) -> type[State]:
    return _STATES[f"{name[1].partition('#')[0]}#"]


def _is_part(entry: Entry) -> bool:
    """Whether it deleted a part of a list, with the rest to come."""
    return entry.call.operation == "delete_list" and entry.reply.status == 200


def _is_open_in(state: State, list_id: str | None) -> bool:
    if not isinstance(state, TaskState) or state.content is None or state.is_trashed:
        return False
    return state.content.list_id == list_id and not state.content.completed


def _put_items(exchange: Exchange) -> Iterable[RawItem]:
    if exchange.operation == "PutItem":
        return [exchange.request["Item"]]
    if exchange.operation == "TransactWriteItems":
        return [action["Put"]["Item"] for action in exchange.request["TransactItems"]]
    return []


def _was_late(entry: Entry, exchanges: Sequence[Exchange]) -> bool:
    """Whether the engine itself was too slow, on a busy machine, or faults had used up the function's time."""
    last = exchanges[-1]
    is_slow = last.answered is not None and last.answered - last.arrived > READ_TIMEOUT * 0.9
    has_no_time = entry.reply.seconds > FUNCTION_SECONDS - 3 * READ_TIMEOUT
    return is_slow or (has_no_time and any(exchange.fault is not None for exchange in exchanges))


def _is_undecidable(exchanges: Sequence[Exchange]) -> bool:
    """Whether a reply was lost, and the retry was refused: the item may not tell any more whether it was applied."""
    lost = any(exchange.fault is not None and exchange.is_write for exchange in exchanges[:-1])
    return lost and exchanges[-1].status == 400


def _first_line(error: AssertionError) -> str:
    return str(error).partition("\n")[0] or "an item is not as it should be"
