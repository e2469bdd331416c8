"""Who gets in: tokens of every kind of badness are a 401 that a browser can read, before any database call."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import httpx
import jwt
import pytest

from local.identity import ISSUER as ISSUER_URL
from local.template.operations import OPERATIONS
from tests.e2e.problems import EXPOSED, INVALID_TOKEN, NO_TOKEN, problem
from tests.e2e.serving import ALLOWED_ORIGIN, ISSUER, RunningApi
from tests.support.access_tokens import base64url, compact, hmac_signed
from tests.support.signing_keys import signing_key

PUBLIC_KEY = ISSUER.public_jwk["x"].encode()
HEADER = {"alg": "EdDSA", "typ": "JWT", "kid": ISSUER.public_jwk["kid"]}
PATH = "/users/me/tasks"


def signed(header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token with a genuine signature of the local issuer; a claim changed to ``...`` is left out."""
    now = int(time.time())
    claims = {"iss": ISSUER_URL, "aud": ISSUER_URL, "sub": "alice", "iat": now, "exp": now + 600} | changes
    present = {name: value for name, value in claims.items() if value is not ...}
    kid = {"kid": ISSUER.public_jwk["kid"]}
    return jwt.encode(present, ISSUER.private_key, algorithm="EdDSA", headers=kid if header is None else header)


def refused(client: httpx.Client, authorization: str | bytes | None, challenge: str = INVALID_TOKEN) -> None:
    """Check that an Authorization header gets the whole 401."""
    headers: dict[bytes, bytes] = {b"Origin": ALLOWED_ORIGIN.encode()}
    if authorization is not None:
        headers[b"Authorization"] = authorization if isinstance(authorization, bytes) else authorization.encode()
    response = client.get(PATH, headers=headers)
    problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == challenge
    assert response.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert response.headers["access-control-expose-headers"] == EXPOSED


def test_a_good_token_gets_in(nobody: httpx.Client) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert nobody.get(PATH, headers={"Authorization": f"{scheme} {signed()}"}).status_code == 200


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_the_header_s_name_is_of_any_case(nobody: httpx.Client, name: str) -> None:
    assert nobody.get(PATH, headers={name: f"Bearer {signed()}"}).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer nonsense",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Bearer ..",
        "Basic YWxpY2U6c2VjcmV0",
        "Token a.b.c",
        "Bearer é.b.c".encode(),
    ],
)
def test_without_a_token_there_is_no_way_in(
    nobody: httpx.Client, store_calls: list[str], authorization: str | bytes | None
) -> None:
    refused(nobody, authorization, NO_TOKEN)

    assert store_calls == []


BAD_TOKENS = {
    "nonsense of its form": "a.b.c",
    "expired": signed(exp=int(time.time()) - 60),
    "not yet valid": signed(nbf=int(time.time()) + 86_400),
    "issued in the future": signed(iat=int(time.time()) + 86_400),
    "another issuer": signed(iss="https://evil.example.com"),
    "another audience": signed(aud="https://other.example.com"),
    "no expiry": signed(exp=...),
    "no issuer": signed(iss=...),
    "no audience": signed(aud=...),
    "no subject": signed(sub=...),
    "an empty subject": signed(sub=""),
    "a subject with a separator": signed(sub="alice#1"),
    "expiry as a string": compact(HEADER, {"sub": "alice", "exp": "4102444800"}, b"signature"),
    "an unknown key": signed({"kid": "unknown"}),
    "another key": jwt.encode(
        {"iss": ISSUER_URL, "aud": ISSUER_URL, "sub": "alice", "exp": 4102444800},
        signing_key("Ed25519", "other").private,
        algorithm="EdDSA",
        headers={"kid": ISSUER.public_jwk["kid"]},
    ),
    "no signature at all": jwt.encode(
        {"iss": ISSUER_URL, "aud": ISSUER_URL, "sub": "alice", "exp": 4102444800}, "", algorithm="none"
    )
    + "c2lnbmF0dXJl",
    "alg none with a signature": compact(
        {"alg": "none"}, {"iss": ISSUER_URL, "aud": ISSUER_URL, "sub": "alice", "exp": 4102444800}, b"signature"
    ),
    "the public key as an HMAC secret": hmac_signed(
        {"alg": "HS256", "kid": ISSUER.public_jwk["kid"]},
        {"iss": ISSUER_URL, "aud": ISSUER_URL, "sub": "alice", "exp": 4102444800},
        PUBLIC_KEY,
    ),
    "a critical header": signed({"kid": ISSUER.public_jwk["kid"], "crit": ["exp"]}),
    "a payload that is no JSON": compact(HEADER, b"not json", b"signature"),
    "a payload that is a list": compact(HEADER, b"[]", b"signature"),
    "a header that is no JSON": compact(b"not json", {"sub": "alice"}, b"signature"),
    "over eight kilobytes": signed(padding="x" * 9000),
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_refused(nobody: httpx.Client, store_calls: list[str], token: str) -> None:
    refused(nobody, f"Bearer {token}")

    assert store_calls == []


def test_a_tampered_token_is_refused(nobody: httpx.Client) -> None:
    # Given a good token, when its subject is changed under its signature
    header, payload, signature = signed().split(".")
    claims = json.loads(jwt.utils.base64url_decode(payload)) | {"sub": "bob"}
    tampered = f"{header}.{base64url(json.dumps(claims).encode())}.{signature}"

    refused(nobody, f"Bearer {tampered}")


def test_every_route_asks(nobody: httpx.Client) -> None:
    for each in OPERATIONS.values():
        path = re.sub(r"\{.*?\}", "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11", each.path.replace("{user_id}", "me"))
        assert nobody.request(each.method, path).status_code == 401


def test_tokens_of_the_command_line_get_in(api: RunningApi) -> None:
    # Given a token as `make token` mints it, when it has not expired, then it serves
    with api.client(ISSUER.token("carol")) as client:
        assert client.get(PATH).status_code == 200
    with api.client(ISSUER.token("carol", lifetime=-60)) as client:
        assert client.get(PATH).status_code == 401
