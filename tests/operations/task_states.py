"""What there may be before a request that is about a task, and what requests send."""

from __future__ import annotations

from typing import Any, Final

from tests.operations.case import Step
from tests.support.tasks import task

TASKS: Final = "/users/{user_id}/tasks"
TASK: Final = "/users/{user_id}/tasks/{task_id}"

STORED: Final = task(version=4, etag="d", tags=("home",))
"""What a double of the store answers."""

LIST_ID: Final = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
CHECKLIST: Final = [{"id": "1", "title": "Find their number", "completed": False}]

ORDINARY: Final[dict[str, Any]] = {
    "title": "Ask the landlord about the heating",
    "description": "It has been making that noise again since Tuesday, mostly at night.",
    "due": "2026-12-01",
    "priority": "medium",
    "tags": ["home", "calls"],
}
"""A task of ordinary size."""
NEW: Final[dict[str, Any]] = {**ORDINARY, "title": "New", "description": None}
"""Another content."""
REPLACED: Final = {"title": "New", "description": None, "due": "2026-12-01", "completed": False}
"""What :data:`NEW` makes of a task."""

OPEN: Final = (Step("replace_task", {"body": ORDINARY}),)
COMPLETED: Final = (Step("replace_task", {"body": {**ORDINARY, "completed": True}}),)
PERMANENT: Final[dict[str, Any]] = {"query": {"permanent": ["true"]}}
DELETED: Final = (*OPEN, Step("delete_task", PERMANENT))
TRASHED: Final = (*OPEN, Step("delete_task"))
TRASHED_COMPLETED: Final = (*COMPLETED, Step("delete_task"))
