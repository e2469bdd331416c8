"""The authorizer of a local run whose issuer serves its key set by plain HTTP on this machine.

It is the deployed one but for how the set is fetched: that one takes https alone, and its rule stays as it is.
"""

from __future__ import annotations

import os
import urllib.request

from taskapi.settings import TokenSettings
from taskapi.tokens import Authorizer
from taskapi.tokens.jwks import MOST_BYTES, PublishedKeys


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """It could lead off this machine."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def _fetch(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    with opener.open(url, timeout=1.5) as response:
        raw: bytes = response.read(MOST_BYTES)
    return raw.decode()


handler = Authorizer(
    TokenSettings.from_environment(os.environ), PublishedKeys(os.environ["LOOPBACK_JWKS_URL"], fetch=_fetch)
)
