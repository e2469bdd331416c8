"""``make events``: writes the events in ``events/``, one for every operation and for the failures worth trying.

An operation's event is the request that docs/openapi.yaml shows for it.

Those of the operations are kept in the repository. They don't go stale: their identity is what the authorizer would
have put into them, with an expiry in the year 2100. Those of the authorizer hold real tokens, so they are minted here,
from this checkout's own key, and git ignores them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from local.contract import load
from local.errors import LocalError, run_command
from local.gateway.proxy_event import proxy_event
from local.gateway.request import GatewayRequest
from local.identity.development_tokens import LIFETIME_SECONDS, DevelopmentIssuer
from local.paths import BUILD, EVENTS
from local.settings import LocalSettings
from local.template.operations import OPERATIONS

USER: Final = "alice"
OTHER_USER: Final = "bob"

ENVIRONMENT_FILE: Final = BUILD / "local" / "env.json"
"""For ``sam local invoke --env-vars``: what the authorizer needs to know of the development tokens."""

_STAGE: Final = "v1"
_HOST: Final = "abcdef1234.execute-api.us-east-1.amazonaws.com"
_TIME: Final = 1795167000.0  # 2026-11-20T09:30:00Z
_NEVER: Final = 4102444800  # 2100-01-01T00:00:00Z


@dataclass(frozen=True)
class ExampleRequest:
    """One request to the API, and what becomes of it.

    Attributes:
        operation: That serves it, ``create_task`` say.
        status: What it is answered with when there is what :data:`SEEDS` create.
        body: A JSON value, None for none; a string is sent as it is.
        headers: On top of those that every client sends.
        query: Encoded.
        path_parameters: Name to value, decoded.
    """

    operation: str
    status: int
    body: object
    headers: Mapping[str, str]
    query: str
    path_parameters: Mapping[str, str]

    @classmethod
    def of(cls, operation: str) -> ExampleRequest:
        """The request that docs/openapi.yaml shows for an operation.

        Raises:
            LocalError: it lacks an example of what the request needs.
        """
        contract = load()
        shown = contract.example(operation)
        headers = {} if shown.content_type is None else {"Content-Type": shown.content_type}
        status = contract.operation(operation).success
        return cls(operation, status, shown.body, headers, shown.query, shown.path_parameters)

    def event(self, name: str) -> dict[str, Any]:
        """The proxy event, as a REST API on AWS makes it.

        Args:
            name: Of the example; its request id derives from it.
        """
        served = OPERATIONS[self.operation]
        path = served.path
        for parameter, value in self.path_parameters.items():
            path = path.replace("{" + parameter + "}", quote(value, safe=""))
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        headers = {
            "Accept": "application/json",
            "Authorization": "Bearer header.payload.signature",
            "Host": _HOST,
            "Origin": "http://localhost:5173",
            "User-Agent": "curl/8.14.1",
            "X-Amzn-Trace-Id": "Root=1-691ee0b8-0123456789abcdef01234567",
            **self.headers,
        }
        request = GatewayRequest(
            method=served.method,
            path=path,
            query=self.query,
            headers=list(headers.items()),
            body=b"" if self.body is None else text.encode(),
            source_ip="203.0.113.7",
            host=_HOST,
            scheme="https",
            base_path=f"/{_STAGE}",
            request_id=_request_id(name),
            time=_TIME,
        )
        return proxy_event(
            request,
            resource=served.path,
            path_parameters=dict(self.path_parameters),
            stage=_STAGE,
            authorizer={
                "principalId": hashlib.sha256(USER.encode()).hexdigest()[:16],
                "sub": USER,
                "exp": str(_NEVER),
                "integrationLatency": 12,
            },
        )


def _examples() -> dict[str, ExampleRequest]:
    """One request of each operation, and the failures worth trying."""
    plain = {name: ExampleRequest.of(name) for name in OPERATIONS}
    create, read, listed, update = (plain[name] for name in ("create_task", "get_task", "list_tasks", "update_task"))
    bobs = {"user_id": OTHER_USER}
    stale = {**update.headers, "If-Match": '"019f4d1b8a8Trt6AEJz"'}
    return plain | {
        "create_task_invalid": replace(create, status=422, body={"title": "", "priority": "urgent", "colour": "red"}),
        "create_task_malformed": replace(create, status=400, body='{"title": "Pay rent"'),
        "list_tasks_other_user": replace(listed, status=403, path_parameters={**listed.path_parameters, **bobs}),
        "get_task_not_modified": replace(read, status=304, headers={"If-None-Match": "*"}),
        "delete_list": replace(plain["delete_list"], status=204),  # no task in it takes another request
        "get_task_other_user": replace(read, status=403, path_parameters={**read.path_parameters, **bobs}),
        "restore_task": replace(plain["restore_task"], status=409),  # the task is in no trash
        "update_task_stale_if_match": replace(update, status=412, headers=stale),
    }


EXAMPLES: Final[Mapping[str, ExampleRequest]] = _examples()
"""By the event's name, which is the operation's own for the request that the contract shows."""


def _seed(noun: str) -> tuple[str, ExampleRequest]:
    replaces, creates = EXAMPLES[f"replace_{noun}"], EXAMPLES[f"create_{noun}"]
    sort_key = f"{noun.upper()}#{replaces.path_parameters[f'{noun}_id']}"
    headers = {**replaces.headers, "If-None-Match": "*"}
    return sort_key, replace(replaces, status=201, body=creates.body, headers=headers)


SEEDS: Final[Mapping[str, ExampleRequest]] = dict(map(_seed, ("task", "list")))
"""What creates the task and the list that the events are about, by their sort keys; ``make invoke`` does so before it
runs one of them."""

AUTHORIZER_EVENTS: Final[Mapping[str, int]] = {
    "authorizer_good_token": LIFETIME_SECONDS,
    "authorizer_expired_token": -3600,
}
"""Name to the token's lifetime in seconds."""


