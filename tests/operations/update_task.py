"""What is particular to changing some members of a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import OPEN, STORED, TASK

TITLE: Final = {"title": "New"}
UNDATED: Final = {"title": "New", "due": None}
POSTPONED: Final = {"due": "2026-12-02"}

CASE: Final = Case(
    row=Row("PATCH", TASK, ("dynamodb:UpdateItem",), "none"),
    answer=STORED,
    plain=(Request("update the title", 200, {"body": TITLE}, OPEN, TITLE),),
    particular=(Request("update if it matches", 200, {"body": UNDATED, "headers": {"If-Match": ETAG}}, OPEN, UNDATED),),
    others=(Request("update the due date", 200, {"body": POSTPONED}, OPEN, POSTPONED, is_measured=True),),
)
