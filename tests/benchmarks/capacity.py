"""``make capacity``: what each operation costs at DynamoDB, by the size of the user's history.

Measured on DynamoDB Local with ``ReturnConsumedCapacity=INDEXES``, which counts units as AWS does. Units depend on
sizes and keys alone, so that every run writes the same docs/capacity.md and docs/capacity.svg.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from local.aws_environment import isolate
from local.errors import run_command
from local.paths import ROOT
from taskapi.dynamo.entity import Key
from taskapi.dynamo.table import Table
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import Task, TaskContent
from tests.benchmarks.line_chart import Axes, Series, line_chart
from tests.engines.calls import counted
from tests.engines.engine import TABLE_NAME
from tests.engines.items import delete_all, task_item, write_all
from tests.engines.running import DYNAMODB_LOCAL, start
from tests.engines.walks import walk
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SIZES: Final = (10, 100, 1_000, 10_000, 50_000)
"""Completed tasks in the user's history."""
SHOWN: Final = (10, 1_000, 50_000)
"""Those in the table of the document."""
RECENT: Final = 60
"""Open tasks, and as many completed since: more than a page of each at every size."""

READ_DOLLARS: Final = 0.125
WRITE_DOLLARS: Final = 0.625
"""US dollars for a million units, on demand, us-east-1 ("Amazon DynamoDB pricing", on-demand capacity)."""

FLAT: Final = 0.05
"""How far a cost may be from that of the smallest history and still count as the same."""

OWNER: Final = "auth0|5f7c8ec7c33c6c004bbafe82"
_START_MS: Final = 1_795_166_000_000
CONTENT: Final = TaskContent(
    title="Ask the landlord about the heating",
    description="It has been making that noise again since Tuesday, mostly at night.",
    due="2026-12-01",
    priority="medium",
    tags=("home", "calls"),
)
_MEMBERS: Final[Mapping[str, Any]] = {name: value for name, value in CONTENT._asdict().items() if name != "completed"}


