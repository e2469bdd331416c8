"""Who takes part: the eight functions as built, and peers that do the same create and list.

Peers get what helps them: boto3's low-level client, ``async def`` where that is quicker, bytecode compiled as ours is,
no logs and no metrics, which our functions write with every request. What they don't get is what ``sam build`` gives
nobody: packages with the unneeded left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from local.events import EXAMPLES, USER, authorizer_event
from local.identity.development_tokens import DevelopmentIssuer
from local.settings import LocalSettings
from local.template.loading import Template, load_template
from local.template.operations import OPERATIONS
from tests.benchmarks.lambda_runtime import packages
from tests.benchmarks.lambda_runtime.stand_in import PEERS_TABLE, TABLE

PEERS: Final = Path(__file__).parent / "peers"
REQUESTS: Final = {
    **EXAMPLES,
    # The API's default page: 50 tasks, the newest first.
    "list_tasks": replace(EXAMPLES["list_tasks"], query=""),
    # DynamoDB's stand-in has one open task for every key: beside another there is none, and each can be restored.
    "move_task": replace(EXAMPLES["move_task"], body=None),
    "restore_task": replace(EXAMPLES["restore_task"], status=200),
}
PAGE: Final = 50
_OUR_ROOTS: Final = Path("taskapi") / "dynamo" / "amazon_roots.pem"
"""What taskapi.dynamo.connection trusts for an endpoint of AWS, within the layer."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A function and the event that it is measured with.

    Attributes:
        name: Unique; also the row in the report.
        code: Its folder.
        handler: Module and name, as Lambda has it.
        packages: Folders on ``PYTHONPATH`` after it, in order.
        event: JSON.
        status: HTTP status that each answer must have; None for the authorizer, whose answer must be an Allow.
        items: Tasks that each answer must have; None where it is no page.
        trust: PEM file of the root certificates that the function ships with.
        environment: Its own variables.
        is_deployed: Whether its packages are a deployment's own and count for its size.
    """

    name: str
    code: Path
    handler: str
    packages: Sequence[Path]
    event: bytes
    status: int | None
    items: int | None
    trust: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def check(self, response: Any) -> None:
        """Check an answer: a benchmark of errors would be quick.

        Raises:
            ValueError: it is not what it must be.
        """
        if self.status is None:
            if response["policyDocument"]["Statement"][0]["Effect"] != "Allow":
                raise ValueError(f"{self.name}: {response}")
        elif response["statusCode"] != self.status:
            raise ValueError(f"{self.name}: {response}")
        elif self.items is not None and len(json.loads(response["body"])["items"]) != self.items:
            raise ValueError(f"{self.name}: not {self.items} tasks: {response['body'][:200]}")


def functions_of(built: Path) -> list[Contestant]:
    """Our eight functions as ``sam build`` has built them, with the environment that the template gives them.

    Raises:
        LocalError: they are not built.
    """
    issuer = DevelopmentIssuer.load()
    parameters = {**LocalSettings().parameters(issuer.jwks), "Environment": "prod"}
    template = load_template(built / "template.yaml", parameters)
    layers = [built / "TaskApiLayer" / "python", built / "DependenciesLayer" / "python"]
    functions = [_function(template, name, layers) for name in OPERATIONS]
    event = authorizer_event(issuer.token(USER)).copy()
    definition = template.function("AuthorizerFunction")
    authorizer = Contestant(
        "authorizer",
        definition.code,
        definition.handler,
        layers,
        json.dumps(event).encode(),
        None,
        None,
        layers[0] / _OUR_ROOTS,
        definition.environment,
    )
    return [*functions, authorizer]


def _function(template: Template, name: str, layers: Sequence[Path]) -> Contestant:
    definition = template.function(name)
    request = REQUESTS[name]
    return Contestant(
        name,
        definition.code,
        definition.handler,
        layers,
        json.dumps(request.event(name)).encode(),
        request.status,
        PAGE if name == "list_tasks" else None,
        layers[0] / _OUR_ROOTS,
        {**definition.environment, "TABLE_NAME": TABLE},
    )


def peers(database_url: str | None) -> list[Contestant]:
    """The peers; the one with PostgreSQL only where there is a database."""
    found = [
        _peer(folder, operation)
        for folder in ("fastapi_mangum", "powertools_resolver", "flask_wsgi", "floor")
        for operation in ("create_task", "list_tasks")
    ]
    found.append(_peer("fastapi_mangum", "create_task", suffix=packages.UNCOMPILED))
    found.append(_peer("null", "list_tasks", items=None))
    if database_url is not None:
        found += [
            _peer("fastapi_sqlmodel", operation, environment={"DATABASE_URL": database_url})
            for operation in ("create_task", "list_tasks")
        ]
    return found


def _peer(
    folder: str,
    operation: str,
    *,
    suffix: str = "",
    items: int | None = PAGE,
    environment: Mapping[str, str] | None = None,
) -> Contestant:
    request = REQUESTS[operation]
    return Contestant(
        f"{folder}{suffix} {operation.partition('_')[0]}",
        PEERS / folder,
        "app.handler",
        [PEERS / "shared", packages.FOLDER / (folder + suffix)],
        json.dumps(request.event(operation)).encode(),
        request.status,
        items if operation == "list_tasks" else None,
        packages.FOLDER / "fastapi_mangum" / "botocore" / "cacert.pem",
        {"TABLE_NAME": PEERS_TABLE, **(environment or {})},
    )
