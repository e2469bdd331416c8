"""The issuer's published key set, fetched over HTTPS and cached.

PyJWT's own PyJWKClient is not used: it waits 30 s, follows redirects anywhere, and has nothing to say once the issuer
is down. Here a key set that was good stays good through an outage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from taskapi.observability import logger
from taskapi.tokens.errors import InvalidToken, KeysUnavailable, UnknownKeyYet
from taskapi.tokens.fetch import fetch
from taskapi.tokens.keys import InvalidKeySet, KeySet
from taskapi.tokens.refresh_schedule import RefreshSchedule

if TYPE_CHECKING:
    from jwt.algorithms import AllowedPublicKeys

FRESH_SECONDS: Final = 600
"""Age at which the set is fetched again, so that a key that the issuer withdrew stops working."""
MOST_REASON: Final = 300
"""Characters of a log line's reason."""
MOST_REPORTED: Final = 20
"""Keys that a log line names."""


class PublishedKeys:
    """A key source over a JWKS URL."""

    def __init__(
        self, url: str, *, fetch: Callable[[str], str] = fetch, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Make a source; ``fetch`` gets the document, with the first token, and raises OSError or ValueError."""
        self._url = url
        self._fetch = fetch
        self._schedule = RefreshSchedule(FRESH_SECONDS, monotonic)
        self._key_set: KeySet | None = None
        self._last_try_failed = False

    def candidates(self, kid: str | None, algorithm: str, /) -> Iterable[AllowedPublicKeys]:
        """See :class:`~taskapi.tokens.keys.KeySource`."""
        fetched = self._schedule.is_stale() and self._refresh()
        keys = self._find(kid, algorithm)
        if keys:
            return keys if kid is not None or fetched else self._and_newer(keys, algorithm)
        if not fetched:
            fetched = self._refresh()
            keys = self._find(kid, algorithm)
        if keys:
            return keys
        self._check_that_all_are_known(fetched)
        raise InvalidToken("unknown_key")

    def _and_newer(self, keys: Sequence[AllowedPublicKeys], algorithm: str) -> Iterator[AllowedPublicKeys]:
        """Keys for a token that names none: one which the set's keys did not sign may be of a key published since."""
        yield from keys
        fetched = self._refresh()
        yield from (key for key in self._find(None, algorithm) if key not in keys)
        self._check_that_all_are_known(fetched)

    def _check_that_all_are_known(self, fetched: bool) -> None:
        if self._last_try_failed:  # the key may be one that we could not fetch
            raise KeysUnavailable("the key set could not be fetched")
        if not fetched:  # it may have been published since
            raise UnknownKeyYet("the key set was fetched moments ago")

    def _find(self, kid: str | None, algorithm: str) -> Sequence[AllowedPublicKeys]:
        return () if self._key_set is None else self._key_set.find(kid, algorithm)

    def _refresh(self) -> bool:
        """Fetch the set if that may be tried now; whether it was fetched."""
        if not self._schedule.begin(has_keys=self._key_set is not None):
            return False
        url = self._url.partition("?")[0]
        try:
            self._key_set = KeySet.parse(self._fetch(self._url))
        except (OSError, ValueError) as error:
            self._last_try_failed = True
            if isinstance(error, InvalidKeySet) and error.has_secrets:
                self._key_set = None  # not kept as through an outage: anybody can sign with what was good before
            reason = str(error).replace(self._url, url)[:MOST_REASON] or type(error).__qualname__
            logger.warning("key set not refreshed", extra={"url": url, "reason": reason})
            return False
        self._last_try_failed = False
        self._schedule.succeeded()
        self._report_left_out(url, self._key_set)
        return True

    @staticmethod
    def _report_left_out(url: str, key_set: KeySet) -> None:
        if key_set.left_out:
            # A secret that everybody can read signs for everybody.
            log = logger.warning if key_set.secrets else logger.info
            keys = [str(each) for each in key_set.left_out[:MOST_REPORTED]]
            log("keys left out", extra={"url": url, "keys": keys})
