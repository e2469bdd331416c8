"""The pages beside the API: the example frontend with its tokens, and the API reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest

from local.openapi.reference import CONTENT_SECURITY_POLICY
from local.reference_pages import with_reference
from local.static_files import content_security_policy
from tests.e2e.serving import RunningApi

TASKS = "/users/me/tasks"


@pytest.fixture
def visitor(api: RunningApi) -> Iterator[httpx.Client]:
    """A client that does not hold answers against the API's document: these pages are not in it."""
    with httpx.Client(base_url=api.url, trust_env=False) as client:
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
        ("headers", "status"),
        [
            ({"Host": "tasks.example.com"}, 403),  # a name that someone has made to mean this machine (DNS rebinding)
            ({"Origin": "https://example.com"}, 403),
            ({"Content-Type": "text/plain"}, 415),  # what any page of any site may send without asking
        ],
    )
    def test_other_sites_get_none(self, visitor: httpx.Client, headers: dict[str, str], status: int) -> None:
        answer = visitor.post(
            "/dev/token", content=b'{"user": "alice"}', headers={"Content-Type": "application/json", **headers}
        )

        assert answer.status_code == status
        assert "access_token" not in answer.text
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_the_api_is_what_it_was(self, visitor: httpx.Client) -> None:
        assert visitor.get(TASKS).status_code == 401
        assert "Content-Security-Policy" not in visitor.get(TASKS).headers
        assert visitor.get("/").json()["code"] == "route_not_found"


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
        assert client.get("/docs/redoc.js").status_code == 404

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
