"""What is particular to changing some members of a list."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.list_states import LIST, STORED, THERE

TITLE: Final = {"title": "The new flat"}
PLAINER: Final = {"title": "The new flat", "color": None}

CASE: Final = Case(
    row=Row("PATCH", LIST, ("dynamodb:UpdateItem",), "none"),
    answer=STORED,
    plain=(Request("update a list's title", 200, {"body": TITLE}, THERE, TITLE),),
    particular=(
        Request("update a list if it matches", 200, {"body": PLAINER, "headers": {"If-Match": ETAG}}, THERE, PLAINER),
    ),
    others=(Request("move a list", 200, {"body": {"position": "a1"}}, THERE, is_measured=True),),
)
