"""``POST /users/{user_id}/tasks/{task_id}/toggle``: 200 with the task, completed or reopened."""

from taskapi.completion import TaskCompletion
from taskapi.http import Request, Response, operation, representation
from taskapi.store import TaskStore


@operation("toggle_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Flip a task, or set the state that the body names."""
    key = request.task_key
    wanted = request.optional_json(TaskCompletion)
    task = tasks.toggle(key, wanted.completed if wanted else None, request.precondition)
    return representation(task)
