"""``make chaos``: thousands of operations of several clients under mixed faults, and an audit of what came of them.

Each client is an instance of the functions with a DynamoDB client of its own, behind a proxy that disturbs a share of
the requests (``FaultProxy``), before DynamoDB Local. All of them work on the same few tasks and lists, where their
writes race, and on some of their own. The last line says what went wrong; the exit status is 1 unless that is nothing.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from local.engines.dynamodb_local import DynamoDBLocalUnavailable
from local.errors import run_command
from local.make_variables import whole_number
from taskapi import clock, uuid7
from tests.engines.engine import Engine
from tests.engines.running import DYNAMODB_LOCAL, start
from tests.faults.audit import READ_TIMEOUT, Audit, Entry, Kind
from tests.faults.fault_plans import ByChance, evenly
from tests.faults.instance import Instance, Reply, impatient_client
from tests.faults.proxy import FaultProxy
from tests.faults.upstream import upstream_of
from tests.support.task_model import Call

OPERATIONS: Final = 10_000
CLIENTS: Final = 12
USERS: Final = 3
SHARED_TASKS: Final = 6
"""Tasks of each user on which all clients work."""
SHARED_LISTS: Final = 2
"""The same of lists; tasks go from one to the other, and are in the trash when a list is deleted."""
FAULT_RATE: Final = 0.15
"""Of the requests to DynamoDB; three in a row end an operation."""
MOST_SECONDS: Final = 1_800
_KEY_TRIES: Final = 4
_POSITIONS: Final = ("a0", "a0V", "a1")
"""So few that tasks share them: a move between two such has to make room first."""


@dataclass(frozen=True)
class Options:
    """What to run."""

    operations: int = OPERATIONS
    seed: int = 1
    clients: int = CLIENTS
    fault_rate: float = FAULT_RATE


@dataclass
class Progress:
    """Counts operations across clients, and ends the run when it takes too long."""

    total: int
    done: int = 0
    deadline: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Claim one operation; False when there are no more."""
        with self._lock:
            if self.done >= self.total or time.monotonic() > self.deadline:
                return False
            self.done += 1
            return True


