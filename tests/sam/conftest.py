"""The built functions under ``sam local``, in containers with the Lambda runtime, over a DynamoDB."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from local.engines import dynamodb_local
from local.engines.dynamodb_endpoint import dynamodb_endpoint
from local.engines.store import create_client, embedded_dynamodb, ensure_table
from local.events import write_events
from local.identity.development_tokens import DevelopmentIssuer
from local.paths import TEMPLATE
from local.settings import LocalSettings
from local.template.loading import load_template
from tests.sam.host_route import HostRoute, host_route
from tests.sam.sam_local import SamLocal
from tests.support.sam_builds import sam_build
from tools.runtime_image import docker_engine
from tools.runtime_image.image import IMAGE, RECIPE_LABEL, architecture


@dataclass(frozen=True)
class Store:
    """A DynamoDB engine with the template's table in it.

    Attributes:
        endpoint: Its URL on this machine.
        container_endpoint: Its URL for containers.
        table_name: The name that ``sam local`` gives the functions.
    """

    endpoint: str
    container_endpoint: str
    table_name: str


@pytest.fixture(scope="session")
def route() -> HostRoute:
    """How containers reach this machine; this fixture is also the check that there is an engine and an image."""
    docker_engine.require_engine()
    assert docker_engine.image_label(IMAGE, RECIPE_LABEL) is not None, f"there is no image {IMAGE}: make sam-image"
    return host_route()


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> None:
    """Where there are containers: this machine and them, nothing beyond."""
    if request.node.get_closest_marker("docker") is None:
        return
    route: HostRoute = request.getfixturevalue("route")
    socket_allow_hosts(["127.0.0.1", route.listen], allow_unix_socket=True)


@pytest.fixture(scope="session")
def store(route: HostRoute) -> Iterator[Store]:
    """DynamoDB Local where this machine has Java, moto otherwise."""
    socket_allow_hosts(["127.0.0.1", route.listen], allow_unix_socket=True)
    template = load_template(TEMPLATE, LocalSettings().parameters(DevelopmentIssuer.load().jwks))
    with contextlib.ExitStack() as stack:
        try:
            endpoint = stack.enter_context(dynamodb_local.running(host=route.listen))
        except dynamodb_local.DynamoDBLocalUnavailable:
            stack.enter_context(embedded_dynamodb())
            endpoint = stack.enter_context(dynamodb_endpoint(create_client(None), route.listen))
        ensure_table(create_client(endpoint), template.table_name, template.table_properties)
        yield Store(endpoint, endpoint.replace(route.listen, route.name), template.table_name)


@pytest.fixture(scope="session")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All events, the authorizer's with fresh tokens."""
    folder = tmp_path_factory.mktemp("events")
    write_events(folder)
    return folder


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory, store: Store) -> SamLocal:
    """``sam local`` on what ``sam build`` makes for this machine's processor."""
    folder = tmp_path_factory.mktemp("sam")
    built = sam_build(architecture(), folder / "build")
    parameters = LocalSettings().parameters(DevelopmentIssuer.load().jwks)
    variables = {
        "JWT_ISSUER": parameters["JwtIssuer"],
        "JWT_AUDIENCE": parameters["JwtAudience"],
        "JWT_ALGORITHMS": parameters["JwtAlgorithms"],
        "JWT_JWKS": parameters["JwtJwks"],
        "ALLOWED_ORIGINS": parameters["AllowedOrigins"],
        "DYNAMODB_ENDPOINT": store.container_endpoint,
    }
    file = folder / "env.json"
    file.write_text(json.dumps({"Parameters": variables}), encoding="utf-8")
    return SamLocal(built / "template.yaml", file, architecture())
