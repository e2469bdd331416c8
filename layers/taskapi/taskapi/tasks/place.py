"""Where a task stands among those of its list.

``home`` is ``<list id or inbox>#<position>#<task id>``, of every task; ``place`` is the same, of open ones alone, which
an index sorts by. Kept whole, since an update expression can't put texts together, and ``SET place = home`` can copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from taskapi import positions

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item

INBOX: Final = "inbox"
"""In the place of a list's id: no list."""


def in_list(list_id: str | None) -> str:
    """What every home in a list begins with."""
    return f"{list_id or INBOX}#"


def ends(within: str) -> tuple[str, str]:
    """Between which the places of a list are, given what each begins with: ``$`` follows ``#``, which ends that."""
    return within, f"{within.removesuffix('#')}$"


def home(list_id: str | None, position: str | None, task_id: str) -> str:
    """Of a task; without a position it is after all tasks that are older by their ids."""
    return positions.place(list_id or INBOX, position, task_id)


def list_and_position(item: Item) -> tuple[str | None, str]:
    """The inverse of :func:`home`."""
    list_id, position, _ = item["home"]["S"].split("#")
    return (None if list_id == INBOX else list_id), position