@dataclass(frozen=True)
class Cost:
    """What one request cost.

    Attributes:
        round_trips: Calls to DynamoDB.
        read_units: Of 4 KB.
        write_units: Of 1 KB; those of refused writes included.
    """

    round_trips: int
    read_units: float
    write_units: float

    @property
    def dollars(self) -> float:
        """For a million of them."""
        return self.read_units * READ_DOLLARS + self.write_units * WRITE_DOLLARS


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        operation: Whose it is.
        name: In the contract's words.
        run: Does it, to an open task that is there.
        grows: Whether it is meant to cost more with a longer history.
    """

    operation: str
    name: str
    run: Callable[[Tasks, Key], object]
    grows: bool = False


def _page(query: ListQuery) -> Callable[[Tasks, Key], object]:
    return lambda store, key: store.list(key.owner, query)


def _reopened(state: bool | None) -> Callable[[Tasks, Key], object]:
    return lambda store, key: store.toggle(key, state)


ROWS: Final = (
    Row("create_task", "create", lambda store, key: store.create(key.owner, CONTENT)),
    Row(
        "create_task",
        "create with `Idempotency-Key`",
        lambda store, key: store.create_once(key.owner, CONTENT, key.id),
    ),
    Row("get_task", "get", lambda store, key: store.get(key)),
    Row("replace_task", "replace", lambda store, key: store.replace(key, CONTENT)),
    Row("update_task", "update the title", lambda store, key: store.update(key, {"title": "Ask about the heating"})),
    Row("update_task", "update the due date", lambda store, key: store.update(key, {"due": "2026-12-02"})),
    Row("toggle_task", "toggle: complete", lambda store, key: store.toggle(key)),
    Row("toggle_task", "toggle: reopen, with the state in the body", _reopened(state=False)),
    Row("toggle_task", "toggle: reopen, blind", _reopened(state=None)),
    Row("delete_task", "delete", lambda store, key: store.delete(key)),
    Row("list_tasks", "list: 50 of all, newest first", _page(ListQuery())),
    Row("list_tasks", "list: 50 of all, last changed first", _page(ListQuery(sort="updated_at"))),
    Row("list_tasks", "list: 50 open, newest first", _page(ListQuery(status="open"))),
    Row("list_tasks", "list: 50 open, by due date", _page(ListQuery(status="open", sort="due", ascending=True))),
    Row("list_tasks", "list: 50 completed, latest first", _page(ListQuery(status="completed", sort="completed_at"))),
    Row(
        "list_tasks",
        "list: 50 open, filtered by `priority` (all match)",
        _page(ListQuery(status="open", priority="medium")),
    ),
    Row(
        "list_tasks",
        "list: all, with a `q` that nothing matches, one request",
        _page(ListQuery(q="no task has this")),
        grows=True,
    ),
    Row(
        "list_tasks",
        "the whole history, page by page",
        lambda store, key: walk(store, key.owner, ListQuery(limit=100)),
        grows=True,
    ),
)

PLOTTED: Final = {
    "the whole history, page by page": "the whole history, page by page",
    "create": "create",
    "toggle: complete": "complete",
    "list: 50 open, newest first": "a page of 50 open tasks",
    "get": "get",
}
"""Row to the label of its line."""

Costs = Mapping[str, Mapping[int, Cost]]
"""Operation to size to cost."""


def measure(client: DynamoDBClient, progress: Callable[[str], None]) -> Costs:
    """Every operation at every size.

    Args:
        client: Of an engine that counts capacity, with an empty table.
        progress: Told after each size.
    """
    store = Tasks(Table(client, TABLE_NAME))
    costs: dict[str, dict[int, Cost]] = {row.name: {} for row in ROWS}
    recent = [task_item(OWNER, _START_MS + number, **_MEMBERS) for number in range(RECENT)]
    recent += [
        task_item(OWNER, _START_MS + number, completed_ms=_START_MS + 1_000 + number, **_MEMBERS)
        for number in range(RECENT)
    ]
    write_all(client, recent)
    written = 0
    for size in SIZES:
        history = (
            task_item(OWNER, _START_MS - number, completed_ms=_START_MS - number, **_MEMBERS)
            for number in range(written + 1, size + 1)
        )
        written += len(write_all(client, history))
        for row in ROWS:
            costs[row.name][size] = _cost(client, store, row)
        progress(f"{size:>6,} tasks of history: measured")
    return costs


def _cost(client: DynamoDBClient, store: Tasks, row: Row) -> Cost:
    completed_ms = _START_MS + 500 if "reopen" in row.name else None
    item = task_item(OWNER, _START_MS - 1, completed_ms=completed_ms, **_MEMBERS)
    [task_id] = write_all(client, [item])
    with counted(client, measuring=True) as calls:
        result = row.run(store, task_key(OWNER, task_id))
    units = sum(capacity["CapacityUnits"] for capacity in calls.capacity)
    # The engine reports no capacity with a refusal. AWS charges a refused write for the item that refused it, which is
    # below a kilobyte here ("Working with items and attributes: conditional writes", DynamoDB Developer Guide).
    units += len(calls) - len(calls.capacity)
    # The next size is to find the same recent tasks.
    created = result[0] if isinstance(result, tuple) else result
    ids = {task_id, created.id} if isinstance(created, Task) else {task_id}
    delete_all(client, (task_key(OWNER, found).as_item() for found in ids))
    reads = all(name in ("GetItem", "Query") for name in calls.operations)
    return Cost(len(calls), units if reads else 0, 0 if reads else units)


def uneven(costs: Costs) -> list[str]:
    """The operations whose cost depends on the history though it should not."""
    return [
        row.name
        for row in ROWS
        if not row.grows
        and any(
            abs(cost.dollars - costs[row.name][SIZES[0]].dollars) > FLAT * costs[row.name][SIZES[0]].dollars
            or cost.round_trips != costs[row.name][SIZES[0]].round_trips
            for cost in costs[row.name].values()
        )
    ]


def document(costs: Costs) -> str:
    """docs/capacity.md."""
    sizes = " · ".join(f"{size:,}" for size in SHOWN)
    rows = [_row(row, costs[row.name]) for row in ROWS]
    return f"""# What a request costs

