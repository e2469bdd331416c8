"""Makes the table and its tasks: those that the other peers find in DynamoDB."""

from __future__ import annotations

import datetime

from app import Task, engine
from sqlmodel import Session, SQLModel

OWNER = "alice"
COUNT = 120
FIRST = datetime.datetime(2026, 11, 20, 9, 30, tzinfo=datetime.UTC)

SQLModel.metadata.create_all(engine)
with Session(engine) as session:
    for number in range(COUNT):
        created = FIRST + datetime.timedelta(milliseconds=number)
        session.add(
            Task(
                user_id=OWNER,
                title=f"Ask the landlord about the heating ({number})",
                description="It has been making that noise again since Tuesday, mostly at night.",
                due="2026-12-01",
                priority="medium",
                tags=["home", "calls"],
                created_at=created,
                updated_at=created,
            )
        )
    session.commit()
