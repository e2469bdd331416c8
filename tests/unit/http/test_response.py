"""Responses, and what each operation answers with."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from taskapi.dynamo.paging import Page
from taskapi.http.request import Request
from taskapi.http.response import Response, created, deleted, page_of, replaced, representation, revalidated
from taskapi.preconditions import EntityTags
from tests.support.proxy_events import TASK_ID, proxy_event
from tests.support.tasks import task

REVALIDATE = {"Cache-Control": "private, no-cache"}
NOSNIFF = {"X-Content-Type-Options": "nosniff"}
NO_STORE = {"Cache-Control": "no-store"}


def request(operation: str = "list_tasks", **options: Any) -> Request:
    """The request of an event."""
    return Request.from_event(proxy_event(operation, **options))


class TestProxyForm:
    """What API Gateway is handed."""

    def test_a_document(self) -> None:
        proxied = Response(200, {"title": "\u00fc \U0001f600"}, {"ETag": '"1"'}).as_proxy({"Vary": "Origin"})
        assert proxied == {
            "statusCode": 200,
            "headers": {"Vary": "Origin", "ETag": '"1"', "Content-Type": "application/json", **NOSNIFF},
            "body": '{"title":"\u00fc \U0001f600"}',
            "isBase64Encoded": False,
        }

    @pytest.mark.parametrize("status", [204, 304])
    def test_no_document_no_content_type(self, status: int) -> None:
        assert Response(status).as_proxy({"Vary": "Origin"}) == {
            "statusCode": status,
            "headers": {"Vary": "Origin", **NOSNIFF},
            "body": "",
            "isBase64Encoded": False,
        }

    def test_a_documents_own_content_type_stays(self) -> None:
        proxied = Response(400, {}, {"Content-Type": "application/problem+json"}, "x").as_proxy({})
        assert proxied["headers"]["Content-Type"] == "application/problem+json"


def test_representation() -> None:
    response = representation(task(etag="a"))
    assert (response.status, response.headers) == (200, {"ETag": '"a"', **NO_STORE})
    assert response.document == task(etag="a").as_json()


def test_created() -> None:
    response = created(task(etag="a"), request("create_task"))
    assert response.status == 201
    assert response.headers == {"ETag": '"a"', "Location": f"/v1/users/me/tasks/{TASK_ID}", **NO_STORE}


def test_created_before() -> None:
    response = created(task(), request("create_task"), was_replayed=True)
    assert (response.status, response.headers["Idempotency-Replayed"]) == (201, "true")


@pytest.mark.parametrize(("was_created", "status"), [(True, 201), (False, 200)])
def test_replaced(was_created: bool, status: int) -> None:
    response = replaced(task(), was_created, request("replace_task"))
    assert response.status == status
    assert ("Location" in response.headers) is was_created


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (None, 200),
        (EntityTags(etags=("a",)), 304),
        (EntityTags(etags=("b", "a")), 304),
        (EntityTags(any=True), 304),
        (EntityTags(etags=("b",)), 200),
        (EntityTags(etags=("4",)), 200),
    ],
)
def test_revalidated(known: EntityTags | None, status: int) -> None:
    response = revalidated(task(version=4, etag="a"), known)
    assert (response.status, response.headers) == (status, {"ETag": '"a"', **REVALIDATE})
    assert (response.document is None) is (status == 304)


def test_deleted() -> None:
    assert deleted() == Response(204, None, NO_STORE)


class TestPage:
    """A page of a list."""

    def test_the_last_one(self) -> None:
        response = page_of(Page([json.dumps(task(tags=("a",)).as_json())], None), request())
        assert (response.status, response.headers) == (200, REVALIDATE)
        assert json.loads(response.as_proxy({})["body"]) == {
            "items": [json.loads(json.dumps(task(tags=("a",)).as_json()))],
            "next_cursor": None,
        }

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"limit": ["5"]},
            {"cursor": ["old"], "limit": ["5"]},
            {"tag": ["a", "b&c", "d=e", "\u00fc", "a b", "<x>; rel=y"], "q": ["100%"]},
            {"due_from": ["2026-12-01T00:00:00+01:00"]},
        ],
    )
    def test_one_with_another_after_it(self, query: dict[str, list[str]]) -> None:
        # Given a request, when its page is answered and another follows
        response = page_of(Page([], "next"), request(query=query))
        assert json.loads(response.as_proxy({})["body"]) == {"items": [], "next_cursor": "next"}
        # Then the link is the same request with the next cursor
        link, relation = response.headers["Link"].rsplit("; ", 1)
        assert relation == 'rel="next"'
        assert (link[0], link[-1]) == ("<", ">")
        assert link.isascii()
        parts = urlsplit(link[1:-1])
        assert parts.path == "/v1/users/me/tasks"
        assert parse_qs(parts.query, strict_parsing=True) == {**query, "cursor": ["next"]}
        assert ">" not in parts.query
