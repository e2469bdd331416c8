"""``PUT /users/{user_id}/tasks/{task_id}``: 201 when created, 200 when replaced."""

from taskapi.bodies.replacement import TaskReplacement
from taskapi.http import Request, Response, operation, replaced
from taskapi.store import TaskStore


@operation("replace_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Create or replace the task of a client-minted id."""
    key = request.new_task_key
    content = request.json(TaskReplacement).content()
    task, was_created = tasks.replace(key, content, request.precondition)
    return replaced(task, was_created, request)
