"""The server of static files, without a browser."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

import pytest

from local.web.static_files import StaticFiles, content_security_policy
from tests.browser.servers import PAGES

POLICY = content_security_policy(["https://api.example.com"])


HANDED_ON: tuple[int, dict[str, str], bytes] = (204, {}, b"")


def elsewhere(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return [b""]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "js").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "js" / "main.js").write_text("0;")
    (folder / "notes.txt").write_text("not for the public")
    (folder / ".hidden.js").write_text("secret")
    (tmp_path / "secret.js").write_text("secret")
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    return folder


@pytest.fixture
def files(folder: Path) -> StaticFiles:
    return StaticFiles(folder, "/app/", elsewhere, {"config.js": b"generated"}, POLICY)


def get(files: StaticFiles, target: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"REQUEST_METHOD": method, "REQUEST_URI": target, **headers}
    answer: dict[str, Any] = {}

    def start_response(status: str, response_headers: list[tuple[str, str]], _info: object = None) -> Any:
        answer.update(status=int(status[:3]), headers=dict(response_headers))

    body = b"".join(files(environ, start_response))
    return answer["status"], answer["headers"], body


@pytest.mark.parametrize(
    ("target", "content_type", "body"),
    [
        ("/app/", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/app/index.html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/app/?view=all", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/app/js/main.js", "text/javascript; charset=utf-8", b"0;"),
        ("/app/js/main%2Ejs", "text/javascript; charset=utf-8", b"0;"),
        ("/app/config.js", "text/javascript; charset=utf-8", b"generated"),
    ],
)
def test_files_are_served_with_their_type_and_the_policy(
    files: StaticFiles, target: str, content_type: str, body: bytes
) -> None:
    status, headers, served = get(files, target)

    assert (status, served) == (200, body)
    assert headers["Content-Type"] == content_type
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "target",
    [
        "/app/../secret.js",
        "/app/%2e%2e/secret.js",
        "/app/js/../../secret.js",
        "/app/..%2fsecret.js",
        "/app/%252e%252e/secret.js",
        "/app/..\\secret.js",
        "/app//secret.js",
        "/app/link.js",
        "/app/.hidden.js",
        "/app/js/.hidden.js",
        "/app/notes.txt",
        "/app/js",
        "/app/js/",
        "/app/missing.js",
        "/app/main.js%00.html",
        "/app/index.html/",
    ],
)
def test_nothing_else_is(files: StaticFiles, target: str) -> None:
    assert get(files, target) == HANDED_ON


def test_the_path_without_its_slash_redirects(files: StaticFiles) -> None:
    status, headers, _ = get(files, "/app")

    assert (status, headers["Location"]) == (308, "/app/")


@pytest.mark.parametrize("target", ["/", "/application/", "/users/me/tasks", "/apps"])
def test_other_paths_are_handed_on(files: StaticFiles, target: str) -> None:
    assert get(files, target) == HANDED_ON


@pytest.mark.parametrize("target", ["/app/", "/app/js/main.js", "/app"])
def test_only_reading_is_served(files: StaticFiles, target: str) -> None:
    assert get(files, target, "POST") == HANDED_ON


def test_head_has_no_body(files: StaticFiles) -> None:
    status, headers, body = get(files, "/app/", "HEAD")

    assert (status, headers["Content-Length"], body) == (200, "15", b"")


def test_what_the_browser_has_is_not_sent_again_until_it_changes(files: StaticFiles, folder: Path) -> None:
    tag = get(files, "/app/js/main.js")[1]["ETag"]
    status, headers, body = get(files, "/app/js/main.js", HTTP_IF_NONE_MATCH=f'"other", {tag}')
    assert (status, body, headers["ETag"]) == (304, b"", tag)

    (folder / "js" / "main.js").write_text("1;")
    assert get(files, "/app/js/main.js", HTTP_IF_NONE_MATCH=tag)[2] == b"1;"


def test_a_server_without_the_raw_target_serves_too(files: StaticFiles) -> None:
    environ: dict[str, Any] = {"PATH_INFO": "/app/js/main.js"}
    setup_testing_defaults(environ)

    assert b"".join(files(environ, lambda *_: None)) == b"0;"  # type: ignore[arg-type]


def test_every_file_of_the_example_is_served() -> None:
    files = StaticFiles(PAGES, "/", elsewhere, {}, POLICY)
    names = [str(path.relative_to(PAGES)) for path in PAGES.rglob("*") if path.is_file()]

    assert {name: get(files, f"/{name}")[0] for name in names} == dict.fromkeys(names, 200)
    assert len(names) > 20
