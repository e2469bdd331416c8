"""Some calls by openapi-python-client: ``openapi_python_client_life.py URL TOKEN URL_OF_TOMORROW``."""

import sys
from datetime import datetime
from http import HTTPStatus

from task_api_client import AuthenticatedClient
from task_api_client.api.tasks import create_task, list_tasks, toggle_task, update_task
from task_api_client.models import Problem, Task, TaskCompletion, TaskCreation, TaskPage, TaskPatch

URL, TOKEN, TOMORROW = sys.argv[1:]
client = AuthenticatedClient(base_url=URL, token=TOKEN)


def is_task(answer: object) -> Task:
    assert isinstance(answer, Task), answer
    return answer


made = is_task(create_task.sync("me", client=client, body=TaskCreation(title="Pay rent", due="2026-12-01")))
assert (made.due, made.tags) == ("2026-12-01", [])
assert isinstance(made.created_at, datetime)
changed = is_task(update_task.sync("me", made.id, client=client, body=TaskPatch(due=None)))
assert (changed.due, changed.title) == (None, "Pay rent")
assert is_task(toggle_task.sync("me", made.id, client=client)).completed
assert not is_task(toggle_task.sync("me", made.id, client=client, body=TaskCompletion())).completed
assert is_task(toggle_task.sync("me", made.id, client=client, body=TaskCompletion(completed=True))).completed
page = list_tasks.sync("me", client=client, tag=[])
assert isinstance(page, TaskPage)
assert [task.id for task in page.items] == [made.id]
refused = create_task.sync_detailed("me", client=client, body=TaskCreation(title=" "))
assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
assert isinstance(refused.parsed, Problem)
assert refused.parsed.code == "validation_failed"
tomorrow = AuthenticatedClient(base_url=TOMORROW, token=TOKEN)
assert isinstance(list_tasks.sync("me", client=tomorrow), TaskPage)
