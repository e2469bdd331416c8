"""FastAPI under Mangum with SQLModel on PostgreSQL: the stack of a task API that was not written for Lambda.

The table is made, and filled, by whoever runs the comparison; the model is the table's row and the response, as
SQLModel's documentation has it.
"""

from __future__ import annotations

import datetime
import os
import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from mangum import Mangum
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import JSON, Column, Field, Session, SQLModel, String, create_engine, select

PAGE = 50

engine = create_engine(os.environ["DATABASE_URL"])


class TaskBase(SQLModel):
    """The members that a client writes."""

    title: str = Field(min_length=1, max_length=500)
    description: str | None = Field(default=None, max_length=16_384)
    due: str | None = None
    priority: str = "none"
    tags: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String)))
    completed: bool = False
    list_id: uuid.UUID | None = None
    position: str = Field(default="hPtNXYZ01", max_length=255)
    checklist: list[dict[str, str | bool]] = Field(default_factory=list, sa_column=Column(JSON))


class NewTask(TaskBase):
    """The body of a create."""


class Task(TaskBase, table=True):
    """A row, and what is answered."""

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    user_id: str = Field(index=True)
    completed_at: datetime.datetime | None = None
    trashed_at: datetime.datetime | None = None
    created_at: datetime.datetime = Field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    updated_at: datetime.datetime = Field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    version: int = 1


class Page(SQLModel):
    """A page of a list."""

    items: list[Task]
    next_cursor: str | None


app = FastAPI()


async def open_session() -> AsyncIterator[Session]:
    """A session for one request."""
    with Session(engine) as session:
        yield session


async def owner_of(user_id: str, request: Request) -> str:
    """The caller, who may only name itself in the path."""
    owner: str = request.scope["aws.event"]["requestContext"]["authorizer"]["sub"]
    if user_id not in (owner, "me"):
        raise HTTPException(403)
    return owner


SessionDep = Annotated[Session, Depends(open_session)]
Owner = Annotated[str, Depends(owner_of)]


@app.post("/users/{user_id}/tasks", status_code=201)
async def create_task(new: NewTask, owner: Owner, session: SessionDep) -> Task:
    """Create a task."""
    task = Task.model_validate(new, update={"user_id": owner})
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@app.get("/users/{user_id}/tasks")
async def list_tasks(owner: Owner, session: SessionDep) -> Page:
    """List the caller's tasks."""
    newest = select(Task).where(Task.user_id == owner).order_by(Task.created_at.desc()).limit(PAGE + 1)
    found = session.exec(newest).all()
    return Page(items=found[:PAGE], next_cursor=str(found[PAGE - 1].id) if len(found) > PAGE else None)


handler = Mangum(app, lifespan="off")
