"""Cross-origin headers."""

from __future__ import annotations

import pytest

from taskapi.http.cors import EXPOSED, cors_headers

APP = "https://app.example.com"


@pytest.mark.parametrize("allowed", [(APP,), ("https://other.example.com", APP)])
def test_an_allowed_origin_is_named(allowed: tuple[str, ...]) -> None:
    assert cors_headers(APP, allowed) == {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": APP,
        "Access-Control-Expose-Headers": EXPOSED,
    }


@pytest.mark.parametrize("origin", ["https://app.example.com", "null", "http://localhost:5173"])
def test_every_origin_may_be_allowed(origin: str) -> None:
    assert cors_headers(origin, ("*",))["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evil.example/https://app.example.com",
        "https://APP.example.com",
        "https://app.example.com ",
        "*",
    ],
)
def test_any_other_origin_learns_nothing(origin: str | None) -> None:
    assert cors_headers(origin, (APP,)) == {"Vary": "Origin"}


def test_where_no_origin_is_named_none_is_allowed() -> None:
    assert cors_headers(None, ("*",)) == {"Vary": "Origin"}


def test_a_page_may_read_the_headers_of_the_contract() -> None:
    assert {name.strip() for name in EXPOSED.split(",")} == {
        "ETag", "Location", "Link", "Retry-After", "Idempotency-Replayed",
    }  # fmt: skip


def test_credentials_are_never_allowed() -> None:
    assert "Access-Control-Allow-Credentials" not in cors_headers(APP, (APP,))
