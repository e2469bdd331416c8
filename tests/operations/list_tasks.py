"""What is particular to listing tasks."""

import json
from typing import Final

from taskapi.dynamo.paging import Page
from tests.operations.case import Case, Request, Row, Step
from tests.operations.task_states import NEW, OPEN, STORED, TASKS


def _page(name: str, grows: bool = False, **query: str) -> Request:
    event = {"query": {parameter: [value] for parameter, value in query.items()}}
    return Request(name, 200, event, OPEN, is_measured=True, grows=grows)


CASE: Final = Case(
    row=Row("GET", TASKS, ("dynamodb:Query",), "*"),
    answer=Page([json.dumps(STORED.as_json())], None),
    plain=(Request("list: 50 of all, newest first", 200, before=OPEN),),
    others=(
        _page("list: 50 of all, last changed first", sort="updated_at"),
        _page("list: 50 open, newest first", status="open"),
        _page("list: 50 open, by due date", status="open", sort="due"),
        _page("list: 50 open of a list, by position", status="open", sort="position", list="inbox"),
        _page("list: 50 completed, latest first", status="completed"),
        _page("list: 50 open, filtered by `priority` (all match)", status="open", priority="medium"),
        _page("list: all, with a `q` that nothing matches, one request", grows=True, q="no task has this"),
        Request("a page before another", 200, {"query": {"limit": ["1"]}}, (*OPEN, Step("create_task", {"body": NEW}))),
        Request("a cursor that is none", 400, {"query": {"cursor": ["abc"]}}, code="invalid_cursor"),
        Request(
            "an order by position of no list",
            422,
            {"query": {"status": ["open"], "sort": ["position"]}},
            code="validation_failed",
        ),
        Request(
            "a combination that is not served",
            422,
            {"query": {"status": ["all"], "sort": ["due"]}},
            code="validation_failed",
        ),
    ),
)
