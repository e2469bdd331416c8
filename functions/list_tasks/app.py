"""``GET /users/{user_id}/tasks``: 200 with a page of tasks."""

from taskapi.http import Request, Response, operation, page_of
from taskapi.pages import Page
from taskapi.query import PARAMETERS, ListQuery
from taskapi.store import TaskStore


@operation("list_tasks", query_parameters=PARAMETERS)
def handler(request: Request, tasks: TaskStore) -> Response:
    """List the user's tasks."""
    page: Page = tasks.list(request.owner, ListQuery.from_parameters(request.query))
    return page_of(page, request)
