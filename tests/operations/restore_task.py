"""What is particular to taking a task out of the trash."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row, Step
from tests.operations.task_states import OPEN, ORDINARY, STORED, TASK, TRASHED, TRASHED_COMPLETED

BACK: Final = {"due": ORDINARY["due"], "completed": False, "trashed_at": None, "expires_at": None}
READ: Final = (*TRASHED, Step("get_task"))

CASE: Final = Case(
    row=Row("POST", f"{TASK}/restore", ("dynamodb:UpdateItem",), "none"),
    answer=STORED,
    plain=(Request("restore", 200, {}, TRASHED, BACK),),
    particular=(
        Request(
            "restore a completed task",
            200,
            {},
            TRASHED_COMPLETED,
            {"completed": True, "trashed_at": None},
            is_measured=True,
        ),
        Request("restore if it matches", 200, {"headers": {"If-Match": ETAG}}, READ, BACK),
    ),
    others=(Request("restore what is not in the trash", 409, {}, OPEN, code="task_not_trashed"),),
)
