"""Makes clients of docs/openapi.yaml by the generators that people use, with the options that docs/frontend.md names.

Each is in a folder of its own below build/generators/clients, where its program of tests/generators/lives finds it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from local.contract import PATH
from local.paths import BUILD, ROOT

HERE: Final = Path(__file__).parent
CLIENTS: Final = BUILD / "generators" / "clients"
ENVIRONMENT: Final = BUILD / "generators" / "environment" / "bin"
NODE_MODULES: Final = HERE / "node_modules"
POM: Final = HERE / "pom.xml"

# Without it, clients in Go and Java refuse an answer with a member that their document does not have.
OPEN: Final = "disallowAdditionalPropertiesIfNotPresent=false"
_SECONDS: Final = 240


def document() -> Path:
    """The document: the repository's, unless ``OPENAPI_DOCUMENT`` names another."""
    return Path(os.environ.get("OPENAPI_DOCUMENT") or PATH).resolve()


def run(*command: str | Path, folder: Path = ROOT, **environment: str) -> str:
    """Run a program to its end.

    Args:
        command: It and its arguments.
        folder: Where it runs.
        environment: Variables of its own.

    Returns:
        Its stdout.

    Raises:
        AssertionError: it failed; with what it printed.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8_000:]
    return done.stdout


def folder(name: str) -> Path:
    """An empty folder for a client."""
    found = CLIENTS / name
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir(parents=True)
    return found


def openapi_generator(generator: str, options: str = "") -> Path:
    """Make a client by OpenAPI Generator; returns its folder."""
    client = folder(generator)
    properties = ",".join(part for part in (OPEN, options) if part)
    [jar] = _jars().glob("openapi-generator-cli-*.jar")
    run(
        *("java", "-jar", jar, "generate", "--input-spec", document(), "--generator-name", generator),
        *("--output", client, "--additional-properties", properties),
        *("--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"),
    )
    return client


def _jars() -> Path:
    """The folder with OpenAPI Generator, which Maven fetches once for each version of the pom."""
    jars = BUILD / "generators" / "tools" / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    if not jars.is_dir():
        fetched = folder("fetched")
        run(
            "mvn",
            "--quiet",
            "--batch-mode",
            f"--file={POM}",
            "dependency:copy-dependencies",
            f"-DoutputDirectory={fetched}",
        )
        jars.parent.mkdir(parents=True, exist_ok=True)
        fetched.rename(jars)
    return jars


def compiled_typescript(life: str) -> Path:
    """Compile a program of ``lives`` and the client that it imports, in strict mode; returns its JavaScript."""
    modules = CLIENTS / "node_modules"
    modules.unlink(missing_ok=True)
    modules.symlink_to(NODE_MODULES)
    (CLIENTS / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (CLIENTS / "lives").mkdir(exist_ok=True)
    source = CLIENTS / "lives" / f"{life}.ts"
    shutil.copyfile(HERE / "lives" / source.name, source)
    compiled = CLIENTS / "compiled" / life
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "--types", "node")
    run(NODE_MODULES / ".bin" / "tsc", *options, "--rootDir", ".", "--outDir", compiled, source, folder=CLIENTS)
    return compiled / "lives" / f"{life}.js"