@dataclass
class Frontend:
    """One client: chooses operations by dice and keeps the books.

    Attributes:
        shared: Tasks, by owner and id, on which all clients work.
        lists: The same of lists.
        seen: The version of each task and list that it saw last, and its etag, for ``If-Match``.
        keys: Its idempotency keys that were answered, with owner and call, to be replayed.
        mine, my_lists: What it has made itself.
    """

    name: str
    instance: Instance
    shared: Sequence[tuple[str, str]]
    lists: Sequence[tuple[str, str]]
    dice: random.Random
    progress: Progress
    entries: list[Entry] = field(default_factory=list)
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    keys: list[tuple[str, str, Call]] = field(default_factory=list)
    mine: list[tuple[str, str]] = field(default_factory=list)
    my_lists: list[tuple[str, str]] = field(default_factory=list)

    def work(self) -> list[Entry]:
        """Run until all operations are done."""
        actions: dict[Callable[[], object], int] = {
            self._create: 7, self._create_with_key: 11, self._replay: 3, self._list: 6, self._put_new: 3,
            self._touch_task: 62, self._touch_list: 8,
        }  # fmt: skip
        while self.progress.take():
            self.dice.choices([*actions], weights=[*actions.values()])[0]()
        return self.entries

    def _send(self, call: Call, owner: str, task_id: str | None = None, key: str | None = None, **event: Any) -> Reply:
        tag = f"{self.name}-{len(self.entries)}"
        tagged = replace(call, tag=tag)
        event |= call.event
        if key is not None:
            event["headers"]["Idempotency-Key"] = key
        if task_id is not None:
            event["task_id"] = task_id
        reply = self.instance.call(call.operation, tag=tag, sub=owner, **event)
        if reply.document is not None and "version" in reply.document:
            self.seen[reply.document["id"]] = reply.document["version"], reply.document["etag"]
            task_id = reply.document["id"]
        self.entries.append(Entry(tag, owner, tagged, task_id, key, reply))
        return reply

    def _owner(self) -> str:
        return self.dice.choice(self.shared)[0]

    def _title(self) -> str:
        return f"{self.name}-{len(self.entries)}"

    def _content(self, owner: str) -> dict[str, Any]:
        """A body of which the index attributes depend."""
        content: dict[str, Any] = {"title": self._title(), "completed": self.dice.random() < 0.3}
        if self.dice.random() < 0.5:
            content["due"] = f"2026-12-{self.dice.randint(1, 28):02d}"
        if self.dice.random() < 0.3:
            content |= {"list_id": self._list_id(owner), "position": self.dice.choice(_POSITIONS)}
        if self.dice.random() < 0.2:
            content["checklist"] = self._checklist()
        return content

    def _list_content(self) -> dict[str, Any]:
        return {
            "title": self._title(),
            **self.dice.choice([{}, {"color": "#2f6fed"}, {"color": None}, {"position": self.dice.choice(_POSITIONS)}]),
        }

    def _list_id(self, owner: str) -> str | None:
        """The inbox, a shared list, or the last one that it has made."""
        mine = [list_id for other, list_id in self.my_lists if other == owner]
        return self.dice.choice([None, *(list_id for other, list_id in self.lists if other == owner), *mine[-1:]])

    def _checklist(self) -> list[dict[str, Any]]:
        return [{"id": "1", "title": self._title(), "completed": self.dice.random() < 0.5}]

    def _new(self) -> tuple[str, Call]:
        """A create, and whose."""
        owner = self._owner()
        if self.dice.random() < 0.15:
            return owner, Call("create_list", self._list_content())
        return owner, Call("create_task", self._content(owner))

    def _create(self, key: str | None = None, new: tuple[str, Call] | None = None) -> bool:
        owner, call = new or self._new()
        reply = self._send(call, owner, key=key)
        if reply.status == 201:
            mine = self.my_lists if call.operation == "create_list" else self.mine
            mine.append((owner, reply.document["id"]))
        return reply.status == 201

    def _create_with_key(self) -> None:
        """As a frontend should: the same request with the same key until it is answered for good."""
        (owner, call), key = self._new(), f"key-{self._title()}"
        for attempt in range(_KEY_TRIES):
            if attempt and not self.progress.take():
                return
            if self._create(key, (owner, call)):
                self.keys.append((owner, key, call))
                return

    def _replay(self) -> None:
        if not self.keys:
            return self._create_with_key()
        owner, key, call = self.dice.choice(self.keys)
        self._send(call, owner, key=key)
        return None

    def _list(self) -> None:
        owner = self._owner()
        if self.dice.random() < 0.2:
            self._send(Call("list_lists"), owner)
            return
        parameters = self.dice.choice(
            [
                {},
                {"sort": ["updated_at"]},
                {"status": ["open"]},
                {"status": ["open"], "sort": ["due"]},
                {"status": ["open"], "sort": ["position"], "list": [self._list_id(owner) or "inbox"]},
                {"status": ["completed"]},
                {"status": ["trashed"]},
            ]
        )
        self._send(Call("list_tasks"), owner, query=parameters)

    def _put_new(self) -> None:
        owner, task_id = self._owner(), uuid7.mint(clock.now_ms())
        self._touch_with("replace_task", owner, task_id)
        self.mine.append((owner, task_id))

    def _touch_task(self) -> None:
        weights = {
            "get_task": 8,
            "replace_task": 8,
            "update_task": 12,
            "toggle_task": 12,
            "move_task": 6,
            "delete_task": 5,
            "restore_task": 5,
        }
        self._touch(weights, self.shared, self.mine)

    def _touch_list(self) -> None:
        weights = {"get_list": 3, "replace_list": 4, "update_list": 4, "delete_list": 3}
        self._touch(weights, self.lists, self.my_lists)

    def _touch(
        self, weights: Mapping[str, int], shared: Sequence[tuple[str, str]], mine: Sequence[tuple[str, str]]
    ) -> None:
        """An operation on one task or list: a shared one most of the time."""
        owner, item_id = self.dice.choice(shared if not mine or self.dice.random() < 0.7 else mine)
        self._touch_with(self.dice.choices([*weights], weights=[*weights.values()])[0], owner, item_id)

    def _touch_with(self, operation: str, owner: str, task_id: str) -> None:
        body: dict[str, Any] = {}
        permanent = False
        match operation:
            case "replace_task":
                body = self._content(owner)
            case "replace_list" | "update_list":
                body = self._list_content()
            case "update_task":
                body = {
                    "title": self._title(),
                    **self.dice.choice(
                        [
                            {},
                            {"due": None},
                            {"completed": True},
                            {"completed": False},
                            {"list_id": self._list_id(owner)},
                            {"position": self.dice.choice(_POSITIONS)},
                            {"list_id": self._list_id(owner), "position": self.dice.choice(_POSITIONS)},
                            {"checklist": self._checklist()},
                        ]
                    ),
                }
            case "move_task":
                others = [other_id for other, other_id in (*self.shared, *self.mine) if other == owner]
                body = self.dice.choice(
                    [
                        {},
                        {"list_id": self._list_id(owner)},
                        {self.dice.choice(["before", "after"]): self.dice.choice(others)},
                        {self.dice.choice(["before", "after"]): self.dice.choice(others)},
                        {"list_id": self._list_id(owner), "after": self.dice.choice(others)},
                    ]
                )
            case "delete_task":
                permanent = self.dice.random() < 0.2
            case "toggle_task" if self.dice.random() < 0.4:
                body = {"completed": self.dice.random() < 0.5}
        call = Call(operation, body, permanent=permanent)
        version, etag = self.seen.get(task_id, (None, ""))
        if operation not in ("get_task", "get_list") and version is not None and self.dice.random() < 0.3:
            call = replace(call, match=version, etag=etag)
        elif operation in ("replace_task", "replace_list") and self.dice.random() < 0.2:
            call = replace(call, must_not_exist=True)
        self._send(call, owner, task_id)
        is_in_trash = operation == "delete_task" and not permanent
        if is_in_trash and self.dice.random() < 0.5 and self.progress.take():
            self._touch_with("restore_task", owner, task_id)


