"""The parts of SAM CLI that local/ builds on. It promises none of them, hence the pinned version; this is the list."""

from __future__ import annotations

import importlib.metadata
import inspect

import pytest
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.provider import Api, Function, Stack
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.apigw.authorizers.lambda_authorizer import HeaderIdentitySource, LambdaAuthorizer
from samcli.local.apigw.local_apigw_service import LocalApigwService
from samcli.local.apigw.path_converter import PathConverter
from samcli.local.apigw.route import Route

from local.paths import ROOT
from local.template.operations import OPERATIONS
from tests.e2e.serving import template


def test_the_version_is_the_one_that_is_pinned() -> None:
    assert "aws-sam-cli==1.170.0" in (ROOT / "requirements" / "dev.in").read_text()
    assert importlib.metadata.version("aws-sam-cli") == "1.170.0"


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (LocalApigwService.__init__, ["self", "api", "lambda_runner"]),
        (LocalApigwService.create, ["self"]),
        (LocalApigwService._route_key, ["method", "path"]),
        (LocalApigwService._request_handler, ["self", "kwargs"]),
        (LocalApigwService._construct_error_handling, ["self"]),
        (
            LocalApigwService._parse_v1_payload_format_lambda_output,
            ["lambda_output", "binary_types", "flask_request", "event_type"],
        ),
        (LambdaAuthorizer.is_valid_response, ["self", "response", "method_arn"]),
        (LambdaAuthorizer.get_context, ["self", "response"]),
        (HeaderIdentitySource.is_valid, ["self", "kwargs"]),
        (HeaderIdentitySource.find_identity_value, ["self", "kwargs"]),
        (PathConverter.convert_path_to_flask, ["path"]),
        (PathConverter.convert_path_to_api_gateway, ["path"]),
        (SamLocalStackProvider.get_stacks, ["template_file"]),
        (ApiProvider.__init__, ["self", "stacks", "cwd"]),
        (SamFunctionProvider.__init__, ["self", "stacks", "use_raw_codeuri"]),
    ],
)
def test_the_functions_take_what_we_give(function: object, parameters: list[str]) -> None:
    assert callable(function)
    assert list(inspect.signature(function).parameters)[: len(parameters)] == parameters


def test_the_objects_have_what_we_read() -> None:
    api = template().api
    assert isinstance(api, Api)
    assert api.stage_name == "v1"
    assert api.binary_media_types == []
    assert len(api.routes) == len(OPERATIONS)
    for route in api.routes:
        assert isinstance(route, Route)
        assert route.event_type == Route.API
        assert isinstance(route.authorizer_object, LambdaAuthorizer)
        assert route.authorizer_object.lambda_name == "AuthorizerFunction"
        assert route.authorizer_object.validation_string
        (source,) = route.authorizer_object.identity_sources
        assert isinstance(source, HeaderIdentitySource)
        assert source.identity_source == "Authorization"
    assert "resources" in dir(Stack)
    assert {"name", "codeuri", "handler", "environment", "memory", "timeout"} <= set(Function._fields)
