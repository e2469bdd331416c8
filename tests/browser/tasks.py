"""Tasks put into the API from outside the page: by another device of the user, as it were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx


def create(api: str, token: str, content: Mapping[str, object]) -> dict[str, Any]:
    """Create a task; the task."""
    response = httpx.post(f"{api}/users/me/tasks", json=content, headers=_headers(token))
    response.raise_for_status()
    task: dict[str, Any] = response.json()
    return task


def create_many(api: str, token: str, contents: Iterable[Mapping[str, object]]) -> None:
    """Create tasks, in this order."""
    with httpx.Client(headers=_headers(token)) as client:
        for content in contents:
            client.post(f"{api}/users/me/tasks", json=content).raise_for_status()


def update(api: str, token: str, task_id: str, patch: Mapping[str, object]) -> None:
    """Change a task."""
    response = httpx.patch(f"{api}/users/me/tasks/{task_id}", json=patch, headers=_headers(token))
    response.raise_for_status()


def delete(api: str, token: str, task_id: str, permanent: bool = False) -> None:
    """Put a task into the trash, or delete it for good."""
    url = f"{api}/users/me/tasks/{task_id}"
    httpx.delete(url, params={"permanent": permanent}, headers=_headers(token)).raise_for_status()


def all_tasks(api: str, token: str) -> list[dict[str, Any]]:
    """Every task of the user, by title."""
    response = httpx.get(f"{api}/users/me/tasks", params={"limit": 100}, headers=_headers(token))
    response.raise_for_status()
    items: list[dict[str, Any]] = response.json()["items"]
    return sorted(items, key=lambda task: str(task["title"]))


def day(offset: int) -> str:
    """The local day that is some days from today."""
    return (datetime.now().astimezone() + timedelta(days=offset)).date().isoformat()


def example_tasks() -> list[dict[str, object]]:
    """What a user may have on their list, around today."""
    evening = datetime.now().astimezone().replace(hour=23, minute=30, second=0, microsecond=0).isoformat()
    return [
        {"title": "Renew the passport", "due": day(-2), "priority": "high", "tags": ["papers"]},
        {"title": "Call the dentist", "due": day(0), "tags": ["health"]},
        {
            "title": "Watch the eclipse from the hill",
            "due": evening,
            "description": "Bring the tripod and something warm.",
        },
        {"title": "Pay rent", "due": day(1), "priority": "high", "tags": ["home", "money"]},
        {"title": "Book train tickets to Vienna", "due": day(4), "priority": "medium", "tags": ["travel"]},
        {"title": "Return the library books", "due": day(6), "tags": ["errands"]},
        {"title": "Service the bicycle", "due": day(20), "priority": "low", "tags": ["errands", "bike"]},
        {
            "title": "Learn to bake sourdough",
            "description": "Ask Ines for a piece of her starter.",
            "tags": ["kitchen"],
        },
        {"title": "Sort the photos of the summer"},
    ]


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
