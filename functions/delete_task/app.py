"""``DELETE /users/{user_id}/tasks/{task_id}``: 204."""

from taskapi.http import Request, Response, deleted, operation
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("delete_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Delete a task."""
    tasks.delete(request.key(TASK), request.precondition())
    return deleted()
