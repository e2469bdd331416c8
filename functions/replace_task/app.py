"""``PUT /users/{user_id}/tasks/{task_id}``: 201 when created, 200 when replaced."""

from taskapi.http import Request, Response, operation, replaced
from taskapi.tasks.bodies import WholeTask
from taskapi.tasks.store import TaskStore
from taskapi.tasks.task import TASK


@operation("replace_task")
def handler(request: Request, tasks: TaskStore) -> Response:
    """Create or replace the task of a client-minted id."""
    key = request.new_key(TASK)
    content = request.json(WholeTask).content()
    task, was_created = tasks.replace(key, content, request.precondition())
    return replaced(task, was_created, request)
