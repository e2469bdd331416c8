"""What is particular to creating or replacing a list."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.list_states import LIST, NEW, REPLACED, STORED, THERE

BODY: Final = {"body": NEW}

CASE: Final = Case(
    row=Row("PUT", LIST, ("dynamodb:Query", "dynamodb:UpdateItem"), "open-by-place"),
    answer=(STORED, False),
    plain=(Request("replace a list", 200, BODY, THERE, REPLACED),),
    particular=(
        Request("replace that creates a list", 201, BODY, (), REPLACED, is_measured=True),
        Request("replace a list if there is none", 201, {**BODY, "headers": {"If-None-Match": "*"}}, (), REPLACED),
        Request("replace a list if it matches", 200, {**BODY, "headers": {"If-Match": ETAG}}, THERE, REPLACED),
    ),
    others=(
        Request(
            "replace a list that is there", 412, {**BODY, "headers": {"If-Match": "*"}}, code="precondition_failed"
        ),
        Request(
            "create a list that is there",
            412,
            {**BODY, "headers": {"If-None-Match": "*"}},
            THERE,
            code="precondition_failed",
        ),
    ),
)
