"""The published key set: cached, refreshed with measure, and kept through an outage."""

from __future__ import annotations

import ssl
import urllib.error
from email.message import Message
from typing import Any

import pytest

from taskapi.tokens.errors import InvalidToken, KeysUnavailable, UnknownKeyYet
from taskapi.tokens.jwks import PublishedKeys
from tests.support.fixed_clocks import FixedMonotonic
from tests.support.signing_keys import key_set, signing_key
from tests.support.standard_output import StandardOutput

FRESH_SECONDS, RETRY_SECONDS, FIRST_RETRY_SECONDS = 600, 30, 5
MOST_BYTES = 262_144
URL = "https://issuer.example.com/.well-known/jwks.json"
OLD = key_set(signing_key("Ed25519", "old").jwk(kid="old"))
BOTH = key_set(signing_key("Ed25519", "old").jwk(kid="old"), signing_key("Ed25519", "new").jwk(kid="new"))
NEW = key_set(signing_key("Ed25519", "new").jwk(kid="new"))
OUTAGES: list[Exception] = [
    OSError("no route"),
    TimeoutError(),
    ConnectionResetError(),
    ssl.SSLError("bad certificate"),
    urllib.error.URLError("name not known"),
    urllib.error.HTTPError(URL, 503, "down", Message(), None),
    ValueError("too large"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
]


def public(name: str) -> Any:
    """A public key."""
    return signing_key("Ed25519", name).private.public_key()


class Issuer:
    """Publishes a document, or is down.

    Attributes:
        document: What a fetch gets, or what it raises.
        fetches: The URLs fetched so far.
    """

    def __init__(self, document: str | Exception) -> None:
        self.document = document
        self.fetches: list[str] = []

    def __call__(self, url: str) -> str:
        self.fetches.append(url)
        if isinstance(self.document, Exception):
            raise self.document
        return self.document


class Setup:
    """A source of published keys with its issuer and its clock."""

    def __init__(self, document: str | Exception) -> None:
        self.issuer = Issuer(document)
        self.clock = FixedMonotonic()
        self.keys = PublishedKeys(URL, fetch=self.issuer, monotonic=self.clock)

    def find(self, kid: str | None) -> str:
        """The name of the one candidate."""
        [key] = self.keys.candidates(kid, "EdDSA")
        [name] = [name for name in ("old", "new") if public(name) == key]
        return name


class TestCache:
    """How often the issuer is asked."""

    def test_nothing_is_fetched_before_the_first_token(self) -> None:
        setup = Setup(OLD)
        assert setup.issuer.fetches == []
        assert setup.find("old") == "old"
        assert setup.issuer.fetches == [URL]

    def test_a_fresh_set_is_not_fetched_again(self) -> None:
        setup = Setup(OLD)
        for _ in range(5):
            setup.find("old")
            setup.clock.advance((FRESH_SECONDS - 1) / 5)
        assert len(setup.issuer.fetches) == 1

    def test_an_old_one_is_so_that_a_withdrawn_key_stops_working(self) -> None:
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = NEW
        setup.clock.advance(FRESH_SECONDS)
        with pytest.raises(InvalidToken):
            setup.find("old")
        assert len(setup.issuer.fetches) == 2
        assert setup.find("new") == "new"

    def test_an_unknown_key_may_be_a_new_one(self) -> None:
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = BOTH
        setup.clock.advance(RETRY_SECONDS)
        assert setup.find("new") == "new"
        assert len(setup.issuer.fetches) == 2

    def test_invented_keys_do_not_hammer_the_issuer(self) -> None:
        # Given a set just fetched, when tokens with invented kids come for five minutes, one a second
        setup = Setup(OLD)
        setup.find("old")
        for number in range(300):
            with pytest.raises((InvalidToken, UnknownKeyYet)):
                setup.find(f"invented-{number}")
            setup.clock.advance(1)
        # Then it was fetched once every thirty seconds at most
        assert len(setup.issuer.fetches) == 1 + 300 // 30 - 1

    @pytest.mark.parametrize("age", [0, RETRY_SECONDS, FRESH_SECONDS])
    def test_a_key_that_a_fetch_for_it_does_not_bring_is_unknown(self, age: float) -> None:
        # Given no set yet, or one that may be fetched again
        setup = Setup(OLD)
        if age:
            setup.find("old")
            setup.clock.advance(age)
        before = len(setup.issuer.fetches)
        # When a token names a key that the issuer does not have, then that is known after one fetch
        with pytest.raises(InvalidToken) as raised:
            setup.find("new")
        assert raised.value.reason == "unknown_key"
        assert len(setup.issuer.fetches) == before + 1

    @pytest.mark.parametrize("age", [0, 1, RETRY_SECONDS - 1])
    def test_a_key_that_may_be_newer_than_the_last_fetch_is_no_bad_token(self, age: float) -> None:
        # Given a set that was fetched moments ago, when the issuer publishes a key and signs with it at once
        setup = Setup(OLD)
        setup.find("old")
        setup.clock.advance(age)
        setup.issuer.document = BOTH
        # Then nothing is said of its tokens until the set may be fetched again
        with pytest.raises(UnknownKeyYet, match=r"^the key set was fetched moments ago$"):
            setup.find("new")
        assert len(setup.issuer.fetches) == 1
        setup.clock.advance(RETRY_SECONDS - age)
        assert setup.find("new") == "new"

    def test_a_key_of_another_algorithm_under_the_same_kid_may_be_new_too(self) -> None:
        # Given an issuer whose algorithm was changed while its kid stays
        setup = Setup(key_set(signing_key("RSA").jwk(kid="old")))
        setup.keys.candidates("old", "RS256")
        setup.issuer.document = OLD
        with pytest.raises(UnknownKeyYet):
            setup.find("old")
        setup.clock.advance(RETRY_SECONDS)
        assert setup.find("old") == "old"


class TestTokensThatNameNoKey:
    """What the keys of the set did not sign may be of a key that was published since."""

    def test_the_set_is_fetched_for_it(self) -> None:
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = BOTH
        setup.clock.advance(RETRY_SECONDS)
        # The keys that are known come first, and the fetch only when none of them is it
        keys = iter(setup.keys.candidates(None, "EdDSA"))
        assert next(keys) == public("old")
        assert len(setup.issuer.fetches) == 1
        assert list(keys) == [public("new")]
        assert len(setup.issuer.fetches) == 2

    def test_right_after_a_fetch_nothing_is_said(self) -> None:
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = NEW
        with pytest.raises(UnknownKeyYet):
            list(setup.keys.candidates(None, "EdDSA"))
        setup.clock.advance(RETRY_SECONDS)
        assert list(setup.keys.candidates(None, "EdDSA")) == [public("old"), public("new")]

    def test_after_a_fetch_for_it_there_are_no_others(self) -> None:
        assert list(Setup(BOTH).keys.candidates(None, "EdDSA")) == [public("old"), public("new")]

    def test_in_an_outage_nothing_is_said(self, output: StandardOutput) -> None:
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = OSError("HTTP 503")
        setup.clock.advance(RETRY_SECONDS)
        with pytest.raises(KeysUnavailable):
            list(setup.keys.candidates(None, "EdDSA"))
        assert output.logs


class TestOutage:
    """The issuer can't be reached, or talks nonsense."""

    @pytest.mark.parametrize("outage", [*OUTAGES, "no json", '{"keys": []}'], ids=repr)
    def test_before_the_first_set_nothing_can_be_told(self, outage: str | Exception, output: StandardOutput) -> None:
        setup = Setup(outage)
        with pytest.raises(KeysUnavailable):
            setup.find("old")
        [line] = output.logs
        assert (line["level"], line["message"], line["url"]) == ("WARNING", "key set not refreshed", URL)

    @pytest.mark.parametrize("outage", [*OUTAGES, "no json", '{"keys": []}'], ids=repr)
    def test_a_set_that_was_good_stays_good(self, outage: str | Exception, output: StandardOutput) -> None:
        # Given a good set, and an issuer that then is down for a day
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = outage
        for _ in range(24):
            setup.clock.advance(3_600)
            # When a token comes, then it is still verified
            assert setup.find("old") == "old"
        assert len(output.logs) == 24

    def test_a_key_whose_private_half_is_published_is_not_kept(self, output: StandardOutput) -> None:
        # Given a good key, when its issuer publishes the private half
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = key_set(signing_key("Ed25519", "old").jwk(kid="old", d="AAAA"))
        setup.clock.advance(FRESH_SECONDS)
        # Then its tokens are good no longer, although there is no other key
        with pytest.raises(KeysUnavailable):
            setup.find("old")
        assert output.logs[0]["reason"] == "no key to verify signatures with (old: a private key)"

    def test_a_key_that_we_could_not_fetch_is_no_bad_token(self, output: StandardOutput) -> None:
        setup = Setup(OLD)
        setup.find("old")
        setup.issuer.document = OSError()
        setup.clock.advance(RETRY_SECONDS)
        with pytest.raises(KeysUnavailable, match=r"^the key set could not be fetched$"):
            setup.find("new")
        assert output.logs

    def test_during_an_outage_the_issuer_is_not_hammered_either(self, output: StandardOutput) -> None:
        # Given no key set yet, so that no request can be served: it is asked for more often than later
        setup = Setup(OSError())
        for _ in range(FIRST_RETRY_SECONDS * 3):
            with pytest.raises(KeysUnavailable):
                setup.find("old")
            setup.clock.advance(1)
        assert len(setup.issuer.fetches) == len(output.logs) == 3

    def test_after_it_all_is_well(self, output: StandardOutput) -> None:
        setup = Setup(OSError())
        with pytest.raises(KeysUnavailable):
            setup.find("old")
        setup.issuer.document = OLD
        setup.clock.advance(RETRY_SECONDS)
        assert setup.find("old") == "old"
        setup.clock.advance(RETRY_SECONDS)
        with pytest.raises(InvalidToken):
            setup.find("invented")
        assert len(output.logs) == 1


class TestLogs:
    """What the on-call engineer is told."""

    @pytest.mark.parametrize(
        ("outage", "reason"),
        [
            (OSError("HTTP 403"), "HTTP 403"),
            (OSError("timed out"), "timed out"),
            (TimeoutError(), "TimeoutError"),
            (ValueError("the key set is too large"), "the key set is too large"),
            ("<html>", "not a JSON Web Key Set"),
            ('{"keys": []}', "no key to verify signatures with (empty)"),
            (
                key_set(signing_key("RSA-1024").jwk(kid="1")),
                "no key to verify signatures with (1: an RSA key below 2048 bits)",
            ),
        ],
        ids=["status", "text", "no text", "too large", "no JSON", "empty", "unusable"],
    )
    def test_why_the_set_was_not_refreshed(self, outage: str | Exception, reason: str, output: StandardOutput) -> None:
        with pytest.raises(KeysUnavailable):
            Setup(outage).find("old")
        [line] = output.logs
        assert (line["message"], line["reason"]) == ("key set not refreshed", reason)

    def test_no_query_of_the_url(self, output: StandardOutput) -> None:
        # Given a URL with a key of its own, which an error quotes
        url = f"{URL}?key=hunter2"
        keys = PublishedKeys(url, fetch=Issuer(OSError(f"can't reach {url}")), monotonic=FixedMonotonic())
        with pytest.raises(KeysUnavailable):
            keys.candidates("old", "EdDSA")
        assert output.logs[0]["url"] == URL
        assert "hunter2" not in output.text

    def test_a_reason_is_not_endless(self, output: StandardOutput) -> None:
        with pytest.raises(KeysUnavailable):
            Setup(OSError("x" * 10_000)).find("old")
        assert len(output.logs[0]["reason"]) == 300

    def test_which_keys_are_not_used(self, output: StandardOutput) -> None:
        good = signing_key("Ed25519", "old").jwk(kid="old")
        setup = Setup(key_set(good, signing_key("RSA").jwk(kid="e", use="enc"), {"kty": "AKP", "kid": "k" * 500}))
        setup.find("old")
        setup.find("old")
        [line] = output.logs
        assert (line["level"], line["message"], line["url"]) == ("INFO", "keys left out", URL)
        assert line["keys"] == ["e: not for verifying signatures", f"{'k' * 64}: a key type that is not verified with"]

    @pytest.mark.parametrize(
        "secret", [{"kty": "oct", "k": "hunter2", "kid": "s"}, {"kty": "OKP", "d": "x", "kid": "s"}]
    )
    def test_a_published_secret_is_a_warning(self, secret: dict[str, str], output: StandardOutput) -> None:
        setup = Setup(key_set(signing_key("Ed25519", "old").jwk(kid="old"), secret))
        assert setup.find("old") == "old"
        [line] = output.logs
        assert (line["level"], line["message"]) == ("WARNING", "keys left out")
        assert line["keys"][0] in ("s: a symmetric key", "s: a private key")
        assert "hunter2" not in output.text

    def test_not_all_of_many_keys_are_named(self, output: StandardOutput) -> None:
        good = signing_key("Ed25519", "old").jwk(kid="old")
        Setup(key_set(good, *({"kty": "AKP", "kid": str(number)} for number in range(21)))).find("old")
        [line] = output.logs
        assert line["keys"] == [f"{number}: a key type that is not verified with" for number in range(20)]

    def test_nothing_where_all_is_well(self, output: StandardOutput) -> None:
        Setup(OLD).find("old")
        assert output.text == ""
