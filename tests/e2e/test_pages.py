"""The pages beside the API: the example frontend with its tokens, and the API reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest

from local.web.reference_pages import CONTENT_SECURITY_POLICY, with_reference
from local.web.static_files import content_security_policy
from tests.e2e.problems import problem
from tests.e2e.serving import RunningApi

TASKS = "/users/me/tasks"


@pytest.fixture
def visitor(api: RunningApi) -> Iterator[httpx.Client]:
    """Somebody without a token."""
    with api.client() as client:
        yield client


class TestExamplePage:
    def test_it_is_served_with_settings_of_its_own(self, visitor: httpx.Client) -> None:
        page = visitor.get("/app/")
        settings = visitor.get("/app/config.js")

        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["Content-Security-Policy"] == content_security_policy()
        assert settings.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert settings.text == 'export const config = {"apiBase": "", "tokenEndpoint": "/dev/token"};\n'

    def test_its_tokens_are_good(self, visitor: httpx.Client) -> None:
        answer = visitor.post("/dev/token", json={"user": "page-user"})
        token = answer.json()["access_token"]

        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        created = visitor.post(TASKS, json={"title": "Pay rent"}, headers={"Authorization": f"Bearer {token}"})
        assert (created.status_code, created.json()["user_id"]) == (201, "page-user")

    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            # A name that someone has made to mean this machine (DNS rebinding)
            ({"Host": "tasks.example.com"}, 403, "forbidden"),
            ({"Host": "[::x]"}, 400, "bad_request"),
            ({"Host": "[1.2]"}, 403, "forbidden"),
            ({"Origin": "https://example.com"}, 403, "forbidden"),
            # What any page of any site may send without asking
            ({"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ],
    )
    def test_other_sites_get_none(self, visitor: httpx.Client, headers: dict[str, str], status: int, code: str) -> None:
        answer = visitor.post(
            "/dev/token", content=b'{"user": "alice"}', headers={"Content-Type": "application/json", **headers}
        )

        assert answer.json()["code"] == code
        assert answer.status_code == status
        assert "access_token" not in answer.text
        assert "Access-Control-Allow-Origin" not in answer.headers

    @pytest.mark.parametrize(
        ("user", "code", "words"),
        [
            ("a#b", "unacceptable_text", "'#'"),
            ("a\tb", "unacceptable_text", "can't be seen"),
            ("", "blank", "a character"),
            (" ", "blank", "a character"),
            ("a" * 257, "too_long", "256"),
        ],
    )
    def test_a_name_that_is_none_is_told(self, visitor: httpx.Client, user: str, code: str, words: str) -> None:
        document = problem(visitor.post("/dev/token", json={"user": user}), 422, "validation_failed")

        (error,) = document["errors"]
        assert (error["pointer"], error["code"]) == ("/user", code)
        assert words in error["detail"]

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b'{"user": 1}', b"\xff", b"{" * 9_000, b'{"user": "' + b"a" * 9_000 + b'"}']
    )
    def test_what_names_nobody_is_told(self, visitor: httpx.Client, body: bytes) -> None:
        answer = visitor.post("/dev/token", content=body, headers={"Content-Type": "application/json"})

        (error,) = problem(answer, 422, "validation_failed")["errors"]
        assert error["pointer"] == ""

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/dev/token"),
            ("PUT", "/dev/token"),
            ("POST", "/app/"),
            ("POST", "/app"),
            ("DELETE", "/app/config.js"),
            ("GET", "/app/missing.js"),
            ("GET", "/app/.hidden"),
            ("POST", "/docs/"),
            ("GET", "/docs/missing.js"),
        ],
    )
    def test_what_is_not_there_is_not_found_as_in_the_api(self, visitor: httpx.Client, method: str, path: str) -> None:
        problem(visitor.request(method, path), 404, "route_not_found")

    def test_the_api_is_what_it_was(self, visitor: httpx.Client) -> None:
        assert visitor.get(TASKS).status_code == 401
        assert "Content-Security-Policy" not in visitor.get(TASKS).headers

    @pytest.mark.parametrize(
        "accept",
        [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",  # Firefox, Chromium and Safari
            "application/json;q=0.5, text/*",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_browser_finds_it_from_the_root(self, visitor: httpx.Client, method: str, accept: str) -> None:
        answer = visitor.request(method, "/?from=terminal", headers={"Accept": accept})

        assert (answer.status_code, answer.headers["Location"], answer.headers["Vary"]) == (302, "/app/", "Accept")

    @pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html", "text/html;q=0", ""])
    def test_other_clients_get_the_api_s_answer(self, visitor: httpx.Client, accept: str) -> None:
        problem(visitor.get("/", headers={"Accept": accept}), 404, "route_not_found")

    def test_nothing_is_posted_there(self, visitor: httpx.Client) -> None:
        problem(visitor.post("/", headers={"Accept": "text/html"}), 404, "route_not_found")


class TestReference:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "reference"

    @pytest.fixture
    def client(self, folder: Path) -> Iterator[httpx.Client]:
        transport = httpx.WSGITransport(with_reference(_api, folder))
        with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
            yield client

    def test_it_is_served(self, visitor: httpx.Client) -> None:
        page = visitor.get("/docs", follow_redirects=True)

        assert (page.status_code, page.url.path) == (200, "/docs/")
        assert "<title>Task API reference</title>" in page.text

    def test_where_it_is_not_made_the_page_says_how(self, client: httpx.Client) -> None:
        page = client.get("/docs/")

        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["Content-Security-Policy"] == content_security_policy()
        assert "<code>make reference</code>" in page.text
        assert client.get("/docs/redoc.js").status_code == 204

    def test_once_it_is_made_it_is_there(self, client: httpx.Client, folder: Path) -> None:
        assert "make reference" in client.get("/docs/").text
        folder.mkdir()
        (folder / "redoc.js").write_text("0;")
        (folder / "index.html").write_text("<!doctype html>")

        page = client.get("/docs/")

        assert (page.status_code, page.text) == (200, "<!doctype html>")
        assert page.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert client.get("/docs/redoc.js").text == "0;"

    def test_the_rest_is_the_api_s(self, client: httpx.Client) -> None:
        assert client.get("/users/me/tasks").status_code == 204


def _api(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return [b""]
