"""``PATCH /users/{user_id}/tasks/{task_id}``: 200 with the changed task."""

from taskapi.http import MERGE_PATCH, Request, Response, operation, representation
from taskapi.tasks.bodies import TaskPatch
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("update_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Change the members that the merge patch names."""
    key = request.key(TASK)
    changes = request.json(TaskPatch, MERGE_PATCH).changes()
    return representation(tasks.update(key, changes, request.precondition()))
