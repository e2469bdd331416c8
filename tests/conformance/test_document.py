"""docs/openapi.yaml itself: it is valid, its examples are, and it says the same as the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from local.contract import PATH
from local.template.expansion import read_expanded
from local.template.operations import OPERATIONS
from taskapi import clock, positions, preconditions, uuid7
from taskapi.errors import ValidationFailed, ViolationCode
from taskapi.http import parameters, request
from taskapi.http.problem import PROBLEMS
from taskapi.lists import list as list_
from taskapi.lists.bodies import ListPatch, WholeList
from taskapi.tasks import query, task
from taskapi.tasks.bodies import NewEntry, TaskPatch, WholeTask
from taskapi.tasks.plain_bodies import TaskCompletion, TaskMove
from taskapi.tokens import claims
from tests.conformance.document import Document, closed, load

SCHEMAS: Mapping[str, Any] = load().content["components"]["schemas"]
BODIES = {
    "TaskCreation": WholeTask,
    "TaskReplacement": WholeTask,
    "TaskPatch": TaskPatch,
    "ChecklistEntryInput": NewEntry,
    "TaskCompletion": TaskCompletion,
    "TaskMove": TaskMove,
    "ListCreation": WholeList,
    "ListReplacement": WholeList,
    "ListPatch": ListPatch,
}


def test_it_is_valid_openapi(document: Document) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document.content).iter_errors()] == []


def test_every_reference_leads_somewhere(document: Document) -> None:
    references = [value["$ref"] for value in objects(document.content) if isinstance(value.get("$ref"), str)]

    assert references
    assert all(document.resolve({"$ref": reference}) for reference in references)


def test_bodies_are_closed_and_answers_are_open(document: Document) -> None:
    # Given every object schema of the document
    schemas = document.content["components"]["schemas"]
    found = {name for name, value in schemas.items() if value["type"] == "object"}
    assert len([value for value in objects(schemas) if value.get("type") == "object"]) == len(found)

    # When it is asked whether it takes members that are not described, then what is sent does not
    assert {name for name in found if schemas[name].get("additionalProperties") is False} == BODIES.keys()
    # And what is answered does, without the word that makes a map of it in many languages
    assert [name for name in found - BODIES.keys() if "additionalProperties" in schemas[name]] == []


def test_what_is_answered_leaves_room_for_what_is_to_come(document: Document) -> None:
    # Given the schemas of answers, and one of their values with a member and codes that the document does not have
    problem = dict.fromkeys(("type", "title", "detail", "instance", "code", "request_id"), "new")
    violation = {"pointer": "/a", "code": "new_rule", "detail": "New.", "hint": "new"}
    task = {**SCHEMAS["Task"]["examples"][0], "title": "x" * 100_000, "colour": "red"}

    # When it is read, then it is of the schema
    for name, value in (
        ("Problem", {**problem, "errors": [violation], "retry": True}),
        ("TaskPage", {"items": [task], "next_cursor": None, "total": 1}),
    ):
        assert list(document.violations(SCHEMAS[name], value)) == []
        # And tests that close the schemas notice it
        assert list(Document(closed(document.content)).violations({"$ref": f"#/components/schemas/{name}"}, value))


def test_the_operations_are_those_of_the_template(document: Document) -> None:
    described = {f"{each.method.upper()} {each.path}": each.name for each in document.operations}
    served = {f"{each.method} {each.path}": each.name for each in OPERATIONS.values()}

    assert not (lacking := sorted(served.keys() - described.keys())), f"docs/openapi.yaml lacks {', '.join(lacking)}"
    assert not (beyond := sorted(described.keys() - served.keys())), f"template.yaml lacks {', '.join(beyond)}"
    assert described == served, "an operationId is not the function's name"


def test_every_component_is_used(document: Document) -> None:
    text = PATH.read_text(encoding="utf-8")
    places = [
        f"#/components/{kind}/{name}"
        for kind, members in document.content["components"].items()
        if kind != "securitySchemes"
        for name in members
    ]

    assert [place for place in places if f'"{place}"' not in text] == []


def gateway_codes() -> set[str]:
    """The codes of the problems that the gateway makes itself."""
    responses = read_expanded()["Resources"]["TaskApi"]["Properties"]["GatewayResponses"].values()
    return {json.loads(each["ResponseTemplates"]["application/json"])["code"] for each in responses}


def test_the_codes_are_those_of_the_code(document: Document) -> None:
    exemplified = {code for code, *_ in found_codes(document)}
    listed = {name: SCHEMAS[name]["x-extensible-enum"] for name in ("ProblemCode", "ViolationCode")}
    made = {
        "ProblemCode": {error.code for error in PROBLEMS} | gateway_codes(),
        "ViolationCode": {*get_args(ViolationCode)},
    }

    for name, codes in made.items():
        assert not (lacking := sorted(codes - set(listed[name]))), f"docs/openapi.yaml: {name} lacks {lacking}"
        assert not (beyond := sorted(set(listed[name]) - codes)), f"no code makes the {name} {beyond}"
    assert exemplified == set(listed["ProblemCode"]), "a problem code without an example, or the other way round"
    for name in ("ProblemCode", "ViolationCode"):
        described = re.findall(r"^- `(\w+)`: ", SCHEMAS[name]["description"], re.MULTILINE)
        assert described == SCHEMAS[name]["x-extensible-enum"]
        assert "enum" not in SCHEMAS[name]


def found_codes(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The code of every problem in the document's responses, and the problem."""
    for response in document.content["components"]["responses"].values():
        for example in response["content"].get("application/problem+json", {"examples": {}})["examples"].values():
            yield example["value"]["code"], example["value"]


