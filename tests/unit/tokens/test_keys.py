"""Key sets: a key serves only what it says it is for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskapi.tokens.errors import InvalidToken
from taskapi.tokens.keys import InlineKeys, InvalidKeySet, KeySet
from tests.support.signing_keys import ALGORITHM_KINDS, key_set, signing_key

RSA = signing_key("RSA")
OTHER_RSA = signing_key("RSA", "other")
P256 = signing_key("P-256")
ED25519 = signing_key("Ed25519")
OCT = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}


def found(document: str, kid: str | None, algorithm: str) -> str | None:
    """The ``kid`` of the key that the set has for such a token; None when it has none."""
    key = KeySet.parse(document).find(kid, algorithm)
    return None if key is None else str(key.key_id)


class TestParse:
    """Which documents are key sets."""

    @pytest.mark.parametrize(
        "document",
        [
            "",
            "{",
            "null",
            "[]",
            "7",
            '"keys"',
            "{}",
            '{"keys": null}',
            '{"keys": {}}',
            '{"keys": []}',
            '{"keys": "RSA"}',
            '{"keys": [null]}',
            '{"keys": ["RSA"]}',
            '{"keys": [[]]}',
            '{"keys": [{}]}',
            '{"keys": [{"kty": ["RSA"]}]}',
            '{"keys": [{"kty": "RSA", "key_ops": 7}]}',
            "[" * 100_000,
            '{"keys": ' + "9" * 10_000 + "}",
        ],
    )
    def test_what_is_none(self, document: str) -> None:
        with pytest.raises(InvalidKeySet):
            KeySet.parse(document)

    @pytest.mark.parametrize(
        "unusable",
        [
            RSA.jwk(kid="1", use="enc"),
            RSA.jwk(kid="1", key_ops=["encrypt"]),
            RSA.jwk(kid="1", key_ops=["sign"]),
            RSA.jwk(kid="1", key_ops=[]),
            RSA.jwk(kid="1", use="sig", key_ops=["wrapKey"]),
            RSA.jwk(kid="1", use="enc", key_ops=["verify"]),
            RSA.jwk(kid="1", use=None),
            {"kty": "AKP", "kid": "1"},
            {"kid": "1"},
        ],
    )
    def test_a_key_for_something_else_is_left_out(self, unusable: dict[str, Any]) -> None:
        # Alone it makes no key set
        with pytest.raises(InvalidKeySet):
            KeySet.parse(key_set(unusable))
        # Beside a good one it is as if it were not there, its kid too
        good = OTHER_RSA.jwk(kid="1")
        assert KeySet.parse(key_set(unusable, good)).keys == (good,)

    @pytest.mark.parametrize(
        "members", [{}, {"use": "sig"}, {"key_ops": ["verify"]}, {"key_ops": ["sign", "verify"]}, {"alg": "RS256"}]
    )
    def test_a_key_for_signatures_is_taken(self, members: dict[str, Any]) -> None:
        assert found(key_set(RSA.jwk(kid="1", **members)), "1", "RS256") == "1"

    @pytest.mark.parametrize("keys", [[OCT], [OCT, RSA.jwk(kid="1")], [RSA.jwk(kid="1"), {**OCT, "use": "enc"}]])
    def test_a_symmetric_key_spoils_the_set(self, keys: list[dict[str, Any]]) -> None:
        with pytest.raises(InvalidKeySet, match="symmetric"):
            KeySet.parse(key_set(*keys))

    @pytest.mark.parametrize(
        "keys",
        [
            [RSA.jwk(kid="1"), OTHER_RSA.jwk(kid="1")],
            [RSA.jwk(kid="1"), RSA.jwk(kid="1")],
            [RSA.jwk(kid="1"), P256.jwk(kid="1")],
            [RSA.jwk(kid="2"), P256.jwk(kid="1"), ED25519.jwk(kid="1")],
        ],
    )
    def test_two_keys_of_one_kid_spoil_it(self, keys: list[dict[str, Any]]) -> None:
        with pytest.raises(InvalidKeySet, match="kid"):
            KeySet.parse(key_set(*keys))

    def test_keys_without_a_kid_are_not_of_one(self) -> None:
        assert len(KeySet.parse(key_set(RSA.jwk(), OTHER_RSA.jwk())).keys) == 2

    def test_members_beyond_the_standard_do_no_harm(self) -> None:
        document = json.dumps({"keys": [RSA.jwk(kid="1", x5t="abc", ext=True)], "issued": 1})
        assert found(document, "1", "RS256") == "1"


class TestFind:
    """Which key may have signed a token."""

    @pytest.mark.parametrize(("algorithm", "kind"), ALGORITHM_KINDS.items())
    def test_every_algorithm_has_its_kind_of_key(self, algorithm: str, kind: str) -> None:
        # Given a set with one key of each kind
        everything = key_set(*(signing_key(each).jwk(kid=each) for each in dict.fromkeys(ALGORITHM_KINDS.values())))
        # When a token names a key, then only the one of the algorithm's kind is found
        for each in dict.fromkeys(ALGORITHM_KINDS.values()):
            assert found(everything, each, algorithm) == (kind if each == kind else None)
        # And without a name the set has just the one
        assert found(everything, None, algorithm) == kind

    def test_ed448_is_an_eddsa_key_too(self) -> None:
        assert found(key_set(signing_key("Ed448").jwk(kid="1")), "1", "EdDSA") == "1"

    def test_a_key_of_another_algorithm_is_none(self) -> None:
        document = key_set(RSA.jwk(kid="1", alg="RS256"))
        assert found(document, "1", "RS256") == "1"
        assert found(document, "1", "RS512") is None
        assert found(document, "1", "PS256") is None
        assert found(document, None, "PS256") is None

    def test_a_key_on_another_curve_is_none(self) -> None:
        document = key_set(signing_key("secp256k1").jwk(kid="1"))
        assert found(document, "1", "ES256") is None

    @pytest.mark.parametrize("kid", ["2", "", "1 ", "../1", "1' OR '1'='1"])
    def test_a_kid_that_the_set_does_not_have(self, kid: str) -> None:
        assert found(key_set(RSA.jwk(kid="1")), kid, "RS256") is None

    def test_a_token_without_kid_where_there_is_a_choice(self) -> None:
        assert found(key_set(RSA.jwk(kid="1"), OTHER_RSA.jwk(kid="2")), None, "RS256") is None
        assert found(key_set(RSA.jwk(kid="1"), P256.jwk(kid="2")), None, "RS256") == "1"

    @pytest.mark.parametrize(
        "broken",
        [
            {"kty": "RSA", "kid": "1"},
            {"kty": "RSA", "kid": "1", "n": 7, "e": "AQAB"},
            {"kty": "RSA", "kid": "1", "n": "%", "e": "AQAB"},
            {"kty": "RSA", "kid": "1", "n": "", "e": ""},
            P256.jwk(kid="1", y="AA"),
            P256.jwk(kid="1", y=P256.public_jwk["x"]),
            ED25519.jwk(kid="1", x="AA"),
            {"kty": "OKP", "crv": "Ed25519", "kid": "1"},
            {"kty": "EC", "crv": ["P-256"], "kid": "1"},
            {"kty": "OKP", "crv": {}, "kid": "1"},
        ],
    )
    def test_a_broken_key_is_none(self, broken: dict[str, Any]) -> None:
        document = key_set(broken, OTHER_RSA.jwk(kid="2"))
        algorithm = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[broken["kty"]]
        assert found(document, "1", algorithm) is None
        # And does not get in the way of the good one
        assert found(document, "2", "RS256") == "2"


class TestInlineKeys:
    """A key set given as a setting."""

    def test_the_key_of_a_token(self) -> None:
        [key] = InlineKeys(KeySet.parse(key_set(RSA.jwk(kid="1")))).candidates("1", "RS256")
        assert key.key_id == "1"

    def test_none(self) -> None:
        with pytest.raises(InvalidToken) as raised:
            InlineKeys(KeySet.parse(key_set(RSA.jwk(kid="1")))).candidates("2", "RS256")
        assert raised.value.reason == "unknown_key"
