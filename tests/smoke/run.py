"""One run against one deployment: its clients, what it has created, and the time that it has left."""

from __future__ import annotations

import contextlib
import secrets
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from tests.smoke.expectations import Mismatch, document, expect
from tests.smoke.target import Target

REQUEST_SECONDS = 15
"""For one request; a cold start of a function behind a cold authorizer takes a few seconds."""
TASKS = "/users/me/tasks"
LISTS = "/users/me/lists"
CLEANUP_SECONDS = 30
"""For deleting what was created, after all else; the run's own time does not count here."""


class OutOfTime(Exception):
    """The run has used up its time."""


@dataclass
class Run:
    """What the checks work with.

    Attributes:
        target: What is tested.
        me: A client with the token.
        nobody: A client without one.
        other: A client with the other user's token, None when there is none.
        made: Paths of tasks and lists that may exist because of this run, by who made them.
    """

    target: Target
    me: httpx.Client
    nobody: httpx.Client
    other: httpx.Client | None
    deadline: float
    made: dict[httpx.Client, set[str]] = field(default_factory=dict)

    def send(self, method: str, path: str, *, client: httpx.Client | None = None, **arguments: Any) -> httpx.Response:
        """Send one request, as ``me`` unless another client is given.

        Args:
            method: The HTTP method.
            path: Below the base URL, or an absolute URL.
            client: Who sends it.
            arguments: For httpx: ``json``, ``content``, ``headers``, ``params``.

        Raises:
            OutOfTime: the run's time is up.
        """
        if time.monotonic() >= self.deadline:
            raise OutOfTime(f"not made within {self.target.seconds:g} s")
        sender = client or self.me
        if method == "PUT" and path.startswith((f"{TASKS}/", f"{LISTS}/")):
            self._remember(sender, path)
        response = sender.request(method, path, **arguments)
        if method == "POST" and response.status_code == 201:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._remember(sender, f"{path}/{response.json()['id']}")
        return response

    def new_task(self, **members: Any) -> dict[str, Any]:
        """A task of mine."""
        response = self.send("POST", TASKS, json={"title": "Smoke test", **members})
        return document(response, 201)

    def new_list(self) -> dict[str, Any]:
        """A list of mine, which holds no task."""
        response = self.send("PUT", list_path(minted_id()), json={"title": "Smoke test"})
        return document(response, 201)

    def absolute(self, location: str) -> str:
        """The URL that a ``Location`` or ``Link`` means."""
        return str(httpx.URL(self.target.base_url).join(location))

    def clean_up(self) -> int:
        """Delete for good what the run has made; how many tasks and lists were left behind all the same."""
        self.deadline = time.monotonic() + CLEANUP_SECONDS
        left = 0
        for client, paths in self.made.items():
            # Tasks first: a list that is deleted puts its open ones into the trash.
            for path in sorted(paths, key=lambda path: path.startswith(LISTS)):
                try:
                    left += self._delete_for_good(path, client).status_code not in (204, 404)
                except (httpx.HTTPError, OutOfTime):
                    left += 1
        return left

    def _delete_for_good(self, path: str, client: httpx.Client) -> httpx.Response:
        if not path.startswith(LISTS):
            return self.send("DELETE", path, client=client, params={"permanent": "true"})
        return self.delete_list(path, client=client)

    def delete_list(self, path: str, *, client: httpx.Client | None = None) -> httpx.Response:
        """Delete a list, by as many requests as its tasks take; the last answer."""
        while (response := self.send("DELETE", path, client=client)).status_code == 200:
            pass
        return response

    def _remember(self, client: httpx.Client, path: str) -> None:
        self.made.setdefault(client, set()).add(path)


@contextlib.contextmanager
def run_against(target: Target) -> Iterator[Run]:
    """Open the clients of a run."""

    def client(token: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        opened = httpx.Client(
            base_url=target.base_url, headers=headers, timeout=REQUEST_SECONDS, transport=target.transport()
        )
        return stack.enter_context(opened)

    with contextlib.ExitStack() as stack:
        yield Run(
            target,
            me=client(target.token),
            nobody=client(None),
            other=client(target.other_token) if target.other_token else None,
            deadline=time.monotonic() + target.seconds,
        )


def task_path(task_id: str, *more: str) -> str:
    """The path of a task of the caller's."""
    return "/".join([TASKS, task_id, *more])


def list_path(list_id: str) -> str:
    """The path of a list of the caller's."""
    return f"{LISTS}/{list_id}"


def minted_id() -> str:
    """A UUIDv7 (RFC 9562 section 5.7) as a client mints it."""
    value = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return str(uuid.UUID(int=value & ~(0xF << 76) & ~(0b11 << 62) | 0x7 << 76 | 0b10 << 62))


def remote_day() -> date:
    """A day in the far future, where a user's own tasks are not likely to be due."""
    return date(7000, 1, 1) + timedelta(days=secrets.randbelow(700_000))


def walk(run: Run, parameters: Mapping[str, str], most_pages: int = 10) -> list[dict[str, Any]]:
    """The tasks on all pages of a list, by its cursors."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(most_pages):
        query = {**parameters, **({"cursor": cursor} if cursor else {})}
        response = run.send("GET", TASKS, params=query)
        page = document(response, 200)
        expect(isinstance(page.get("items"), list) and "next_cursor" in page, "no page with items and next_cursor")
        items += page["items"]
        cursor = page["next_cursor"]
        expect((cursor is None) == ("Link" not in response.headers), "Link and next_cursor disagree")
        if cursor is None:
            return items
    raise Mismatch(f"no end after {most_pages} pages")
