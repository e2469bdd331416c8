"""Key sets and tokens in the shapes in which known issuers publish and send them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from taskapi.settings import TokenSettings
from taskapi.tokens.errors import InvalidToken
from taskapi.tokens.keys import InlineKeys, KeySet
from taskapi.tokens.verifier import TokenVerifier
from tests.support.access_tokens import base64url, compact, private_key_signed, token
from tests.support.signing_keys import key_set, signing_key

CERTIFICATE = ["MIIDBTCCAe2gAwIBAgIQ"]
RSA = signing_key("RSA")
OTHER = signing_key("RSA", "other")
P256 = signing_key("P-256")
ED25519 = signing_key("Ed25519")
NOTHING = dict.fromkeys(("crv", "x", "y", "k", "d", "p", "q", "dp", "dq", "qi", "oth", "x5u", "key_ops"))


@dataclass(frozen=True)
class Issuer:
    """An issuer as its documentation and its endpoints show it.

    Attributes:
        issuer: ``iss``.
        audience: What the deployment accepts.
        algorithm: What the deployment accepts.
        keys: The key set's members.
        kid: Of the token's header; the key of the first member signs.
        claims: Besides ``iss``, ``exp``, ``iat`` and ``sub``.
        header: Besides ``alg`` and ``kid``.
        sub: The user.
        audience_claim: ``aud`` or ``client_id``.
        signs_by: ``alg`` of the token, where it is another name.
    """

    issuer: str
    audience: str
    algorithm: str
    keys: list[Any]
    kid: str | None
    claims: dict[str, Any]
    header: dict[str, Any] = field(default_factory=dict)
    sub: str = "5c4f1d7e-7f0a-4d0f-9a53-0e8f2a1b6c3d"
    audience_claim: str = "aud"
    signs_by: str | None = None

    def verifier(self) -> TokenVerifier:
        """Of a deployment for it."""
        settings = TokenSettings("prod", self.issuer, (self.audience,), self.audience_claim, (self.algorithm,))
        return TokenVerifier(settings, InlineKeys(KeySet.parse(key_set(*self.keys))))

    def token(self, **changes: Any) -> str:
        """One of its tokens; a change to ``...`` leaves the claim out."""
        now = int(time.time())
        given = {"iss": self.issuer, "sub": self.sub, "iat": now, "exp": now + 900, **self.claims, **changes}
        content = {name: value for name, value in given.items() if value is not ...}
        algorithm = self.signs_by or self.algorithm
        header = {**self.header, **({} if self.kid is None else {"kid": self.kid})}
        if algorithm in ("EdDSA", "Ed25519"):
            return private_key_signed({"alg": algorithm, **header}, content, ED25519.private)
        return token((P256 if algorithm == "ES256" else RSA).private, algorithm, content, **header)


APP = "https://app.example.com"
API = "https://tasks.example.com"
USER = {"id": "Zx81kF0", "name": "Alice", "email": "alice@example.com", "emailVerified": True, "image": None}

ISSUERS: dict[str, Issuer] = {
    "Better Auth": Issuer(
        APP, APP, "EdDSA",
        [{"crv": "Ed25519", "x": ED25519.public_jwk["x"], "kty": "OKP", "alg": "EdDSA", "kid": "c5c7f6a1Zq"}],
        "c5c7f6a1Zq", {"aud": APP, **USER}, sub="Zx81kF0",
    ),
    "Better Auth after its algorithm was changed": Issuer(
        APP, APP, "RS256",
        # It writes the curve of its configuration to each key that it publishes
        [RSA.jwk(alg="RS256", kid="k2", crv="Ed25519"), ED25519.jwk(alg="RS256", kid="k1")],
        "k2", {"aud": APP, **USER},
    ),
    "Better Auth with a new name of its algorithm": Issuer(
        APP, APP, "EdDSA", [ED25519.jwk(alg="Ed25519", kid="k1")], "k1", {"aud": APP}, signs_by="Ed25519"
    ),
    "Auth0": Issuer(
        "https://tenant.eu.auth0.com/", API, "RS256",
        [
            RSA.jwk(use="sig", kid="NjVB", alg="RS256", x5t="NjVB", x5c=CERTIFICATE),
            OTHER.jwk(use="sig", kid="Q0ZD", alg="RS256", x5t="Q0ZD", x5c=CERTIFICATE),
        ],
        "NjVB",
        {"aud": [API, "https://tenant.eu.auth0.com/userinfo"], "azp": "client", "scope": "openid", "permissions": []},
        {"typ": "at+jwt"}, sub="auth0|5f7c8ec7c33c6c004bbafe82",
    ),
    "Keycloak": Issuer(
        "https://id.example.com/realms/tasks", "task-api", "RS256",
        [
            RSA.jwk(kid="sig", alg="RS256", use="sig", x5c=CERTIFICATE, x5t="a", **{"x5t#S256": "b"}),
            OTHER.jwk(kid="enc", alg="RSA-OAEP", use="enc", x5c=CERTIFICATE),
        ],
        "sig",
        {"aud": ["task-api", "account"], "typ": "Bearer", "azp": "web", "acr": "1", "realm_access": {"roles": ["x"]},
         "scope": "profile email", "jti": "onrtac:9a", "sid": "s"},
        {"typ": "JWT"},
    ),
    "Cognito": Issuer(
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example", "1example23456789", "RS256",
        [RSA.jwk(alg="RS256", kid="c1=", use="sig"), OTHER.jwk(alg="RS256", kid="c2=", use="sig")],
        "c1=",
        {"client_id": "1example23456789", "token_use": "access", "scope": "openid", "auth_time": 1, "version": 2,
         "username": "alice", "cognito:groups": ["a"], "origin_jti": "x", "event_id": "y", "jti": "z"},
        audience_claim="client_id",
    ),
    "oidc-provider": Issuer(
        "https://op.example.com", API, "RS256",
        [
            RSA.jwk(use="sig", kid="r1", alg="RS256"),
            P256.jwk(use="sig", kid="r1", alg="ES256"),
            ED25519.jwk(use="sig", kid="r1", alg="EdDSA"),
            P256.jwk(use="enc", kid="e1", alg="ECDH-ES"),
        ],
        "r1", {"aud": API, "client_id": "web", "scope": "tasks", "jti": "j"}, {"typ": "at+jwt"},
    ),
    "Supabase": Issuer(
        "https://ref.supabase.co/auth/v1", "authenticated", "ES256",
        [P256.jwk(alg="ES256", kid="b8e4", use="sig", ext=True, key_ops=["verify"])],
        "b8e4",
        {"aud": "authenticated", "role": "authenticated", "amr": [{"method": "password", "timestamp": 1}],
         "session_id": "s", "is_anonymous": False, "app_metadata": {"provider": "email"}, "user_metadata": {}},
        {"typ": "JWT"},
    ),
    "Clerk": Issuer(
        "https://clerk.example.com", API, "RS256",
        [RSA.jwk(use="sig", kid="ins_2abc", alg="RS256")],
        "ins_2abc", {"aud": API, "azp": APP, "nbf": int(time.time()) - 10, "jti": "x", "sid": "sess_1", "v": 2},
        {"cat": "cl_B7d4PD111AAA", "typ": "JWT"}, sub="user_2abcDEF",
    ),
    "Firebase": Issuer(
        "https://securetoken.google.com/project", "project", "RS256",
        [RSA.jwk(alg="RS256", use="sig", kid="f1"), OTHER.jwk(alg="RS256", use="sig", kid="f2")],
        "f1",
        {"aud": "project", "auth_time": 1, "user_id": "u", "firebase": {"sign_in_provider": "password"}},
        sub="q3TZ0mB8xkWq2pT5v7y9A1C3E5G7",
    ),
    "Entra": Issuer(
        "https://login.microsoftonline.com/tenant/v2.0", "11111111-2222-3333-4444-555555555555", "RS256",
        # Which writes no alg, and one member more
        [RSA.jwk(use="sig", kid="e1", x5t="e1", x5c=CERTIFICATE, issuer="https://login.microsoftonline.com/{tenantid}"),
         OTHER.jwk(use="sig", kid="e2", x5t="e2", x5c=CERTIFICATE)],
        "e1",
        {"aud": "11111111-2222-3333-4444-555555555555", "azp": "web", "nbf": int(time.time()) - 10, "oid": "o",
         "tid": "t", "scp": "tasks", "ver": "2.0", "aio": "x", "rh": "x", "uti": "x"},
        {"typ": "JWT"},
    ),
    "a serialiser that writes every member": Issuer(
        "https://id.example.com", API, "RS256",
        [{**NOTHING, "kty": "RSA", "alg": None, "use": "sig", "kid": "d1", "n": RSA.public_jwk["n"], "e": "AQAB",
          "x5t": None, "x5c": []}],
        "d1", {"aud": API},
    ),
    "an issuer that names no key": Issuer(APP, API, "RS256", [RSA.jwk(), OTHER.jwk()], None, {"aud": API}),
}  # fmt: skip


@pytest.mark.parametrize("name", ISSUERS)
def test_its_token_is_good(name: str) -> None:
    issuer = ISSUERS[name]
    assert issuer.verifier().verify(issuer.token()).subject == issuer.sub


@pytest.mark.parametrize("name", ISSUERS)
def test_a_token_for_somebody_else_or_of_somebody_else_is_not(name: str) -> None:
    issuer = ISSUERS[name]
    under_test = issuer.verifier()
    header, payload, signature = issuer.token().split(".")
    bad = {
        "wrong_audience": issuer.token(aud="https://graph.example.com", client_id="another"),
        "wrong_issuer": issuer.token(iss="https://evil.example"),
        "expired": issuer.token(iat=1, exp=60),
        "wrong_signature": f"{header}.{base64url(b'{}')}.{signature}",
        "wrong_algorithm": compact({"alg": "none"}, b"{}", b"x"),
    }
    for reason, text in bad.items():
        with pytest.raises(InvalidToken) as raised:
            under_test.verify(text)
        assert raised.value.reason == reason
    assert payload


def test_a_cognito_id_token_is_none_for_the_api() -> None:
    issuer = ISSUERS["Cognito"]
    with pytest.raises(InvalidToken) as raised:
        issuer.verifier().verify(issuer.token(client_id=..., aud=issuer.audience, token_use="id"))
    assert raised.value.reason == "missing_claim"
