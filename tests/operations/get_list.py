"""What is particular to reading a list."""

from typing import Final

from tests.operations.case import ETAG, Case, Request, Row
from tests.operations.list_states import LIST, STORED, THERE

CASE: Final = Case(
    row=Row("GET", LIST, ("dynamodb:GetItem",), "none"),
    answer=STORED,
    plain=(Request("get a list", 200, before=THERE),),
    others=(Request("get a list that one has", 304, {"headers": {"If-None-Match": ETAG}}, THERE),),
)
