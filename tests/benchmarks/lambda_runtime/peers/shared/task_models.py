"""The task of all peers, as pydantic models: what a request may hold, and what is answered."""

from __future__ import annotations

import datetime
import time
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Tag = Annotated[str, Field(min_length=1, max_length=50)]


class NewTask(BaseModel):
    """The body of a create."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=500)
    description: str | None = Field(default=None, max_length=16_384)
    due: datetime.date | None = None
    priority: Literal["none", "low", "medium", "high"] = "none"
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    completed: bool = False


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
        created_at=now,
        updated_at=now,
        version=1,
    )
