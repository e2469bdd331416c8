"""Key sets: a key serves what it says it is for, and what can't be used does no harm to the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskapi.tokens.errors import InvalidToken
from taskapi.tokens.keys import InlineKeys, InvalidKeySet, KeySet, LeftOut
from tests.support.signing_keys import ALGORITHM_KINDS, SigningKey, key_set, signing_key

RSA = signing_key("RSA")
OTHER_RSA = signing_key("RSA", "other")
P256 = signing_key("P-256")
ED25519 = signing_key("Ed25519")
OCT = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}
KINDS = tuple(dict.fromkeys(ALGORITHM_KINDS.values()))

KEY_TYPE = "a key type that is not verified with"
CURVE = "a curve that is not verified with"
ALGORITHM = "an algorithm that is not verified with, or not by such a key"
PURPOSE = "not for verifying signatures"
MEMBERS = "its members are no key"
UNUSABLE: dict[str, tuple[object, str]] = {
    "null": (None, "not an object"),
    "text": ("RSA", "not an object"),
    "number": (7, "not an object"),
    "list": ([], "not an object"),
    "empty": ({}, KEY_TYPE),
    "kty of a newer standard": ({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}, KEY_TYPE),
    "kty no text": ({"kty": ["RSA"]}, KEY_TYPE),
    "kty null": (RSA.jwk(kty=None), KEY_TYPE),
    "kty in another case": (RSA.jwk(kty="rsa"), KEY_TYPE),
    "for encryption": (RSA.jwk(use="enc"), PURPOSE),
    "for encryption, by alg": (RSA.jwk(alg="RSA-OAEP"), ALGORITHM),
    "use no text": (RSA.jwk(use=7), PURPOSE),
    "for nothing": (RSA.jwk(key_ops=[]), PURPOSE),
    "for wrapping": (RSA.jwk(key_ops=["wrapKey"], use="sig"), PURPOSE),
    "for signing": (RSA.jwk(key_ops=["sign"]), PURPOSE),
    "for what no list says": (RSA.jwk(key_ops="verify"), PURPOSE),
    "for a number": (RSA.jwk(key_ops=7), PURPOSE),
    "alg no text": (RSA.jwk(alg=["RS256"]), ALGORITHM),
    "alg of another type": (RSA.jwk(alg="ES256"), ALGORITHM),
    "alg of another curve": (P256.jwk(alg="ES384"), ALGORITHM),
    "alg none": (RSA.jwk(alg="none"), ALGORITHM),
    "alg symmetric": (RSA.jwk(alg="HS256"), ALGORITHM),
    "curve of a coin": (signing_key("secp256k1").jwk(), CURVE),
    "curve for agreement": ({"kty": "OKP", "crv": "X25519", "x": ED25519.public_jwk["x"]}, CURVE),
    "curve of another type": (ED25519.jwk(crv="P-256"), CURVE),
    "curve no text": (P256.jwk(crv=["P-256"]), CURVE),
    "curve missing": (P256.jwk(crv=None), CURVE),
    "RSA too short": (signing_key("RSA-1024").jwk(), "an RSA key below 2048 bits"),
    "RSA nothing": ({"kty": "RSA"}, MEMBERS),
    "RSA number": (RSA.jwk(n=7), MEMBERS),
    "RSA no base64": (RSA.jwk(n="%"), MEMBERS),
    "RSA blank": ({"kty": "RSA", "n": "", "e": ""}, MEMBERS),
    "RSA exponent 1": (RSA.jwk(e="AQ"), MEMBERS),
    "EC too short": (P256.jwk(y="AA"), MEMBERS),
    "EC off the curve": (P256.jwk(y=P256.public_jwk["x"]), MEMBERS),
    "EC of a longer curve": (signing_key("P-384").jwk(crv="P-256"), MEMBERS),
    "OKP too short": (ED25519.jwk(x="AA"), MEMBERS),
    "OKP nothing": ({"kty": "OKP", "crv": "Ed25519"}, MEMBERS),
    "OKP of a longer curve": (ED25519.jwk(crv="Ed448"), MEMBERS),
}  # fmt: skip

SECRETS: dict[str, dict[str, Any]] = {
    "symmetric": OCT,
    "symmetric, for encryption": {**OCT, "use": "enc"},
    "RSA": RSA.jwk(d="AQAB", p="AQAB"),
    "RSA, a factor": RSA.jwk(p="AQAB"),
    "RSA, for encryption": RSA.jwk(use="enc", d="AQAB"),
    "RSA, no text": RSA.jwk(d=7),
    "EC": P256.jwk(d="AQAB"),
    "OKP": ED25519.jwk(d=ED25519.public_jwk["x"]),
    "post-quantum": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "priv": "AA"},
}

HARMLESS: dict[str, dict[str, Any]] = {
    "nothing more": {},
    "use": {"use": "sig"},
    "key_ops": {"key_ops": ["verify"]},
    "more key_ops": {"key_ops": ["sign", "verify"]},
    "a curve that an earlier algorithm left behind": {"crv": "Ed25519"},
    "members of other key types": {"crv": "P-256", "x": "AA", "y": 7, "k": "AA", "pub": []},
    "all that a serialiser knows": dict.fromkeys(
        ("use", "alg", "key_ops", "crv", "x", "y", "k", "d", "p", "q", "dp", "dq", "qi", "oth", "x5c", "x5t", "x5u")
    ),
    "blank secrets and lists": {"d": "", "oth": [], "x5c": []},
    "certificates": {"x5c": ["MIIC"], "x5t": "abc", "x5t#S256": "abc", "x5u": "https://x.example"},
    "certificates of any type": {"x5c": 7, "x5t": {"a": 1}, "x5u": []},
    "extensions": {"ext": True, "iat": 1, "nbf": None, "exp": 4102444800, "revoked": None, "": ""},
}


def names(document: str, kid: str | None, algorithm: str, *of: SigningKey) -> list[int]:
    """Which of these keys the set has for such a token."""
    found = KeySet.parse(document).find(kid, algorithm)
    return [number for key in found for number, each in enumerate(of) if each.private.public_key() == key]


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
            '{"keys": "RSA"}',
            '{"keys": 7}',
            "[" * 100_000,
            '{"keys": ' + "9" * 10_000 + "}",
        ],
    )
    def test_what_is_none(self, document: str) -> None:
        with pytest.raises(InvalidKeySet, match=r"^not a JSON Web Key Set$"):
            KeySet.parse(document)

    def test_one_without_keys(self) -> None:
        with pytest.raises(InvalidKeySet, match=r"^no key to verify signatures with \(empty\)$"):
            KeySet.parse('{"keys": []}')

    @pytest.mark.parametrize("name", UNUSABLE)
    def test_what_can_t_be_used_is_left_out(self, name: str) -> None:
        # Given a member that is of no use
        member, why = UNUSABLE[name]
        named = {**member, "kid": "1"} if isinstance(member, dict) else member
        kid = "1" if isinstance(member, dict) else None
        # Then alone it makes no key set, and the error says why
        with pytest.raises(InvalidKeySet, match=why):
            KeySet.parse(json.dumps({"keys": [named]}))
        # And beside a good one of the same kid it is as if it were not there
        document = json.dumps({"keys": [named, OTHER_RSA.jwk(kid="1"), named]})
        assert names(document, "1", "RS256", OTHER_RSA) == [0]
        assert KeySet.parse(document).left_out == (LeftOut(kid, why), LeftOut(kid, why))

    @pytest.mark.parametrize("name", SECRETS)
    def test_a_published_secret_is_left_out(self, name: str) -> None:
        # Whoever reads the set could sign; the other keys are as good as before
        document = key_set({**SECRETS[name], "kid": "1"}, OTHER_RSA.jwk(kid="2"))
        parsed = KeySet.parse(document)
        assert [key.kid for key in parsed.keys] == ["2"]
        [secret] = parsed.secrets
        assert (secret.kid, secret.why) == ("1", "a symmetric key" if "symmetric" in name else "a private key")

    @pytest.mark.parametrize("name", HARMLESS)
    def test_members_that_do_not_belong_are_ignored(self, name: str) -> None:
        assert names(key_set(RSA.jwk(**HARMLESS[name])), None, "RS256", RSA) == [0]

    @pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
    def test_of_other_types_too(self, kind: str) -> None:
        key = signing_key(kind)
        stray = {"n": "AQAB", "e": "AQAB", "p": "AQAB", "q": 7, "k": "AA", "use": None, "alg": None, "key_ops": None}
        algorithm = "ES256" if kind == "P-256" else "EdDSA"
        assert names(key_set(key.jwk(**stray)), None, algorithm, key) == [0]

    @pytest.mark.parametrize("kid", [None, 5, ["1"], {"1": 1}, True])
    def test_a_kid_that_is_no_text_is_none(self, kid: object) -> None:
        document = key_set(RSA.jwk(kid=kid))
        assert names(document, None, "RS256", RSA) == [0]
        assert names(document, "5", "RS256", RSA) == []

    def test_members_of_the_set_beyond_the_standard_do_no_harm(self) -> None:
        document = json.dumps({"keys": [RSA.jwk(kid="1")], "issued": 1, "next": None})
        assert names(document, "1", "RS256", RSA) == [0]

    def test_an_error_names_a_few_keys_and_no_more(self) -> None:
        with pytest.raises(InvalidKeySet) as raised:
            KeySet.parse(key_set(*({"kty": "AKP", "kid": "x" * 10_000} for _ in range(100))))
        each = f"{'x' * 64}: a key type that is not verified with"
        assert str(raised.value) == f"no key to verify signatures with ({'; '.join([each] * 5)})"


class TestFind:
    """Which keys may have signed a token."""

    @pytest.mark.parametrize(("algorithm", "kind"), ALGORITHM_KINDS.items())
    def test_every_algorithm_has_its_kind_of_key(self, algorithm: str, kind: str) -> None:
        # Given a set with one key of each kind
        keys = [signing_key(each) for each in KINDS]
        everything = key_set(*(key.jwk(kid=each) for key, each in zip(keys, KINDS, strict=True)))
        # When a token names a key, then only the one of the algorithm's kind is found
        for number, each in enumerate(KINDS):
            assert names(everything, each, algorithm, *keys) == ([number] if each == kind else [])
        # And without a name the set has just the one
        assert names(everything, None, algorithm, *keys) == [KINDS.index(kind)]

    @pytest.mark.parametrize(("algorithm", "kind"), ALGORITHM_KINDS.items())
    def test_one_kid_in_several_key_types(self, algorithm: str, kind: str) -> None:
        keys = [signing_key(each) for each in KINDS]
        document = key_set(*(key.jwk(kid="1") for key in keys))
        assert names(document, "1", algorithm, *keys) == [KINDS.index(kind)]

    def test_one_kid_for_several_algorithms_of_one_type(self) -> None:
        document = key_set(RSA.jwk(kid="1", alg="RS256"), OTHER_RSA.jwk(kid="1", alg="PS256"))
        assert names(document, "1", "RS256", RSA, OTHER_RSA) == [0]
        assert names(document, "1", "PS256", RSA, OTHER_RSA) == [1]

    @pytest.mark.parametrize("kid", ["1", None])
    def test_all_that_suit_in_their_order_up_to_a_few(self, kid: str | None) -> None:
        keys = [signing_key("Ed25519", str(number)) for number in range(4 + 3)]
        document = key_set(P256.jwk(kid="1"), *(key.jwk(kid="1") for key in keys))
        assert names(document, kid, "EdDSA", *keys) == list(range(4))

    @pytest.mark.parametrize("algorithm", ["EdDSA", "Ed448"])
    def test_ed448_is_an_eddsa_key_too(self, algorithm: str) -> None:
        key = signing_key("Ed448")
        assert names(key_set(ED25519.jwk(kid="2"), key.jwk(kid="1")), "1", algorithm, key) == [0]

    def test_a_key_of_another_algorithm_is_none(self) -> None:
        document = key_set(RSA.jwk(kid="1", alg="RS256"))
        assert names(document, "1", "RS256", RSA) == [0]
        for algorithm in ("RS512", "PS256"):
            assert names(document, "1", algorithm, RSA) == names(document, None, algorithm, RSA) == []

    @pytest.mark.parametrize("kid", ["2", "", "1 ", "../1", "1' OR '1'='1"])
    def test_a_kid_that_the_set_does_not_have(self, kid: str) -> None:
        assert names(key_set(RSA.jwk(kid="1")), kid, "RS256", RSA) == []


class TestInlineKeys:
    """A key set given as a setting: what would fail every token fails at the start."""

    def test_the_key_of_a_token(self) -> None:
        [key] = InlineKeys.parse(key_set(RSA.jwk(kid="1")), ["RS256"]).candidates("1", "RS256")
        assert key == RSA.private.public_key()

    def test_none(self) -> None:
        with pytest.raises(InvalidToken) as raised:
            InlineKeys.parse(key_set(RSA.jwk(kid="1")), ["RS256"]).candidates("2", "RS256")
        assert raised.value.reason == "unknown_key"

    @pytest.mark.parametrize("name", SECRETS)
    def test_a_secret_has_no_place_in_a_parameter(self, name: str) -> None:
        # Even beside a good key: parameters and variables can be read by many
        for keys in ([SECRETS[name]], [RSA.jwk(kid="1"), SECRETS[name]], [SECRETS[name], RSA.jwk(kid="1")]):
            with pytest.raises(InvalidKeySet, match=r"symmetric|private"):
                InlineKeys.parse(key_set(*keys), ["RS256"])

    def test_a_few_of_the_secrets_are_named(self) -> None:
        with pytest.raises(InvalidKeySet) as raised:
            InlineKeys.parse(key_set(RSA.jwk(), *[OCT] * 6), ["RS256"])
        named = "; ".join(["a key without kid: a symmetric key"] * 5)
        assert str(raised.value) == f"only public keys, please ({named})"

    @pytest.mark.parametrize("name", UNUSABLE)
    def test_what_can_t_be_used_is_left_out_here_too(self, name: str) -> None:
        # So that what an issuer publishes can be given as it is
        document = json.dumps({"keys": [UNUSABLE[name][0], OTHER_RSA.jwk(kid="1")]})
        assert InlineKeys.parse(document, ["RS256"]).candidates("1", "RS256")

    @pytest.mark.parametrize("algorithms", [["ES256"], ["PS256", "EdDSA"], ["Ed25519"]])
    def test_no_key_for_what_is_accepted(self, algorithms: list[str]) -> None:
        with pytest.raises(InvalidKeySet, match=f"^no key for {', '.join(algorithms)}$"):
            InlineKeys.parse(key_set(RSA.jwk(alg="RS256"), signing_key("P-384").jwk()), algorithms)

    @pytest.mark.parametrize("algorithms", [["RS256"], ["ES256", "RS256"]])
    def test_a_key_for_one_of_them_is_enough(self, algorithms: list[str]) -> None:
        assert InlineKeys.parse(key_set(RSA.jwk()), algorithms)
