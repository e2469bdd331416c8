"""What is particular to changing some members of a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import COMPLETED, LIST_ID, OPEN, STORED, TASK, TRASHED

TITLE: Final = {"title": "New"}
UNDATED: Final = {"title": "New", "due": None}
POSTPONED: Final = {"due": "2026-12-02"}
MOVED: Final = {"position": "a0"}
ELSEWHERE: Final = {"list_id": LIST_ID}
TICKED: Final = {"checklist": [{"id": "1", "title": "Find their number", "completed": True}]}

CASE: Final = Case(
    row=Row("PATCH", TASK, ("dynamodb:GetItem", "dynamodb:UpdateItem"), "none"),
    answer=STORED,
    plain=(Request("update the title", 200, {"body": TITLE}, OPEN, TITLE),),
    particular=(
        Request("update if it matches", 200, {"body": UNDATED, "headers": {"If-Match": ETAG}}, OPEN, UNDATED),
        Request("update the position", 200, {"body": MOVED}, OPEN, is_measured=True),
        Request("move to another list", 200, {"body": ELSEWHERE}, OPEN, is_measured=True),
        Request("move a completed task to another list", 200, {"body": ELSEWHERE}, COMPLETED, is_measured=True),
    ),
    others=(
        Request("update the due date", 200, {"body": POSTPONED}, OPEN, POSTPONED, is_measured=True),
        Request("update the due date of a completed task", 200, {"body": POSTPONED}, COMPLETED, POSTPONED),
        Request("update the checklist", 200, {"body": TICKED}, OPEN, TICKED),
        Request("update to a position that is none", 422, {"body": {"position": "a00"}}, code="validation_failed"),
        Request("update in the trash", 409, {"body": TITLE}, TRASHED, code="task_trashed"),
    ),
)
