"""``DELETE /users/{user_id}/tasks/{task_id}``: 204."""

from taskapi.http import Request, Response, deleted, operation
from taskapi.store import TaskStore


@operation("delete_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Delete a task."""
    tasks.delete(request.task_key, request.precondition)
    return deleted()
