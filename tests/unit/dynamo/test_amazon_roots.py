"""The root certificates that the functions trust."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from typing import Any

import botocore

from taskapi.dynamo import connection
from taskapi.dynamo.connection import trusted_roots

ROOTS = Path(connection.__file__).with_name("amazon_roots.pem")
SHIPPED = Path(botocore.__file__).with_name("cacert.pem")


def certificates(path: Path) -> dict[str, Any]:
    """Common name to certificate, as OpenSSL reads them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    names: dict[str, Any] = {}
    for each in context.get_ca_certs():
        subject: Any = each["subject"]  # one name and value in each of its parts, whatever the stubs say
        names[dict(part for (part,) in subject).get("commonName", "")] = each
    return names


def test_they_are_those_of_amazon_trust_services_that_botocore_ships() -> None:
    # Given what botocore ships, then of it exactly Amazon's and the one that Amazon bought are ours
    amazons = {
        name: each
        for name, each in certificates(SHIPPED).items()
        if name.startswith(("Amazon Root CA ", "Starfield Services Root Certificate Authority"))
    }
    assert certificates(ROOTS) == amazons
    assert len(amazons) == 5


def test_none_of_them_ends_soon() -> None:
    in_a_year = time.time() + 365 * 24 * 3600
    assert all(ssl.cert_time_to_seconds(each["notAfter"]) > in_a_year for each in certificates(ROOTS).values())


def test_they_serve_aws_alone() -> None:
    # Given an endpoint of AWS, then they are trusted; others, and China's, have all of the web's
    for host in ("dynamodb.eu-central-1.amazonaws.com", "dynamodb.eu-central-1.api.aws"):
        assert trusted_roots(f"https://{host}", None) == str(ROOTS)
    for host in ("dynamodb.cn-north-1.amazonaws.com.cn", "amazonaws.com.example.org", "127.0.0.1:8000"):
        assert trusted_roots(f"https://{host}", None) != str(ROOTS)


def test_the_operator_has_the_last_word() -> None:
    assert trusted_roots("https://dynamodb.eu-central-1.amazonaws.com", "/some/bundle.pem") == "/some/bundle.pem"
