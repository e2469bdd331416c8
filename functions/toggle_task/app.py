"""``POST /users/{user_id}/tasks/{task_id}/toggle``: 200 with the task, completed or reopened."""

from taskapi.http import Request, Response, operation, representation
from taskapi.tasks.plain_bodies import TaskCompletion
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("toggle_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Flip a task, or set the state that the body names."""
    key = request.key(TASK)
    completed = request.optional_json(TaskCompletion).completed
    return representation(tasks.toggle(key, completed, request.precondition()))