def test_the_first_server_is_this_machine(document: Document) -> None:
    # Generated clients send their tokens there by default
    assert document.content["servers"][0] == {"url": "http://127.0.0.1:3000", "description": "`make run`."}


def test_no_schema_has_what_generators_stumble_over(document: Document) -> None:
    # Given every schema of the document: `make test-generators` runs the generators, and this says what they can't do
    found = list(objects(document.content["components"]))

    # Then no pattern is matched against a value that is no string any more: python makes a datetime of a date-time
    assert [value for value in found if "format" in value and "pattern" in value] == []
    # No array is a set, and no type is one of several
    assert [value for value in found if value.get("uniqueItems")] == []
    assert [value for value in found if {"anyOf", "allOf", "not"} & value.keys()] == []
    assert [value["oneOf"] for value in found if len(value.get("oneOf", ())) > 2] == []
    assert all({"type": "null"} in value["oneOf"] for value in found if "oneOf" in value)
    # No name is that of a type which python's modules import for themselves
    assert not {"Any", "Dict", "List", "Optional", "Set", "Union"} & SCHEMAS.keys()
    # And no name is one that go makes of another
    assert [
        name
        for name in SCHEMAS
        if any(name == f"{prefix}{other}" for other in SCHEMAS for prefix in ("New", "Nullable"))
    ] == []


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from objects(member)
    elif isinstance(value, list):
        for member in value:
            yield from objects(member)


