"""A whole task, which two bodies are."""

from __future__ import annotations

from taskapi.bodies import Body, Description, Due, Tags, Title
from taskapi.task import Priority, TaskContent


class WholeTask(Body):
    """All members that an owner writes."""

    title: Title
    description: Description | None = None
    due: Due | None = None
    priority: Priority = "none"
    tags: Tags = ()
    completed: bool = False

    def content(self) -> TaskContent:
        """The task that the body describes; an empty description is none."""
        return TaskContent(
            title=self.title,
            description=self.description or None,
            due=self.due,
            priority=self.priority,
            tags=self.tags,
            completed=self.completed,
        )