Generated by `make capacity`; don't edit. Measured on DynamoDB Local, which counts capacity as AWS does, with
`ReturnConsumedCapacity=INDEXES`, for a user with {RECENT} open tasks, {RECENT} completed of late, and {sizes}
older completed ones. The tasks are of ordinary size: a title, a sentence of description, a due date and two tags,
{_bytes(task_item(OWNER, _START_MS, **_MEMBERS))} bytes each as DynamoDB counts them.

![Dollars for a million requests against the size of the history: all flat but the whole history](capacity.svg)

Prices: ${WRITE_DOLLARS} for a million write units of 1 KB, ${READ_DOLLARS} for a million read units of 4 KB, strongly
consistent (on demand, us-east-1; see "Amazon DynamoDB pricing"). Storage, Lambda and API Gateway come on top.

| operation | round trips | units | $ for a million |
| --- | --- | --- | --- |
{chr(10).join(rows)}

- **r** are read units, **w** write units. One figure holds for all three histories; where there are three, they are
  for {sizes} older tasks.
- **Flat is the point**: a page costs what its own tasks weigh, however many others the user has. `make capacity` fails
  when a cost differs by more than {FLAT:.0%} between histories.
- A create writes the task and one entry in each of three indexes: 4 units. A change of an index's sort key takes two
  (the old entry goes, the new one comes), and `updated_at` changes with every write. That is the price of lists that
  need no reading of the history; docs/decisions says why it is paid.
- `Idempotency-Key` makes the create a transaction, which DynamoDB charges twice, of two items. Only requests with the
  header pay for it.
- A reopening toggle without a body is tried as a completion first. The refused try is counted here as AWS charges it:
  as a write of the task.
- A filter that matches little reads until its page is full or its **read budget** is used up: 256 read units (1 MB) or
  2 seconds, whichever is first; the query that crosses the line is the last. The page is then returned short, with a
  cursor. So a request has a ceiling, and only the number of requests grows with the history.
"""


def chart(costs: Costs) -> str:
    """docs/capacity.svg."""
    series = [Series(label, [(size, costs[name][size].dollars) for size in SIZES]) for name, label in PLOTTED.items()]
    axes = Axes(
        title="What a request costs does not depend on the user's history",
        x="older tasks of the user",
        y="US dollars for a million requests, DynamoDB capacity only",
        x_ticks=SIZES,
    )
    return line_chart(axes, series)


def _row(row: Row, costs: Mapping[int, Cost]) -> str:
    shown = [costs[size] for size in SHOWN]
    trips = _span([f"{cost.round_trips:,}" for cost in shown])
    units = _span([_units(cost) for cost in shown])
    return f"| {row.name} | {trips} | {units} | {_span([f'{cost.dollars:,.3f}' for cost in shown])} |"


def _units(cost: Cost) -> str:
    return f"{cost.write_units:,g} w" if cost.write_units else f"{cost.read_units:,g} r"


def _span(values: Sequence[str]) -> str:
    """One value where all are the same, else each."""
    return values[0] if len(set(values)) == 1 else " · ".join(values)


def _bytes(item: Mapping[str, Any]) -> int:
    """An item's size as DynamoDB counts it ("DynamoDB item sizes and formats", Amazon DynamoDB Developer Guide)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return (len(content.lstrip("-").replace(".", "")) + 1) // 2 + 1
        case "BOOL":
            return 1
        case _:  # L: three bytes, and one for each member
            return 3 + sum(1 + _value_bytes(member) for member in content)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command's output


def main() -> int:
    """Measure, and write the document and its chart.

    Returns:
        The exit status: 1 when a cost depends on the history though it should not.
    """
    isolate(os.environ, keep_credentials=False)
    with start(DYNAMODB_LOCAL) as engine:
        costs = measure(engine.client(), _say)
    docs = ROOT / "docs"
    (docs / "capacity.md").write_text(document(costs), encoding="utf-8")
    (docs / "capacity.svg").write_text(chart(costs), encoding="utf-8")
    _say("written: docs/capacity.md, docs/capacity.svg")
    for name in uneven(costs):
        _say(f"not flat: {name}: {', '.join(_units(costs[name][size]) for size in SIZES)}")
    return 1 if uneven(costs) else 0


if __name__ == "__main__":
    sys.exit(run_command(main))
