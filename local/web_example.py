"""The example frontend of ``make run``: its files at ``/app/``, and development tokens for it at ``/dev/token``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.development_tokens import LIFETIME_SECONDS, DevelopmentIssuer
from local.paths import ROOT
from local.static_files import StaticFiles, content_security_policy

PREFIX: Final = "/app/"
TOKEN_PATH: Final = "/dev/token"  # noqa: S105  # a path

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_MOST_BODY_BYTES: Final = 8 * 1024
_MOST_USER_CHARACTERS: Final = 256


def with_web_example(api: WSGIApplication, issuer: DevelopmentIssuer) -> WSGIApplication:
    """The API with the example frontend in front of it.

    Args:
        api: Serves every other path.
        issuer: Whose tokens the API accepts.
    """
    config = {"apiBase": "", "tokenEndpoint": TOKEN_PATH}
    generated = {"config.js": f"export const config = {json.dumps(config)};\n".encode()}
    tokens = DevelopmentTokens(issuer, api)
    return StaticFiles(ROOT / "examples" / "web", PREFIX, tokens, generated, content_security_policy())


class _Refused(Exception):
    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class DevelopmentTokens:
    """``POST /dev/token`` with ``{"user": "alice"}``: an access token, for whoever is on this machine.

    The tokens are worth nothing elsewhere, and the server listens on the loopback interface alone. Yet a browser on
    this machine runs other sites' scripts, too. Those are kept out: a host name that is not this machine's own is
    refused (DNS rebinding), another origin is, and so is a body that pages may send across origins without a preflight.
    """

    issuer: DevelopmentIssuer
    otherwise: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("PATH_INFO") != TOKEN_PATH:
            return self.otherwise(environ, start_response)
        try:
            token = self.issuer.token(_user(environ))
            answer = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
            status = "200 OK"
        except _Refused as refused:
            answer, status = {"error": refused.status}, refused.status
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def _user(environ: WSGIEnvironment) -> str:
    host = environ.get("HTTP_HOST", "")
    if urlsplit(f"//{host}").hostname not in _LOOPBACK:
        raise _Refused("403 Forbidden")
    if environ.get("HTTP_ORIGIN", f"http://{host}") != f"http://{host}":
        raise _Refused("403 Forbidden")
    if environ["REQUEST_METHOD"] != "POST":
        raise _Refused("405 Method Not Allowed")
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise _Refused("415 Unsupported Media Type")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > _MOST_BODY_BYTES:
        raise _Refused("422 Unprocessable Content")
    try:
        body = json.loads(environ["wsgi.input"].read(int(length)))
        user: str = body["user"].strip()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as error:
        raise _Refused("422 Unprocessable Content") from error
    # What the API takes as a `sub`; anything else would be a token that it refuses.
    if not 1 <= len(user) <= _MOST_USER_CHARACTERS or "#" in user or not user.isprintable():
        raise _Refused("422 Unprocessable Content")
    return user
