"""What is particular to listing lists."""

import json
from typing import Final

from tests.operations.case import Case, Request, Row
from tests.operations.list_states import LISTS, STORED, THERE

CASE: Final = Case(
    row=Row("GET", LISTS, ("dynamodb:Query",), "open-by-place"),
    answer=[json.dumps(STORED.as_json())],
    plain=(Request("list the lists", 200, before=THERE),),
)
