"""Attacks on the JSON parser and on the model behind it, over HTTP, for every operation that reads a body.

None of them may reach the store, and none may become a 500. The parser's and the model's own rules are those of
tests/unit/test_strict_json.py and tests/unit/tasks/test_bodies.py.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from botocore.client import BaseClient

from taskapi import uuid7
from tests.e2e.problems import problem
from tests.e2e.serving import Caller

TASK_ID = "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
OPERATIONS = {
    "create_task": ("POST", ()),
    "replace_task": ("PUT", (TASK_ID,)),
    "update_task": ("PATCH", (TASK_ID,)),
    "toggle_task": ("POST", (TASK_ID, "toggle")),
}
MOST = 128 * 1024


@pytest.fixture(params=OPERATIONS)
def operation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def send(caller: Caller, operation: str, body: bytes, **headers: str) -> Any:
    method, segments = OPERATIONS[operation]
    content = {"Content-Type": "application/json", **headers}
    return caller.http.request(method, caller.path(*segments), content=body, headers=content)


MALFORMED = {
    "duplicate member": b'{"title": "a", "title": "b"}',
    "duplicate member, escaped": b'{"title": "a", "\\u0074itle": "b"}',
    "duplicate member, nested": b'{"title": "a", "x": {"y": 1, "y": 2}}',
    "duplicate __proto__": b'{"__proto__": 1, "__proto__": 2}',
    "depth, arrays": b"[" * 60_000,
    "depth, objects": b'{"title":' * 14_000,
    "depth, closed": b"[" * 50_000 + b"]" * 50_000,
    "a number of 100,000 digits": b'{"title": ' + b"9" * 100_000 + b"}",
    "NaN": b'{"title": NaN}',
    "Infinity": b'{"title": -Infinity}',
    "hexadecimal": b'{"title": 0x10}',
    "leading zero": b'{"title": 01}',
    "single quotes": b"{'title': 'a'}",
    "comment": b'{"title": "a" /* */}',
    "trailing comma": b'{"title": "a",}',
    "two texts": b'{"title": "a"} {"title": "b"}',
    "byte order mark": b'\xef\xbb\xbf{"title": "a"}',
    "raw control character": b'{"title": "a\x00b"}',
    "raw newline": b'{"title": "a\nb"}',
    "bad escape": b'{"title": "\\x41"}',
    "cut escape": b'{"title": "\\u00"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "compressed": gzip.compress(b'{"title": "a"}'),
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "white space": b" \n\t ",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_two_parsers_could_read_differently(
    alice: Caller, store_calls: list[str], operation: str, body: bytes
) -> None:
    problem(send(alice, operation, body), 400, "malformed_json")

    assert store_calls == []


INVALID = {
    "lone surrogate": b'{"title": "\\ud800", "completed": "\\udfff"}',
    "surrogates in the wrong order": b'{"title": "\\udc00\\ud800", "completed": 1}',
    "bytes that are no UTF-8": b'{"title": "caf\xe9", "completed": "\xe9"}',
    "a description that is no UTF-8": b'{"title": "a", "description": "\x80", "completed": 1}',
    "a tag cut in the middle of a character": b'{"title": "a", "tags": ["caf\xc3"], "completed": 1}',
    "a member's name that is no UTF-8": b'{"title": "a", "completed": true, "\xe9": 1}',
    "what stands for bytes that were no UTF-8, as an escape": b'{"title": "caf\\ufffd", "completed": "\\ufffd"}',
    "NUL": b'{"title": "a\\u0000b", "completed": 1}',
    "escape sequence of a terminal": b'{"title": "\\u001b[2J", "completed": 1}',
    "noncharacter": b'{"title": "\\uffff", "completed": 1}',
    "a number beyond all floats": b'{"title": 1e999, "completed": 1e999}',
    "a number where text belongs": b'{"title": 1, "completed": 1}',
    "truth as text": b'{"title": true, "completed": "true"}',
    "an object where text belongs": b'{"title": {"$gt": ""}, "completed": {"$ne": false}}',
    "a DynamoDB value": b'{"title": {"S": "a"}, "completed": {"BOOL": true}}',
    "an array for an object": b'[{"title": "a", "completed": true}]',
    "text for an object": b'"title"',
    "an entry that is a DynamoDB value": b'{"title": "a", "checklist": [{"M": {"id": {"S": "1"}}}], "completed": 1}',
    "an entry that ends a key": b'{"title": "a", "checklist": [{"id": "#", "title": "a\\u0000"}], "completed": 1}',
    "a list that is a place": b'{"title": "a", "list_id": "inbox#a0#", "completed": 1}',
    "a position that ends its list": b'{"title": "a", "position": "a0#a0", "completed": 1}',
    "a prototype in an entry": b'{"title": "a", "checklist": [{"__proto__": {}, "id": "1"}], "completed": 1}',
    "prototype": b'{"__proto__": {"admin": true}, "constructor": {}, "title": "a", "completed": true}',
    "a member that is no Unicode": b'{"\\ud800": 1, "title": "a", "completed": true}',
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_what_is_json_but_no_task(alice: Caller, store_calls: list[str], operation: str, body: bytes) -> None:
    document = problem(send(alice, operation, body), 422, "validation_failed")

    assert document["errors"]
    assert store_calls == []


@pytest.mark.parametrize("operation", ["create_task", "replace_task", "update_task"])
def test_null_is_no_task(alice: Caller, store_calls: list[str], operation: str) -> None:
    problem(send(alice, operation, b"null"), 422, "validation_failed")

    assert store_calls == []


def test_size_is_limited_in_bytes(alice: Caller, store_calls: list[str], operation: str) -> None:
    # Given bodies just over the limit, be it in spaces, in characters of several bytes or in members
    empty = b'{"title": ""}'
    over = [
        b" " * (MOST + 1),
        b'{"title": "' + "é".encode() * (MOST // 2) + b'"}',
        json.dumps({str(number): number for number in range(12_000)}).encode(),
    ]
    for body in over:
        assert len(body) > MOST
        problem(send(alice, operation, body), 413, "payload_too_large")

    # Then one at the limit is read: here it is the title that is wrong, or the member that is not of the contract
    problem(send(alice, operation, empty + b" " * (MOST - len(empty))), 422, "validation_failed")
    assert store_calls == []


def test_thousands_of_mistakes_are_not_all_told(alice: Caller, operation: str) -> None:
    body = json.dumps({"completed": True, **{f"m{number}": 1 for number in range(8_000)}}).encode()

    response = send(alice, operation, body)

    assert len(problem(response, 422, "validation_failed")["errors"]) <= 50


@pytest.mark.parametrize("operation", ["create_task", "replace_task", "update_task"])
def test_nor_those_of_the_entries_of_a_checklist(alice: Caller, store_calls: list[str], operation: str) -> None:
    # Given as many entries as there may be, each of members that are none, and arrays in arrays for more
    mistakes = {f"m{number}": 1 for number in range(150)}
    entries = [{"id": "1", "title": "a", **mistakes} for _ in range(50)]
    bodies = [
        {"title": "a", "checklist": entries},
        {"title": "a", "checklist": [[[]]] * 50},
        {"title": "a", "checklist": [{}] * 10_000},
        {
            "title": "a",
            "checklist": [{"id": "1", "title": "a"}] * 50,
            "position": "a" * 50_000,
            "list_id": "a" * 50_000,
        },
        {"title": "a", "checklist": [{"id": "a" * 50_000, "title": "\u0f73" * 5_000}]},
    ]
    for body in bodies:
        response = send(alice, operation, json.dumps(body).encode())
        errors = problem(response, 422, "validation_failed")["errors"]

        # Then the answer is short, and quotes none of it
        assert 1 <= len(errors) <= 50
        assert len(response.content) < 20_000
    assert store_calls == []
    assert len(response.content) < 32_768


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=application/json"}, 415),
        ({"Content-Type": "text/plain; application/json"}, 415),
        ({"Content-Type": "application/json-patch+json"}, 415),
        ({"Content-Type": "application/json, text/plain"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Encoding": "gzip"}, 415),
    ],
)
def test_only_json_by_its_own_name_is_read(
    alice: Caller, store_calls: list[str], operation: str, headers: dict[str, str], status: int
) -> None:
    # A browser sends the first three across origins without a preflight.
    problem(send(alice, operation, b'{"title": "a", "completed": true}', **headers), status, "unsupported_media_type")

    assert store_calls == []


INTERNAL = (
    "id", "user_id", "version", "etag", "created_at", "updated_at", "completed_at",  # of the resource, read only
    "pk", "sk", "write_id", "created_write_id", "open_since", "open_due", "deleted_at", "expires_at",  # of the item
    "owner", "user", "sub", "scope", "role", "admin", "task_id", "ETag", "TITLE", "title ", "title\u0000", "title.x",
)  # fmt: skip


@pytest.mark.parametrize("name", INTERNAL)
def test_no_member_but_those_of_the_contract_can_be_written(
    alice: Caller, store_calls: list[str], operation: str, name: str
) -> None:
    body = {"completed": True, name: "x"} | ({} if operation == "toggle_task" else {"title": "Mine"})

    document = problem(send(alice, operation, json.dumps(body).encode()), 422, "validation_failed")

    assert [(error["pointer"], error["code"] in ("read_only", "unknown_member")) for error in document["errors"]] == [
        (f"/{name}", True)
    ]
    assert store_calls == []


def test_a_refused_write_leaves_the_item_as_it_was(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a task, and a look at what reaches the store afterwards
    task = alice.create(tags=["a"])
    writes: list[str] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(client: BaseClient, name: str, arguments: Any) -> Any:
        writes.append(name)
        return call(client, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)

    # When someone tries to give it away, to date it back and to bring its version up, among good changes
    for member in ({"user_id": "bob"}, {"created_at": "2000-01-01T00:00:00.000Z"}, {"version": 99}, {"pk": "USER#bob"}):
        body = json.dumps({"title": "Changed", **member}).encode()
        for method in ("PUT", "PATCH"):
            response = alice.http.request(
                method, alice.path(task["id"]), content=body, headers={"Content-Type": "application/json"}
            )
            problem(response, 422, "validation_failed")

    # Then not even the good part was written
    assert writes == []
    assert alice.http.get(alice.path(task["id"])).json() == task


def test_the_path_and_not_the_body_says_whose_and_which(alice: Caller) -> None:
    task_id = uuid7.mint(1_795_000_000_000)
    task = alice.http.put(alice.path(task_id), json={"title": "Mine"}).json()

    assert (task["id"], task["user_id"], task["version"]) == (task_id, alice.user, 1)
