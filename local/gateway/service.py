"""The local API Gateway: SAM CLI's ``LocalApigwService``, brought closer to a REST API.

SAM CLI routes (from the template, by Flask), finds each route's authorizer, judges its policy and parses the functions'
responses. Where it departs from what a REST API does, and a client or a handler would notice, it is put right here or
in the modules that this one calls; each says why.
"""

from __future__ import annotations

import traceback
from typing import Final

from flask import Flask, Response, request
from samcli.local.apigw.local_apigw_service import LocalApigwService
from samcli.local.apigw.path_converter import PathConverter
from werkzeug.exceptions import HTTPException

from local.functions.in_process import FunctionRaised, Functions
from local.gateway.authorizer import authorize
from local.gateway.preflights import preflights
from local.gateway.proxy_event import proxy_event
from local.gateway.proxy_response import http_response
from local.gateway.request import GatewayRequest
from local.gateway.responses import GatewayAnswer, GatewayResponses, Refusal
from local.template.loading import Template

MOST_BODY_BYTES: Final = 10 * 1024 * 1024
"""Payload size of a REST API ("Amazon API Gateway quotas")."""

REQUEST: Final = "local.request"
"""Where in the WSGI environ the :class:`GatewayRequest` is."""

_REQUEST_ID: Final = "x-amzn-RequestId"


class _Runner:
    """What ``LocalApigwService`` asks of its Lambda runner at construction; calls go to :class:`Functions`."""

    def is_debugging(self) -> bool:
        return False


class Gateway(LocalApigwService):  # type: ignore[misc]  # SAM CLI is not typed
    """Serves a template's API as a WSGI application."""

    def __init__(self, template: Template, functions: Functions) -> None:
        """Build the routes of a template."""
        super().__init__(template.api, _Runner())
        self._functions = functions
        self._stage = str(template.api.stage_name)
        self._responses = GatewayResponses(template.api_properties.get("GatewayResponses") or {}, self._stage)
        self._preflights = preflights(template.api)
        self.create()

    @property
    def application(self) -> Flask:
        """The WSGI application; to be called through :class:`local.gateway.server.BufferingMiddleware`."""
        app: Flask = self._app
        return app

    def create(self) -> None:
        """Create the Flask application, as SAM CLI does."""
        super().create()
        # Flask would redirect /users//tasks to /users/tasks. A REST API has no resource with an empty segment.
        self._app.url_map.merge_slashes = False

    def refuse(self, refusal: Refusal, received: GatewayRequest) -> GatewayAnswer:
        """The template's gateway response for a refusal."""
        return self._responses.render(refusal, received)

    def _request_handler(self, **segments: str) -> Response:
        """Flask's view of every route; SAM CLI's answers preflights and errors in its own words."""
        received: GatewayRequest = request.environ[REQUEST]
        try:
            return self._serve(received, segments)
        except Refusal as refusal:
            return self._answer(refusal)

    def _serve(self, received: GatewayRequest, segments: dict[str, str]) -> Response:
        if len(received.body) > MOST_BODY_BYTES:
            raise Refusal("REQUEST_TOO_LARGE")
        resource = PathConverter.convert_path_to_api_gateway(request.endpoint)
        if received.method == "OPTIONS" and resource in self._preflights:
            return self._as_response(self._preflights[resource], received)
        route = self._dict_of_routes.get(self._route_key(received.method, request.endpoint))
        if route is None:  # Flask routes HEAD to every GET; a REST API has only the methods that are defined
            raise Refusal("MISSING_AUTHENTICATION_TOKEN")
        identity = None
        if route.authorizer_object is not None:
            identity = authorize(route.authorizer_object, received, self._stage, self._functions.invoke)
        event = proxy_event(
            received,
            resource=resource,
            path_parameters=segments,
            stage=self._stage,
            authorizer=identity,
            binary_media_types=self.api.binary_media_types,
        )
        try:
            result = self._functions.invoke(route.function_name, event)
        except FunctionRaised as raised:
            raise Refusal("DEFAULT_5XX") from raised
        response = http_response(result, request, self.api.binary_media_types)
        response.headers[_REQUEST_ID] = received.request_id
        return response

    def _construct_error_handling(self) -> None:
        """SAM CLI's own answers are in a fixed form; here too, what the template says."""
        self._app.register_error_handler(HTTPException, self._not_routed)
        self._app.register_error_handler(Exception, self._failed)

    def _not_routed(self, error: HTTPException) -> Response:
        if error.code in (404, 405):
            return self._answer(Refusal("MISSING_AUTHENTICATION_TOKEN"))
        return self._answer(Refusal("DEFAULT_4XX"))

    def _failed(self, _error: Exception) -> Response:
        """A fault of this program."""
        traceback.print_exc()
        return self._answer(Refusal("DEFAULT_5XX", status=500))

    def _answer(self, refusal: Refusal) -> Response:
        received: GatewayRequest = request.environ[REQUEST]
        return self._as_response(self.refuse(refusal, received), received)

    @staticmethod
    def _as_response(answer: GatewayAnswer, received: GatewayRequest) -> Response:
        response = Response(answer.body, status=answer.status, headers=dict(answer.headers))
        response.headers[_REQUEST_ID] = received.request_id
        return response
