"""``@operation``: what all operations do alike. A handler is left with its row of the contract: parse, call, answer."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_type_hints

from taskapi import initialisation
from taskapi.dynamo.client import create_client, time_limit
from taskapi.dynamo.table import ReadBudget, Table
from taskapi.errors import TaskApiError
from taskapi.http.cors import cors_headers
from taskapi.http.problem import problem_response
from taskapi.http.request import Request
from taskapi.http.response import Response
from taskapi.observability import Outcome, log_unforeseen, user_hash
from taskapi.settings import Settings

Handler = Callable[..., Response]
"""From a request, and the stores that the other parameters are annotated with, to the response."""

_FUNCTION_SECONDS: Final = 10.0
"""The time-out in template.yaml."""
_MARGIN_SECONDS: Final = 0.3


@functools.cache
def _composition() -> tuple[Settings, Table]:
    return composed(os.environ)


def composed(environment: Mapping[str, str]) -> tuple[Settings, Table]:
    """The settings and the table that an environment asks for: the composition root; raises ConfigurationError."""
    settings = Settings.from_environment(environment)
    budget = ReadBudget(settings.list_read_units, settings.list_milliseconds)
    return settings, Table(create_client(settings.dynamodb_endpoint), settings.table_name, budget)


class Operation:
    """A Lambda handler: call it with a REST API proxy event and the Lambda context."""

    def __init__(
        self,
        name: str,
        handler: Handler,
        query_parameters: frozenset[str],
        settings: Settings,
        stores: Sequence[object],
    ) -> None:
        self.name = name
        self._handler = handler
        self._query_parameters = query_parameters
        self._settings = settings
        self._stores = stores
        self._monotonic: Callable[[], float] = time.monotonic
        self._cold = True

    @property
    def store_types(self) -> list[Callable[[Table], object]]:
        """What the handler's parameters after the request are annotated with."""
        _request, *types = (hint for name, hint in get_type_hints(self._handler).items() if name != "return")
        return types

    def using(self, settings: Settings, *stores: object, monotonic: Callable[[], float] = time.monotonic) -> Operation:
        """The same operation over other settings, other stores and another clock; for tests and local runs."""
        made = Operation(self.name, self._handler, self._query_parameters, settings, stores)
        made._monotonic = monotonic
        return made

    def over(self, settings: Settings, table: Table) -> Operation:
        """The same operation with stores of another table."""
        return self.using(settings, *[store(table) for store in self.store_types])

    def __call__(self, event: object, context: Any) -> dict[str, Any]:
        """Serve one request. Never raises: what goes wrong is logged and answered as a problem document."""
        started = self._monotonic()
        request = Request.from_event(event)
        with time_limit(_seconds_left(context) - _MARGIN_SECONDS, self._monotonic):
            response, answer = self._respond(request)
        cold, self._cold = self._cold, False
        outcome = Outcome(
            operation=self.name,
            environment=self._settings.environment,
            status=response.status,
            code=response.code,
            milliseconds=(self._monotonic() - started) * 1000,
            cold_start=cold,
        )
        outcome.log(
            context,
            request_id=request.request_id,
            correlation_id=request.correlation_id,
            user=user_hash(request.owner) if request.owner else None,
        )
        outcome.emit_metrics()
        return answer

    def _respond(self, request: Request) -> tuple[Response, dict[str, Any]]:
        headers = cors_headers(request.headers.get("origin", [None])[0], self._settings.allowed_origins)
        try:
            request.check_identity()
            request.check_query(self._query_parameters)
            response = self._handler(request, *self._stores)
            return response, response.as_proxy(headers)
        except TaskApiError as error:
            problem = problem_response(error, request.path, request.request_id)
        except Exception as error:  # noqa: BLE001  # the last resort: whatever it is, the client gets a problem
            log_unforeseen(error, operation=self.name, request_id=request.request_id)
            problem = problem_response(TaskApiError(), request.path, request.request_id)
        return problem, problem.as_proxy(headers)


def _seconds_left(context: Any) -> float:
    """Until Lambda ends the function ("AWS Lambda context object in Python", AWS Lambda Developer Guide)."""
    try:
        return float(context.get_remaining_time_in_millis()) / 1000
    except Exception:  # noqa: BLE001  # a hand-made context, in which anything may be missing
        return _FUNCTION_SECONDS


def operation(name: str, *, query_parameters: frozenset[str] = frozenset()) -> Callable[[Handler], Operation]:
    """Make a Lambda handler of a function from a request and stores to a response.

    Each parameter after the request is annotated with the type of the store that it is given.

    Args:
        name: The operation's, in the contract.
        query_parameters: Those that it has; any other is refused.

    Raises:
        ConfigurationError: at import, so at initialisation, when the environment is unusable.
    """

    def decorate(handler: Handler) -> Operation:
        settings, table = _composition()
        made = Operation(name, handler, query_parameters, settings, ()).over(settings, table)
        initialisation.end()
        return made

    return decorate
