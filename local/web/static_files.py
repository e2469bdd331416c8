"""Static files over WSGI: the example frontend, as any host of static files would serve it.

A page of files and nothing else: no directory listing, no file outside its folder, no file of a kind that is not named
here; whoever serves the rest says that there is no such thing. The content security policy allows what the page needs:
its own modules, styles and images, and the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from local.gateway.request import split_target

CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""File name suffix to media type; files of other kinds are not served."""

_INDEX: Final = "index.html"
# Conservative, since it decides which file is opened: no name that starts with a dot, no percent sign, no backslash.
_PATH: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_-]*\.[a-z]+", re.ASCII)


def content_security_policy(connect: Iterable[str] = ()) -> str:
    """The policy of the example frontend ("Content Security Policy Level 3", W3C).

    Args:
        connect: Origins besides the page's own that it may send requests to: the API's, ``https://api.example.com``.
    """
    directives = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        " ".join(["connect-src 'self'", *connect]),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return "; ".join(directives)


@dataclass(frozen=True)
class StaticFiles:
    """A WSGI application that serves a folder under a path, and hands everything else on.

    Attributes:
        folder: What is served; read anew for each request, so that an edited file is there at the next reload.
        prefix: The path that it is served under, with a slash at both ends.
        otherwise: Serves what is not under it, what is not there, and what is no reading.
        generated: Path below the prefix to the content that is served in place of a file.
        policy: The Content-Security-Policy header.
    """

    folder: Path
    prefix: str
    otherwise: WSGIApplication
    generated: Mapping[str, bytes]
    policy: str

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        answer = self._answer(environ) if environ["REQUEST_METHOD"] in ("GET", "HEAD") else None
        return (answer or self.otherwise)(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Response | None:
        path = _path(environ)
        if path + "/" == self.prefix:
            # Without the slash, the page's own relative addresses would miss their folder.
            return Response(status=308, headers={"Location": self.prefix})
        name = path.removeprefix(self.prefix) or _INDEX
        content = self._content(name) if path.startswith(self.prefix) else None
        if content is None:
            return None
        response = Response(content, content_type=CONTENT_TYPES[Path(name).suffix])
        response.headers.update(
            {
                "Cache-Control": "no-cache",
                "Content-Security-Policy": self.policy,
                "Cross-Origin-Resource-Policy": "same-origin",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
            }
        )
        response.add_etag()
        return response.make_conditional(environ)

    def _content(self, name: str) -> bytes | None:
        if name in self.generated:
            return self.generated[name]
        if not _PATH.fullmatch(name) or Path(name).suffix not in CONTENT_TYPES:
            return None
        file = (self.folder / name).resolve()  # a link that leads out of the folder is not served either
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            return None
        return file.read_bytes()


def _path(environ: WSGIEnvironment) -> str:
    """The request's path, percent-decoded once, where the server tells it as it was sent."""
    if "REQUEST_URI" in environ:
        return unquote(split_target(environ["REQUEST_URI"])[0])
    return str(environ.get("PATH_INFO") or "/")
