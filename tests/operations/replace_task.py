"""What is particular to creating or replacing a task."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.task_states import DELETED, NEW, OPEN, REPLACED, STORED, TASK, TRASHED

BODY: Final = {"body": NEW}
LATER: Final = {"body": {"title": "New", "due": "2026-12-02"}}

CASE: Final = Case(
    row=Row("PUT", TASK, ("dynamodb:UpdateItem",), "none"),
    answer=(STORED, False),
    plain=(Request("replace", 200, BODY, OPEN, REPLACED),),
    particular=(
        Request("replace that creates", 201, BODY, (), REPLACED),
        Request("replace over a task in the trash", 200, BODY, TRASHED, {**REPLACED, "trashed_at": None}),
        Request("replace over a tombstone", 201, BODY, DELETED, REPLACED),
        Request("replace if there is none", 201, {**BODY, "headers": {"If-None-Match": "*"}}, (), REPLACED),
        Request("replace if it matches", 200, {**LATER, "headers": {"If-Match": ETAG}}, OPEN, LATER["body"]),
    ),
    others=(
        Request("replace only what is there", 412, {**BODY, "headers": {"If-Match": "*"}}, code="precondition_failed"),
    ),
)
