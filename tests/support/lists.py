"""Lists, and the items that they are stored as."""

from __future__ import annotations

import json
from typing import Any

from taskapi import positions, uuid7
from taskapi.dynamo.attributes import attributes
from taskapi.dynamo.entity import Key
from taskapi.dynamo.table import Table
from taskapi.lists.index import ListIndex
from taskapi.lists.list import LIST, List, ListContent
from taskapi.lists.store import ListStore
from tests.support.proxy_events import OWNER
from tests.support.proxy_events import TASK_ID as LIST_ID
from tests.support.tasks import CREATED, EARLIER_WRITE, FIRST_WRITE


class Lists(ListStore):
    """All operations on lists: those of the functions' two stores."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.index = ListIndex(table)

    def create(self, owner: str, content: ListContent) -> List:
        """Add a list under a new id."""
        return self.create_once(owner, content, None)[0]

    def all(self, owner: str) -> list[List]:
        """The user's lists."""
        return [List(**json.loads(text)) for text in self.index.all(owner)]


def list_key(owner: str, list_id: str) -> Key:
    """The key of a list."""
    return Key(LIST, owner, list_id)


def a_list(**changes: Any) -> List:
    """A list of the default owner, with these members changed."""
    plain = List(
        id=LIST_ID,
        user_id=OWNER,
        title="Moving house",
        color=None,
        position=positions.at(uuid7.milliseconds(LIST_ID)),
        created_at=CREATED,
        updated_at=CREATED,
        version=1,
        etag=EARLIER_WRITE,
    )
    return plain._replace(**changes)


def item_of(stored: List, **more: Any) -> dict[str, Any]:
    """The item of a list, with its index attributes; ``more`` adds attributes (Python values)."""
    members = {
        "title": stored.title,
        "color": stored.color,
        "place": f"lists#{stored.position}#{stored.id}",
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "version": stored.version,
        "write_id": stored.etag,
        "created_write_id": FIRST_WRITE,
    }
    return {**list_key(stored.user_id, stored.id).as_item(), **attributes(members | more)}
