"""``POST /users/{user_id}/tasks/{task_id}/restore``: 200 with the task, out of the trash."""

from taskapi.http import Request, Response, operation, representation
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("restore_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Undo a deletion."""
    return representation(tasks.restore(request.key(TASK), request.precondition()))
