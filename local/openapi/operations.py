"""The operations: what prose says of each, around what its route and handler say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local.openapi import examples, headers, parameters, responses
from local.openapi.deployed import Deployed, Preflight, Route
from local.openapi.handlers import Handler, RequestBody, read_handler
from local.openapi.json_types import JsonObject, ref
from local.openapi.problems import Occurrence

TASKS: Final = "Tasks"
PREFLIGHT: Final = "Preflight"


@dataclass(frozen=True, slots=True)
class Prose:
    """What only prose can say of an operation.

    Attributes:
        summary: A few words.
        description: Markdown.
        bodies: Examples of its request body, by name.
    """

    summary: str
    description: str
    bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


PROSE: Final[Mapping[str, Prose]] = {
    "create_task": Prose(
        "Create a task",
        "The API mints the id. With an `Idempotency-Key` the request can be sent again without making a second task.",
        {"task": examples.NEW_TASK},
    ),
    "list_tasks": Prose(
        "List tasks",
        "A page of the user's tasks; it shows every write that was answered before. Each served combination of "
        "`status` and `sort` is read off an index. A walk over all pages returns every task that is not changed "
        "meanwhile exactly once.",
    ),
    "get_task": Prose("Read a task", "With `If-None-Match`, a reader that has the task as it is gets a 304."),
    "replace_task": Prose(
        "Create or replace a task",
        "The client mints the id, a UUID of version 7. The same request can be sent any number of times. With "
        "`If-None-Match: *` it only creates, with `If-Match` it only replaces.",
        {"task": examples.REPLACEMENT},
    ),
    "update_task": Prose(
        "Change some members of a task",
        "A JSON Merge Patch (RFC 7396): what the body leaves out stays as it is, null clears.",
        {"clear the due date": examples.PATCH},
    ),
    "delete_task": Prose("Delete a task", "A task that is not there, or no longer, is a 404."),
    "toggle_task": Prose(
        "Complete or reopen a task",
        "Without a body, or with `{}`, an open task is completed and a completed one reopened: sent twice, it does "
        "nothing. With `completed` the state is set, which can be repeated.",
        {"complete": examples.COMPLETION, "reopen": {"completed": False}},
    ),
}

_LINKS: Final[Mapping[str, tuple[str, bool]]] = {
    "get_task": ("Read it.", False),
    "replace_task": ("Replace it as it is.", True),
    "update_task": ("Change it as it is.", True),
    "toggle_task": ("Complete or reopen it.", False),
    "delete_task": ("Delete it.", False),
}
"""What can be done with a task that was answered, and whether only as it was answered."""


class Operations:
    """Builds the operations, and gathers the response components that they refer to."""

    def __init__(self, deployed: Deployed, found: Sequence[Occurrence]) -> None:
        """Take what they are built from.

        Args:
            deployed: The API of the template.
            found: Its problems.
        """
        self._deployed = deployed
        self._found = found
        self._answered: dict[str, dict[int, Occurrence]] = {}

    @property
    def response_components(self) -> dict[str, JsonObject]:
        """Those of the operations built so far, by name.

        Raises:
            ValueError: a problem is the answer of none of them.
        """
        answered = {each for found in self._answered.values() for each in found}
        if lost := sorted({each.code for each in self._found if id(each) not in answered}):
            raise ValueError(f"which operations answer with {lost}? responses.py does not say")
        return {name: responses.component(list(found.values())) for name, found in sorted(self._answered.items())}

    def operation(self, route: Route) -> JsonObject:
        """The operation of a route.

        Raises:
            KeyError: nothing is said of it in :data:`PROSE`.
        """
        prose = PROSE[route.operation]
        handler = read_handler(route.operation)
        operation: JsonObject = {
            "operationId": route.operation,
            "summary": prose.summary,
            "description": prose.description,
            "tags": [TASKS],
            "parameters": parameters.of_operation(route.path, handler),
        }
        if handler.body is not None:
            operation["requestBody"] = _request_body(handler.body, prose)
        operation["responses"] = self._responses(route, handler)
        return operation

    def preflight(self, preflight: Preflight) -> JsonObject:
        """The OPTIONS operation of a path."""
        definition = preflight.definition
        [(status, answer)] = definition["responses"].items()
        static = {
            name: {**ref("headers", headers.component_name(name, is_required=True))} for name in preflight.headers
        }
        others = {
            name: ref("headers", headers.component_name(name, is_required=False))
            for name in answer["headers"]
            if name not in static
        }
        problems = responses.of_preflight(self._found)
        return {
            "operationId": definition["operationId"],
            "summary": definition["summary"],
            "description": "Sent by browsers, without a token, before a request of another origin.",
            "tags": [PREFLIGHT],
            "security": [],
            # Not those of the other operations: the gateway answers by itself, whatever they are.
            "parameters": [{**part, "description": "Any."} for part in definition["parameters"]],
            "responses": {
                status: {"description": answer["description"], "headers": {**static, **others}},
                **self._problem_responses(problems),
            },
        }

    def _responses(self, route: Route, handler: Handler) -> JsonObject:
        successes = responses.successes(route.operation, handler, self._deployed.stage)
        for success in successes.values():
            content = success.get("content", {}).get("application/json", {})
            if content.get("schema") == ref("schemas", "Task"):
                success["links"] = _links()
        return {**successes, **self._problem_responses(responses.of_operation(handler, self._found))}

    def _problem_responses(self, by_status: Mapping[str, Sequence[Occurrence]]) -> JsonObject:
        result: JsonObject = {}
        for status, found in by_status.items():
            name = responses.component_name(found)
            self._answered.setdefault(name, {}).update({id(each): each for each in found})
            result[status] = ref("responses", name)
        return result


def _request_body(body: RequestBody, prose: Prose) -> JsonObject:
    samples = {name: {"value": dict(value)} for name, value in prose.bodies.items()}
    content = {"schema": ref("schemas", body.model.__name__), "examples": samples}
    return {"required": body.is_required, "content": dict.fromkeys(body.media_types, content)}


def _links() -> JsonObject:
    task = {"user_id": "$response.body#/user_id", "task_id": "$response.body#/id"}
    etag = {"header.If-Match": "$response.header.ETag"}
    return {
        operation: {
            "operationId": operation,
            "parameters": {**task, **(etag if as_it_is else {})},
            "description": description,
        }
        for operation, (description, as_it_is) in _LINKS.items()
    }
