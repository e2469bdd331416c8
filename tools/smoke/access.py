"""Who gets in, what browsers may read, and what the gateway answers by itself."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Final

import httpx

from tools.smoke.expectations import equal, expect, has_status, header, problem
from tools.smoke.run import TASKS, Checks, Run

FOREIGN_ORIGIN: Final = "https://smoke-test.invalid"
EXPOSED: Final = ("etag", "location", "link", "retry-after", "idempotency-replayed")

checks = Checks()


@checks("a good token gets in", "200")
def _(run: Run) -> None:
    has_status(run.send("GET", TASKS, params={"limit": "1"}), 200)


def _is_challenged(response: httpx.Response) -> None:
    problem(response, 401, "unauthorized")
    challenge = header(response, "WWW-Authenticate")
    expect(challenge.lower().startswith("bearer"), f"WWW-Authenticate is {challenge!r}")


@checks("no token", "401 problem, WWW-Authenticate", by_gateway=True)
def _(run: Run) -> None:
    _is_challenged(run.send("GET", TASKS, client=run.nobody))


@checks("something else than a token", "401 problem, WWW-Authenticate", by_gateway=True)
def _(run: Run) -> None:
    for authorization in ("Bearer", "Bearer a.b", "Basic c21va2U6dGVzdA=="):
        _is_challenged(run.send("GET", TASKS, client=run.nobody, headers={"Authorization": authorization}))


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@checks("my token with another subject", "401 problem, WWW-Authenticate", by_gateway=True)
def _(run: Run) -> None:
    header_part, payload, signature = run.target.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    forged = f"{header_part}.{_part({**claims, 'sub': 'smoke-test'})}.{signature}"
    _is_challenged(run.send("GET", TASKS, client=run.nobody, headers={"Authorization": f"Bearer {forged}"}))


@checks("my token with algorithm none", "401 problem, WWW-Authenticate", by_gateway=True)
def _(run: Run) -> None:
    _, payload, signature = run.target.token.split(".")
    for algorithm in ("none", "None", "NONE"):
        forged = f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{payload}.{signature}"
        _is_challenged(run.send("GET", TASKS, client=run.nobody, headers={"Authorization": f"Bearer {forged}"}))


@checks("another user's path", "403 problem")
def _(run: Run) -> None:
    somebody = f"smoke-test-{uuid.uuid4()}"
    for method, path in (("GET", f"/users/{somebody}/tasks"), ("DELETE", f"/users/{somebody}/tasks/{uuid.uuid4()}")):
        problem(run.send(method, path), 403, "forbidden")


@checks("a route that is not there", "404 problem", by_gateway=True)
def _(run: Run) -> None:
    for client in (run.me, run.nobody):
        problem(run.send("GET", "/smoke-test", client=client), 404, "route_not_found")


@checks("a method that is not there", "404 problem", by_gateway=True)
def _(run: Run) -> None:
    problem(run.send("PUT", TASKS, client=run.nobody), 404, "route_not_found")


@checks("preflight", "200, the methods and headers of the contract", by_gateway=True)
def _(run: Run) -> None:
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


@checks("an allowed origin", "may read answers and preflights", needs="origin")
def _(run: Run) -> None:
    origin = str(run.target.origin)
    _is_readable(run.send("GET", TASKS, params={"limit": "1"}, headers={"Origin": origin}), origin)
    _is_readable(run.send("GET", TASKS, params={"limit": "no"}, headers={"Origin": origin}), origin)


@checks("an allowed origin, refused", "may read 401 and 404 of the gateway", by_gateway=True, needs="origin")
def _(run: Run) -> None:
    origin = str(run.target.origin)
    for name in ("Origin", "origin"):
        _is_readable(run.send("GET", TASKS, client=run.nobody, headers={name: origin}), origin)
    _is_readable(run.send("GET", "/smoke-test", headers={"Origin": origin}), origin)
    preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    response = run.send("OPTIONS", TASKS, client=run.nobody, headers=preflight)
    expect(header(response, "Access-Control-Allow-Origin") in (origin, "*"), "the preflight allows another origin")


@checks("a foreign origin", "may read nothing, unless all may", needs="origin")
def _(run: Run) -> None:
    response = run.send("GET", TASKS, params={"limit": "1"}, headers={"Origin": FOREIGN_ORIGIN})
    equal("Access-Control-Allow-Origin", response.headers.get("Access-Control-Allow-Origin", "*"), "*")
