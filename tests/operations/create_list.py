"""What is particular to creating a list."""

from typing import Final

from tests.operations.case import Case, Request, Row, Step
from tests.operations.list_states import LISTS, NEW, REPLACED, STORED

KEYED: Final = {"body": NEW, "headers": {"Idempotency-Key": "key-1"}}

CASE: Final = Case(
    row=Row("POST", LISTS, ("dynamodb:Query", "dynamodb:PutItem"), "open-by-place"),
    answer=(STORED, False),
    plain=(
        Request("create a list", 201, {"body": NEW}, changed=REPLACED),
        Request("create a list with `Idempotency-Key`", 201, KEYED, changed=REPLACED),
    ),
    others=(
        Request("replay of a list", 201, KEYED, before=(Step("create_list", KEYED),)),
        Request(
            "another list under a used key",
            422,
            {**KEYED, "body": {"title": "b"}},
            before=(Step("create_list", KEYED),),
            code="idempotency_key_reused",
        ),
    ),
)
