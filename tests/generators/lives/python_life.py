"""A task's life by the Python client of OpenAPI Generator: ``python_life.py URL TOKEN URL_OF_TOMORROW``."""

import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import openapi_client
from openapi_client import (
    ApiException,
    ListCreation,
    ListPatch,
    ListProblem,
    Priority,
    Problem,
    TaskCompletion,
    TaskCreation,
    TaskPatch,
    TaskReplacement,
)

URL, TOKEN, TOMORROW = sys.argv[1:]


def api(url: str, token: str = TOKEN) -> openapi_client.TasksApi:
    return openapi_client.TasksApi(openapi_client.ApiClient(openapi_client.Configuration(host=url, access_token=token)))


def refusal(status: int, call: Callable[[], object]) -> object:
    """The problem that a call ends with."""
    try:
        call()
    except ApiException as error:
        if error.status == status:
            return error.data
        raise
    raise AssertionError("it should fail")


def problem(status: int, call: Callable[[], object]) -> Problem:
    """The problem that a call about a task ends with."""
    found = refusal(status, call)
    assert isinstance(found, Problem), found
    return found


def new_id() -> str:
    """A UUID of version 7."""
    bits = time.time_ns() // 1_000_000 << 80 | 0x7 << 76 | 0b10 << 62 | uuid.uuid4().int & ((1 << 62) - 1)
    return str(uuid.UUID(int=bits))


tasks = api(URL)

# Create and read
made = tasks.create_task(
    "me", TaskCreation(title="Pay rent", due="2026-12-01", tags=["home"], priority=Priority.HIGH), idempotency_key="k"
)
assert (made.title, made.due, made.tags, made.priority, made.version) == (
    "Pay rent",
    "2026-12-01",
    ["home"],
    Priority.HIGH,
    1,
)
assert isinstance(made.created_at, datetime)
assert made.created_at.tzinfo is not None
assert (
    tasks.create_task(
        "me",
        TaskCreation(title="Pay rent", due="2026-12-01", tags=["home"], priority=Priority.HIGH),
        idempotency_key="k",
    ).id
    == made.id
)
answer = tasks.get_task_with_http_info("me", made.id)
assert answer.data == made
assert answer.headers is not None
etag = answer.headers["ETag"]

# Create under an id of our own, with an instant as Python writes it
own = new_id()
instant = datetime(2026, 12, 2, 9, 30, 0, 123456, tzinfo=UTC).isoformat()
put = tasks.replace_task("me", own, TaskReplacement(title="Offline", due=instant, tags=["home", "garden"]))
assert (put.id, put.due) == (own, "2026-12-02T09:30:00.123Z")
# What came back can be sent back
again = tasks.replace_task(
    "me", own, TaskReplacement(title=put.title, due=put.due, tags=put.tags, priority=put.priority)
)
assert again.version == 2

# Lists
assert [task.id for task in tasks.list_tasks("me", status="open", sort="due").items] == [made.id, own]
assert [task.id for task in tasks.list_tasks("me", tag=["home", "garden"]).items] == [own]
assert [task.id for task in tasks.list_tasks("me", priority=Priority.HIGH, q="rent").items] == [made.id]
day = tasks.list_tasks(
    "me", status="open", sort="due", due_from="2026-12-02T00:00:00+01:00", due_before="2026-12-03T00:00:00+01:00"
)
assert [task.id for task in day.items] == [own]
first = tasks.list_tasks("me", limit=1)
assert first.next_cursor is not None
second = tasks.list_tasks("me", limit=1, cursor=first.next_cursor)
assert {task.id for task in first.items + second.items} == {made.id, own}
assert second.next_cursor is None

# Change, and clear: what is not given stays
changed = tasks.update_task("me", made.id, TaskPatch(description="Soon"), if_match=etag)
assert (changed.description, changed.due, changed.priority, changed.tags) == (
    "Soon",
    "2026-12-01",
    Priority.HIGH,
    ["home"],
)
cleared = tasks.update_task("me", made.id, TaskPatch(due=None, description=None, priority=None, tags=None))
assert (cleared.title, cleared.due, cleared.description, cleared.priority, cleared.tags) == (
    "Pay rent",
    None,
    None,
    Priority.NONE,
    [],
)

# Toggle: without a body, with an empty one, with a state
assert tasks.toggle_task("me", made.id).completed
assert not tasks.toggle_task("me", made.id, task_completion=TaskCompletion()).completed
for _ in range(2):
    done = tasks.toggle_task("me", made.id, task_completion=TaskCompletion(completed=True))
    assert isinstance(done.completed_at, datetime)

# What goes wrong
conflict = problem(412, lambda: tasks.update_task("me", made.id, TaskPatch(title="Mine"), if_match=etag))
assert conflict.code == "precondition_failed"
assert conflict.current == done
problem(412, lambda: tasks.replace_task("me", own, TaskReplacement(title="Mine"), if_none_match="*"))
invalid = problem(422, lambda: tasks.create_task("me", TaskCreation(title=" ", tags=["a", "A"])))
assert invalid.errors is not None
assert [(each.pointer, each.code) for each in invalid.errors] == [("/title", "blank"), ("/tags", "duplicate_tag")]
assert problem(401, lambda: api(URL, "no-token").list_tasks("me")).code == "unauthorized"

# Into the trash, out of it, and past it
tasks.delete_task("me", own)
trashed = tasks.get_task("me", own)
assert isinstance(trashed.trashed_at, datetime)
assert tasks.list_tasks("me", status="trashed").items == [trashed]
refused = problem(409, lambda: tasks.update_task("me", own, TaskPatch(title="Mine")))
assert (refused.code, refused.current) == ("task_trashed", trashed)
restored = tasks.restore_task("me", own)
assert (restored.trashed_at, restored.title) == (None, trashed.title)
tasks.delete_task("me", own, permanent=True)
assert problem(404, lambda: tasks.get_task("me", own)).code == "task_not_found"

# Lists, whose 412 brings a list
lists = openapi_client.ListsApi(tasks.api_client)
moving = lists.create_list("me", ListCreation(title="Moving house", color="#2F6FED"))
assert [each.color for each in lists.list_lists("me").items] == ["#2f6fed"]
renamed = lists.update_list("me", moving.id, ListPatch(title="The new flat"), if_match=f'"{moving.etag}"')
stale = refusal(412, lambda: lists.update_list("me", moving.id, ListPatch(color=None), if_match=f'"{moving.etag}"'))
assert isinstance(stale, ListProblem)
assert stale.current == renamed

# An API of tomorrow, whose answers have members and codes that this client does not know
tomorrow = api(TOMORROW)
assert tomorrow.get_task("me", made.id).completed_at == done.completed_at
assert [task.id for task in tomorrow.list_tasks("me").items] == [made.id]
assert problem(404, lambda: tomorrow.get_task("me", own)).code == "code_of_tomorrow"
errors = problem(422, lambda: tomorrow.create_task("me", TaskCreation(title=" "))).errors
assert errors is not None
assert [each.code for each in errors] == ["code_of_tomorrow"]
