"""The API reference of ``make run``, at ``/docs/``: what ``make reference`` has made, or how to make it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.paths import BUILD
from local.web.static_files import StaticFiles, content_security_policy

PREFIX: Final = "/docs/"
FOLDER: Final = BUILD / "reference"

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Redoc writes its styles into the page
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src blob:",  # its search
        "child-src blob:",  # the same, for browsers that don't know worker-src
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""For whoever serves the folder ("Content Security Policy Level 3", W3C)."""

# Without styles, so that the strictest policy does, and in the reader's own colours.
_NOT_MADE: Final = b"""\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Task API reference</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <main>
      <h1>Task API reference</h1>
      <p>It is not made yet. Run <code>make reference</code> (it needs Node.js), then reload this page.</p>
      <p>The same in text: <code>docs/task-api.md</code> and <code>docs/openapi.yaml</code>.</p>
    </main>
  </body>
</html>
"""


def with_reference(api: WSGIApplication, folder: Path = FOLDER) -> WSGIApplication:
    """The API with its reference in front of it.

    Args:
        api: Serves every other path.
        folder: Of the reference. It may come and go while this serves.
    """
    made = StaticFiles(folder, PREFIX, api, {}, CONTENT_SECURITY_POLICY)
    not_made = StaticFiles(folder, PREFIX, api, {"index.html": _NOT_MADE}, content_security_policy())

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_made = (folder / "index.html").is_file()
        return (made if is_made else not_made)(environ, start_response)

    return serve
