"""Tokens: those of real issuers verify, and the known attacks on JWT libraries don't (RFC 8725)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from taskapi.settings import TokenSettings
from taskapi.tokens.claims import Identity
from taskapi.tokens.errors import InvalidToken, KeysUnavailable, TooEarly, UnknownKeyYet
from taskapi.tokens.keys import InlineKeys, KeySet
from taskapi.tokens.verifier import TokenVerifier
from tests.support.access_tokens import (
    AUDIENCE,
    ISSUER,
    SHARED_SECRET,
    base64url,
    claims,
    compact,
    from_base64url,
    hmac_signed,
    private_key_signed,
    token,
)
from tests.support.signing_keys import ALGORITHM_KINDS, key_set, signing_key

LEEWAY = 5
LONGEST_SUBJECT = 256
DENIAL_SECONDS = 60
MOST_CANDIDATES = 4
ED25519 = signing_key("Ed25519")
RSA = signing_key("RSA")
P256 = signing_key("P-256")


class Secrets:
    """A key source of shared secrets."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = secrets

    def candidates(self, kid: str | None, algorithm: str) -> Sequence[str]:
        """All of them."""
        return self.secrets


class NeverAsked:
    """A key source that a token must not get as far as."""

    def candidates(self, kid: str | None, algorithm: str) -> Sequence[Any]:
        """Fails the test."""
        raise AssertionError("the token should have been refused before its key was looked for")


def settings(*algorithms: str, **changes: Any) -> TokenSettings:
    """Settings for a key set."""
    plain: dict[str, Any] = {
        "environment": "dev",
        "issuer": ISSUER,
        "audiences": (AUDIENCE,),
        "audience_claim": "aud",
        "algorithms": algorithms or ("EdDSA",),
        "leeway": LEEWAY,
    }
    return TokenSettings(**plain | changes)


def verifier(*algorithms: str, keys: Sequence[dict[str, Any]] | None = None, **changes: Any) -> TokenVerifier:
    """A verifier over a key set; by default the one Ed25519 key."""
    chosen = [ED25519.jwk(kid="1", use="sig", alg="EdDSA")] if keys is None else keys
    return TokenVerifier(settings(*algorithms, **changes), InlineKeys(KeySet.parse(key_set(*chosen))))


def signed(**changes: Any) -> str:
    """A token of the Ed25519 key with these claims changed; genuine however odd they are."""
    return private_key_signed({"alg": "EdDSA", "typ": "JWT", "kid": "1"}, claims(**changes), ED25519.private)


def reason(text: str, under_test: TokenVerifier | None = None) -> str:
    """Why a token is refused."""
    with pytest.raises(InvalidToken) as raised:
        (under_test or verifier()).verify(text)
    return raised.value.reason


