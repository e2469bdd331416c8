"""What is checked, and as whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest

from local import listener
from local.errors import LocalError


@dataclass(frozen=True)
class Target:
    """A deployment, and users of it.

    Attributes:
        base_url: Of the API, with the stage and without a slash at the end.
        token: A good access token.
        other_token: Another user's, None when there is none.
        origin: One of the allowed origins, None to leave CORS out.
        skip_gateway: Leave out what the gateway answers by itself: `sam local start-api` has answers of its own.
        seconds: That the checks may take.
        transport: Makes another HTTP transport, for tests of the checks.
    """

    base_url: str
    token: str
    other_token: str | None = None
    origin: str | None = None
    skip_gateway: bool = False
    seconds: float = 120
    transport: Callable[[], httpx.BaseTransport | None] = lambda: None

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Target:
        """Read BASE_URL, TOKEN, OTHER_TOKEN, ORIGIN, SKIP_GATEWAY and SMOKE_SECONDS.

        The tokens come that way and never from the command line, where every process of the machine can read them.

        Raises:
            LocalError: one is missing or wrong.
        """
        base_url = _base_url(variables.get("BASE_URL", ""))
        token = _token(variables, "TOKEN")
        if token is None:
            raise LocalError("set TOKEN to an access token; for make run: TOKEN=$(make -s token USER=alice)")
        origin = variables.get("ORIGIN", "").strip()
        if origin and not re.fullmatch(r"https?://[!-.0-~]+", origin):
            raise LocalError(f"ORIGIN must be an origin such as https://app.example.com, not {origin!r}")
        return cls(
            base_url,
            token,
            _token(variables, "OTHER_TOKEN"),
            origin or None,
            skip_gateway=bool(variables.get("SKIP_GATEWAY")),
            seconds=float(variables.get("SMOKE_SECONDS", "120")),
        )


TARGET = pytest.StashKey[Target]()


def _base_url(text: str) -> str:
    try:
        url = httpx.URL(text.strip().rstrip("/"))
    except httpx.InvalidURL as error:
        raise LocalError(f"BASE_URL is no URL: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise LocalError("BASE_URL must be a URL such as https://abc123.execute-api.eu-central-1.amazonaws.com/v1")
    if url.scheme == "http" and url.host not in listener.NAMES:
        raise LocalError("BASE_URL must be https: the token would travel unencrypted")
    return str(url)


def _token(variables: Mapping[str, str], name: str) -> str | None:
    value = variables.get(name, "").strip().removeprefix("Bearer ").strip()
    if not all("!" <= character <= "~" for character in value):
        raise LocalError(f"{name} is no token: it has spaces or other characters that no token has")
    return value or None
