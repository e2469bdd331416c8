"""Who gets in, what browsers may read, and what the gateway answers by itself."""

from __future__ import annotations

import base64
import json
import re
import uuid

import httpx
import pytest

from local.template.operations import OPERATIONS
from tests.smoke.expectations import equal, expect, has_status, header, problem
from tests.smoke.run import TASKS, Run

FOREIGN_ORIGIN = "https://smoke-test.invalid"
EXPOSED = ("etag", "location", "link", "retry-after", "idempotency-replayed")

pytestmark = pytest.mark.smoke


def _every_operation() -> list[tuple[str, str]]:
    """Method and path of each, so that none is missing from the deployment; of a user whom nobody is."""
    somebody = f"smoke-test-{uuid.uuid4()}"
    return [
        (each.method, re.sub(r"\{.*?\}", str(uuid.uuid4()), each.path.replace("{user_id}", somebody)))
        for each in OPERATIONS.values()
    ]


def test_a_good_token_gets_in(run: Run) -> None:
    """200"""
    has_status(run.send("GET", TASKS, params={"limit": "1"}), 200)


def _is_challenged(response: httpx.Response) -> None:
    problem(response, 401, "unauthorized")
    challenge = header(response, "WWW-Authenticate")
    expect(challenge.lower().startswith("bearer"), f"WWW-Authenticate is {challenge!r}")


@pytest.mark.gateway
def test_no_token(run: Run) -> None:
    """401 problem, WWW-Authenticate"""
    for method, path in _every_operation():
        _is_challenged(run.send(method, path, client=run.nobody))


@pytest.mark.gateway
def test_something_else_than_a_token(run: Run) -> None:
    """401 problem, WWW-Authenticate"""
    for authorization in ("Bearer", "Bearer a.b", "Basic c21va2U6dGVzdA=="):
        _is_challenged(run.send("GET", TASKS, client=run.nobody, headers={"Authorization": authorization}))


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.gateway
def test_my_token_with_another_subject(run: Run) -> None:
    """401 problem, WWW-Authenticate"""
    header_part, payload, signature = run.target.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    forged = f"{header_part}.{_part({**claims, 'sub': 'smoke-test'})}.{signature}"
    _is_challenged(run.send("GET", TASKS, client=run.nobody, headers={"Authorization": f"Bearer {forged}"}))


@pytest.mark.gateway
def test_my_token_with_algorithm_none(run: Run) -> None:
    """401 problem, WWW-Authenticate"""
    _, payload, signature = run.target.token.split(".")
    for algorithm in ("none", "None", "NONE"):
        forged = f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{payload}.{signature}"
        _is_challenged(run.send("GET", TASKS, client=run.nobody, headers={"Authorization": f"Bearer {forged}"}))


def test_the_path_of_another_user(run: Run) -> None:
    """403 problem"""
    for method, path in _every_operation():
        problem(run.send(method, path), 403, "forbidden")


@pytest.mark.gateway
def test_a_route_that_is_not_there(run: Run) -> None:
    """404 problem"""
    for client in (run.me, run.nobody):
        problem(run.send("GET", "/smoke-test", client=client), 404, "route_not_found")


@pytest.mark.gateway
def test_a_method_that_is_not_there(run: Run) -> None:
    """404 problem"""
    problem(run.send("PUT", TASKS, client=run.nobody), 404, "route_not_found")


@pytest.mark.gateway
def test_preflight(run: Run) -> None:
    """200, the methods and headers of the contract"""
    asked = {"Origin": run.target.origin or FOREIGN_ORIGIN, "Access-Control-Request-Method": "POST"}
    response = run.send("OPTIONS", TASKS, client=run.nobody, headers=asked)
    has_status(response, 200)
    methods = {name.strip() for name in header(response, "Access-Control-Allow-Methods").split(",")}
    expect({"GET", "POST"} <= methods, f"methods are {sorted(methods)}")
    allowed = header(response, "Access-Control-Allow-Headers").lower()
    for name in ("authorization", "content-type", "if-match", "if-none-match", "idempotency-key"):
        expect(name in allowed, f"{name} is not among the headers allowed")


def _is_readable(response: httpx.Response, origin: str) -> None:
    expect(header(response, "Access-Control-Allow-Origin") in (origin, "*"), "another origin is allowed")
    exposed = header(response, "Access-Control-Expose-Headers").lower()
    for name in EXPOSED:
        expect(name in exposed, f"{name} is not exposed")


def test_an_allowed_origin(run: Run, origin: str) -> None:
    """may read answers and preflights"""
    _is_readable(run.send("GET", TASKS, params={"limit": "1"}, headers={"Origin": origin}), origin)
    _is_readable(run.send("GET", TASKS, params={"limit": "no"}, headers={"Origin": origin}), origin)


@pytest.mark.gateway
def test_refusals_to_an_allowed_origin(run: Run, origin: str) -> None:
    """may read 401 and 404 of the gateway"""
    for name in ("Origin", "origin"):
        _is_readable(run.send("GET", TASKS, client=run.nobody, headers={name: origin}), origin)
    _is_readable(run.send("GET", "/smoke-test", headers={"Origin": origin}), origin)
    preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    response = run.send("OPTIONS", TASKS, client=run.nobody, headers=preflight)
    expect(header(response, "Access-Control-Allow-Origin") in (origin, "*"), "the preflight allows another origin")


def test_a_foreign_origin(run: Run, origin: str) -> None:
    """may read nothing, unless all may"""
    response = run.send("GET", TASKS, params={"limit": "1"}, headers={"Origin": FOREIGN_ORIGIN})
    equal("Access-Control-Allow-Origin", response.headers.get("Access-Control-Allow-Origin", "*"), "*")
