"""The issuer's published key set, fetched over HTTPS and cached.

PyJWT's own PyJWKClient is not used: it waits 30 s, follows redirects anywhere, and has nothing to say once the issuer
is down. Here a key set that was good stays good through an outage.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import TYPE_CHECKING, Final

from taskapi.observability import logger
from taskapi.tokens.errors import InvalidToken, KeysUnavailable
from taskapi.tokens.keys import InvalidKeySet, KeySet
from taskapi.tokens.refresh_schedule import RefreshSchedule

if TYPE_CHECKING:
    from jwt import PyJWK

TIMEOUT_SECONDS: Final = 1.5
FRESH_SECONDS: Final = 600
"""Age at which the set is fetched again, so that a key that the issuer withdrew stops working."""
MOST_BYTES: Final = 256 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead off HTTPS or into the VPC; the setting has to name the final URL."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def fetch(url: str) -> str:
    """Get a key set document.

    Args:
        url: An https URL.

    Raises:
        OSError: not reached within 1.5 s, or not answered with 200.
        ValueError: not UTF-8, or over 256 KiB.
    """
    if not url.startswith("https://"):
        raise ValueError("not an https URL")
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
            raw: bytes = response.read(MOST_BYTES + 1)
    except HTTPException as error:  # not HTTP, or cut short
        raise OSError(type(error).__qualname__) from error
    if len(raw) > MOST_BYTES:
        raise ValueError("the key set is too large")
    return raw.decode()


class PublishedKeys:
    """A key source over a JWKS URL."""

    def __init__(
        self, url: str, *, fetch: Callable[[str], str] = fetch, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Make a source; nothing is fetched before the first token.

        Args:
            url: Of the key set.
            fetch: Gets the document; raises OSError or ValueError.
            monotonic: Seconds.
        """
        self._url = url
        self._fetch = fetch
        self._schedule = RefreshSchedule(FRESH_SECONDS, monotonic)
        self._key_set: KeySet | None = None
        self._last_try_failed = False

    def candidates(self, kid: str | None, algorithm: str, /) -> Sequence[PyJWK]:
        """See :class:`~taskapi.tokens.keys.KeySource`."""
        if self._schedule.is_stale():
            self._refresh()
        key = self._find(kid, algorithm)
        if key is None:
            self._refresh()
            key = self._find(kid, algorithm)
        if key is not None:
            return [key]
        if self._last_try_failed:  # the key may be one that we could not fetch
            raise KeysUnavailable("the key set could not be fetched")
        raise InvalidToken("unknown_key")

    def _find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        return None if self._key_set is None else self._key_set.find(kid, algorithm)

    def _refresh(self) -> None:
        if not self._schedule.begin(has_keys=self._key_set is not None):
            return
        try:
            self._key_set = KeySet.parse(self._fetch(self._url))
        except (OSError, ValueError, InvalidKeySet) as error:
            self._last_try_failed = True
            logger.warning("key set not refreshed", extra={"url": self._url, "exception": type(error).__qualname__})
        else:
            self._last_try_failed = False
            self._schedule.succeeded()
