"""Whatever is sent, the answer is never a 5xx: property tests over HTTP with a good token."""

from __future__ import annotations

import json
import string
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from local.template.operations import OPERATIONS
from tests.e2e.serving import ISSUER, RunningApi, status_of

BOUNDED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TOKEN = ISSUER.token("fuzz")
TASK = "/users/me/tasks/019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
PARAMETERS = {"user_id": "me", "task_id": TASK.rpartition("/")[2], "list_id": "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b12"}
ROUTES = st.sampled_from([(each.method, each.path.format_map(PARAMETERS)) for each in OPERATIONS.values()])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
members = st.sampled_from(
    [
        *("title", "description", "due", "priority", "tags", "completed", "version", "id"),
        *("list_id", "position", "checklist", "trashed_at", "color", "before", "after"),
    ]
)
bodies = (
    st.dictionaries(members, json_values, max_size=6).map(lambda value: json.dumps(value).encode())
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
    | st.integers(1, 3_000).map(lambda depth: b"[" * depth)
    | st.integers(1, 3_000).map(lambda depth: b'{"title":' * depth)
    | st.sampled_from(
        [b'"\xed\xa0\x80"', b'{"title": "\\ud800"}', b'{"title": "\\u0000"}', b"\xef\xbb\xbf{}", b"1e999"]
    )
)
# What may stand in a header field without ending it.
header_values = st.binary(max_size=60).map(lambda raw: bytes(byte for byte in raw if byte not in b"\r\n\0"))
header_names = st.sampled_from(
    [
        "If-Match",
        "If-None-Match",
        "Content-Type",
        "Content-Encoding",
        "Idempotency-Key",
        "X-Correlation-Id",
        "Origin",
        "Accept",
        "Cookie",
        "X-HTTP-Method-Override",
        "X-Forwarded-For",
    ]
)
likely_values = st.sampled_from(
    [b"*", b'"1"', b'W/"1"', b'"1", "2"', b'""', b"1", b'"' + b"9" * 40 + b'"', b"application/json", b"gzip", b'"1",']
)
targets = st.text(alphabet=[*map(chr, range(0x21, 0x7F))], max_size=60)


def send(api: RunningApi, method: str, target: str, headers: list[tuple[str, bytes]], body: bytes) -> int:
    """The status of a request that is put together byte by byte, so that no client tidies it up."""
    lines = [
        f"{method} {target} HTTP/1.1".encode("latin-1"),
        b"Host: localhost",
        f"Authorization: Bearer {TOKEN}".encode(),
    ]
    lines += [name.encode() + b": " + value for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}".encode())
    return status_of(api.raw(b"\r\n".join(lines) + b"\r\n\r\n" + body))


@BOUNDED
@given(route=ROUTES, body=bodies, media_type=st.sampled_from([b"application/json", b"application/merge-patch+json"]))
def test_whatever_the_body(api: RunningApi, route: tuple[str, str], body: bytes, media_type: bytes) -> None:
    assert send(api, *route, [("Content-Type", media_type)], body) < 500


@BOUNDED
@given(route=ROUTES, headers=st.lists(st.tuples(header_names, header_values | likely_values), max_size=4))
def test_whatever_the_headers(api: RunningApi, route: tuple[str, str], headers: list[tuple[str, bytes]]) -> None:
    assert send(api, *route, headers, b'{"title": "a"}') < 500


# What make run serves beside the API; Hypothesis finds such literals in the code, now and then.
@example("GET", "dev/token")
@example("POST", "/dev/token")
@example("OPTIONS", "dev/token/")
@example("GET", "app/")
@example("PUT", "app/")
@example("HEAD", "app")
@example("GET", "app/x.js")
@example("GET", "/docs/")
@example("DELETE", "docs/")
@BOUNDED
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "A"]),
    target=targets | targets.map(lambda text: f"/users/{text}") | targets.map(lambda text: f"/users/me/tasks/{text}"),
)
def test_whatever_the_path(api: RunningApi, method: str, target: str) -> None:
    assert send(api, method, "/" + target, [], b"") < 500


parameters = st.lists(
    st.tuples(
        st.sampled_from(
            ["status", "sort", "order", "limit", "cursor", "due_from", "due_before", "priority", "tag", "q"]
        )
        | st.text(string.ascii_letters, max_size=5),
        st.sampled_from(
            ["open", "all", "completed", "due", "asc", "1", "100", "created_at", "high", "2026-12-01", "%00"]
        )
        | targets.map(lambda text: text.replace("&", "").replace("#", "")),
    ),
    max_size=5,
)


@BOUNDED
@given(parameters=parameters)
def test_whatever_the_query(api: RunningApi, parameters: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in parameters)

    assert send(api, "GET", f"/users/me/tasks?{query}", [], b"") < 500


@BOUNDED
@given(subject=st.text(st.characters(codec="utf-8", exclude_characters="#"), min_size=1, max_size=40))
def test_whatever_the_subject(api: RunningApi, subject: str) -> None:
    # An identity that the authorizer takes is at home under "me"; any other is refused.
    with api.client(ISSUER.token(subject)) as client:
        created: Any = client.post("/users/me/tasks", json={"title": "a"})
        assert created.status_code in (201, 401)
        if created.status_code == 201:
            assert created.json()["user_id"] == subject
            assert client.get(created.headers["location"]).json() == created.json()
            # Chance makes subjects that other tests have as well.
            assert client.delete(created.headers["location"], params={"permanent": "true"}).status_code == 204
