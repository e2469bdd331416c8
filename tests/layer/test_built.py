"""What ``sam build`` makes, as it will run on Lambda: nothing but these folders and Python 3.13."""

from __future__ import annotations

import ast
import json
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.paths import ROOT
from local.template.expansion import read_expanded
from local.template.operations import OPERATIONS
from tests.infrastructure.template import FUNCTIONS, logical_id
from tests.layer.conftest import ARCHITECTURES
from tools.layer_build.interpreter import Interpreter
from tools.layer_build.report import LAYERS, MOST_BYTES, digest, files_of, largest_deployed, measure

pytestmark = pytest.mark.built

MACHINES = {"x86_64": 62, "arm64": 183}
"""ELF's numbers for them (e_machine)."""
FOLDER = "CreateTaskFunction"
"""Where the code of the operations is: SAM CLI calls a loop's one folder by the first of its functions."""
PLATFORM_TAG = re.compile(r"\.(cpython-313-(x86_64|aarch64)-linux-gnu|abi3)(?=\.so$)")


def paths(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in files_of(folder)}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_two_builds_are_the_same(built: dict[str, Path], built_again: dict[str, Path], architecture: str) -> None:
    one, other = built[architecture], built_again[architecture]
    artifacts = sorted(path.name for path in one.iterdir() if path.is_dir())
    assert artifacts == sorted([*map(logical_id, FUNCTIONS), *LAYERS])

    assert {name: digest(one / name) for name in artifacts} == {name: digest(other / name) for name in artifacts}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_function_and_its_layers_are_small(built: dict[str, Path], architecture: str) -> None:
    measured = [measure(folder) for folder in built[architecture].iterdir() if folder.is_dir()]

    assert largest_deployed(measured) < MOST_BYTES


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_nothing_is_there_that_does_not_run(built: dict[str, Path], architecture: str) -> None:
    # Given everything that is deployed
    names = paths(built[architecture])

    # Then it is modules, their bytecode and compiled extensions, and the data and lists that they read
    kinds = {Path(name).suffix for name in names}
    assert kinds <= {".py", ".pyc", ".so", ".json", ".pem", ".txt", ".yaml"}, kinds
    assert {name for name in names if name.endswith(".txt")} == {"DependenciesLayer/python/requirements.txt"}
    assert not [name for name in names if {"tests", "test", "examples"} & set(Path(name).parts)]
    assert not [name for name in names if ".dist-info/" in name or name.endswith(".pyi")]


def test_functions_are_their_own_code_alone(built: dict[str, Path]) -> None:
    assert paths(built["arm64"] / FOLDER) == {f"{function}/app.py" for function in FUNCTIONS}
    # What is deployed is what the built template names.
    template = read_expanded(built["arm64"] / "template.yaml")["Resources"]
    folders = {name: template[name]["Properties"]["CodeUri"] for name in map(logical_id, FUNCTIONS)}
    assert folders == {logical_id(name): FOLDER for name in OPERATIONS} | {"AuthorizerFunction": "AuthorizerFunction"}
    assert paths(built["arm64"] / "AuthorizerFunction") == paths(built["arm64"] / FOLDER)


def test_the_list_of_packages_is_of_the_lock(built: dict[str, Path]) -> None:
    lock = (ROOT / "layers/dependencies/requirements.txt").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+==[^ \\]+)", lock, flags=re.MULTILINE))

    listed = set((built["arm64"] / "DependenciesLayer/python/requirements.txt").read_text().split())

    assert listed < locked
    assert {each.partition("==")[0] for each in locked - listed} == {"pycparser"}


def test_both_architectures_hold_the_same(built: dict[str, Path]) -> None:
    def plain(architecture: str) -> set[str]:
        return {PLATFORM_TAG.sub("", name) for name in paths(built[architecture])}

    assert plain("arm64") == plain("x86_64")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_compiled_extensions_are_of_the_architecture(built: dict[str, Path], architecture: str) -> None:
    extensions = [path for path in files_of(built[architecture]) if path.suffix == ".so"]
    assert len(extensions) == 3

    for path in extensions:
        header = path.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert int.from_bytes(header[18:20], "little") == MACHINES[architecture], path