class TestGoodTokens:
    """What real issuers send."""

    @pytest.mark.parametrize(("algorithm", "kind"), ALGORITHM_KINDS.items())
    def test_every_asymmetric_algorithm(self, algorithm: str, kind: str) -> None:
        key = signing_key(kind)
        under_test = verifier(algorithm, keys=[key.jwk(kid="1", use="sig", alg=algorithm)])
        content = claims(sub="alice", scope="tasks:read")
        found = under_test.verify(token(key.private, algorithm, content, kid="1"))
        assert found == Identity("alice", content["exp"], "tasks:read")

    def test_ed448(self) -> None:
        key = signing_key("Ed448")
        assert verifier(keys=[key.jwk(kid="1")]).verify(token(key.private, "EdDSA", kid="1")).subject == "alice"

    def test_one_of_several_algorithms_and_keys(self) -> None:
        under_test = verifier("RS256", "ES256", keys=[RSA.jwk(kid="r"), P256.jwk(kid="e")])
        for key, algorithm, kid in ((RSA, "RS256", "r"), (P256, "ES256", "e"), (P256, "ES256", None)):
            text = token(key.private, algorithm, **({} if kid is None else {"kid": kid}))  # type: ignore[arg-type]
            assert under_test.verify(text).subject == "alice"

    @pytest.mark.parametrize("accepted", ["EdDSA", "Ed25519"])
    @pytest.mark.parametrize("of_key", [None, "EdDSA", "Ed25519"])
    @pytest.mark.parametrize("of_token", ["EdDSA", "Ed25519"])
    def test_either_name_of_one_algorithm(self, accepted: str, of_key: str | None, of_token: str) -> None:
        # RFC 9864 renames EdDSA by curve; issuers change the name of key and token at different times
        under_test = verifier(accepted, keys=[ED25519.jwk(kid="1", alg=of_key)])
        text = private_key_signed({"alg": of_token, "kid": "1"}, claims(), ED25519.private)
        assert under_test.verify(text).subject == "alice"

    @pytest.mark.parametrize(
        ("accepted", "of_key", "of_token", "kind", "why"),
        [
            # The name says the curve
            ("Ed25519", None, "EdDSA", "Ed448", "unknown_key"),
            ("Ed25519", None, "Ed448", "Ed448", "wrong_algorithm"),
            ("Ed448", None, "EdDSA", "Ed25519", "unknown_key"),
            ("EdDSA", None, "Ed25519", "Ed448", "unknown_key"),
            ("EdDSA", None, "Ed448", "Ed25519", "unknown_key"),
            ("EdDSA", "Ed448", "EdDSA", "Ed25519", "unknown_key"),
            ("ES256", None, "Ed25519", "Ed25519", "wrong_algorithm"),
        ],
    )
    def test_the_name_of_another_curve(
        self, accepted: str, of_key: str | None, of_token: str, kind: str, why: str
    ) -> None:
        key = signing_key(kind)
        other = [P256.jwk(kid="2"), ED25519.jwk(kid="3"), signing_key("Ed448").jwk(kid="4")]
        under_test = verifier(accepted, keys=[key.jwk(kid="1", alg=of_key), *other])
        text = private_key_signed({"alg": of_token, "kid": "1"}, claims(), key.private)
        assert reason(text, under_test) == why

    @pytest.mark.parametrize("accepted", [("EdDSA",), ("Ed448",), ("Ed25519", "Ed448")])
    @pytest.mark.parametrize("of_token", ["EdDSA", "Ed448"])
    def test_ed448_by_either_name(self, accepted: tuple[str, ...], of_token: str) -> None:
        key = signing_key("Ed448")
        text = private_key_signed({"alg": of_token, "kid": "1"}, claims(), key.private)
        assert verifier(*accepted, keys=[key.jwk(kid="1")]).verify(text).subject == "alice"

    @pytest.mark.parametrize("kid", ["1", None])
    @pytest.mark.parametrize("position", range(MOST_CANDIDATES))
    def test_any_of_the_keys_that_suit(self, kid: str | None, position: int) -> None:
        # Given a set with one kid several times, and a token that names it or none
        keys = [signing_key("Ed25519", str(number)) for number in range(MOST_CANDIDATES)]
        under_test = verifier(keys=[key.jwk(kid="1") for key in keys])
        header = {"alg": "EdDSA", **({} if kid is None else {"kid": kid})}
        assert under_test.verify(private_key_signed(header, claims(), keys[position].private)).subject == "alice"

    def test_a_shared_secret(self) -> None:
        under_test = TokenVerifier(settings("HS256"), Secrets(SHARED_SECRET))
        assert under_test.verify(token(SHARED_SECRET, "HS256")).subject == "alice"

    @pytest.mark.parametrize("position", [0, 1])
    def test_either_secret_of_a_rotation(self, position: int) -> None:
        secrets = ["another secret, which is long enough too"] * 2
        secrets[position] = SHARED_SECRET
        under_test = TokenVerifier(settings("HS256"), Secrets(*secrets))
        assert under_test.verify(token(SHARED_SECRET, "HS256")).subject == "alice"

    def test_a_better_auth_token(self) -> None:
        # Better Auth's JWT plugin: EdDSA, issuer and audience are both the base URL, kid is a random id
        base_url = "https://app.example.com"
        key = ED25519.jwk(kid="c5c7f6a1Zq", alg="EdDSA")
        now = int(time.time())
        content = {
            "iat": now, "name": "Alice", "email": "alice@example.com", "emailVerified": True, "image": None,
            "createdAt": "2026-01-01T00:00:00.000Z", "id": "Zx81kF0", "sub": "Zx81kF0", "exp": now + 900,
            "iss": base_url, "aud": base_url,
        }  # fmt: skip
        under_test = verifier(keys=[key], issuer=base_url, audiences=(base_url,))
        text = private_key_signed({"alg": "EdDSA", "kid": "c5c7f6a1Zq"}, content, ED25519.private)
        assert under_test.verify(text) == Identity("Zx81kF0", now + 900, None)

    def test_a_cognito_access_token(self) -> None:
        # An access token of a Cognito user pool has client_id instead of aud
        issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example"
        content = claims(
            aud=..., iss=issuer, sub="aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", client_id="1example23456789",
            origin_jti="x", token_use="access", scope="openid tasks", auth_time=int(time.time()), jti="y",
            username="alice",
            version=2, **{"cognito:groups": ["a"]},
        )  # fmt: skip
        under_test = verifier(
            "RS256",
            keys=[
                RSA.jwk(kid="c1", alg="RS256", use="sig"),
                signing_key("RSA", "c2").jwk(kid="c2", alg="RS256", use="sig"),
            ],
            issuer=issuer,
            audiences=("other", "1example23456789"),
            audience_claim="client_id",
        )
        found = under_test.verify(token(RSA.private, "RS256", content, kid="c1"))
        assert (found.subject, found.scope) == ("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "openid tasks")

    def test_an_auth0_access_token(self) -> None:
        # Auth0: RS256, a sub with a bar, aud a list, typ at+jwt in the RFC 9068 profile
        issuer = "https://tenant.eu.auth0.com/"
        content = claims(
            iss=issuer, sub="auth0|5f7c8ec7c33c6c004bbafe82", aud=[AUDIENCE, f"{issuer}userinfo"], azp="client",
            scope="openid profile", permissions=["a"],
        )  # fmt: skip
        key = RSA.jwk(kid="NjVB", alg="RS256", use="sig", x5t="NjVB", x5c=["MIIC"])
        found = verifier("RS256", keys=[key], issuer=issuer).verify(
            token(RSA.private, "RS256", content, kid="NjVB", typ="at+jwt")
        )
        assert found.subject == "auth0|5f7c8ec7c33c6c004bbafe82"

    @pytest.mark.parametrize("aud", [AUDIENCE, [AUDIENCE], ["other", AUDIENCE], "second"])
    def test_one_of_the_audiences_is_enough(self, aud: object) -> None:
        assert verifier(audiences=(AUDIENCE, "second")).verify(signed(aud=aud)).subject == "alice"

    @pytest.mark.parametrize("scope", [..., None, ["a"], 7])
    def test_a_scope_that_is_no_string_is_none(self, scope: object) -> None:
        assert verifier().verify(signed(scope=scope)).scope is None

    def test_times_may_be_fractions(self) -> None:
        now = time.time()
        found = verifier().verify(signed(exp=now + 60.75, iat=now - 0.5, nbf=now - 0.25))
        assert found.expires == int(now + 60.75)

    @pytest.mark.parametrize(
        "sub",
        [
            "a",
            "x" * LONGEST_SUBJECT,
            "\U0001f600" * LONGEST_SUBJECT,
            "auth0|a",
            "a:b",
            "a@b",
            "a/b",
            "a%2Fb",
            "a b",
            "\u00fc",
            "\u65e5\u672c",
            "..",
            "me",
        ],
    )
    def test_subjects_as_issuers_make_them(self, sub: str) -> None:
        assert verifier().verify(signed(sub=sub)).subject == sub


class TestAlgorithms:
    """The algorithm is ours to choose and not the token's."""

    @pytest.mark.parametrize(
        "algorithm",
        [
            "none", "None", "NONE", "nOnE", " none", "", None, [], ["EdDSA"], {"EdDSA": 1}, 0, True, "eddsa", "EdDSA ",
            "ES256", "HS256", "RS256",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("signature", [b"", b"x" * 64])
    def test_any_other_is_refused_before_a_key_is_looked_for(self, algorithm: object, signature: bytes) -> None:
        text = compact({"alg": algorithm, "kid": "1"}, claims(), signature or b"\x00")
        assert reason(text, TokenVerifier(settings(), NeverAsked())) == "wrong_algorithm"

    def test_none_at_all(self) -> None:
        assert reason(compact({"typ": "JWT"}, claims(), b"x")) == "wrong_algorithm"

    @pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
    def test_a_public_key_is_no_hmac_secret(self, algorithm: str) -> None:
        # Given the public key in every form that a library might take for a secret
        key = signing_key(ALGORITHM_KINDS[algorithm])
        public = key.private.public_key()
        forms = [
            public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip(),
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            json.dumps(key.jwk(kid="1")).encode(),
        ]
        # When a token is signed with it by HMAC, then it is refused, whichever algorithm its header claims
        under_test = verifier(algorithm, keys=[key.jwk(kid="1")])
        for form in forms:
            assert reason(hmac_signed({"alg": "HS256", "kid": "1"}, claims(), form), under_test) == "wrong_algorithm"
            assert reason(hmac_signed({"alg": algorithm, "kid": "1"}, claims(), form), under_test)

    def test_a_key_serves_its_own_algorithm_only(self) -> None:
        under_test = verifier("RS256", "PS256", "RS512", keys=[RSA.jwk(kid="1", alg="RS256")])
        assert under_test.verify(token(RSA.private, "RS256", kid="1")).subject == "alice"
        assert reason(token(RSA.private, "PS256", kid="1"), under_test) == "unknown_key"
        assert reason(token(RSA.private, "RS512", kid="1"), under_test) == "unknown_key"

    def test_a_signature_of_another_algorithm_of_the_same_key(self) -> None:
        # Given a signature by PS256 under a header that says RS256
        genuine = token(RSA.private, "PS256", kid="1")
        header = base64url(b'{"alg":"RS256","kid":"1"}')
        forged = f"{header}.{genuine.partition('.')[2]}"
        assert reason(forged, verifier("RS256", keys=[RSA.jwk(kid="1")])) == "wrong_signature"

    def test_an_rsa_key_that_is_too_short(self) -> None:
        weak = signing_key("RSA-1024")
        with pytest.warns(UserWarning, match="below the minimum"):
            text = token(weak.private, "RS256", kid="1")
        good = RSA.jwk(kid="2")
        assert reason(text, verifier("RS256", keys=[weak.jwk(kid="1"), good])) == "unknown_key"

    def test_a_shared_secret_that_is_too_short(self) -> None:
        with pytest.warns(UserWarning, match="below the minimum"):
            text = token("x" * 31, "HS256")
        assert reason(text, TokenVerifier(settings("HS256"), Secrets("x" * 31))) == "invalid"

    def test_a_shared_secret_takes_no_other_hash(self) -> None:
        under_test = TokenVerifier(settings("HS256"), Secrets(SHARED_SECRET * 2))
        assert reason(token(SHARED_SECRET * 2, "HS512"), under_test) == "wrong_algorithm"


class TestHeaders:
    """Nothing in a token's header is ever followed."""

    @pytest.mark.parametrize("crit", [["exp"], ["b64"], [], None, "b64", ["jku"]])
    def test_a_critical_extension(self, crit: object) -> None:
        text = private_key_signed({"alg": "EdDSA", "kid": "1", "crit": crit, "b64": True}, claims(), ED25519.private)
        assert reason(text) == "critical_header"

    def test_an_unencoded_payload(self) -> None:
        text = private_key_signed({"alg": "EdDSA", "kid": "1", "b64": False}, claims(), ED25519.private)
        assert reason(text)

    def test_a_key_in_the_header_is_not_believed(self) -> None:
        # Given an attacker's key, in every place of the header that could name or hold it
        attacker = signing_key("Ed25519", "attacker")
        url = "https://attacker.example/jwks.json"
        header = {"alg": "EdDSA", "jwk": attacker.jwk(kid="1"), "jku": url, "x5u": url, "x5c": ["MIIC"], "x5t": "x"}
        # When a token is signed with it, then it is measured by our key all the same
        for kid in ({"kid": "1"}, {}):
            assert reason(private_key_signed({**header, **kid}, claims(), attacker.private)) == "wrong_signature"
        assert reason(private_key_signed({**header, "kid": "2"}, claims(), attacker.private)) == "unknown_key"

    def test_and_those_members_do_no_harm_in_a_good_token(self) -> None:
        header = {"alg": "EdDSA", "kid": "1", "jku": "https://x.example", "x5u": "file:///etc/passwd", "jwk": {}}
        assert verifier().verify(private_key_signed(header, claims(), ED25519.private)).subject == "alice"

    @pytest.mark.parametrize("kid", ["2", "", "../../dev/null", "1\x00", "' UNION SELECT 'x", "1 "])
    def test_a_kid_of_no_key(self, kid: str) -> None:
        assert reason(private_key_signed({"alg": "EdDSA", "kid": kid}, claims(), ED25519.private)) == "unknown_key"

    @pytest.mark.parametrize("kid", [1, [], ["1"], {"1": 1}, True])
    def test_a_kid_that_is_no_string(self, kid: object) -> None:
        text = compact({"alg": "EdDSA", "kid": kid}, claims(), b"x" * 64)
        assert reason(text, TokenVerifier(settings(), NeverAsked())) == "malformed"

    def test_no_kid_where_the_set_has_one_key(self) -> None:
        assert verifier().verify(private_key_signed({"alg": "EdDSA"}, claims(), ED25519.private)).subject == "alice"


class TestSignatures:
    """Forged and damaged ones."""

    @pytest.mark.parametrize(("algorithm", "kind"), ALGORITHM_KINDS.items())
    def test_another_key(self, algorithm: str, kind: str) -> None:
        under_test = verifier(algorithm, keys=[signing_key(kind).jwk(kid="1")])
        assert reason(token(signing_key(kind, "attacker").private, algorithm, kid="1"), under_test) == "wrong_signature"

    @pytest.mark.parametrize(("algorithm", "kind"), ALGORITHM_KINDS.items())
    @pytest.mark.parametrize("damage", ["zeros", "short", "long", "one bit", "of another token"])
    def test_a_damaged_one(self, algorithm: str, kind: str, damage: str) -> None:
        key = signing_key(kind)
        text = token(key.private, algorithm, kid="1")
        signing_input, _, encoded = text.rpartition(".")
        raw = from_base64url(encoded)
        damaged = {
            "zeros": bytes(len(raw)),
            "short": raw[:-1],
            "long": raw + b"\x00",
            "one bit": bytes([raw[0] ^ 1]) + raw[1:],
            "of another token": from_base64url(
                token(key.private, algorithm, claims(sub="bob"), kid="1").rpartition(".")[2]
            ),
        }[damage]
        under_test = verifier(algorithm, keys=[key.jwk(kid="1")])
        assert reason(f"{signing_input}.{base64url(damaged)}", under_test) == "wrong_signature"

    @pytest.mark.parametrize("parts", [(0, 0), (0, 1), (1, 0), (1, 1), "order", "der"])
    def test_psychic_signatures(self, parts: tuple[int, int] | str) -> None:
        # CVE-2022-21449: r = s = 0 and their like, in the raw form and in DER
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        if isinstance(parts, tuple):
            signature = b"".join(part.to_bytes(32, "big") for part in parts)
        else:
            signature = order.to_bytes(32, "big") * 2 if parts == "order" else bytes.fromhex("3006020100020100")
        under_test = verifier("ES256", keys=[P256.jwk(kid="1")])
        assert reason(compact({"alg": "ES256", "kid": "1"}, claims(), signature), under_test) == "wrong_signature"

    def test_a_blank_one(self) -> None:
        assert reason(signed().rpartition(".")[0] + ".") == "malformed"

    def test_a_changed_payload(self) -> None:
        header, _, signature = signed().split(".")
        payload = base64url(json.dumps(claims(sub="bob")).encode())
        assert reason(f"{header}.{payload}.{signature}") == "wrong_signature"

    def test_of_several_secrets_none(self) -> None:
        under_test = TokenVerifier(settings("HS256"), Secrets("x" * 40, "y" * 40))
        assert reason(token(SHARED_SECRET, "HS256"), under_test) == "wrong_signature"

    @pytest.mark.parametrize("position", [0, 1])
    def test_a_right_signature_with_wrong_claims_is_not_tried_on(self, position: int) -> None:
        secrets = ["x" * 40, "y" * 40]
        secrets[position] = SHARED_SECRET
        under_test = TokenVerifier(settings("HS256"), Secrets(*secrets))
        assert reason(token(SHARED_SECRET, "HS256", claims(exp=1)), under_test) == "expired"


class TestClaims:
    """What a token has to say, in types and in values."""

    @pytest.mark.parametrize("name", ["exp", "iss", "sub", "aud"])
    @pytest.mark.parametrize("value", [..., None])
    def test_a_required_one_is_missing(self, name: str, value: object) -> None:
        assert reason(signed(**{name: value})) == "missing_claim"

    def test_client_id_where_it_is_the_audience(self) -> None:
        under_test = verifier(audience_claim="client_id", audiences=("mine",))
        assert under_test.verify(signed(client_id="mine", aud=...)).subject == "alice"
        # RFC 7519 section 4.1.3: an aud that is there and does not name us is for somebody else
        for aud in (AUDIENCE, ["other"], [], "", None, {"mine": 1}, ["mine", 7]):
            assert reason(signed(client_id="mine", aud=aud), under_test) == "wrong_audience"
        assert under_test.verify(signed(client_id="mine", aud=["other", "mine"])).subject == "alice"
        assert reason(signed(), under_test) == "missing_claim"
        # An ID token has the client as aud; it is not an access token
        assert reason(signed(aud="mine"), under_test) == "missing_claim"
        for other in ("other", "", ["mine"], {"mine": 1}, True, 7, "min", "mine "):
            assert reason(signed(client_id=other), under_test) == "wrong_audience"

    @pytest.mark.parametrize(
        "iss",
        ["", "https://issuer.example.com", "https://issuer.example.com//", "HTTPS://ISSUER.EXAMPLE.COM/", "https://evil.example",
         "https://issuer.example.com/\x00", [ISSUER], {"x": ISSUER}, 7, True],
    )  # fmt: skip
    def test_another_issuer(self, iss: object) -> None:
        assert reason(signed(iss=iss)) == "wrong_issuer"

    @pytest.mark.parametrize(
        "aud",
        [
            "",
            "other",
            AUDIENCE + "/",
            AUDIENCE.upper(),
            [],
            ["other"],
            [[AUDIENCE]],
            [AUDIENCE, 7],
            {AUDIENCE: 1},
            7,
            True,
        ],
    )
    def test_another_audience(self, aud: object) -> None:
        assert reason(signed(aud=aud)) in ("wrong_audience", "missing_claim")

    @pytest.mark.parametrize(
        ("seconds", "is_good"), [(60, True), (2, True), (-LEEWAY + 3, True), (-LEEWAY - 1, False), (-3_600, False)]
    )
    def test_expiry_with_leeway(self, seconds: int, is_good: bool) -> None:
        text = signed(exp=int(time.time()) + seconds)
        if is_good:
            assert verifier().verify(text).subject == "alice"
        else:
            assert reason(text) == "expired"

    @pytest.mark.parametrize("name", ["nbf", "iat"])
    @pytest.mark.parametrize(
        ("seconds", "is_good"), [(-3_600, True), (0, True), (LEEWAY - 2, True), (LEEWAY + DENIAL_SECONDS + 3, False),
         (10**9, False)],
    )  # fmt: skip
    def test_not_yet_with_leeway(self, name: str, seconds: int, is_good: bool) -> None:
        text = signed(**{name: int(time.time()) + seconds})
        if is_good:
            assert verifier().verify(text).subject == "alice"
        else:
            assert reason(text) == "not_yet_valid"

    @pytest.mark.parametrize("name", ["nbf", "iat"])
    @pytest.mark.parametrize("ahead", [LEEWAY + 0.5, LEEWAY + 1, LEEWAY + DENIAL_SECONDS])
    def test_one_that_is_good_before_a_denial_is_forgotten_is_not_denied(self, name: str, ahead: float) -> None:
        # Given an issuer whose clock is ahead of ours
        now = float(int(time.time()))
        at = [now]
        under_test = TokenVerifier(settings(), InlineKeys(KeySet.parse(key_set(ED25519.jwk(kid="1")))), lambda: at[0])
        text = signed(**{name: now + ahead, "exp": now + 600})
        # When its token comes too early, then nothing is said; and when its time has come, then it is good
        with pytest.raises(TooEarly):
            under_test.verify(text)
        at[0] += ahead - LEEWAY
        assert under_test.verify(text).subject == "alice"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"iss": "https://evil.example"}, "wrong_issuer"),
            ({"aud": "other"}, "wrong_audience"),
            ({"sub": "a#b"}, "bad_subject"),
            ({"exp": 1}, "expired"),
            ({"exp": ...}, "missing_claim"),
        ],
        ids=str,
    )
    def test_one_that_stays_bad_is_denied_at_once(self, changes: dict[str, Any], why: str) -> None:
        ahead = int(time.time()) + LEEWAY + 40
        assert reason(signed(**{"nbf": ahead, "iat": ahead} | changes)) == why

    def test_one_that_will_have_expired_when_its_time_has_come_is_denied(self) -> None:
        now = int(time.time())
        assert reason(signed(nbf=now + 50, exp=now + 50 - 2 * LEEWAY)) == "not_yet_valid"

    def test_nobody_else_can_make_us_say_nothing(self) -> None:
        # Given a token of seconds ahead whose signature is not the issuer's, then it is denied
        text = private_key_signed(
            {"alg": "EdDSA", "kid": "1"}, claims(nbf=time.time() + 20), signing_key("Ed25519", "attacker").private
        )
        assert reason(text) == "wrong_signature"

    def test_no_leeway_at_all(self) -> None:
        assert reason(signed(exp=int(time.time()) - 1), verifier(leeway=0)) == "expired"

    @pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
    @pytest.mark.parametrize(
        "value", ["4102444800", "1", "", "soon", True, False, [4102444800], {"x": 1}, "1e400", "Infinity"]
    )
    def test_a_time_that_is_no_number(self, name: str, value: object) -> None:
        assert reason(signed(**{name: value}))

    @pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
    @pytest.mark.parametrize(
        "literal", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity", "9" * 5_000, "1e", "0x7fffffff", "+1"]
    )
    def test_a_number_beyond_json_or_beyond_all_bounds(self, name: str, literal: str) -> None:
        payload = json.dumps(claims(**{name: "PLACE"})).replace('"PLACE"', literal).encode()
        text = private_key_signed({"alg": "EdDSA", "kid": "1"}, payload, ED25519.private)
        assert reason(text)

    @pytest.mark.parametrize(
        "sub",
        [
            "",
            "x" * (LONGEST_SUBJECT + 1),
            "a#b",
            "#",
            "a\x00",
            "a\nb",
            "a\x7f",
            "\ufffdb",
            "a\x85",
            "a\ud800",
            "a\uffff",
            "a\ufdd0",
            "a\U0001fffe",
            "a\U0010ffff",
            7,
            True,
            ["alice"],
            {"alice": 1},
        ],
    )
    def test_an_odd_subject(self, sub: object) -> None:
        assert reason(signed(sub=sub)) in ("bad_subject", "invalid")

    @pytest.mark.parametrize("jti", [7, ["x"]])
    def test_a_jti_that_is_no_string(self, jti: object) -> None:
        assert reason(signed(jti=jti)) == "malformed"


