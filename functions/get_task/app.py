"""``GET /users/{user_id}/tasks/{task_id}``: 200 with the task, or 304."""

from taskapi.http import Request, Response, operation, revalidated
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("get_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Read a task."""
    known = request.known_etags()
    return revalidated(tasks.get(request.key(TASK)), known)
