"""What the local run refuses to start with, and the parts of it that HTTP alone does not show."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.child_process import stop
from local.engines.store import create_client, embedded_dynamodb, ensure_table
from local.errors import LocalError
from local.functions.aws_environment import isolate
from local.functions.emulator import of_invocation
from local.functions.in_process import FunctionRaised, Functions
from local.gateway.request import GatewayRequest
from local.gateway.responses import GatewayResponses, Refusal
from local.identity.development_tokens import DevelopmentIssuer
from local.instance import instance
from local.listener import HOST, listen
from local.settings import LocalSettings
from local.template.loading import FunctionDefinition, load_template
from tests.e2e.serving import ISSUER, SETTINGS, Served, template


class TestStart:
    def test_an_engine_that_is_not_there(self) -> None:
        with listen(0) as closed:
            port = closed.getsockname()[1]
        settings = dataclasses.replace(SETTINGS, dynamodb_endpoint=f"http://{HOST}:{port}")
        before = dict(os.environ)

        with (
            listen(0) as listener,
            pytest.raises(LocalError, match=f"http://{HOST}:{port}"),
            instance(settings, ISSUER, listener, Served()),
        ):
            pass

        assert dict(os.environ) == before

    @pytest.mark.parametrize(
        "endpoint", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://[", "http://127.0.0.1:99999", "http://a b"]
    )
    def test_an_engine_that_is_no_url(self, endpoint: str) -> None:
        with pytest.raises(LocalError, match="DYNAMODB_ENDPOINT"):
            create_client(endpoint)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"allowed_origins": "localhost:3000"}, "^ALLOWED_ORIGINS "),
            ({"allowed_origins": "http://a, http://b"}, "^ALLOWED_ORIGINS "),
            ({"log_level": "LOUD"}, "^LOG_LEVEL must be one of DEBUG"),
        ],
    )
    def test_a_setting_that_the_template_refuses(self, changes: dict[str, Any], message: str) -> None:
        settings = dataclasses.replace(SETTINGS, **changes)

        with pytest.raises(LocalError, match=message):
            load_template(Path("template.yaml"), settings.parameters(ISSUER.jwks))

    def test_a_template_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(LocalError, match="there is no template at"):
            load_template(tmp_path / "template.yaml", {})

    @pytest.mark.parametrize("text", ["", "- a", "a: [", "Resources: {}", "Resources:\n  A: {Type: AWS::Nothing}"])
    def test_a_template_that_is_none(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "template.yaml"
        path.write_text(text)

        with pytest.raises(LocalError, match=r"^template\.yaml .*$"):
            load_template(path, {})

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            (None, "the code of F is missing"),
            ("def handler(", "F does not start: SyntaxError"),
            ("import nowhere", "F does not start: ModuleNotFoundError"),
            ("other = 1", "F does not start: AttributeError"),
        ],
    )
    def test_a_function_that_can_t_be_imported(self, tmp_path: Path, code: str | None, message: str) -> None:
        if code is not None:
            (tmp_path / "app.py").write_text(code)

        with pytest.raises(LocalError, match=message):
            Functions([FunctionDefinition("F", tmp_path, "app.handler", {}, 128, 3)], [])

    def test_a_key_that_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "key.pem"
        path.write_text("nothing")

        with pytest.raises(LocalError, match="delete it to get a new one"):
            DevelopmentIssuer.load(path)


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    # Given no key yet, when several ask for it at the same time, then all have the same one
    path = tmp_path / "new" / "key.pem"
    jwks: list[str] = []
    barrier = threading.Barrier(8)

    def load() -> None:
        barrier.wait(timeout=10)
        jwks.append(DevelopmentIssuer.load(path).jwks)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert len(jwks) == 8
    assert len(set(jwks)) == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["key.pem"]


class TestChildProcess:
    # Set in either case: a shell starts what runs in its background with SIGINT ignored, and children inherit that.
    DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    LISTENING = "for by in (signal.SIGTERM, signal.SIGINT): signal.signal(by, signal.SIG_DFL)"

    @staticmethod
    def started(code: str) -> subprocess.Popen[bytes]:
        """A process that waits once it has run some code."""
        code = f"import signal\n{code}\nprint('ready', flush=True)\nsignal.pause()"
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        with process.stdout as stdout:
            assert stdout.readline() == b"ready\n"
        return process

    @pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
    def test_it_is_asked_to_end(self, by: signal.Signals) -> None:
        process = self.started(self.LISTENING)
        stop(process, 10, by)
        assert process.returncode == -by

    def test_it_is_ended_where_it_does_not(self) -> None:
        process = self.started(self.DEAF)
        stop(process, 0.1)
        assert process.returncode == -signal.SIGKILL

    def test_it_may_have_ended(self) -> None:
        process = self.started(self.LISTENING)
        process.kill()
        process.wait()
        stop(process, 0)
        assert process.returncode == -signal.SIGKILL


class TestEmulator:
    BEFORE = (
        "START RequestId: 1 Version: $LATEST\nTraceback of the function\nREPORT of the function\nEND RequestId: 1\n"
    )
    REPORT = "REPORT RequestId: 1\tInit Duration: 0.03 ms\tDuration: 3 ms\t\n"

    def test_what_the_runtime_prints_once_the_emulator_is_gone_is_not_the_function_s(self) -> None:
        lost = "Traceback (most recent call last):\n  ...\nRuntimeError: Failed to get next\n"

        assert of_invocation(self.BEFORE + self.REPORT + lost) == self.BEFORE + self.REPORT

    def test_all_is_the_function_s_where_the_invocation_did_not_end(self) -> None:
        assert of_invocation(self.BEFORE) == self.BEFORE


class TestSettings:
    def test_the_defaults(self) -> None:
        assert LocalSettings.from_environment({}) == LocalSettings(3000, None, None, "INFO", show_logs=False)

    def test_everything_can_be_set(self) -> None:
        variables = {
            "PORT": "3999",
            "ALLOWED_ORIGINS": "*",
            "DYNAMODB_ENDPOINT": "http://127.0.0.1:8000",
            "LOG_LEVEL": "debug",
            "LOGS": "1",
        }

        settings = LocalSettings.from_environment(variables)

        assert settings == LocalSettings(3999, "*", "http://127.0.0.1:8000", "DEBUG", show_logs=True)


class TestAwsEnvironment:
    MISLEADING: Mapping[str, str] = {
        "AWS_PROFILE": "work",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://elsewhere",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "PATH": "/bin",
    }

    def test_nothing_of_the_developer_s_is_left(self) -> None:
        environment = dict(self.MISLEADING)

        isolate(environment, keep_credentials=False)

        assert "real" not in environment.values()
        assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_SESSION_TOKEN"} & environment.keys()
        assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
        assert environment["PATH"] == "/bin"

    def test_another_engine_gets_the_keys_it_may_check(self) -> None:
        environment = dict(self.MISLEADING)

        isolate(environment, keep_credentials=True)

        assert environment["AWS_ACCESS_KEY_ID"] == "real"
        assert environment["AWS_REGION"] == "eu-west-1"
        assert "AWS_PROFILE" not in environment


class TestFunctions:
    def functions(self, tmp_path: Path, code: str, layers: list[Path]) -> Functions:
        definitions = []
        for name in ("One", "Two"):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "app.py").write_text(code)
            definitions.append(FunctionDefinition(name, folder, "app.handler", {"NAME": name}, 256, 7))
        return Functions(definitions, layers)

    def test_each_has_its_own_environment_and_layer(self, tmp_path: Path) -> None:
        # Given a layer's package that reads the environment when it is imported
        package = tmp_path / "layer" / "localtestlayer"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("import os\nNAME = os.environ['NAME']\n")

        # When two functions with different environments import it
        code = "import localtestlayer\ndef handler(event, context): return localtestlayer.NAME\n"
        with self.functions(tmp_path, code, [package.parent]) as functions:
            # Then each has its own
            assert (functions.invoke("One", {}), functions.invoke("Two", {})) == ("One", "Two")
        assert "NAME" not in os.environ

    def test_a_handler_gets_a_lambda_context(self, tmp_path: Path) -> None:
        code = """