def examples(document: Document) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Every example of the document, with the schema that it is of."""
    for value in objects(document.content):
        schema = value.get("schema")
        if isinstance(schema, dict):
            if "example" in value:
                yield schema, value["example"]
            for example in value.get("examples", {}).values():
                yield schema, example["value"]
        if isinstance(value.get("examples"), list):
            for example in value["examples"]:
                yield {name: member for name, member in value.items() if name != "examples"}, example


def test_every_example_is_of_its_schema(document: Document) -> None:
    found = list(examples(document))

    assert len(found) > 40
    faults = [(example, list(document.violations(schema, example))) for schema, example in found]
    assert [fault for fault in faults if fault[1]] == []


WRITTEN: Final = ("TaskCreation", "TaskReplacement", "TaskPatch")
LISTS: Final = ("ListCreation", "ListReplacement", "ListPatch")
LIMITS: Final = {
    **{f"/schemas/{body}/properties/title/maxLength": task.LONGEST_TITLE for body in WRITTEN},
    **{f"/schemas/{body}/properties/title/maxLength": list_.LONGEST_TITLE for body in LISTS},
    **{f"/schemas/{body}/properties/description/maxLength": task.LONGEST_DESCRIPTION for body in WRITTEN},
    **{f"/schemas/{body}/properties/tags/maxItems": task.MOST_TAGS for body in WRITTEN},
    **{f"/schemas/{body}/properties/tags/items/maxLength": task.LONGEST_TAG for body in WRITTEN},
    **{f"/schemas/{body}/properties/checklist/maxItems": task.MOST_ENTRIES for body in WRITTEN},
    "/schemas/ChecklistEntryInput/properties/id/maxLength": 36,  # of the pattern of ids, in the code
    "/schemas/ChecklistEntryInput/properties/title/maxLength": task.LONGEST_ENTRY,
    "/schemas/Position/maxLength": positions.LONGEST,
    "/parameters/Cursor/schema/maxLength": 800,  # what a cursor decodes to says how long it is
    "/parameters/UserId/schema/maxLength": claims.LONGEST_SUBJECT,
    "/parameters/Limit/schema/maximum": parameters.MOST_ITEMS,
    "/parameters/Limit/schema/default": parameters.DEFAULT_LIMIT,
    "/parameters/Tag/schema/maxItems": task.MOST_TAGS,
    "/parameters/Tag/schema/items/maxLength": task.LONGEST_TAG,
    "/parameters/Q/schema/maxLength": query.LONGEST_Q,
    "/parameters/IdempotencyKey/schema/maxLength": request.LONGEST_IDEMPOTENCY_KEY,
}
"""Every limit of what is sent, and the name in the code; lengths of 0 and 1 are no limits to have a name."""


def test_a_limit_is_the_codes(document: Document) -> None:
    found = {
        place: number
        for kind in ("parameters", "schemas")
        for place, number in limits(f"/{kind}", document.content["components"][kind])
    }

    differing = sorted(place for place in found | LIMITS if found.get(place) != LIMITS.get(place))
    assert not differing, f"docs/openapi.yaml and the code differ, or a limit is not listed here: {differing}"
    assert all(f"{{0,{preconditions.MOST_ENTITY_TAGS - 1}}}" in each["pattern"] for each in entity_tags(document))


def limits(place: str, value: object) -> Iterator[tuple[str, int]]:
    """Each number of a schema that says how much there may be, with its JSON Pointer below ``/components``."""
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        if name in ("maxLength", "maxItems", "maximum", "default") and type(member) is int:
            yield f"{place}/{name}", member
        elif name not in ("example", "examples"):
            yield from limits(f"{place}/{name}", member)


def entity_tags(document: Document) -> list[Mapping[str, Any]]:
    """The schemas of conditional headers."""
    parameters = document.content["components"]["parameters"].values()
    return [each["schema"] for each in parameters if each["name"] in ("If-Match", "If-None-Match")]


def accepts(model: Any, body: object) -> bool:
    """Whether the code takes a body."""
    try:
        model.from_decoded(body)
    except ValidationFailed:
        return False
    return True


def edges(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Values within a schema and just beyond it."""
    kinds = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    if "maxLength" in schema:
        for length in (schema.get("minLength", 0), schema["maxLength"]):
            yield from ("x" * (length + step) for step in (-1, 0, 1) if length + step >= 0)
        yield from (f"a{chr(code)}a" for code in (*range(0x20), 0x7F, 0x9F, 0xA0, 0xFDD0, 0xFFFF))
    elif "array" in kinds:
        if isinstance(schema["items"].get("maxLength"), int):
            yield from ([f"{index}" for index in range(schema["maxItems"] + step)] for step in (-1, 0, 1))
            yield from (["x" * schema["items"]["maxLength"]], ["x" * (schema["items"]["maxLength"] + 1)])
        else:
            entries = [{"id": f"{index}", "title": "x"} for index in range(schema["maxItems"] + 1)]
            yield from (entries[: schema["maxItems"] + step] for step in (-1, 0, 1))
            yield from ([{}], ["x"], [None], [{**entries[0], "colour": "red"}], [{**entries[0], "completed": None}])
        yield []
    yield from (None, True, 1, 1.5, "", "none", "high", "urgent", "2026-12-01", "2026-12-01T10:00:00Z", "tomorrow", {})
    yield from ("#2f6fed", "#2F6FED", "#2f6fe", "#2f6fedd", "2f6fed", "#2f6feg", "red")


