"""The API's operations: the table in template.yaml's ``Mappings``, which is the one place where they stand.

Whoever has to know a route, a method or a function reads it here: the events, the checks, the benchmarks, the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from local.paths import TEMPLATE


@dataclass(frozen=True)
class Operation:
    """A row of the table.

    Attributes:
        row: Its key, ``CreateTask``, from which logical ids are made.
        method: ``POST``.
        path: The resource's, ``/users/{user_id}/tasks``.
        handler: ``create_task.app.handler``, below ``functions``.
        actions: IAM actions on the table, ``dynamodb:PutItem``.
        indexes: Which of the table's indexes they may read: ``*``, one by name, or ``none``.
    """

    row: str
    method: str
    path: str
    handler: str
    actions: tuple[str, ...]
    indexes: str

    @property
    def name(self) -> str:
        """``create_task``: what logs, metrics and the contract call it."""
        return self.handler.partition(".")[0]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen by what is built in
    """Takes CloudFormation's short tags for null: a table holds literals only."""


_Loader.add_multi_constructor("!", lambda *_: None)


def _read() -> dict[str, Operation]:
    template: Mapping[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # safe
    rows = (
        Operation(key, row["Method"].upper(), row["Path"], row["Handler"], tuple(row["Actions"]), row["Indexes"])
        for key, row in template["Mappings"]["Operations"].items()
    )
    return {operation.name: operation for operation in rows}


OPERATIONS: Final[Mapping[str, Operation]] = _read()
"""By name, in the table's order."""
