"""The authorizer of a local run whose issuer serves its key set by plain HTTP on this machine.

It is the deployed one but for how the set is fetched: that one takes https alone, and its rule stays as it is.
"""

from __future__ import annotations

import os
import urllib.request
from http.client import HTTPException
from typing import Final

from taskapi.settings import TokenSettings
from taskapi.tokens import Authorizer
from taskapi.tokens.jwks import PublishedKeys

MOST_BYTES: Final = 256 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """It could lead off this machine."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def _fetch(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(url, timeout=1.5) as response:
            raw: bytes = response.read(MOST_BYTES)
    except HTTPException as error:  # no HTTP there, or cut short
        raise OSError(type(error).__qualname__) from error
    return raw.decode()


handler = Authorizer(
    TokenSettings.from_environment(os.environ), PublishedKeys(os.environ["LOOPBACK_JWKS_URL"], fetch=_fetch)
)