class TestParsing:
    """Texts that two parsers might read differently."""

    @pytest.mark.parametrize(
        "text",
        [
            "",
            ".",
            "..",
            "...",
            "a",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            "e30.e30.e30",
            "e30.e30.e30=",
            " e30.e30.e30",
            "e30.e30.e30\n",
            "e3\n0.e30.e30",
            "e3+0.e30.e30",
            "\u00e9.e30.e30",
            "bnVsbA.bnVsbA.e30",
            "W10.W10.e30",
            "eyJ.eyJ.eyJ",
            "e.e30.e30",
        ],
    )
    def test_what_is_no_token(self, text: str) -> None:
        assert reason(text, TokenVerifier(settings(), NeverAsked())) in ("malformed", "wrong_algorithm")

    def test_one_that_is_too_long(self) -> None:
        # Given a good token at the limit, and one a character over it
        padding = (8_192 - len(signed(pad=""))) * 3 // 4
        at_limit = next(token for more in range(-4, 5) if len(token := signed(pad="x" * (padding + more))) == 8_192)
        assert verifier().verify(at_limit).subject == "alice"
        assert reason(at_limit + "A") == "malformed"

    @pytest.mark.parametrize(
        "payload",
        [
            json.dumps(claims()).encode("utf-16"),
            json.dumps(claims()).encode("utf-32"),
            b"\xef\xbb\xbf" + json.dumps(claims()).encode(),
            json.dumps(claims()).encode() + b"\xff",
            b'{"sub": "bob", ' + json.dumps(claims()).encode()[1:],
            json.dumps(claims()).encode()[:-1] + b', "\\u0073ub": "bob"}',
            json.dumps(claims()).encode()[:-1] + b', "x": {"a": 1, "a": 2}}',
            json.dumps(claims()).encode() + b" {}",
            json.dumps([claims()]).encode(),
            b"null",
            b"[" * 5_000,
            b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
        ],
        ids=["UTF-16", "UTF-32", "BOM", "not UTF-8", "duplicate", "duplicate, escaped", "duplicate, nested",
             "two texts", "array", "null", "deep, cut short", "deep"],
    )  # fmt: skip
    def test_a_payload_that_is_no_clean_json_object(self, payload: bytes) -> None:
        text = private_key_signed({"alg": "EdDSA", "kid": "1"}, payload, ED25519.private)
        assert reason(text) in ("malformed", "missing_claim")

    @pytest.mark.parametrize(
        "header",
        [
            b'{"alg": "none", "alg": "EdDSA", "kid": "1"}',
            b'{"alg": "EdDSA", "kid": "1", "kid": "1"}',
            b'\xef\xbb\xbf{"alg": "EdDSA", "kid": "1"}',
            '{"alg": "EdDSA", "kid": "1"}'.encode("utf-16"),
            b'["EdDSA"]',
            b'"EdDSA"',
        ],
    )
    def test_a_header_that_is_none(self, header: bytes) -> None:
        assert reason(private_key_signed(header, claims(), ED25519.private)) == "malformed"

    @given(st.text(max_size=60) | st.text(st.sampled_from("eyJ01.-_="), max_size=60))
    def test_junk_is_an_invalid_token_and_nothing_else(self, text: str) -> None:
        with pytest.raises(InvalidToken):
            verifier().verify(text)

    @given(
        st.dictionaries(
            st.sampled_from(["exp", "iat", "nbf", "iss", "aud", "sub", "scope", "jti"]),
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)
            | st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
        )
    )  # fmt: skip
    def test_claims_of_any_type_raise_nothing_else(self, changes: dict[str, Any]) -> None:
        # Given a genuine signature over any claims, when they are verified
        try:
            found = verifier().verify(signed(**changes))
        except InvalidToken:
            return
        # Then what is accepted is a subject that makes a key, and has not expired
        assert 1 <= len(found.subject) <= LONGEST_SUBJECT
        assert "#" not in found.subject
        assert found.expires > time.time() - LEEWAY - 1


