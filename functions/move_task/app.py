"""``POST /users/{user_id}/tasks/{task_id}/move``: 200 with the task, where it was to go."""

from taskapi.http import Request, Response, operation, representation
from taskapi.tasks.moves import TaskMoves
from taskapi.tasks.plain_bodies import TaskMove
from taskapi.tasks.task import TASK


@operation("move_task")
def handler(request: Request, tasks: TaskMoves) -> Response:
    """Move a task before another, behind it or to the end, of its list or of another one."""
    key = request.key(TASK)
    to = request.optional_json(TaskMove)
    return representation(tasks.move(key, to, request.precondition()))
