"""``GET /users/{user_id}/tasks``: 200 with a page of tasks."""

from taskapi.http import Request, Response, operation, page_of
from taskapi.tasks.pages import TaskPages
from taskapi.tasks.query import PARAMETERS, ListQuery


@operation("list_tasks", query_parameters=PARAMETERS)
def handler(request: Request, tasks: TaskPages) -> Response:
    """List the user's tasks."""
    return page_of(tasks.read(request.owner, ListQuery.from_parameters(request.query)), request)