def run(options: Options, engine: Engine) -> bool:
    """Run and audit; whether nothing is wrong."""
    started = time.monotonic()
    dice = random.Random(options.seed)
    # Of this run alone: an engine may hold tasks of another one.
    users = [f"chaos-{options.seed}-{number}-{clock.now_ms()}" for number in range(USERS)]
    shared = [(user, uuid7.mint(clock.now_ms())) for user in users for _ in range(SHARED_TASKS)]
    lists = [(user, uuid7.mint(clock.now_ms())) for user in users for _ in range(SHARED_LISTS)]
    progress = Progress(options.operations)
    plan = ByChance(options.seed, evenly(options.fault_rate))
    with FaultProxy(upstream_of(engine), plan, hold_seconds=READ_TIMEOUT * 1.5) as proxy:
        frontends = [
            Frontend(
                f"{options.seed}-{number}",
                Instance(impatient_client(proxy.endpoint, read_timeout=READ_TIMEOUT)),
                shared,
                lists,
                random.Random(dice.random()),
                progress,
            )
            for number in range(options.clients)
        ]
        with ThreadPoolExecutor(options.clients) as pool:
            work = [pool.submit(frontend.work) for frontend in frontends]
            while not all(future.done() for future in work):
                time.sleep(0.2)
                _show(f"chaos: {progress.done:,} of {progress.total:,} operations, {time.monotonic() - started:.0f} s")
            entries = [entry for future in work for entry in future.result()]
        proxy.settle()
        audit = Audit(entries, proxy.journal, engine.client())
        _show(f"chaos: auditing {len(entries):,} operations and {len(proxy.journal):,} requests")
        counts = audit.run()
        _report(entries, proxy, audit)
    is_whole = len(entries) == options.operations
    if not is_whole:
        print(f"chaos: stopped after {MOST_SECONDS} s")
    figures = " ".join(f"{kind.value}={counts[kind]}" for kind in Kind)
    print(f"chaos: operations={len(entries)} {figures} seed={options.seed}")
    return is_whole and not audit.findings


def _show(line: str) -> None:
    """Progress, on a terminal in place, otherwise at most every ten seconds."""
    if sys.stderr.isatty():
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
    elif time.monotonic() - _shown[0] > 10:
        _shown[0] = time.monotonic()
        print(line, file=sys.stderr, flush=True)


_shown = [0.0]


def _report(entries: Sequence[Entry], proxy: FaultProxy, audit: Audit) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    faults = Counter(exchange.fault.name.lower() for exchange in proxy.journal if exchange.fault is not None)
    print(f"faults: {faults.total():,} of {len(proxy.journal):,} requests: " + _listed(faults))
    for operation in sorted({entry.call.operation for entry in entries}):
        statuses = Counter(str(entry.reply.status) for entry in entries if entry.call.operation == operation)
        print(f"{operation}: {statuses.total():,}: {_listed(statuses)}")
    replayed = sum("Idempotency-Replayed" in entry.reply.headers for entry in entries)
    failed = sum(entry.failed for entry in entries)
    print(f"answers replayed: {replayed:,}; operations that ended in 429 or 503, all for injected faults: {failed:,}")
    for finding in audit.findings[:20]:
        print(f"{finding.kind.value}: {finding.what}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


def main(arguments: Sequence[str]) -> int:
    """Run from the command line.

    Returns:
        0 when nothing was lost, doubled, half-applied or unexplained; 1 otherwise; 2 when there is no engine.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--operations", default=os.environ.get("CHAOS_OPERATIONS") or str(OPERATIONS))
    parser.add_argument("--seed", default=os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(10_000)))
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--fault-rate", type=float, default=FAULT_RATE, help="share of the requests, 0 to 1")
    given = parser.parse_args(arguments)

    def command() -> int:
        given.operations = whole_number("CHAOS_OPERATIONS", given.operations, 1, 10_000_000)
        given.seed = whole_number("CHAOS_SEED", given.seed, 0, 2**63 - 1)
        try:
            with start(DYNAMODB_LOCAL) as engine:
                return 0 if run(Options(**vars(given)), engine) else 1
        except DynamoDBLocalUnavailable as unavailable:
            print(f"chaos: needs DynamoDB Local, but {unavailable}", file=sys.stderr)
            return 2

    return run_command(command)
