"""``POST /users/{user_id}/tasks``: 201 with the new task."""

from taskapi.bodies import NewTask
from taskapi.http import Request, Response, created, operation
from taskapi.store import TaskStore


@operation("create_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Create a task under a new id."""
    task = tasks.create(request.owner, request.json(NewTask).content())
    return created(task, request)
