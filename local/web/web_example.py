"""The example frontend of ``make run``: its files at ``/app/``, and development tokens for it at ``/dev/token``.

Who opens the server's first line in a browser is led to the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from local import listener
from local.gateway.request import GatewayRequest, split_target
from local.identity.development_tokens import LIFETIME_SECONDS, DevelopmentIssuer, what_is_wrong_with
from local.paths import ROOT
from local.web.static_files import StaticFiles, content_security_policy

PREFIX: Final = "/app/"
TOKEN_PATH: Final = "/dev/token"  # noqa: S105  # a path

NO_TOKENS: Final = "Development tokens are off: this run accepts the tokens of the issuer in JWT_ISSUER."

_MOST_BODY_BYTES: Final = 8 * 1024


def with_web_example(api: WSGIApplication, issuer: DevelopmentIssuer | None) -> WSGIApplication:
    """The API with the example frontend in front of it.

    Args:
        api: Serves every other path.
        issuer: Whose tokens the API accepts; None is one that we have no key of: the page then asks for a token.
    """
    config = {"apiBase": "", "tokenEndpoint": None if issuer is None else TOKEN_PATH}
    generated = {"config.js": f"export const config = {json.dumps(config)};\n".encode()}
    tokens = DevelopmentTokens(issuer, _with_front_page(api))
    return StaticFiles(ROOT / "examples" / "web", PREFIX, tokens, generated, content_security_policy())


def _with_front_page(api: WSGIApplication) -> WSGIApplication:
    """The API, whose root leads browsers to the example; other clients get the API's answer."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/" or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not _wants_html(environ):
            return api(environ, start_response)
        headers = {"Location": PREFIX, "Vary": "Accept", "Cache-Control": "no-store"}
        return Response(status=302, headers=headers)(environ, start_response)

    return serve


def _wants_html(environ: WSGIEnvironment) -> bool:
    """Whether a client prefers a page over the API's JSON (RFC 9110 section 12.5.1); ``*/*`` does not."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT", ""), MIMEAccept)
    return accepted["text/html"] > accepted["application/json"]


@dataclass(eq=False)
class _Refused(Exception):
    """What of the API's own problems tells why there is no token."""

    status: int
    title: str
    detail: str
    errors: list[dict[str, str]] | None = None

    def document(self, path: str, request_id: str) -> dict[str, Any]:
        """The problem document (RFC 9457), with the API's members."""
        code = self.title.lower().replace(" ", "_")
        members = {
            "type": f"/problems/{code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
            "code": code,
            "request_id": request_id,
        }
        return members if self.errors is None else {**members, "errors": self.errors}


@dataclass(frozen=True)
class DevelopmentTokens:
    """``POST /dev/token`` with ``{"user": "alice"}``: an access token, for whoever is on this machine.

    The tokens are worth nothing elsewhere, and the server listens on the loopback interface alone. Yet a browser on
    this machine runs other sites' scripts, too. Those are kept out: a host name that is not this machine's own is
    refused (DNS rebinding), another origin is, and so is a body that pages may send across origins without a preflight.
    """

    issuer: DevelopmentIssuer | None
    otherwise: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        if environ["PATH_INFO"] != TOKEN_PATH or environ["REQUEST_METHOD"] != "POST":
            return self.otherwise(environ, start_response)
        received = GatewayRequest("POST", split_target(environ["REQUEST_URI"])[0])
        try:
            answer = {"access_token": self._token(environ), "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
            response = Response(json.dumps(answer), content_type="application/json")
        except _Refused as refused:
            document = refused.document(received.path, received.request_id)
            response = Response(json.dumps(document), refused.status, content_type="application/problem+json")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["x-amzn-RequestId"] = received.request_id
        return response(environ, start_response)

    def _token(self, environ: WSGIEnvironment) -> str:
        if self.issuer is None:
            raise _Refused(404, "Not found", NO_TOKENS)
        return self.issuer.token(_user(environ))


def _user(environ: WSGIEnvironment) -> str:
    host = environ.get("HTTP_HOST", "")
    if _host_name(host) not in listener.NAMES or environ.get("HTTP_ORIGIN", f"http://{host}") != f"http://{host}":
        raise _Refused(403, "Forbidden", "Development tokens are for this machine and for pages of this server.")
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise _Refused(415, "Unsupported media type", "The request body's Content-Type must be application/json.")
    try:
        # Not chunked: the limit is known before anything is read.
        length = int(environ.get("CONTENT_LENGTH") or "0")
        body: Any = json.loads(environ["wsgi.input"].read(length)) if length <= _MOST_BODY_BYTES else None
        user: str = body["user"].strip()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as error:
        raise _invalid("", "wrong_type", 'The body must be {"user": "alice"}, of 8 KiB at most.') from error
    if (wrong := what_is_wrong_with(user)) is not None:
        raise _invalid("/user", *wrong)
    return user


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # an address in brackets that is none
        return None


def _invalid(pointer: str, code: str, detail: str) -> _Refused:
    errors = [{"pointer": pointer, "code": code, "detail": detail}]
    return _Refused(422, "Validation failed", "The request has invalid values; see errors.", errors)
