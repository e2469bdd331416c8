"""What is particular to creating a task."""

from typing import Final

from tests.operations.case import Case, Request, Row, Step
from tests.operations.task_states import CHECKLIST, LIST_ID, NEW, STORED, TASKS

LISTED: Final = {**NEW, "list_id": LIST_ID, "position": "a0", "checklist": CHECKLIST}
KEYED: Final = {"body": NEW, "headers": {"Idempotency-Key": "key-1"}}

CASE: Final = Case(
    row=Row("POST", TASKS, ("dynamodb:PutItem",), "none"),
    answer=(STORED, False),
    plain=(
        Request("create", 201, {"body": NEW}, changed={"title": "New"}),
        Request("create with `Idempotency-Key`", 201, KEYED, changed={"title": "New"}),
    ),
    others=(
        Request("create in a list with a checklist", 201, {"body": LISTED}, changed={"checklist": CHECKLIST}),
        Request("replay", 201, KEYED, before=(Step("create_task", KEYED),)),
        Request(
            "another body under a used key",
            422,
            {**KEYED, "body": {"title": "b"}},
            before=(Step("create_task", KEYED),),
            code="idempotency_key_reused",
        ),
    ),
)
