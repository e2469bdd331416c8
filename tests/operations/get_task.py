"""What is particular to reading a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import OPEN, STORED, TASK

CASE: Final = Case(
    row=Row("GET", TASK, ("dynamodb:GetItem",), "none"),
    answer=STORED,
    plain=(Request("get", 200, before=OPEN),),
    others=(Request("get what one has", 304, {"headers": {"If-None-Match": ETAG}}, OPEN),),
)
