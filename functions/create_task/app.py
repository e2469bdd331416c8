"""``POST /users/{user_id}/tasks``: 201 with the new task."""

from taskapi.http import Request, Response, created, operation
from taskapi.tasks.bodies import WholeTask
from taskapi.tasks.store import TaskStore


@operation("create_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Create a task under a new id, once for each Idempotency-Key."""
    content = request.json(WholeTask).content()
    task, was_replayed = tasks.create_once(request.owner, content, request.idempotency_key())
    return created(task, request, was_replayed=was_replayed)
