"""``DELETE /users/{user_id}/tasks/{task_id}``: 204."""

from taskapi.http import Request, Response, deleted, operation
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("delete_task", query_parameters=frozenset({"permanent"}))
def handler(request: Request, tasks: TaskStore) -> Response:
    """Put a task into the trash, or delete it for good."""
    permanent = request.flag("permanent")
    tasks.delete(request.key(TASK), request.precondition(), permanent=permanent)
    return deleted()
