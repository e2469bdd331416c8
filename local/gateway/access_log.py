"""What the developer sees of each request, on stderr."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Final, TextIO
from urllib.parse import unquote_plus

from local.functions.function_log import FunctionLog
from local.gateway.origins import Origins
from local.gateway.request import GatewayRequest

HIDDEN: Final = "***"
"""What stands for a secret."""

_SECRET_NAMES: Final = re.compile(
    "token|secret|passw|pwd|key|auth|jwt|credential|signature|session|assertion|bearer|code|sig$|otp$|sid$|pin$"
)
_DELIMITERS: Final = re.compile("([/?&;])")
_TOKEN_CHARACTERS: Final = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_BEARER: Final = re.compile(r"bearer +[\w-]+\.[\w-]+\.[\w-]+", re.ASCII | re.IGNORECASE)


class AccessLog:
    """Writes a line for each request, and what the functions logged where that helps."""

    def __init__(self, stream: TextIO, function_log: FunctionLog, origins: Origins, *, show_all: bool) -> None:
        """Write to a stream; with ``show_all`` all that functions print, otherwise only what belongs to a 5xx."""
        self._stream = stream
        self._function_log = function_log
        self._origins = origins
        self._show_all = show_all

    def __call__(self, request: GatewayRequest, status: int, milliseconds: float) -> None:
        """Log a request that has been served, in the thread that served it."""
        logged = self._function_log.take()
        target = f"{request.path}?{request.query}" if request.query else request.path
        line = f"{time.strftime('%H:%M:%S')} {request.method} {without_secrets(target)} {status} {milliseconds:.0f} ms"
        if notes := "; ".join(self._notes(request, status, logged)):
            line += f" ({notes})"
        shown = logged if self._show_all or status >= 500 else ""
        self._stream.write(f"{_on_one_line(line)}\n{shown}")
        self._stream.flush()

    def _notes(self, request: GatewayRequest, status: int, logged: str) -> Iterator[str]:
        if request.fault is not None:
            yield request.fault
        if status == 401:
            yield _why_unauthorized(request.header("Authorization"), logged)
        if (origin := self._origins.refused(request)) is not None:
            yield f"browsers are refused: origin {origin} is not in ALLOWED_ORIGINS"


def without_secrets(target: str) -> str:
    """A request target with what may be a token or another secret hidden.

    Args:
        target: Percent-encoded, as sent.
    """
    return "".join(map(_without_secret, _DELIMITERS.split(target)))


def _without_secret(part: str) -> str:
    """A path's segment or a query's parameter; what is encoded twice is looked into, too."""
    plain = unquote_plus(unquote_plus(part))
    if _SECRET_NAMES.search(plain.lower().rpartition("=")[0]):
        name, is_there, _ = part.partition("=")
        return f"{name}={HIDDEN}" if is_there else HIDDEN
    if any(map(_looks_like_a_jwt, _TOKEN_CHARACTERS.findall(plain))):
        name, is_there, _ = part.rpartition("=")
        return f"{name}{is_there}{HIDDEN}"
    return part


def _looks_like_a_jwt(text: str) -> bool:
    """Whether a text has parts with dots between them, of which the first may be a JSON object in base64url."""
    _, _, after = text.partition("eyJ")
    return "." in after or (text.count(".") in (2, 4) and len(text) >= 40)


def _why_unauthorized(authorization: str | None, logged: str) -> str:
    if authorization is None:
        return "no Authorization header"
    for line in logged.splitlines():
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict) and document.get("status") == 401:
            return f"the token is refused: {document.get('code')}"
    if _BEARER.fullmatch(authorization):
        return "the token is refused; LOG_LEVEL=INFO says why"
    return "Authorization is not Bearer and a JWT"


def _on_one_line(text: str) -> str:
    """Text without anything that a terminal obeys; control characters as in a Python string."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
