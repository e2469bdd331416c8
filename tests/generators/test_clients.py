"""Clients that generators make of docs/openapi.yaml compile, and do what their users mean.

The programs in ``lives`` use them against ``make run``: a task's whole life in Python and by axios, some calls in the
others. ``make test-generators`` installs what they need.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable

import pytest

from tests.generators import clients
from tests.generators.clients import (
    CLIENTS,
    ENVIRONMENT,
    HERE,
    NODE_MODULES,
    compiled_typescript,
    openapi_generator,
    run,
)

Arguments = Callable[[str], tuple[str, str, str]]

pytestmark = pytest.mark.generators


def test_python(arguments: Arguments) -> None:
    _live_in_python("python_life.py", openapi_generator("python"), arguments("python"))


def test_openapi_python_client(arguments: Arguments) -> None:
    client = clients.folder("openapi-python-client")
    configuration = client.with_suffix(".json")
    configuration.write_text('{"package_name_override": "task_api_client", "post_hooks": []}', encoding="utf-8")
    run(
        *(ENVIRONMENT / "openapi-python-client", "generate", "--path", clients.document(), "--meta", "none"),
        *("--output-path", client / "task_api_client", "--config", configuration, "--fail-on-warning"),
    )
    _live_in_python("openapi_python_client_life.py", client, arguments("openapi-python-client"))


def _live_in_python(life: str, client: os.PathLike[str], arguments: tuple[str, str, str]) -> None:
    path, program = os.fspath(client), HERE / "lives" / life
    run(ENVIRONMENT / "python", "-m", "compileall", "-q", path)
    # The program's types; what the generator writes inside its own modules is its own.
    options = ("--strict", "--follow-imports", "silent", "--cache-dir", CLIENTS / "mypy", "--config-file", os.devnull)
    run(ENVIRONMENT / "mypy", *options, program, MYPYPATH=path)
    run(ENVIRONMENT / "python", "-W", "error", program, *arguments, PYTHONPATH=path)


def test_typescript_axios(arguments: Arguments) -> None:
    openapi_generator("typescript-axios", "importFileExtension=.js")
    run("node", compiled_typescript("axios_life"), *arguments("axios"))


def test_typescript_fetch(arguments: Arguments) -> None:
    openapi_generator("typescript-fetch", "importFileExtension=.js")
    run("node", compiled_typescript("fetch_life"), *arguments("fetch"))


def test_hey_api(arguments: Arguments) -> None:
    client = clients.folder("hey-api")
    configuration = {"input": str(clients.document()), "output": {"path": str(client), "importFileExtension": ".js"}}
    file = CLIENTS / "hey-api.config.mjs"
    file.write_text(f"export default {json.dumps(configuration)};", encoding="utf-8")
    run(NODE_MODULES / ".bin" / "openapi-ts", "--file", file, "--no-log-file", folder=CLIENTS)
    run("node", compiled_typescript("hey_life"), *arguments("hey"))


def test_openapi_typescript(arguments: Arguments) -> None:
    types = clients.folder("openapi-typescript") / "types.ts"
    options = ("--output", types, "--default-non-nullable=false")
    run(NODE_MODULES / ".bin" / "openapi-typescript", clients.document(), *options)
    run("node", compiled_typescript("openapi_typescript_life"), *arguments("openapi-typescript"))


def test_go(arguments: Arguments) -> None:
    client = openapi_generator("go", "packageName=taskapi,withGoMod=false")
    (client / "go.mod").write_text("module task-api.dev/client\n\ngo 1.19\n", encoding="utf-8")
    (client / "life").mkdir()
    shutil.copyfile(HERE / "lives" / "life.go", client / "life" / "main.go")
    # -mod=mod: what the client imports is looked up by the ordinary client of the Go proxy.
    run("go", "build", "-o", client / "bin", "./life", folder=client, GOFLAGS="-mod=mod")
    run("go", "vet", ".", folder=client, GOFLAGS="-mod=mod")
    run(client / "bin", *arguments("go"))


def test_java(arguments: Arguments) -> None:
    client = openapi_generator("java")
    shutil.copyfile(HERE / "lives" / "Life.java", client / "src/main/java/org/openapitools/client/Life.java")
    classpath = client / "classpath"
    goals = ("compile", "dependency:build-classpath", f"-Dmdep.outputFile={classpath}")
    run("mvn", "--quiet", "--batch-mode", "-Dmaven.javadoc.skip=true", *goals, folder=client)
    found = f"{client / 'target' / 'classes'}{os.pathsep}{classpath.read_text(encoding='utf-8')}"
    run("java", "-cp", found, "org.openapitools.client.Life", *arguments("java"))
