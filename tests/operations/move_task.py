"""What is particular to moving a task in the order by hand."""

from typing import Any, Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import COMPLETED, OPEN, STORED, TASK, TRASHED

OTHER_LIST: Final = "019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b18"
NOBODY: Final = "019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b19"
TO_ANOTHER: Final[dict[str, Any]] = {"body": {"list_id": OTHER_LIST}}

CASE: Final = Case(
    row=Row("POST", f"{TASK}/move", ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"), "open-by-place"),
    answer=STORED,
    plain=(Request("move to the end", 200, {}, OPEN, {"completed": False}),),
    particular=(
        Request("move to the end of another list", 200, TO_ANOTHER, OPEN),
        Request(
            "move to the end of another list if it matches", 200, {**TO_ANOTHER, "headers": {"If-Match": ETAG}}, OPEN
        ),
        Request("move a completed task", 200, TO_ANOTHER, COMPLETED, {"completed": True, "place": None}),
    ),
    others=(
        Request("move before none", 422, {"body": {"before": NOBODY}}, OPEN, code="validation_failed"),
        Request("move out of the trash", 409, {}, TRASHED, code="task_trashed"),
    ),
)
