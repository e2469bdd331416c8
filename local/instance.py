"""A running copy of the API: store, functions, gateway and server put together."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from local.engines.store import create_client, embedded_dynamodb, ensure_table
from local.functions import aws_environment
from local.functions.in_process import Functions
from local.gateway.server import BufferingMiddleware, OnServed, Server
from local.gateway.service import Gateway
from local.identity.development_tokens import DevelopmentIssuer
from local.paths import LAYERS, ROOT, TEMPLATE
from local.settings import LocalSettings
from local.template.loading import FunctionDefinition, Template, load_template
from local.web.reference_pages import with_reference
from local.web.web_example import with_web_example


@dataclass(frozen=True)
class Instance:
    """What runs.

    Attributes:
        server: Serves once ``serve_forever`` is called; ``shutdown`` from another thread ends that.
        template: What it was built from.
        table_created: False where the engine had the table.
    """

    server: Server
    template: Template
    table_created: bool


@contextlib.contextmanager
def instance(
    settings: LocalSettings, issuer: DevelopmentIssuer, listener: socket.socket, on_served: OnServed
) -> Iterator[Instance]:
    """Put the API together.

    Inside, this process's environment is not the developer's: it has no AWS profile and points nowhere.

    Raises:
        LocalError: something that it needs is missing or wrong.
    """
    # SAM CLI warns of every response without a body, and its providers of what they skip.
    logging.getLogger("samcli").setLevel(logging.CRITICAL)
    template = load_template(TEMPLATE, settings.parameters(issuer.jwks))
    with contextlib.ExitStack() as stack:
        stack.enter_context(_isolated_environment(keep_credentials=settings.dynamodb_endpoint is not None))
        if settings.dynamodb_endpoint is None:
            stack.enter_context(embedded_dynamodb())
        client = create_client(settings.dynamodb_endpoint)
        created = ensure_table(client, template.table_name, template.table_properties)
        functions = stack.enter_context(Functions(_definitions(template, settings), LAYERS))
        gateway = Gateway(template, functions)
        concurrent = settings.dynamodb_endpoint is not None
        tokens_of = issuer if settings.own_issuer is None else None
        front_door = BufferingMiddleware(gateway, concurrent=concurrent, on_served=on_served, origins=settings.origins)
        server = Server(listener, front_door, with_web_example(with_reference(front_door), tokens_of))
        stack.callback(server.server_close)
        yield Instance(server, template, created)


def _definitions(template: Template, settings: LocalSettings) -> list[FunctionDefinition]:
    functions = dict(template.functions)
    if settings.own_issuer is not None and settings.own_issuer.is_here:
        deployed = functions["AuthorizerFunction"]
        functions["AuthorizerFunction"] = dataclasses.replace(
            deployed,
            code=ROOT / "local" / "identity",
            handler="loopback_authorizer.handler",
            environment={**deployed.environment, "LOOPBACK_JWKS_URL": settings.own_issuer.jwks_url},
        )
    return list(functions.values())


@contextlib.contextmanager
def _isolated_environment(*, keep_credentials: bool) -> Iterator[None]:
    before = dict(os.environ)
    aws_environment.isolate(os.environ, keep_credentials=keep_credentials)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
