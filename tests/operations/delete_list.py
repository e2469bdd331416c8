"""What is particular to deleting a list."""

from typing import Final

from taskapi.lists.deletion import Deletion
from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.list_states import LIST, THERE

CASE: Final = Case(
    row=Row("DELETE", LIST, ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"), "open-by-place"),
    answer=Deletion(0, is_done=True),
    plain=(Request("delete a list", 204, before=THERE, changed=None),),
    particular=(Request("delete a list if it matches", 204, {"headers": {"If-Match": ETAG}}, THERE, None),),
)