def test_the_package_layer_is_the_same_for_both(built: dict[str, Path]) -> None:
    assert len({digest(built[architecture] / "TaskApiLayer") for architecture in ARCHITECTURES}) == 1


READ_BYTECODE = """
import importlib.util, json, marshal, pathlib, sys
def names(code):
    yield code.co_filename
    for constant in code.co_consts:
        if hasattr(constant, "co_filename"):
            yield from names(constant)
found = []
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.pyc")):
    content = path.read_bytes()
    assert content[:4] == importlib.util.MAGIC_NUMBER, path
    source = pathlib.Path(importlib.util.source_from_cache(path))
    assert content[8:16] == importlib.util.source_hash(source.read_bytes()), path
    found.append([str(path), int.from_bytes(content[4:8], "little"), sorted(set(names(marshal.loads(content[16:]))))])
print(json.dumps(found))
"""


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_module_is_compiled_for_the_runtime(
    built: dict[str, Path], python313: Interpreter, architecture: str, layer: str
) -> None:
    # Given a layer's modules
    folder = built[architecture] / layer
    modules = {name for name in paths(folder) if name.endswith(".py")}
    assert modules

    # When the runtime's Python reads all bytecode
    compiled = run(python313, folder, READ_BYTECODE, str(folder))

    # Then each module has some, of the module as it is (the header's hash), which no import checks against the source
    # (bits 0 and 1 of PEP 552), and tracebacks name the file as it is on Lambda
    assert len(compiled) == len(modules)
    for path, flags, file_names in compiled:
        assert flags == 0b01, path
        module = Path(path).relative_to(folder)
        assert file_names == [f"/opt/{module.parent.parent / module.name.split('.')[0]}.py"]


IMPORT_FUNCTION = """
import importlib, json, os, sys
folder, root = sys.argv[1:3]
compiled = []
sys.addaudithook(lambda event, arguments: event == "compile" and compiled.append(str(arguments[1])))
sys.path[:0] = [os.path.join(root, folder), os.path.join(root, "TaskApiLayer/python"),
                os.path.join(root, "DependenciesLayer/python")]
os.environ.update(json.loads(sys.argv[3]))
app = importlib.import_module(sys.argv[4])
files = sorted({os.path.realpath(module.__file__) for module in list(sys.modules.values())
                if getattr(module, "__file__", None)})
standard = os.path.realpath(os.path.dirname(os.__file__))
print(json.dumps({"handler": callable(app.handler), "compiled": [name for name in compiled if name.startswith(root)],
                  "foreign": [name for name in files if not name.startswith((os.path.realpath(root), standard))],
                  "modules": len(files)}))
"""
ENVIRONMENT = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_LAMBDA_FUNCTION_NAME": "function",
    "TABLE_NAME": "tasks",
    "ENVIRONMENT": "dev",
    "ALLOWED_ORIGINS": "*",
    "POWERTOOLS_SERVICE_NAME": "task-api",
    "POWERTOOLS_METRICS_NAMESPACE": "TaskApi",
    "JWT_ISSUER": "https://issuer.example",
    "JWT_AUDIENCE": "task-api",
    "JWT_ALGORITHMS": "EdDSA",
    # RFC 8037 appendix A.2
    "JWT_JWKS": '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"1"}]}',
}