@pytest.mark.parametrize(
    ("name", "member"), [(name, member) for name in BODIES for member in SCHEMAS[name]["properties"]]
)
def test_schema_and_code_have_the_same_limits(document: Document, name: str, member: str) -> None:
    # Given values on both sides of every limit of a member
    schema = SCHEMAS[name]
    required = dict.fromkeys(schema.get("required", ()), "x")
    values = list(edges(document.resolve(schema["properties"][member])))
    assert len(values) > 10

    # When schema and code judge a body with such a value, then their judgements are the same
    for value in values:
        body = {**required, member: value}
        assert document.validator(schema).is_valid(body) is accepts(BODIES[name], body), body


@pytest.mark.parametrize("name", BODIES)
def test_schema_and_code_have_the_same_members(document: Document, name: str) -> None:
    schema = SCHEMAS[name]
    samples: list[Any] = [
        {},
        [],
        None,
        "x",
        {"title": "x"},
        {"completed": True},
        {"title": "x", "id": "1"},
        {"colour": "red"},
    ]
    if name in ("TaskCompletion", "TaskMove"):
        samples.remove(None)  # taken like no body, which is what Go's clients mean by it
    for body in samples:
        assert document.validator(schema).is_valid(body) is accepts(BODIES[name], body), body


@given(st.integers(0, (1 << 48) - 1))
def test_a_minted_id_is_a_task_id(ms: int) -> None:
    assert load().validator(SCHEMAS["TaskId"]).is_valid(uuid7.mint(ms))


@given(st.from_regex(re.compile(SCHEMAS["TaskId"]["pattern"]), fullmatch=True))
def test_a_task_id_is_one_for_the_code(text: str) -> None:
    assert uuid7.parse(text) == text


@given(st.from_regex(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"))
def test_another_uuid_is_a_task_id_for_neither(text: str) -> None:
    assert load().validator(SCHEMAS["TaskId"]).is_valid(text) is (uuid7.parse(text) is not None)


NOTHING_BEFORE = f"A{'0' * 26}"  # no position, which the description says and the pattern does not


@given(st.from_regex(re.compile(SCHEMAS["Position"]["pattern"]), fullmatch=True))
def test_a_position_is_one_for_the_code(text: str) -> None:
    assume(text != NOTHING_BEFORE)
    assert positions.is_valid(text) is (len(text) <= SCHEMAS["Position"]["maxLength"])


@given(st.text("0159AHZahz-", max_size=40) | st.sampled_from(["", "a-", "a00", "zz", "h1", "a0" + "1" * 254]))
def test_what_is_no_position_is_one_for_neither(text: str) -> None:
    assume(text != NOTHING_BEFORE)
    assert load().validator(SCHEMAS["Position"]).is_valid(text) is positions.is_valid(text)


@given(st.integers(0, clock.LATEST_MS))
def test_the_clocks_times_are_timestamps(ms: int) -> None:
    assert load().validator(SCHEMAS["Timestamp"]).is_valid(clock.timestamp(ms))
