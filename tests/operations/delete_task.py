"""What is particular to deleting a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import OPEN, TASK

CASE: Final = Case(
    row=Row("DELETE", TASK, ("dynamodb:UpdateItem",), "none"),
    answer=None,
    plain=(Request("delete", 204, before=OPEN, changed=None),),
    particular=(Request("delete if it matches", 204, {"headers": {"If-Match": ETAG}}, OPEN, None),),
)
