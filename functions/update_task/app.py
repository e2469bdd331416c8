"""``PATCH /users/{user_id}/tasks/{task_id}``: 200 with the changed task."""

from taskapi.bodies.patch import TaskPatch
from taskapi.http import MERGE_PATCH, Request, Response, operation, representation
from taskapi.store import TaskStore


@operation("update_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Change the members that the merge patch names."""
    key = request.task_key
    changes = request.json(TaskPatch, MERGE_PATCH).changes()
    return representation(tasks.update(key, changes, request.precondition))