class TestKeySource:
    """Where keys come from."""

    def test_an_outage_is_no_denial(self) -> None:
        class Down:
            def candidates(self, kid: str | None, algorithm: str) -> Sequence[Any]:
                raise KeysUnavailable("down")

        with pytest.raises(KeysUnavailable):
            TokenVerifier(settings(), Down()).verify(signed())

    def test_nothing_is_said_when_no_key_so_far_is_it(self) -> None:
        # Given a source that knows one key, and that a newer one may have been published
        class Source:
            def candidates(self, _kid: str | None, _algorithm: str, /) -> Iterator[Any]:
                yield ED25519.private.public_key()
                raise UnknownKeyYet("moments ago")

        under_test = TokenVerifier(settings(), Source())
        newer = signing_key("Ed25519", "newer").private
        assert under_test.verify(private_key_signed({"alg": "EdDSA"}, claims(), ED25519.private)).subject == "alice"
        with pytest.raises(UnknownKeyYet):
            under_test.verify(private_key_signed({"alg": "EdDSA"}, claims(), newer))
        assert reason(private_key_signed({"alg": "EdDSA"}, claims(exp=1), newer), under_test) == "expired"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"iss": "https://staging.example"}, "wrong_issuer"),
            ({"aud": "x"}, "wrong_audience"),
            ({"exp": 1}, "expired"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("error", [KeysUnavailable("down"), UnknownKeyYet("moments ago")], ids=str)
    def test_what_no_key_can_make_good_is_denied_all_the_same(
        self, changes: dict[str, Any], why: str, error: Exception
    ) -> None:
        class Down:
            def candidates(self, kid: str | None, algorithm: str) -> Sequence[Any]:
                raise error

        # Given keys that can't be had, when a frontend of another environment comes, then it is told to sign in
        assert reason(signed(**changes), TokenVerifier(settings(), Down())) == why