@pytest.fixture(scope="module")
def own(built: dict[str, Path]) -> Path:
    """What was built for this machine's processor, whose extensions can be loaded here."""
    return built["arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_from_the_artefacts_alone(own: Path, python313: Interpreter, function: str) -> None:
    started = run(python313, own, IMPORT_FUNCTION, FOLDER, str(own), json.dumps(ENVIRONMENT), f"{function}.app")

    assert started["handler"]
    assert started["modules"] > 100
    # Everything comes from the artefacts or the standard library, and of the layers nothing had to be compiled.
    assert started["foreign"] == []
    assert started["compiled"] == [str(own / FOLDER / function / "app.py")]


IMPORT_ALL = """
import importlib, json, os, sys
sys.path[:0] = [os.path.join(sys.argv[1], layer, "python") for layer in ("TaskApiLayer", "DependenciesLayer")]
missing = []
for module, name in json.loads(sys.argv[2]):
    try:
        imported = importlib.import_module(module)
        if name and not hasattr(imported, name):
            importlib.import_module(module + "." + name)
    except ImportError as error:
        missing.append([module, name, str(error)])
print(json.dumps(missing))
"""


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Modules, and the names taken from them, that a file imports when it runs, wherever in it."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and ast.unparse(guard.test) == "TYPE_CHECKING"
        for node in ast.walk(guard)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_everything_that_our_code_imports_is_there(own: Path, python313: Interpreter) -> None:
    # Given all imports, those inside functions too
    files = [*(ROOT / "layers/taskapi/taskapi").rglob("*.py"), *(ROOT / "functions").glob("*/app.py")]
    named = sorted({each for path in files for each in imports(path)})
    assert {"pydantic", "jwt", "aws_lambda_powertools.logging"} <= {module for module, _ in named}

    # When they are made from the artefacts alone, then none fails
    assert run(python313, own, IMPORT_ALL, str(own), json.dumps(named)) == []


SIGN_AND_VERIFY = """
import json, os, sys
sys.path.insert(0, os.path.join(sys.argv[1], "DependenciesLayer/python"))
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
rsa_key = rsa.generate_private_key(65537, 2048)
keys = {"RS256": rsa_key, "RS384": rsa_key, "RS512": rsa_key, "PS256": rsa_key, "PS384": rsa_key, "PS512": rsa_key,
        "ES256": ec.generate_private_key(ec.SECP256R1()), "ES384": ec.generate_private_key(ec.SECP384R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate()}
good = [name for name, key in keys.items()
        if jwt.decode(jwt.encode({"sub": "a"}, key, name), key.public_key(), [name]) == {"sub": "a"}]
secret = "x" * 32
good += [jwt.get_unverified_header(jwt.encode({"sub": "a"}, secret, "HS256"))["alg"]]
print(json.dumps(good))
"""


def test_signatures_need_no_more_of_cffi_than_there_is(own: Path, python313: Interpreter) -> None:
    good = run(python313, own, SIGN_AND_VERIFY, str(own))

    assert good == ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256"]


CALL_SERVICES = """
import json, os, sys
sys.path.insert(0, os.path.join(sys.argv[1], "DependenciesLayer/python"))
import botocore.session
session = botocore.session.get_session()
session.set_credentials("local", "local")
clients = [session.create_client(name, region_name="cn-north-1") for name in ("dynamodb", "secretsmanager")]
print(json.dumps({
    "endpoints": [client.meta.endpoint_url for client in clients],
    "operations": sorted(clients[0].meta.service_model.operation_names),
    "services": session.get_available_services()}))
"""


def test_clients_are_made_of_the_trimmed_data(own: Path, python313: Interpreter) -> None:
    made = run(python313, own, CALL_SERVICES, str(own))

    assert made == {
        "endpoints": [
            "https://dynamodb.cn-north-1.amazonaws.com.cn",
            "https://secretsmanager.cn-north-1.amazonaws.com.cn",
        ],
        "operations": ["DescribeEndpoints", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"],
        "services": ["dynamodb", "secretsmanager"],
    }


def run(python: Interpreter, folder: Path, script: str, *arguments: str) -> Any:
    """The JSON that a script prints under the runtime's Python, which sees its standard library and nothing else."""
    command: Sequence[str] = python.command(["-I", "-S", "-B", "-c", script, *arguments], folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