def authorizer_event(token: str) -> dict[str, str]:
    """The event of a TOKEN authorizer."""
    return {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {token}",
        "methodArn": f"arn:aws:execute-api:us-east-1:123456789012:abcdef1234/{_STAGE}/GET/users/{USER}/tasks",
    }


def write_events(folder: Path = EVENTS) -> list[Path]:
    """Write all events, and the environment for ``sam local invoke``; the files written.

    Raises:
        LocalError: a file can't be written.
    """
    issuer = DevelopmentIssuer.load()
    contents: dict[Path, object] = {folder / f"{name}.json": ex.event(name) for name, ex in EXAMPLES.items()}
    for name, lifetime in AUTHORIZER_EVENTS.items():
        contents[folder / f"{name}.json"] = authorizer_event(issuer.token(USER, lifetime))
    contents[ENVIRONMENT_FILE] = {"Parameters": _sam_variables(issuer)}
    try:
        for path, value in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise LocalError(f"the events can't be written: {error}") from error
    return list(contents)


def ensure_fresh(path: Path) -> None:
    """Write the events anew where ``path`` is one of the authorizer's and its token is missing or about to expire."""
    if path.stem not in AUTHORIZER_EVENTS or path.resolve().parent != EVENTS:
        return
    if AUTHORIZER_EVENTS[path.stem] > 0 and _seconds_left(path) > 60:
        return
    if AUTHORIZER_EVENTS[path.stem] < 0 and path.is_file():
        return
    write_events()


def _sam_variables(issuer: DevelopmentIssuer) -> dict[str, str]:
    settings = LocalSettings.from_environment(os.environ)
    parameters = settings.parameters(issuer.jwks)
    # An engine on this machine is not at 127.0.0.1 for a container; who sets this knows the address that serves both.
    engine = {} if settings.dynamodb_endpoint is None else {"DYNAMODB_ENDPOINT": settings.dynamodb_endpoint}
    return {
        **engine,
        "ALLOWED_ORIGINS": parameters["AllowedOrigins"],
        "JWT_ISSUER": parameters["JwtIssuer"],
        "JWT_AUDIENCE": parameters["JwtAudience"],
        "JWT_ALGORITHMS": parameters["JwtAlgorithms"],
        "JWT_JWKS": parameters["JwtJwks"],
    }


def _seconds_left(path: Path) -> float:
    """Of the token in an authorizer's event; 0 where there is none."""
    try:
        token = json.loads(path.read_text(encoding="utf-8"))["authorizationToken"]
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) - time.time()
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return 0.0


def _request_id(name: str) -> str:
    """A UUID that stays the same from run to run."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def main() -> None:
    """The command."""
    written = write_events()
    print(f"{len(written)} files in {EVENTS.name}/ and {ENVIRONMENT_FILE.relative_to(BUILD.parent)}")


if __name__ == "__main__":
    sys.exit(run_command(main))
