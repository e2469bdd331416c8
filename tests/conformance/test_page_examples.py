"""The examples of docs/task-api.md are real: its requests, sent from top to bottom, are answered as it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from local.paths import ROOT
from tests.conformance.page_examples import Dialogue, Message, messages
from tests.conformance.response_validator import ResponseValidator
from tests.conformance.running_api import RunningApi, running_api

PAGE = ROOT / "docs" / "task-api.md"
TASKS = "/users/me/tasks"
USER = "alice"
# The page shows what the request gets when it is sent a second time.
TWICE = frozenset({"Create once"})


def another_day(client: httpx.Client) -> None:
    """The list shows another task than the one of the section before."""
    [cake] = client.get(TASKS, params={"q": "cake"}).raise_for_status().json()["items"]
    client.delete(f"{TASKS}/{cake['id']}").raise_for_status()
    client.post(TASKS, json={"title": "Call the dentist", "due": "2026-11-24T08:30:00Z"}).raise_for_status()


def milk(client: httpx.Client) -> None:
    """The newest task, on the page of one task."""
    client.post(TASKS, json={"title": "Buy milk", "completed": True}).raise_for_status()


BEFORE: Mapping[str, Callable[[httpx.Client], None]] = {"List tasks": another_day, "Pages": milk}
"""What happens before a section, and is not shown."""

UNSHOWN: Mapping[str, Callable[[httpx.Client], httpx.Response]] = {
    "malformed_json": lambda client: client.post(
        TASKS, content=b'{"title": "a", "title": "b"}', headers={"Content-Type": "application/json"}
    ),
    "invalid_cursor": lambda client: client.get(TASKS, params={"cursor": "none-of-ours"}),
    "payload_too_large": lambda client: client.post(TASKS, json={"title": "x" * 131_072}),
    "unsupported_media_type": lambda client: client.post(
        TASKS, content=b"<task/>", headers={"Content-Type": "application/xml"}
    ),
}
"""Requests of answers that the page shows without their requests, by section."""


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[RunningApi]:
    """An API in which the page's user has no tasks yet."""
    with running_api(tmp_path / "stderr.log") as api:
        yield api


def text(message: Message) -> tuple[str, str]:
    """What two examples are the same by: the request id is another each time."""
    return str(sorted(message.headers.items())), message.body


def test_every_answer_that_the_page_shows_is_the_one_given(alice: RunningApi) -> None:
    # Given what the page shows
    shown = messages(PAGE)
    proven: set[tuple[str, str]] = set()
    faults: list[str] = []

    # When its requests are sent from top to bottom
    with alice.client(USER, ResponseValidator().on_response) as client:
        dialogue = Dialogue(client)
        answer: httpx.Response | None = None
        heading = ""
        for message in shown:
            if message.heading != heading:
                heading, answer = message.heading, None
                if heading in BEFORE:
                    BEFORE[heading](client)
            if not message.is_answer:
                answers = [dialogue.send(message) for _ in range(1 + (heading in TWICE))]
                answer = answers[-1]
                continue

            # Then each gets the answer that is shown; without its request it is one of before, or the request is here
            if answer is None and text(message) in proven:
                continue
            answer = UNSHOWN[heading](client) if answer is None else answer
            faults += [f"{heading}: {each}" for each in dialogue.differences(message, answer)]
            proven.add(text(message))
            answer = None

    assert faults == []
    assert len(proven) > 20


@pytest.mark.parametrize("value", ["1a220afd7cbzqoukTW-", "1a220afd7cb-qoukTWa", "1a220afd7cb--------"])
def test_an_entity_tag_is_one_whatever_it_ends_with(value: str) -> None:
    # Given an answer whose entity tag ends with a character that is no letter, as one of 64 does
    shown = Message("", "HTTP/1.1 200 OK", {"etag": '"1a1fc119817ikaXFg9b"'}, '{"etag": "1a1fc119817ikaXFg9b"}')
    answer = httpx.Response(200, headers={"ETag": f'"{value}"'}, json={"etag": value})

    # When it is compared with what the page shows, then it is the page's by its place
    with httpx.Client() as client:
        assert Dialogue(client).differences(shown, answer) == []
