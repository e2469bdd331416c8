"""The root certificates that the functions trust."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore
import pytest
from botocore.config import Config
from botocore.session import Session

from taskapi.dynamo import connection
from taskapi.dynamo.client import OutOfTime
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


def called(client: Any) -> str:
    """The URL that a client sends a request to."""
    sent: list[str] = []

    def refuse(request: Any, **_: object) -> None:
        sent.append(request.url)
        raise OutOfTime

    client.meta.events.register_first("before-send", refuse)
    with pytest.raises(OutOfTime):
        client.get_item(TableName="tasks", Key={"pk": {"S": "USER#alice"}, "sk": {"S": "TASK#1"}})
    return sent[0]


@pytest.mark.parametrize("account", [None, "111122223333"])
@pytest.mark.parametrize("dual_stack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize(
    ("region", "are_amazons"),
    [
        ("eu-central-1", True),
        ("us-gov-west-1", True),
        ("us-west-9", True),
        ("cn-north-1", False),
        ("eusc-de-east-1", False),
    ],
)
def test_what_is_trusted_is_right_for_what_is_called(
    region: str, are_amazons: bool, fips: bool, dual_stack: bool, account: str | None
) -> None:
    # Given a client, which knows the region's endpoint before it knows its credentials
    session = Session()
    session.set_credentials("AKIDEXAMPLE", "secret", account_id=account)
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack)
    client: Any = session.create_client("dynamodb", region_name=region, config=config)
    assert (trusted_roots(client.meta.endpoint_url, None) == str(ROOTS)) is are_amazons

    # When it calls an endpoint, an account's own say, then that is one of Amazon's exactly where Amazon's are trusted
    host = urlsplit(called(client)).hostname or ""
    assert host.endswith((".amazonaws.com", ".api.aws")) is are_amazons
    if account is not None and not fips and are_amazons:
        assert host.startswith(f"{account}.ddb.{region}.")
