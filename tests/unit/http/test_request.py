"""Requests: identity, paths, queries, headers and bodies."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import clock, subject, uuid7
from taskapi.errors import (
    Forbidden,
    MalformedJson,
    PayloadTooLarge,
    TaskNotFound,
    Unauthorized,
    UnsupportedMediaType,
    ValidationFailed,
)
from taskapi.http.request import MERGE_PATCH, Request
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.bodies import TaskPatch, WholeTask
from taskapi.tasks.plain_bodies import TaskCompletion
from taskapi.tasks.task import TASK
from tests.support.proxy_events import OWNER, REQUEST_ID, TASK_ID, proxy_event
from tests.support.tasks import task_key

SUBS = ["alice", "a|b", "a:b", "a@b", "a/b", "a%b", "a%2Fb", "a%252Fb", "a+b", "a b", "a.b", "a?b&c=d", "\u00fc",
        "u\u0308", "\u65e5\u672c", "\U0001f600", "..", ".", "Alice", "ALICE", "me2", "tasks", "users", "a/tasks/b",
        "auth0|5f7c8ec7c33c6c004bbafe82",
        "https://issuer.example/u/1", "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"]  # fmt: skip
"""Subjects as issuers make them, and as attackers would have them."""

ANY_SUB = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="#"), min_size=1, max_size=12
) | st.sampled_from(SUBS)


def request(operation: str = "get_task", **options: Any) -> Request:
    """The request of an event; ``sub`` is encoded as the authorizer does."""
    if options.get("sub") is not None:
        options["sub"] = subject.encode(options["sub"])
    return Request.from_event(proxy_event(operation, **options))


def with_body(raw: str | None, content_type: str | None = "application/json", **headers: str) -> Request:
    """A create request with this raw body."""
    if content_type is not None:
        headers["Content-Type"] = content_type
    return request("create_task", body=raw, headers=headers)


class TestIdentity:
    """Whose request it is."""

    @pytest.mark.parametrize("sub", SUBS)
    def test_the_path_may_name_the_bearer(self, sub: str) -> None:
        # Given a token of this subject, when the path names it percent-encoded, then it is the bearer's own path
        own = request(sub=sub, user=sub)
        own.check_identity()
        assert own.key(TASK) == task_key(sub, TASK_ID)

    @pytest.mark.parametrize("sub", SUBS)
    def test_or_say_me(self, sub: str) -> None:
        mine = request(sub=sub, user="me")
        mine.check_identity()
        assert mine.key(TASK) == task_key(sub, TASK_ID)

    @pytest.mark.parametrize("sub", SUBS)
    def test_any_other_user_is_forbidden(self, sub: str) -> None:
        for other in set(SUBS) - {sub}:
            with pytest.raises(Forbidden):
                request(sub=sub, user=other).check_identity()

    @given(ANY_SUB, ANY_SUB)
    def test_no_subject_is_ever_taken_for_another(self, sub: str, user: str) -> None:
        # Given any two subjects, when the bearer of one asks for the path of the other
        asked = request(sub=sub, user=user)
        # Then that is forbidden unless they are the same
        if user in (sub, "me"):
            asked.check_identity()
            assert asked.owner == sub
        else:
            with pytest.raises(Forbidden):
                asked.check_identity()

    @pytest.mark.parametrize(
        ("segment", "sub"),
        [
            # Each would name the subject if it were decoded twice, or otherwise than as UTF-8
            ("a%252Fb", "a/b"),
            ("a%25b", "a%25b"),
            ("%2561lice", "alice"),
            ("a+b", "a b"),
            ("%u0061lice", "alice"),
            ("%FC", "\u00fc"),
            ("%C0%AF", "/"),
            ("%ED%A0%80", "alice"),
            ("alice%00", "alice"),
            ("alice%20", "alice"),
            ("alice;x=1", "alice"),
            ("ALICE", "alice"),
            ("%6de%6d", "me"),
            ("", "alice"),
            ("%", "alice"),
        ],
    )
    def test_the_path_is_decoded_exactly_once(self, segment: str, sub: str) -> None:
        event = proxy_event("list_tasks", sub=subject.encode(sub))
        event["path"] = f"/users/{segment}/tasks"
        with pytest.raises(Forbidden):
            Request.from_event(event).check_identity()

    @pytest.mark.parametrize("segment", ["alice", "%61lice", "%61%6C%69%63%65", "%61%6c%69%63%65", "me", "%6d%65"])
    def test_and_percent_encoding_of_plain_letters_makes_no_difference(self, segment: str) -> None:
        event = proxy_event("list_tasks")
        event["path"] = f"/users/{segment}/tasks"
        Request.from_event(event).check_identity()

    def test_path_parameters_of_the_event_are_never_believed(self) -> None:
        event = proxy_event("get_task", user="bob")
        event["pathParameters"] = {"user_id": "alice", "task_id": TASK_ID}
        with pytest.raises(Forbidden):
            Request.from_event(event).check_identity()

    @pytest.mark.parametrize("base_path", ["", "/api", "/api/v2", "/users", "/users/bob/tasks"])
    @pytest.mark.parametrize("operation", ["list_tasks", "get_task", "toggle_task"])
    def test_a_custom_domains_base_path_changes_nothing(self, operation: str, base_path: str) -> None:
        own = request(operation, user="alice", base_path=base_path)
        own.check_identity()
        with pytest.raises(Forbidden):
            request(operation, user="bob", base_path=base_path).check_identity()

    @pytest.mark.parametrize("operation", ["list_tasks", "get_task"])
    def test_a_trailing_slash_which_the_gateway_keeps_changes_nothing(self, operation: str) -> None:
        event = proxy_event(operation, user="alice")
        event["path"] += "/"
        Request.from_event(event).check_identity()

    @pytest.mark.parametrize("context", [None, {}, {"authorizer": None}, {"authorizer": {"principalId": "alice"}}])
    def test_without_an_authorizer_nobody_is_authenticated(self, context: dict[str, Any] | None) -> None:
        event = proxy_event("get_task", user="") | {"requestContext": context}
        with pytest.raises(Unauthorized):
            Request.from_event(event).check_identity()

    @pytest.mark.parametrize("event", [{}, {"headers": None, "path": None, "resource": None}])
    def test_a_hand_written_event_is_read_as_empty(self, event: dict[str, Any]) -> None:
        empty = Request.from_event(event)
        assert (empty.path, empty.request_id, empty.query) == ("/", "", {})
        with pytest.raises(Unauthorized):
            empty.check_identity()

    @pytest.mark.parametrize("exp", ["1000", 1000, 1000.0, "1000.0"])
    def test_a_token_that_has_expired_since_is_no_longer_good(self, exp: object) -> None:
        asked = request(exp=exp)
        asked.check_identity(now=999.9)
        for now in (1000, 1000.1, None):
            with pytest.raises(Unauthorized):
                asked.check_identity(now)

    @pytest.mark.parametrize("exp", ["nan", "-inf"])
    def test_an_expiry_that_is_never_reached_or_always_past_is_past(self, exp: str) -> None:
        with pytest.raises(Unauthorized):
            request(exp=exp).check_identity(now=0)

    @pytest.mark.parametrize("exp", [None, "soon", {}, ""])
    def test_an_authorizer_that_does_not_say_when_decides_alone(self, exp: object) -> None:
        asked = request(exp=exp)
        assert asked.expires is None
        asked.check_identity()

    @pytest.mark.parametrize("exp", ["9" * 400, 10**400], ids=["string", "number"])
    def test_an_expiry_in_the_farthest_future_is_one(self, exp: object) -> None:
        request(exp=exp).check_identity()


class TestTaskKey:
    """Which task the path names."""

    @pytest.mark.parametrize("operation", ["get_task", "replace_task", "update_task", "delete_task", "toggle_task"])
    def test_in_every_route_that_has_one(self, operation: str) -> None:
        assert request(operation).key(TASK) == task_key(OWNER, TASK_ID)

    def test_in_canonical_form(self) -> None:
        assert request(task_id=TASK_ID.upper()).key(TASK).id == TASK_ID

    @pytest.mark.parametrize(
        "task_id", ["1", "x" * 5_000, "019a9f6e-8c1b-4a30-9c9e-2f6f1f0a7b11", "TASK#x", "\u212a", "%", " "]
    )
    def test_no_task_has_such_an_id(self, task_id: str) -> None:
        with pytest.raises(TaskNotFound):
            _ = request(task_id=task_id).key(TASK)
        with pytest.raises(ValidationFailed) as raised:
            _ = request("replace_task", task_id=task_id).new_key(TASK)
        [violation] = raised.value.violations
        assert violation.as_json().items() >= {"parameter": "task_id", "code": "invalid_task_id"}.items()

    @pytest.mark.parametrize(
        ("hours", "is_taken"), [(-24 * 365, True), (0, True), (23.9, True), (24.1, False), (24 * 365 * 60, False)]
    )
    def test_the_clock_that_a_new_id_was_made_by(self, hours: float, is_taken: bool) -> None:
        task_id = uuid7.mint(clock.now_ms() + int(hours * 3_600_000))
        asked = request("replace_task", task_id=task_id)
        if is_taken:
            assert asked.new_key(TASK) == task_key(OWNER, task_id)
            return
        with pytest.raises(ValidationFailed) as raised:
            _ = asked.new_key(TASK)
        [violation] = raised.value.violations
        assert violation.as_json().items() >= {"parameter": "task_id", "code": "task_id_ahead"}.items()

    def test_the_last_id_that_there_is(self) -> None:
        with pytest.raises(ValidationFailed):
            _ = request("replace_task", task_id="ffffffff-ffff-7fff-bfff-ffffffffffff").new_key(TASK)

    def test_an_id_that_is_no_utf_8(self) -> None:
        event = proxy_event("get_task")
        event["path"] = "/users/me/tasks/%FF"
        with pytest.raises(TaskNotFound):
            _ = Request.from_event(event).key(TASK)

    def test_a_client_minted_id(self) -> None:
        assert request("replace_task").new_key(TASK) == task_key(OWNER, TASK_ID)

    def test_a_route_without_one(self) -> None:
        with pytest.raises(TaskNotFound):
            _ = request("list_tasks").key(TASK)


class TestPaths:
    """Where the request says that it went, and where its tasks are."""

    def test_the_path_is_the_one_that_the_client_sees_under_sam_local_too(self) -> None:
        # Given an event of `sam local start-api`, whose context names the resource in the place of the path
        event = proxy_event("get_task")
        event["requestContext"]["path"] = event["resource"]

        assert Request.from_event(event).path == f"/users/me/tasks/{TASK_ID}"

    def test_the_path_is_the_one_that_the_client_sees(self) -> None:
        assert request().path == f"/v1/users/me/tasks/{TASK_ID}"
        assert request(base_path="/api").path == f"/api/users/me/tasks/{TASK_ID}"

    @pytest.mark.parametrize(
        ("user", "segment"),
        [
            ("me", "me"),
            ("alice", "alice"),
            ("a|b", "a%7Cb"),
            ("a/b", "a%2Fb"),
            ("a%2Fb", "a%252Fb"),
            ("\u00fc", "%C3%BC"),
        ],
    )
    def test_a_new_tasks_path_spells_the_user_as_the_request_does(self, user: str, segment: str) -> None:
        created = request("create_task", sub=user, user=user)
        assert created.collection_path() == f"/v1/users/{segment}/tasks"

    @pytest.mark.parametrize("base_path", ["/api", "/api/v2", "/users", "/my/users/api"])
    def test_and_keeps_a_custom_domains_base_path(self, base_path: str) -> None:
        created = request("create_task", base_path=base_path)
        assert created.collection_path() == f"{base_path}/users/me/tasks"

    def test_a_slash_at_the_end_is_no_segment(self) -> None:
        event = proxy_event("create_task", base_path="/api")
        event["requestContext"]["path"] += "/"
        assert Request.from_event(event).collection_path() == "/api/users/me/tasks"

    def test_also_from_a_tasks_own_path(self) -> None:
        assert request("replace_task").collection_path() == "/v1/users/me/tasks"


class TestQuery:
    """Query parameters."""

    def test_they_may_be_repeated(self) -> None:
        assert request("list_tasks", query={"tag": ["a", "b"], "q": ["x"]}).query == {"tag": ["a", "b"], "q": ["x"]}

    def test_the_single_valued_map_serves_where_the_other_is_missing(self) -> None:
        event = proxy_event("list_tasks") | {"queryStringParameters": {"limit": "5"}}
        assert Request.from_event(event).query == {"limit": ["5"]}

    def test_unknown_ones_are_refused(self) -> None:
        asked = request("list_tasks", query={"limit": ["5"], "page": ["1"], "Limit": ["5"]})
        with pytest.raises(ValidationFailed) as raised:
            asked.check_query(frozenset({"limit"}))
        assert [violation.as_json()["parameter"] for violation in raised.value.violations] == ["Limit", "page"]
        assert {violation.code for violation in raised.value.violations} == {"unknown_parameter"}

    @pytest.mark.parametrize(
        ("query", "expected"), [({}, False), ({"permanent": ["false"]}, False), ({"permanent": ["true"]}, True)]
    )
    def test_a_flag(self, query: dict[str, list[str]], expected: bool) -> None:
        assert request("delete_task", query=query).flag("permanent") is expected

    @pytest.mark.parametrize(
        ("values", "code", "detail"),
        [
            ([""], "not_allowed", "Must be one of true, false."),
            (["TRUE"], "not_allowed", "Must be one of true, false."),
            (["1"], "not_allowed", "Must be one of true, false."),
            (["false", "false"], "repeated", "This parameter can be given once."),
        ],
    )
    def test_what_is_no_flag(self, values: list[str], code: str, detail: str) -> None:
        with pytest.raises(ValidationFailed) as raised:
            request("delete_task", query={"permanent": values}).flag("permanent")
        assert [violation.as_json() for violation in raised.value.violations] == [
            {"parameter": "permanent", "code": code, "detail": detail}
        ]

    def test_known_ones_are_not(self) -> None:
        request("list_tasks", query={"limit": ["5"]}).check_query(frozenset({"limit", "cursor"}))

    def test_not_all_of_thousands_are_named(self) -> None:
        with pytest.raises(ValidationFailed) as raised:
            request("list_tasks", query={str(number): ["x"] for number in range(5_000)}).check_query(frozenset())
        assert len(raised.value.violations) == 50


class TestHeaders:
    """Header fields."""

    @pytest.mark.parametrize("name", ["If-Match", "if-match", "IF-MATCH"])
    def test_names_ignore_case(self, name: str) -> None:
        assert request(headers={name: '"a"'}).precondition() == Precondition(match=EntityTags(etags=("a",)))

    def test_the_single_valued_map_serves_where_the_other_is_missing(self) -> None:
        event = proxy_event("get_task") | {"multiValueHeaders": None, "headers": {"X-A": "b"}}
        assert Request.from_event(event).headers == {"x-a": ["b"]}

    def test_a_value_that_is_no_text_is_an_empty_one_and_null_is_none(self) -> None:
        event = proxy_event("get_task") | {"multiValueHeaders": {"A": ["b", None, 7], "B": ["c", 7], "C": [None]}}
        assert Request.from_event(event).headers == {"a": ["b", ""], "b": ["c", ""]}

    def test_fields_of_one_name_in_different_case_are_one(self) -> None:
        asked = request(headers={"If-Match": '"a"', "if-match": '"b"'})
        assert asked.precondition() == Precondition(match=EntityTags(etags=("a", "b")))

    def test_no_precondition(self) -> None:
        assert request().precondition() == Precondition()
        assert request().known_etags() is None

    def test_both_preconditions(self) -> None:
        asked = request(headers={"If-Match": "*", "If-None-Match": ['W/"a"', '"b"']})
        assert asked.precondition() == Precondition(EntityTags(any=True), EntityTags(etags=("a", "b")))
        assert asked.known_etags() == EntityTags(etags=("a", "b"))

    @pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
    def test_a_precondition_that_is_none(self, header: str) -> None:
        with pytest.raises(ValidationFailed) as raised:
            _ = request(headers={header: "3"}).precondition()
        assert raised.value.violations[0].as_json()["header"] == header

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("3e2f-1", "3e2f-1"),
            ("a" * 128, "a" * 128),
            ("1-67891233-abcdef012345678912345678", "1-67891233-abcdef012345678912345678"),
            ("", REQUEST_ID),
            ("a" * 129, REQUEST_ID),
            ("a b", REQUEST_ID),
            ('a"b', REQUEST_ID),
            ("a\nb", REQUEST_ID),
            ("a\n", REQUEST_ID),
            ("\u00e9", REQUEST_ID),
            ("{}", REQUEST_ID),
        ],
    )
    def test_a_correlation_id_is_the_clients_where_it_can_do_no_harm(self, value: str, expected: str) -> None:
        assert request(headers={"X-Correlation-Id": value}).correlation_id == expected

    def test_and_the_request_id_otherwise(self) -> None:
        assert (request().correlation_id, request().request_id) == (REQUEST_ID, REQUEST_ID)

    @pytest.mark.parametrize("value", ["k", "a" * 255, "!~", ' "8e03978e-40d5-43dd-bc93-6894a57f9324" \t'])
    def test_an_idempotency_key(self, value: str) -> None:
        assert request("create_task", headers={"Idempotency-Key": value}).idempotency_key() == value.strip()

    def test_no_idempotency_key(self) -> None:
        assert request("create_task").idempotency_key() is None

    @pytest.mark.parametrize(
        "value",
        [
            "",
            " ",
            "a" * 256,
            "a b",
            "\u00e9",
            "a\x7f",
            "a\nb",
            "a\n",
            "k\u00a0",
            "\u3000k",
            "k\x1c",
            "k\x85",
            "k\ufffd",
            ["a", "a"],
        ],
    )
    def test_a_wrong_one(self, value: str | list[str]) -> None:
        with pytest.raises(ValidationFailed) as raised:
            _ = request("create_task", headers={"Idempotency-Key": value}).idempotency_key()
        [violation] = raised.value.violations
        assert violation.as_json().items() >= {"header": "Idempotency-Key", "code": "invalid_idempotency_key"}.items()


class TestBody:
    """Request bodies."""

    GOOD = '{"title": "Pay rent"}'

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=x",
            " application/json ",
        ],
    )
    def test_json(self, content_type: str) -> None:
        assert with_body(self.GOOD, content_type).json(WholeTask).title == "Pay rent"

    @pytest.mark.parametrize(
        "content_type", ["application/json", "application/merge-patch+json", "Application/Merge-Patch+JSON"]
    )
    def test_merge_patch(self, content_type: str) -> None:
        assert with_body(self.GOOD, content_type).json(TaskPatch, MERGE_PATCH).title == "Pay rent"

    @pytest.mark.parametrize(
        "content_type",
        [
            None, "", "text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json",
            "application/json-patch+json", "application/jsonx", "json", "application/json,application/json", "*/*",
            "multipart/form-data; boundary=application/json", "application/json\u00a0", "application/json\x1c;a=b",
        ],
    )  # fmt: skip
    def test_other_media_types(self, content_type: str | None) -> None:
        with pytest.raises(UnsupportedMediaType) as raised:
            with_body(self.GOOD, content_type).json(WholeTask)
        assert "application/json" in raised.value.detail

    def test_json_patch_is_no_merge_patch(self) -> None:
        with pytest.raises(UnsupportedMediaType, match="application/merge-patch"):
            with_body("[]", "application/json-patch+json").json(TaskPatch, MERGE_PATCH)

    @pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "GZIP", "\u00a0", "identity\x1f"])
    def test_content_codings(self, coding: str) -> None:
        with pytest.raises(UnsupportedMediaType):
            with_body(self.GOOD, **{"Content-Encoding": coding}).json(WholeTask)

    @pytest.mark.parametrize("coding", ["", "identity", "Identity"])
    def test_no_content_coding(self, coding: str) -> None:
        assert with_body(self.GOOD, **{"Content-Encoding": coding}).json(WholeTask).title == "Pay rent"

    @pytest.mark.parametrize("raw", [None, "", " ", "{", "[" * 100_000, '{"title": "a", "title": "b"}', '"\ud800"'])
    def test_what_is_no_json(self, raw: str | None) -> None:
        with pytest.raises(MalformedJson):
            with_body(raw).json(WholeTask)

    def test_a_body_in_base64(self) -> None:
        event = proxy_event("create_task", headers={"Content-Type": "application/json"})
        event |= {"body": base64.b64encode('{"title": "\u00fc"}'.encode()).decode(), "isBase64Encoded": True}
        assert Request.from_event(event).json(WholeTask).title == "\u00fc"

    @pytest.mark.parametrize("body", ["!", "e30", "e30=\n", "\u00fc", base64.b64encode(b'"\xff"').decode()])
    def test_what_is_no_base64_or_no_utf_8(self, body: str) -> None:
        event = proxy_event("create_task", headers={"Content-Type": "application/json"})
        with pytest.raises(MalformedJson):
            Request.from_event(event | {"body": body, "isBase64Encoded": True}).json(WholeTask)

    @pytest.mark.parametrize("filler", ["x", "\u00fc", "\U0001f600"], ids=["one byte", "two bytes", "four bytes"])
    @pytest.mark.parametrize("as_base64", [False, True])
    def test_its_size_is_counted_in_bytes(self, filler: str, as_base64: bool) -> None:
        # Given bodies of exactly the limit, and of one byte more
        for surplus, expected in ((0, MalformedJson), (1, PayloadTooLarge)):
            count, rest = divmod(131_072 + surplus, len(filler.encode()))
            raw = filler * count + "x" * rest
            assert len(raw.encode()) == 131_072 + surplus
            event = proxy_event("create_task", headers={"Content-Type": "application/json"})
            body = base64.b64encode(raw.encode()).decode() if as_base64 else raw
            # When they are read, then the one is looked at and the other is not
            with pytest.raises(expected):
                Request.from_event(event | {"body": body, "isBase64Encoded": as_base64}).json(WholeTask)

    @pytest.mark.parametrize("raw", [None, ""])
    @pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
    def test_an_optional_body_may_be_missing(self, raw: str | None, content_type: str | None) -> None:
        assert with_body(raw, content_type).optional_json(TaskCompletion) == TaskCompletion()

    def test_and_is_read_when_it_is_there(self) -> None:
        assert with_body('{"completed": true}').optional_json(TaskCompletion) == TaskCompletion(True)
        with pytest.raises(UnsupportedMediaType):
            with_body('{"completed": true}', "text/plain").optional_json(TaskCompletion)


class TestWords:
    """What a refusal says to a developer."""

    @pytest.mark.parametrize(
        ("read", "violation"),
        [
            (
                lambda: request("list_tasks", query={"page": ["1"]}).check_query(frozenset()),
                {
                    "parameter": "page",
                    "code": "unknown_parameter",
                    "detail": "The operation has no such query parameter.",
                },
            ),
            (
                lambda: request("replace_task", task_id="1").new_key(TASK),
                {
                    "parameter": "task_id",
                    "code": "invalid_task_id",
                    "detail": "Must be a UUID of version 7 (RFC 9562).",
                },
            ),
            (
                lambda: request("create_task", headers={"Idempotency-Key": ""}).idempotency_key(),
                {
                    "header": "Idempotency-Key",
                    "code": "invalid_idempotency_key",
                    "detail": "Must be given once, as 1 to 255 visible ASCII characters.",
                },
            ),
        ],
    )
    def test_of_a_value(self, read: Callable[[], object], violation: dict[str, str]) -> None:
        with pytest.raises(ValidationFailed) as raised:
            read()
        assert [found.as_json() for found in raised.value.violations] == [violation]

    @pytest.mark.parametrize(
        ("headers", "accepted", "detail"),
        [
            ({"Content-Type": "text/plain"}, ("application/json",), "Send the body as application/json."),
            ({}, MERGE_PATCH, "Send the body as application/merge-patch+json or application/json."),
            (
                {"Content-Type": "application/json", "Content-Encoding": "gzip"},
                ("application/json",),
                "Send the body without a Content-Encoding.",
            ),
            # Given twice, it is no media type
            (
                {"Content-Type": ["application/json", "application/json"]},
                ("application/json",),
                "Send the body as application/json.",
            ),
            (
                {"Content-Type": "application/json", "Content-Encoding": ["identity", "identity"]},
                ("application/json",),
                "Send the body without a Content-Encoding.",
            ),
        ],
    )
    def test_of_a_body(self, headers: dict[str, str | list[str]], accepted: tuple[str, ...], detail: str) -> None:
        with pytest.raises(UnsupportedMediaType) as raised:
            request("update_task", headers=headers, body="{}").json(TaskPatch, accepted)
        assert raised.value.detail == detail

    def test_of_a_body_that_is_no_text(self) -> None:
        event = proxy_event("create_task", headers={"Content-Type": "application/json"}) | {"body": {}}
        with pytest.raises(MalformedJson) as raised:
            Request.from_event(event).json(WholeTask)
        expected = "The event's body is not a string, in which API Gateway hands over the JSON text."
        assert raised.value.detail == expected

    def test_of_nobody(self) -> None:
        with pytest.raises(Unauthorized) as raised:
            request(sub=None).check_identity()
        assert raised.value.detail == "The request carries no verified identity."
