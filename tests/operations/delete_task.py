"""What is particular to deleting a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import COMPLETED, OPEN, PERMANENT, TASK, TRASHED

KEPT: Final = {"title": "Ask the landlord about the heating", "due": "2026-12-01", "place": None, "open_due": None}

CASE: Final = Case(
    row=Row("DELETE", TASK, ("dynamodb:UpdateItem",), "none"),
    answer=None,
    plain=(
        Request("delete", 204, before=OPEN, changed={**KEPT, "completed": False}),
        Request("delete for good", 204, PERMANENT, OPEN, None),
    ),
    particular=(
        Request("delete if it matches", 204, {"headers": {"If-Match": ETAG}}, OPEN, KEPT),
        Request("delete a completed task", 204, {}, COMPLETED, {**KEPT, "completed": True}, is_measured=True),
        Request("delete for good out of the trash", 204, PERMANENT, TRASHED, None),
    ),
    others=(Request("delete once more", 204, {}, TRASHED, KEPT),),
)
