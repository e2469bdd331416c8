"""One list as a sequential machine, as :mod:`tests.support.task_model` is one task; its tasks are no part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskapi.dynamo.entity import is_tombstone
from taskapi.lists.list import ListContent
from tests.support.task_model import Call, State


@dataclass(frozen=True)
class ListState(State):
    """Of a list."""

    content: ListContent | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> ListState:
        """The state that the contract's ``TaskList`` shows."""
        return cls(shown["version"], ListContent(*(shown[name] for name in ListContent._fields)))

    @classmethod
    def left_by(cls, attributes: Mapping[str, Any]) -> ListState:
        """The state that an item's attributes, in DynamoDB's types, stand for."""
        version = int(attributes["version"]["N"])
        if is_tombstone(attributes):
            return cls(version)
        _, position, _ = attributes["place"]["S"].split("#")
        return cls(version, ListContent(attributes["title"]["S"], attributes.get("color", {}).get("S"), position))

    def after(self, call: Call) -> ListState:
        """What a call makes of it."""
        is_put = call.operation in ("create_list", "replace_list")
        if (self.content is None and not is_put) or call.operation == "get_list" or not call.holds(self):
            return self
        if is_put:
            return ListState(self.version + 1, ListContent(**call.body))
        content = self.content if call.operation == "update_list" else None
        return ListState(self.version + 1, content and content._replace(**call.body))
