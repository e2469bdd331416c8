"""Which tasks a list has, and in which order: what it should be, and nothing of how the store reads it."""

from __future__ import annotations

from dataclasses import dataclass

from taskapi.tasks.query import Sort, Status
from tests.support.task_model import TaskState


@dataclass(frozen=True)
class Listing:
    """A list in plain terms.

    Attributes:
        first_day: ``due_from`` as a date.
        end_day: ``due_before`` as a date.
        tag: In any case.
        text: ``q``, in any case.
        within: ``inbox`` or a list's id; None for all lists.
    """

    status: Status
    sort: Sort
    priority: str | None = None
    tag: str | None = None
    text: str | None = None
    first_day: str | None = None
    end_day: str | None = None
    within: str | None = None

    def has(self, state: TaskState) -> bool:
        """Whether a task is in it."""
        task = state.content
        if task is None or state.is_trashed is not (self.status == "trashed"):
            return False
        texts = [task.title, task.description or "", *task.tags, *(entry.title for entry in task.checklist)]
        day = None if task.due is None else task.due[:10]
        return (
            self.status in ("all", "trashed", "completed" if task.completed else "open")
            and self.within in (None, task.list_id or "inbox")
            and self.priority in (None, task.priority)
            and (self.tag is None or self.tag.casefold() in {tag.casefold() for tag in task.tags})
            and (self.text is None or any(self.text.casefold() in text.casefold() for text in texts))
            and (self.first_day is None or (day is not None and day >= self.first_day))
            and (self.end_day is None or (day is not None and day < self.end_day))
        )

    def place(self, task_id: str, task: TaskState) -> tuple[bool, str]:
        """Where a live task stands in it, ascending; equal ones may stand either way."""
        if self.sort == "due":
            due = task.content and task.content.due
            return (due is None, due or "")
        if self.sort == "position" and task.content is not None:
            return (False, f"{task.content.position}#{task_id}")
        if self.sort == "created_at" and self.status == "all":
            return (False, task_id)
        return (False, str(getattr(task, self.sort)))
