"""What the developer sees of a request on the terminal, and what nobody is to see there."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from local.functions.function_log import FunctionLog
from local.gateway.access_log import AccessLog, without_secrets
from local.gateway.origins import Origins
from local.gateway.request import GatewayRequest
from local.identity.development_tokens import LIFETIME_SECONDS
from local.settings import LocalSettings
from tests.e2e.serving import ISSUER

JWT = ISSUER.token("alice")


def log(request: GatewayRequest, status: int = 200, function_printed: str = "", **settings: Any) -> str:
    """What is printed of a request."""
    stream, function_log = io.StringIO(), FunctionLog()
    function_log.write(function_printed)
    local = LocalSettings(**settings)
    AccessLog(stream, function_log, local.origins, show_all=local.show_logs)(request, status, 12.3)
    return stream.getvalue()


def get(*headers: tuple[str, str], **members: Any) -> GatewayRequest:
    """A request for a list."""
    return GatewayRequest("GET", "/users/me/tasks", headers=headers, **members)


@pytest.mark.parametrize(
    ("status", "show_logs", "shown"), [(200, False, False), (404, False, False), (500, False, True), (200, True, True)]
)
def test_what_functions_print_shows_when_it_helps(status: int, show_logs: bool, shown: bool) -> None:
    text = log(get(query="limit=1"), status, "from the function\n", show_logs=show_logs)

    assert re.fullmatch(rf"\d\d:\d\d:\d\d GET /users/me/tasks\?limit=1 {status} 12 ms", text.splitlines()[0])
    assert ("from the function" in text) is shown


class TestUnauthorized:
    @pytest.mark.parametrize(
        ("authorization", "reason"),
        [
            (None, "no Authorization header"),
            ("", "Authorization is not Bearer and a JWT"),
            ("Bearer ", "Authorization is not Bearer and a JWT"),
            ("Basic YTpi", "Authorization is not Bearer and a JWT"),
            ("a.b.c", "Authorization is not Bearer and a JWT"),
            ("Bearer a.b.c d", "Authorization is not Bearer and a JWT"),
            ("Bearer a.b.c", "the token is refused; LOG_LEVEL=INFO says why"),
        ],
    )
    def test_without_the_authorizer_s_line_the_header_tells(self, authorization: str | None, reason: str) -> None:
        headers = [] if authorization is None else [("authorization", authorization)]

        assert log(get(*headers), 401).endswith(f" 401 12 ms ({reason})\n")

    def test_the_authorizer_s_reason_is_told(self) -> None:
        printed = "no JSON\n[]\n" + json.dumps({"operation": "authorizer", "status": 401, "code": "expired"}) + "\n"

        assert log(get(("Authorization", "Bearer a.b.c")), 401, printed).endswith(" (the token is refused: expired)\n")


class TestOrigins:
    @pytest.mark.parametrize(
        ("origin", "allowed", "refused"),
        [
            ("https://evil.example.com", None, True),
            ("http://localhost:5174", None, False),
            ("http://localhost:5173", None, False),
            ("http://localhost:5174", "http://localhost:5173", True),
            ("http://localhost:5173", "http://localhost:5173", False),
            ("http://127.0.0.1:3000", "http://localhost:5173", False),  # a page of this server
            ("https://evil.example.com", "*", False),
            ("null", None, True),
        ],
    )
    def test_a_refused_one_is_told(self, origin: str, allowed: str | None, refused: bool) -> None:
        text = log(get(("Origin", origin)), allowed_origins=allowed)

        assert (f"(browsers are refused: origin {origin} is not in ALLOWED_ORIGINS)\n" in text) is refused

    def test_several_are_no_page_s(self) -> None:
        request = get(("Origin", "http://localhost:5174"), ("Origin", "https://evil.example.com"))

        assert Origins(("http://localhost:5173",), any_local=True).inside(request) is None
        assert "browsers are refused" in log(request)


def test_what_is_wrong_with_a_message_is_told() -> None:
    assert log(get(fault="Host is missing"), 400).endswith(" 400 12 ms (Host is missing)\n")


class TestSecrets:
    @pytest.mark.parametrize(
        "query",
        [
            "access_token=S3CR3T",
            "limit=1&access_token=S3CR3T&sort=due",
            "limit=1;token=S3CR3T",
            "Access_Token=S3CR3T",
            "access%5Ftoken=S3CR3T",
            "access%255Ftoken=S3CR3T",
            "id_token=S3CR3T",
            "client_secret=S3CR3T",
            "api_key=S3CR3T",
            "apikey=S3CR3T",
            "password=S3CR3T",
            "code=S3CR3T",
            "authorization=Bearer%20S3CR3T",
            "X-Amz-Signature=S3CR3T",
            "x-amz-security-token=S3CR3T",
            "sessionid=S3CR3T",
            "token[]=S3CR3T",
            "token=a=S3CR3T",
            "next=%2Fapp%3Faccess_token%3DS3CR3T",
            f"q={JWT}",
            f"q=Bearer%20{JWT}",
            f"q=Bearer+{JWT}",
            JWT,
            JWT.replace(".", "%2E"),
            f"q={JWT.rpartition('.')[0]}",
        ],
    )
    def test_they_do_not_show(self, query: str) -> None:
        text = log(get(query=query)) + log(GatewayRequest("GET", f"/nowhere/{query}"))

        assert "S3CR3T" not in text
        assert JWT.split(".")[1] not in text
        assert "***" in text

    @pytest.mark.parametrize(
        "target",
        [
            "/users/me/tasks?limit=1&cursor=WyJhIl0&sort=due&q=token&tag=key&due_before=2026-12-01T09:30:00.000Z",
            "/users/auth0%7C65f1/tasks/019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11",
            "/users/a.b@example.com/tasks/",
        ],
    )
    def test_what_is_none_does(self, target: str) -> None:
        assert without_secrets(target) == target

    def test_tokens_that_are_none_any_more_do_not_show_either(self) -> None:
        assert ISSUER.token("a", -LIFETIME_SECONDS).split(".")[2] not in log(get(query=f"q={ISSUER.token('a', -1)}"))


@pytest.mark.parametrize("forged", ["\n12:00:00 GET / 200 1 ms", "\x1b[2J", "\x9b2J", "\x85", "\u2028", "\r"])
def test_nobody_writes_lines_of_their_own(forged: str) -> None:
    text = log(GatewayRequest(f"GET{forged}", "/", headers=[("Origin", f"http://a{forged}")]))

    assert text.count("\n") == len(text.splitlines()) == 1
    assert text.removesuffix("\n").isprintable()
