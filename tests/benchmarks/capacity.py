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

from local.errors import run_command
from local.functions.aws_environment import isolate
from local.paths import ROOT
from taskapi import observability, uuid7
from taskapi.dynamo.attributes import partition
from taskapi.tasks.query import ListQuery
from tests.benchmarks.line_chart import Axes, Series, line_chart
from tests.conftest import ENVIRONMENT
from tests.engines.calls import counted
from tests.engines.engine import TABLE_NAME
from tests.engines.items import LIVE, delete_all, task_item, write_all
from tests.engines.running import DYNAMODB_LOCAL, start
from tests.engines.walks import walk
from tests.faults.instance import Instance, Reply
from tests.operations import CASES
from tests.operations.case import Request
from tests.operations.task_states import ORDINARY

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
        request: Its name is the row's.
        run: Makes it, given its event.
    """

    request: Request
    run: Callable[[Instance, Mapping[str, Any]], Reply | None]

    @property
    def name(self) -> str:
        """In the contract's words."""
        return self.request.name


def _call(operation: str) -> Callable[[Instance, Mapping[str, Any]], Reply | None]:
    return lambda instance, event: instance.call(operation, **event)


def _walk(instance: Instance, _event: Mapping[str, Any]) -> None:
    walk(instance.store, OWNER, ListQuery(limit=100))


ROWS: Final = (
    *(
        Row(request, _call(name))
        for name, case in CASES.items()
        for request in case.requests
        if request in case.plain or request.is_measured
    ),
    Row(Request("the whole history, page by page", 200, grows=True), _walk),
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
    instance = Instance(client)
    costs: dict[str, dict[int, Cost]] = {row.name: {} for row in ROWS}
    recent = [task_item(OWNER, _START_MS + number, **ORDINARY) for number in range(RECENT)]
    recent += [
        task_item(OWNER, _START_MS + number, completed_ms=_START_MS + 1_000 + number, **ORDINARY)
        for number in range(RECENT)
    ]
    write_all(client, recent)
    written = 0
    for size in SIZES:
        history = (
            task_item(OWNER, _START_MS - number, completed_ms=_START_MS - number, **ORDINARY)
            for number in range(written + 1, size + 1)
        )
        written += len(write_all(client, history))
        for row in ROWS:
            costs[row.name][size] = _cost(client, instance, row)
        progress(f"{size:>6,} tasks of history: measured")
    return costs


def _cost(client: DynamoDBClient, instance: Instance, row: Row) -> Cost:
    ids = {"sub": OWNER, "task_id": uuid7.mint(_START_MS - 1)}
    made = {ids["task_id"]}

    def serve(operation: str, event: Mapping[str, Any]) -> Mapping[str, str]:
        return noted(instance.call(operation, **ids, **event)).headers

    def noted(reply: Reply) -> Reply:
        assert reply.status < 300, reply.document
        made.update([reply.document["id"]] if reply.document and "id" in reply.document else [])
        return reply

    event = {**ids, **row.request.prepare(serve)}
    with counted(client, measuring=True) as calls:
        reply = row.run(instance, event)
    if reply is not None:
        noted(reply)
    units = sum(capacity["CapacityUnits"] for capacity in calls.capacity)
    # The engine reports no capacity with a refusal. AWS charges a refused write for the item that refused it, which is
    # below a kilobyte here ("Working with items and attributes: conditional writes", DynamoDB Developer Guide).
    units += len(calls) - len(calls.capacity)
    # The next row is to find the same recent tasks, and no key used.
    records = client.query(
        TableName=TABLE_NAME,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :kind)",
        ExpressionAttributeValues={":pk": {"S": partition(OWNER)}, ":kind": {"S": "IDEMPOTENCY#"}},
    )["Items"]
    keys = [{"pk": {"S": partition(OWNER)}, "sk": {"S": prefix + each}} for prefix in LIVE for each in made]
    delete_all(client, [*records, *keys])
    reads = all(name in ("GetItem", "Query") for name in calls.operations)
    return Cost(len(calls), units if reads else 0, 0 if reads else units)


def uneven(costs: Costs) -> list[str]:
    """The operations whose cost depends on the history though it should not."""
    return [
        row.name
        for row in ROWS
        if not row.request.grows
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
{_bytes(task_item(OWNER, _START_MS, **ORDINARY))} bytes each as DynamoDB counts them.

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
- A create writes the task and one entry in each of four indexes: 5 units. A change of an index's sort key takes two
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
    # The functions read their settings when they are loaded. Log lines would hide the rest.
    os.environ.update(ENVIRONMENT, POWERTOOLS_METRICS_DISABLED="true")
    observability.logger.setLevel("CRITICAL")
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
