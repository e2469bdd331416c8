"""The task of all peers, as pydantic models: what a request may hold, and what is answered."""

from __future__ import annotations

import datetime
import time
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Tag = Annotated[str, Field(min_length=1, max_length=50)]


class Entry(BaseModel):
    """An entry of a checklist."""

    id: str = Field(min_length=1, max_length=36)
    title: str = Field(min_length=1, max_length=150)
    completed: bool = False


class NewTask(BaseModel):
    """The body of a create."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=500)
    description: str | None = Field(default=None, max_length=16_384)
    due: datetime.date | None = None
    priority: Literal["none", "low", "medium", "high"] = "none"
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    completed: bool = False
    list_id: uuid.UUID | None = None
    position: str | None = Field(default=None, pattern="^[0-9A-Za-z]{1,255}$")
    checklist: list[Entry] = Field(default_factory=list, max_length=50)


class Task(BaseModel):
    """A stored task."""

    id: str
    user_id: str
    title: str
    description: str | None = None
    completed: bool
    completed_at: str | None = None
    due: str | None = None
    priority: str
    tags: list[str] = Field(default_factory=list)
    list_id: str | None = None
    position: str
    checklist: list[Entry] = Field(default_factory=list)
    trashed_at: str | None = None
    created_at: str
    updated_at: str
    version: int


class Page(BaseModel):
    """A page of a list."""

    items: list[Task]
    next_cursor: str | None


def task_of(owner: str, new: NewTask) -> Task:
    """A new task; its id sorts by time."""
    instant = datetime.datetime.now(datetime.UTC)
    now = instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Task(
        id=f"{time.time_ns() // 1_000_000:012x}-{uuid.uuid4().hex}",
        user_id=owner,
        title=new.title,
        description=new.description,
        completed=new.completed,
        completed_at=now if new.completed else None,
        due=new.due.isoformat() if new.due else None,
        priority=new.priority,
        tags=new.tags,
        list_id=str(new.list_id) if new.list_id else None,
        position=new.position or f"h{time.time_ns() // 1_000_000:08d}",
        checklist=new.checklist,
        created_at=now,
        updated_at=now,
        version=1,
    )
