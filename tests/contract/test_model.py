"""The store against a plain model of it, driven by hypothesis: operations in orders that nobody thought of."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from taskapi import uuid7
from taskapi.clock import milliseconds
from taskapi.dynamo.entity import Key
from taskapi.dynamo.table import ReadBudget, Table
from taskapi.errors import PreconditionFailed, StateError, TaskNotFound
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.query import ACCESS_PATHS, ListQuery
from taskapi.tasks.task import ChecklistEntry, Task, TaskContent
from tests.contract.listing import Listing
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.calls import first_reply_lost
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import check_indexes, check_items, delete_all
from tests.support.task_model import NOTHING, Call, Result, TaskState, perform
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAYS = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03"]
dues = st.none() | st.sampled_from(
    [*DAYS, "2026-11-30T23:59:59.999Z", "2026-12-01T00:00:00.000Z", "2026-12-02T12:00:00.000Z"]
)
titles = st.sampled_from(["Pay rent", "Call home", "Straße"])
descriptions = st.none() | st.sampled_from(["about the RENT", "line\nline"])
priorities = st.sampled_from(["none", "low", "high"])
tag_lists = st.sampled_from([(), ("Home",), ("home", "b"), ("b",)])
LISTS = [uuid7.mint(1), uuid7.mint(2)]
list_ids = st.none() | st.sampled_from(LISTS)
positions = st.none() | st.sampled_from(["Zz", "a0", "a0V", "a0V1", "hzzzzzzzz"])
checklists = st.sampled_from(
    [(), (ChecklistEntry("1", "Rent"),), (ChecklistEntry("1", "b", True), ChecklistEntry("2", "STRASSE"))]
)
contents = st.builds(
    TaskContent,
    title=titles,
    description=descriptions,
    due=dues,
    priority=priorities,
    tags=tag_lists,
    completed=st.booleans(),
    list_id=list_ids,
    position=positions,
    checklist=checklists,
)
patches = st.fixed_dictionaries(
    {},
    optional={
        "title": titles,
        "description": descriptions,
        "due": dues,
        "priority": priorities,
        "tags": tag_lists,
        "completed": st.booleans(),
        "list_id": list_ids,
        "position": positions,
        "checklist": checklists,
    },
).filter(bool)


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    """Any list that is served, filtered or not."""
    status, sort = draw(st.sampled_from(list(ACCESS_PATHS)))
    within = st.sampled_from(["inbox", *LISTS])
    listing = Listing(status, sort, within=draw(within if sort == "position" else st.none() | within))
    if draw(st.booleans()):
        listing = replace(
            listing,
            priority=draw(st.none() | priorities),
            tag=draw(st.none() | st.sampled_from(["HOME", "b"])),
            text=draw(st.none() | st.sampled_from(["rent", "STRASSE"])),
        )
    if sort == "due" and draw(st.booleans()):
        first, end = draw(st.sampled_from(list(itertools.combinations_with_replacement([None, *DAYS, None], 2))))
        listing = replace(listing, first_day=first, end_day=end)
    return listing


@dataclass
class Walk:
    """A client on its way through a list, while others change it.

    Attributes:
        listing: What it lists.
        query: What it asks next.
        hasty: Whether its pages end with their first query.
        expected: The tasks that were in the list when it began.
        touched: Ids of tasks that were changed or made since.
        read: What it has been given.
    """

    listing: Listing
    query: ListQuery
    hasty: bool
    expected: dict[str, TaskState]
    touched: set[str] = field(default_factory=set)
    read: list[tuple[str, TaskState]] = field(default_factory=list)
    done: bool = False

    def check(self) -> None:
        """What holds at the end: every untouched task once, in order, and none that does not belong."""
        untouched = [(task_id, task) for task_id, task in self.read if task_id not in self.touched]
        assert dict(untouched) == {
            task_id: task for task_id, task in self.expected.items() if task_id not in self.touched
        }
        assert len(dict(untouched)) == len(untouched), "a task came twice"
        places = [self.listing.place(task_id, task) for task_id, task in untouched]
        assert places == sorted(places, reverse=not self.query.ascending)
        if self.listing.sort == "created_at":  # a place in which nothing moves, whatever happens to it
            assert len(dict(self.read)) == len(self.read)


class TaskStoreMachine(RuleBasedStateMachine):
    """Does the same to the store and to the model, and compares."""

    ids = Bundle("ids")
    walks = Bundle("walks")
    operations = 0
    _numbers = itertools.count()

    def __init__(self, engine: Engine, client: DynamoDBClient) -> None:
        super().__init__()
        self.engine, self.client = engine, client
        self.owner = f"model|{secrets.token_hex(4)}-{next(self._numbers)}"
        self.clock = Clock(START_MS, tick=0)
        table = Table(client, TABLE_NAME, now_ms=self.clock)
        self.store = Tasks(table)
        self.hasty_store = Tasks(Table(self.client, TABLE_NAME, ReadBudget(milliseconds=0), now_ms=self.clock))
        self.states: dict[str, TaskState] = {}
        self.open_walks: list[Walk] = []
        self.etags: dict[tuple[str, int], str] = {}

    @initialize(target=ids, content=contents)
    def begin(self, content: TaskContent) -> str:
        return self._create(content)

    @rule(target=ids, content=contents, lost=st.booleans())
    def create(self, content: TaskContent, lost: bool) -> str:
        with self.replies(lost):
            return self._create(content)

    @rule(target=ids, offset_ms=st.sampled_from([-86_400_000, -1, 0, 3_600_000]))
    def mint_offline(self, offset_ms: int) -> str:
        return uuid7.mint(self.clock.ms + offset_ms)

    @rule(step_ms=st.sampled_from([1, 1_000, -5_000]))
    def pass_time(self, step_ms: int) -> None:
        self.clock.ms += step_ms

    @rule(task_id=ids, content=contents, condition=st.data(), lost=st.booleans())
    def replace(self, task_id: str, content: TaskContent, condition: st.DataObject, lost: bool) -> None:
        call = self.call("replace_task", content._asdict(), condition, task_id)
        self.compare(task_id, call, lost, lambda given: self.store.replace(self.key(task_id), content, given))

    @rule(task_id=ids, patch=patches, condition=st.data(), lost=st.booleans())
    def update(self, task_id: str, patch: dict[str, Any], condition: st.DataObject, lost: bool) -> None:
        call = self.call("update_task", patch, condition, task_id)
        self.compare(task_id, call, lost, lambda given: self.store.update(self.key(task_id), patch, given))

    @rule(task_id=ids, completed=st.none() | st.booleans(), condition=st.data(), lost=st.booleans())
    def toggle(self, task_id: str, completed: bool | None, condition: st.DataObject, lost: bool) -> None:
        call = self.call("toggle_task", {} if completed is None else {"completed": completed}, condition, task_id)
        self.compare(task_id, call, lost, lambda given: self.store.toggle(self.key(task_id), completed, given))

    @rule(task_id=ids, condition=st.data(), permanent=st.booleans(), lost=st.booleans())
    def delete(self, task_id: str, condition: st.DataObject, permanent: bool, lost: bool) -> None:
        call = replace(self.call("delete_task", {}, condition, task_id), permanent=permanent)
        key = self.key(task_id)
        self.compare(task_id, call, lost, lambda given: self.store.delete(key, given, permanent=permanent))
        self.compare(task_id, Call("get_task"), False, lambda _: self.store.get(key))  # tells the etag that it has then

    @rule(task_id=ids, condition=st.data(), lost=st.booleans())
    def restore(self, task_id: str, condition: st.DataObject, lost: bool) -> None:
        call = self.call("restore_task", {}, condition, task_id)
        self.compare(task_id, call, lost, lambda given: self.store.restore(self.key(task_id), given))

    @rule(task_id=ids)
    def get(self, task_id: str) -> None:
        self.compare(task_id, Call("get_task"), False, lambda _: self.store.get(self.key(task_id)))

    @rule(listing=listings(), ascending=st.booleans(), limit=st.integers(1, 5), hasty=st.booleans())
    def list_at_once(self, listing: Listing, ascending: bool, limit: int, hasty: bool) -> None:
        walk = self._begin_walk(listing, ascending, limit, hasty)
        while not walk.done:
            self._go_on(walk)

    @rule(target=walks, listing=listings(), ascending=st.booleans(), limit=st.integers(1, 3), hasty=st.booleans())
    def begin_walk(self, listing: Listing, ascending: bool, limit: int, hasty: bool) -> Walk:
        return self._begin_walk(listing, ascending, limit, hasty)

    @rule(walk=walks)
    def go_on(self, walk: Walk) -> None:
        if not walk.done:
            self._go_on(walk)

    def _create(self, content: TaskContent) -> str:
        task = self.store.create(self.owner, content)
        call = Call("create_task", content._asdict())
        self.states[task.id], expected = perform(NOTHING, call, task.id, self.clock.ms)
        assert Result(201, self.state(task)) == expected
        self.changed(task.id)
        return task.id

    def _begin_walk(self, listing: Listing, ascending: bool, limit: int, hasty: bool) -> Walk:
        expected = {task_id: task for task_id, task in self.states.items() if listing.has(task)}
        walk = Walk(listing, list_query(listing, ascending, limit), hasty, expected)
        self.open_walks.append(walk)
        return walk

    def _go_on(self, walk: Walk) -> None:
        type(self).operations += 1
        store = self.hasty_store if walk.hasty else self.store
        page = store.list(self.owner, walk.query)
        assert len(page.tasks) <= walk.query.limit
        tasks = [(task.id, self.state(task)) for task in page.tasks]
        for task_id, task in tasks:
            assert task == self.states[task_id], "a list shows what reading the task would"
        walk.read += tasks
        if page.next_cursor is not None:
            assert walk.hasty or len(page.tasks) == walk.query.limit, "a page within its budget is full"
            walk.query = replace(walk.query, cursor=page.next_cursor)
        else:
            walk.done = True
            self.open_walks.remove(walk)
            walk.check()

    def teardown(self) -> None:
        for walk in list(self.open_walks):
            for _ in range(1_000):
                if walk.done:
                    break
                self._go_on(walk)
            assert walk.done, "a walk does not end"
        items = check_items(self.client, self.owner)
        assert len(items) == len(self.states)
        if Capability.LARGE_PARTITIONS in self.engine.lacks:
            delete_all(self.client, items.values())
        if Capability.STORED_INDEXES not in self.engine.lacks:
            check_indexes(self.client, self.owner, items)

    def call(self, operation: str, body: dict[str, Any], data: st.DataObject, task_id: str) -> Call:
        """A call with a precondition by chance, or none."""
        state = self.states.get(task_id, NOTHING)
        version = state.version if state.content else 1
        plain = Call(operation, body)
        matching = replace(plain, match=version)
        others = [
            replace(plain, match=version + 1),
            replace(plain, must_exist=True),
            replace(plain, must_not_exist=True),
        ]
        return data.draw(st.sampled_from([plain] * 4 + [matching] * 2 + others))

    def compare(self, task_id: str, call: Call, lost: bool, operate: Callable[[Precondition], object]) -> None:
        before = self.states.get(task_id, NOTHING)
        if lost and before.updated_at is not None:
            # A clock that is behind four writes can't tell whether its own was before them; then the answer is a 503.
            self.clock.ms = max(self.clock.ms, milliseconds(before.updated_at) + 1)
        with self.replies(lost):
            answer = self.answer(lambda: operate(self.precondition(task_id, call)))
        after, expected = perform(before, call, task_id, self.clock.ms)
        assert answer == expected
        if after != before:
            self.states[task_id] = after
            self.changed(task_id)

    def answer(self, operate: Callable[[], Any]) -> Result:
        """What the store answers, as the API would."""
        try:
            answer = operate()
        except TaskNotFound:
            return Result(404)
        except StateError as failed:
            status = 412 if isinstance(failed, PreconditionFailed) else 409
            return Result(status, self.state(Task.from_json(failed.current)) if failed.current else None)
        if answer is None:
            return Result(204)
        task, created = (answer, False) if isinstance(answer, Task) else answer
        return Result(201 if created else 200, self.state(task))

    def state(self, task: Task) -> TaskState:
        """What is shown; on the way, that there is one etag for each version of each task, and no other."""
        version = (task.id, task.version)
        assert self.etags.setdefault(version, task.etag) == task.etag
        assert list(self.etags.values()).count(task.etag) == 1, "two writes have one etag"
        return TaskState.of(task._asdict(), timed=True)

    def precondition(self, task_id: str, call: Call) -> Precondition:
        any_task = EntityTags(any=True)
        match = any_task if call.must_exist else None
        if call.match is not None:
            match = EntityTags(etags=(self.etags.get((task_id, call.match), "none yet"),))
        return Precondition(match, any_task if call.must_not_exist else None)

    def changed(self, task_id: str) -> None:
        for walk in self.open_walks:
            walk.touched.add(task_id)

    def key(self, task_id: str) -> Key:
        return task_key(self.owner, task_id)

    @contextlib.contextmanager
    def replies(self, lost: bool) -> Iterator[None]:
        type(self).operations += 1
        with first_reply_lost(self.client) if lost else contextlib.nullcontext():
            yield


def list_query(listing: Listing, ascending: bool, limit: int) -> ListQuery:
    parameters = {
        "status": listing.status,
        "sort": listing.sort,
        "order": "asc" if ascending else "desc",
        "limit": str(limit),
        "priority": listing.priority,
        "tag": listing.tag,
        "q": listing.text,
        "list": listing.within,
        "due_from": listing.first_day,
        "due_before": listing.end_day,
    }
    return ListQuery.from_parameters({name: [value] for name, value in parameters.items() if value is not None})


def test_the_store_does_what_the_model_does(
    engine: Engine, shared_client: DynamoDBClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """``MODEL_SEED`` repeats a run, ``MODEL_RUNS`` sets how many histories of up to 50 steps it has, and
    ``MODEL_SHRINK=1`` has a failing one shortened, which can take minutes."""
    few = Capability.LARGE_PARTITIONS in engine.lacks
    runs = int(os.environ.get("MODEL_RUNS") or (5 if few else 120))
    seed = int(os.environ.get("MODEL_SEED") or secrets.randbelow(2**32))
    TaskStoreMachine.operations = 0

    @hypothesis.seed(seed)
    def machine() -> TaskStoreMachine:
        return TaskStoreMachine(engine, shared_client)

    settings = hypothesis.settings(
        max_examples=runs,
        stateful_step_count=50,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if os.environ.get("MODEL_SHRINK") == "1" else [Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=settings)  # type: ignore[arg-type]  # any factory will do
    finally:
        with capsys.disabled():
            print(f"\nmodel on {engine.name}: seed={seed} operations={TaskStoreMachine.operations}")  # noqa: T201
