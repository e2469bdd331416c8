"""What is particular to completing or reopening a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import COMPLETED, OPEN, STORED, TASK, TRASHED

DONE: Final = {"completed": True}
UNDONE: Final = {"completed": False}

CASE: Final = Case(
    row=Row("POST", f"{TASK}/toggle", ("dynamodb:UpdateItem",), "none"),
    answer=STORED,
    plain=(Request("toggle: complete", 200, {}, OPEN, DONE),),
    particular=(
        Request("toggle if it matches", 200, {"headers": {"If-Match": ETAG}}, OPEN, DONE),
        Request("toggle: reopen, blind", 200, {}, COMPLETED, UNDONE, is_measured=True),
        Request("complete", 200, {"body": DONE}, OPEN, DONE),
        Request(
            "toggle: reopen, with the state in the body", 200, {"body": UNDONE}, COMPLETED, UNDONE, is_measured=True
        ),
    ),
    others=(Request("toggle in the trash", 409, {}, TRASHED, code="task_trashed"),),
)