def handler(event, context):
    assert 0 < context.get_remaining_time_in_millis() <= 7000
    names = ("function_name", "memory_limit_in_mb", "function_version", "log_group_name", "log_stream_name")
    return [*(getattr(context, name) for name in names), context.invoked_function_arn, len(context.aws_request_id)]
"""
        with self.functions(tmp_path, code, []) as functions:
            name, memory, version, group, stream, arn, length = functions.invoke("One", {})

        assert (name, memory, version, group, stream, length) == ("One", 256, "$LATEST", "/aws/lambda/One", "local", 36)
        assert arn.endswith(":function:One")

    @pytest.mark.parametrize("code", ["raise KeyError(1)", "return object()", "return {1, 2}"])
    def test_what_it_raises_or_can_t_return_is_an_error(self, tmp_path: Path, code: str) -> None:
        with (
            self.functions(tmp_path, f"def handler(event, context): {code}\n", []) as functions,
            pytest.raises(FunctionRaised),
        ):
            functions.invoke("One", {})


class TestStore:
    def test_the_table_is_the_template_s(self, api: object) -> None:
        with embedded_dynamodb():
            client = create_client(None)
            # Given the table of the running API, then it is not created again and has the indexes and the TTL
            assert not ensure_table(client, template().table_name, template().table_properties)
            table = client.describe_table(TableName=template().table_name)["Table"]
            indexes = {index["IndexName"] for index in table["LocalSecondaryIndexes"]}
            assert indexes == {"by-updated", "open-by-created", "open-by-due", "open-by-place", "closed"}
            ttl = client.describe_time_to_live(TableName=template().table_name)["TimeToLiveDescription"]
            assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


class TestGatewayResponses:
    def test_a_type_without_a_response_of_its_own_falls_back_and_keeps_its_status(self) -> None:
        responses = GatewayResponses(
            {"DEFAULT_4XX": {"ResponseTemplates": {"application/json": "$context.error.responseType $context.stage"}}},
            "v1",
        )

        answer = responses.render(Refusal("REQUEST_TOO_LARGE"), GatewayRequest("POST", "/"))

        assert (answer.status, answer.body) == (413, "REQUEST_TOO_LARGE v1")

    def test_without_any_definition_it_is_aws_s_own(self) -> None:
        answer = GatewayResponses({}, "v1").render(Refusal("UNAUTHORIZED"), GatewayRequest("GET", "/"))

        assert (answer.status, answer.body) == (401, '{"message":"Unauthorized"}')

    def test_headers_are_static_or_mapped_and_left_out_when_there_is_nothing_to_map(self) -> None:
        headers = {
            "X-Static": "'a'",
            "X-Header": "method.request.header.origin",
            "X-Query": "method.request.querystring.q",
            "X-Id": "context.requestId",
            "X-Ip": "context.identity.sourceIp",
            "X-None": "method.request.header.Missing",
        }
        responses = GatewayResponses({"UNAUTHORIZED": {"ResponseParameters": {"Headers": headers}}}, "v1")
        request = GatewayRequest("GET", "/", "q=1", [("Origin", "http://a")], request_id="id")

        answer = responses.render(Refusal("UNAUTHORIZED"), request)

        assert dict(answer.headers) == {
            "Content-Type": "application/json",
            "X-Static": "a",
            "X-Header": "http://a",
            "X-Query": "1",
            "X-Id": "id",
            "X-Ip": "127.0.0.1",
        }
