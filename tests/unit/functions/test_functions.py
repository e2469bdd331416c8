"""Each function, event in and response out, over a recording store."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from local.contract import load
from local.template.operations import OPERATIONS
from taskapi.dynamo.entity import Entity
from taskapi.dynamo.paging import Page
from taskapi.errors import (
    IdempotencyKeyReused,
    InvalidCursor,
    PreconditionFailed,
    StoreUnavailable,
    TaskNotTrashed,
    TaskTrashed,
    TooManyLists,
    TooManyRequests,
)
from taskapi.lists.list import LIST, ListContent
from taskapi.preconditions import UNCONDITIONAL, EntityTags, Precondition
from taskapi.settings import Settings
from taskapi.tasks.plain_bodies import TaskCompletion, TaskMove
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import TASK as TASK_ENTITY
from taskapi.tasks.task import TaskContent
from tests.operations import CASES
from tests.operations.list_states import STORED as A_LIST
from tests.operations.task_states import STORED as TASK
from tests.support.function_modules import load_function, load_operation
from tests.support.lists import list_key
from tests.support.proxy_events import OWNER, TASK_ID, FakeContext, proxy_event
from tests.support.recording_task_store import RecordingTaskStore
from tests.support.standard_output import StandardOutput
from tests.support.tasks import task_key

KEY = task_key(OWNER, TASK_ID)
SETTINGS = Settings("dev", "tasks", ("https://app.example.com",))
AT_C = Precondition(match=EntityTags(etags=("c",)))
FOREVER = {"permanent": ["true"]}
IF_MATCH_C = {"If-Match": '"c"'}
DESCRIBED = {name: load().operation(name) for name in CASES}
WITH_AN_ID = [
    (name, entity)
    for name in CASES
    for entity in (TASK_ENTITY, LIST)
    if f"{{{entity.parameter}}}" in OPERATIONS[name].path
]
WITH_A_BODY = [name for name in CASES if DESCRIBED[name].reads_body]
WITH_PRECONDITIONS = [name for name in CASES if "412" in DESCRIBED[name].definition["responses"]]

pytestmark = pytest.mark.usefixtures("output")


class Served:
    """One request served.

    Attributes:
        status: HTTP status.
        headers: Of the response.
        body: Decoded, None when empty.
        calls: What the store was asked.
    """

    def __init__(self, name: str, answer: object = None, **options: Any) -> None:
        store = RecordingTaskStore(CASES[name].answer if answer is None else answer)
        event = proxy_event(name, **{**CASES[name].event, **options})
        response = load_operation(name).using(SETTINGS, store.store)(event, FakeContext())
        self.status: int = response["statusCode"]
        self.headers: dict[str, str] = response["headers"]
        self.body: Any = json.loads(response["body"]) if response["body"] else None
        self.calls = store.calls


AS_JSON = json.loads(json.dumps(TASK.as_json()))


class TestEveryFunction:
    """What holds for all."""

    @pytest.mark.parametrize("name", CASES)
    def test_its_handler_has_its_name(self, name: str) -> None:
        assert load_operation(name).name == name

    @pytest.mark.parametrize("name", CASES)
    def test_it_is_one_call_of_the_store_and_never_cached_unasked(self, name: str) -> None:
        served = Served(name)
        assert 200 <= served.status < 300
        assert len(served.calls) == 1
        assert served.headers["Cache-Control"] in ("no-store", "private, no-cache")
        assert served.headers["Vary"] == "Origin"

    @pytest.mark.parametrize("name", CASES)
    def test_another_users_path_is_forbidden_without_a_call(self, name: str) -> None:
        served = Served(name, user="bob")
        assert (served.status, served.body["code"], served.calls) == (403, "forbidden", [])

    @pytest.mark.parametrize("name", CASES)
    def test_an_expired_token_is_refused_without_a_call(self, name: str) -> None:
        served = Served(name, exp="1")
        assert (served.status, served.body["code"], served.calls) == (401, "unauthorized", [])

    @pytest.mark.parametrize("name", CASES)
    def test_an_unknown_query_parameter_is_refused_without_a_call(self, name: str) -> None:
        served = Served(name, query={"verbose": ["1"]})
        assert (served.status, served.body["errors"][0]["parameter"], served.calls) == (422, "verbose", [])

    @pytest.mark.parametrize(("name", "entity"), WITH_AN_ID)
    def test_an_id_that_nothing_can_have(self, name: str, entity: Entity) -> None:
        served = Served(name, task_id="1")
        is_put = OPERATIONS[name].method == "PUT"
        expected = (422, "validation_failed") if is_put else (404, f"{entity.noun}_not_found")
        assert (served.status, served.body["code"], served.calls) == (*expected, [])
        assert [each["code"] for each in served.body.get("errors", ())] == [f"invalid_{entity.noun}_id"] * is_put

    @pytest.mark.parametrize("name", CASES)
    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [(TooManyRequests(), 429, "too_many_requests"), (StoreUnavailable(), 503, "store_unavailable")],
    )
    def test_a_store_that_does_not_serve(self, name: str, error: Exception, status: int, code: str) -> None:
        served = Served(name, error)
        assert (served.status, served.body["code"]) == (status, code)
        assert int(served.headers["Retry-After"]) > 0

    @pytest.mark.parametrize("name", WITH_A_BODY)
    @pytest.mark.parametrize(
        ("body", "content_type", "status", "code"),
        [
            ("{", "application/json", 400, "malformed_json"),
            ('{"title": "a", "title": "a"}', "application/json", 400, "malformed_json"),
            ("{}", "text/plain", 415, "unsupported_media_type"),
            ("x" * (128 * 1024 + 1), "application/json", 413, "payload_too_large"),
            ('{"nope": 1}', "application/json", 422, "validation_failed"),
        ],
        ids=["malformed", "duplicate", "media type", "too large", "unknown member"],
    )
    def test_a_wrong_body_is_refused_without_a_call(
        self, name: str, body: str, content_type: str, status: int, code: str
    ) -> None:
        served = Served(name, body=body, headers={"Content-Type": content_type})
        assert (served.status, served.body["code"], served.calls) == (status, code, [])

    @pytest.mark.parametrize("name", WITH_PRECONDITIONS)
    def test_a_wrong_precondition_is_refused_without_a_call(self, name: str) -> None:
        served = Served(name, headers={"If-Match": "3"})
        assert (served.status, served.body["errors"][0]["header"], served.calls) == (422, "If-Match", [])

    @pytest.mark.parametrize("name", WITH_PRECONDITIONS)
    def test_a_stale_precondition_is_answered_with_what_there_is(self, name: str) -> None:
        served = Served(name, PreconditionFailed("Why.", TASK.as_json(), TASK.etag), headers=IF_MATCH_C)
        assert (served.status, served.body["current"], served.headers["ETag"]) == (412, AS_JSON, '"d"')

    @pytest.mark.parametrize(("name", "entity"), WITH_AN_ID)
    def test_what_is_not_there(self, name: str, entity: Entity) -> None:
        served = Served(name, entity.not_found())
        assert (served.status, served.body["code"]) == (404, f"{entity.noun}_not_found")

    @pytest.mark.parametrize("name", CASES)
    def test_its_handler_is_short(self, name: str) -> None:
        # A handler reads like its row of the contract: parse, call the store, answer
        source = inspect.getsource(load_function(name))
        assert len(source.splitlines()) <= 30
        assert not any(word in source for word in ("import boto3", "try:", "os.environ"))


class TestCreate:
    """POST …/tasks"""

    def test_with_everything(self) -> None:
        body = {"title": " Pay rent ", "description": None, "due": "2026-12-01", "priority": "high", "tags": ["home"]}
        served = Served("create_task", body=body)
        content = TaskContent("Pay rent", None, "2026-12-01", "high", ("home",))
        assert served.calls == [("create_once", (OWNER, content, None))]
        assert (served.status, served.body) == (201, AS_JSON)
        assert (
            served.headers.items()
            >= {
                "Location": f"/v1/users/me/tasks/{TASK_ID}",
                "ETag": '"d"',
                "Content-Type": "application/json",
            }.items()
        )
        assert "Idempotency-Replayed" not in served.headers

    def test_a_replay(self) -> None:
        served = Served("create_task", (TASK, True), body={"title": "Pay rent"}, headers={"Idempotency-Key": "key-1"})
        assert served.calls == [("create_once", (OWNER, TaskContent("Pay rent"), "key-1"))]
        assert (served.status, served.headers["Idempotency-Replayed"]) == (201, "true")

    def test_a_key_that_was_used_otherwise(self) -> None:
        served = Served("create_task", IdempotencyKeyReused(), headers={"Idempotency-Key": "key-1"})
        assert (served.status, served.body["code"]) == (422, "idempotency_key_reused")

    def test_a_key_that_is_none(self) -> None:
        served = Served("create_task", headers={"Idempotency-Key": "a b"})
        assert (served.status, served.calls) == (422, [])

    @pytest.mark.parametrize(
        "member", ["id", "user_id", "version", "etag", "created_at", "updated_at", "completed_at", "pk"]
    )
    def test_mass_assignment(self, member: str) -> None:
        served = Served("create_task", body={"title": "a", member: "x"})
        assert (served.status, served.body["errors"][0]["pointer"], served.calls) == (422, f"/{member}", [])


class TestList:
    """GET …/tasks"""

    def test_the_last_page(self) -> None:
        served = Served("list_tasks")
        assert served.calls == [("read", (OWNER, ListQuery()))]
        assert (served.status, served.body) == (200, {"items": [AS_JSON], "next_cursor": None})
        assert "Link" not in served.headers

    def test_a_page_with_another_after_it(self) -> None:
        served = Served("list_tasks", Page([], "abc"), query={"status": ["open"], "limit": ["5"]})
        assert served.calls == [("read", (OWNER, ListQuery(status="open", limit=5)))]
        assert served.body["next_cursor"] == "abc"
        assert served.headers["Link"] == '</v1/users/me/tasks?status=open&limit=5&cursor=abc>; rel="next"'

    @pytest.mark.parametrize(
        "query",
        [
            {"status": ["open"], "sort": ["due"], "due_from": ["2026-12-01"], "due_before": ["2026-12-08"]},
            {"priority": ["high"], "tag": ["a", "b"], "q": ["rent"]},
            {"order": ["asc"], "cursor": ["abc"]},
        ],
    )
    def test_all_parameters_reach_the_store(self, query: dict[str, list[str]]) -> None:
        assert Served("list_tasks", query=query).calls == [("read", (OWNER, ListQuery.from_parameters(query)))]

    def test_a_combination_that_is_not_served(self) -> None:
        served = Served("list_tasks", query={"status": ["completed"], "sort": ["due"]})
        assert (served.status, served.body["errors"][0]["code"], served.calls) == (422, "unsupported_combination", [])

    def test_a_cursor_that_is_none(self) -> None:
        served = Served("list_tasks", InvalidCursor(), query={"cursor": ["x"]})
        assert (served.status, served.body["code"]) == (400, "invalid_cursor")


class TestGet:
    """GET …/tasks/{task_id}"""

    def test_a_task(self) -> None:
        served = Served("get_task")
        assert served.calls == [("get", (KEY,))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, AS_JSON, '"d"')

    @pytest.mark.parametrize("known", ['"d"', 'W/"d"', '"c", "d"', "*"])
    def test_one_that_the_client_has(self, known: str) -> None:
        served = Served("get_task", headers={"If-None-Match": known})
        assert (served.status, served.body, served.headers["ETag"]) == (304, None, '"d"')

    @pytest.mark.parametrize("known", ['"c"', '"4"', '"D"', '"dd"'])
    def test_one_that_it_does_not_have(self, known: str) -> None:
        assert Served("get_task", headers={"If-None-Match": known}).status == 200

    def test_a_condition_that_is_none_is_refused_without_a_call(self) -> None:
        served = Served("get_task", headers={"If-None-Match": "4"})
        assert (served.status, served.calls) == (422, [])


class TestReplace:
    """PUT …/tasks/{task_id}"""

    @pytest.mark.parametrize(("was_created", "status"), [(True, 201), (False, 200)])
    def test_it_creates_or_replaces(self, was_created: bool, status: int) -> None:
        served = Served("replace_task", (TASK, was_created), body={"title": "Pay rent"})
        assert served.calls == [("replace", (KEY, TaskContent("Pay rent"), UNCONDITIONAL))]
        assert (served.status, served.body, served.headers["ETag"]) == (status, AS_JSON, '"d"')
        assert ("Location" in served.headers) is was_created

    def test_only_creating(self) -> None:
        served = Served("replace_task", headers={"If-None-Match": "*"})
        [(_, (_, _, precondition))] = served.calls
        assert precondition == Precondition(none_match=EntityTags(any=True))


class TestUpdate:
    """PATCH …/tasks/{task_id}"""

    @pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
    def test_it_changes_what_the_patch_names(self, content_type: str) -> None:
        body = {"description": None, "tags": ["a"]}
        served = Served("update_task", body=body, headers={"Content-Type": content_type, **IF_MATCH_C})
        assert served.calls == [("update", (KEY, {"description": None, "tags": ("a",)}, AT_C))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, AS_JSON, '"d"')

    def test_an_empty_patch(self) -> None:
        served = Served("update_task", body={})
        assert (served.status, served.body["errors"][0]["code"], served.calls) == (422, "empty_patch", [])


class TestDelete:
    """DELETE …/tasks/{task_id}"""

    def test_it_deletes(self) -> None:
        served = Served("delete_task", headers=IF_MATCH_C)
        assert served.calls == [("delete", (KEY, AT_C, False))]
        assert (served.status, served.body) == (204, None)
        assert "Content-Type" not in served.headers

    @pytest.mark.parametrize(("query", "permanent"), [({}, False), ({"permanent": ["false"]}, False), (FOREVER, True)])
    def test_for_good_where_it_says_so(self, query: dict[str, list[str]], permanent: bool) -> None:
        served = Served("delete_task", query=query)
        assert served.calls == [("delete", (KEY, UNCONDITIONAL, permanent))]
        assert served.status == 204

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            (["1"], "not_allowed"),
            ([""], "not_allowed"),
            (["True"], "not_allowed"),
            (["true "], "not_allowed"),
            (["true", "true"], "repeated"),
            (["false", "true"], "repeated"),
        ],
    )
    def test_what_says_neither_is_refused_without_a_call(self, values: list[str], code: str) -> None:
        served = Served("delete_task", query={"permanent": values})
        assert (served.status, served.calls) == (422, [])
        assert [(error["parameter"], error["code"]) for error in served.body["errors"]] == [("permanent", code)]


class TestRestore:
    """POST …/tasks/{task_id}/restore"""

    def test_it_restores(self) -> None:
        served = Served("restore_task", headers=IF_MATCH_C)
        assert served.calls == [("restore", (KEY, AT_C))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, AS_JSON, '"d"')

    def test_what_is_not_in_the_trash(self) -> None:
        served = Served("restore_task", TaskNotTrashed(None, TASK.as_json(), TASK.etag))
        assert (served.status, served.body["code"], served.body["current"]) == (409, "task_not_trashed", AS_JSON)
        assert served.headers["ETag"] == '"d"'


class TestMove:
    """POST …/tasks/{task_id}/move"""

    @pytest.mark.parametrize(
        ("body", "to"),
        [
            ("", TaskMove()),
            (None, TaskMove()),
            ({}, TaskMove()),
            ({"list_id": None}, TaskMove(changes_list=True)),
            ({"before": TASK_ID}, TaskMove(before=TASK_ID)),
        ],
    )
    def test_it_moves(self, body: object, to: TaskMove) -> None:
        served = Served("move_task", body=body, headers=IF_MATCH_C)
        assert served.calls == [("move", (KEY, to, AT_C))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, AS_JSON, '"d"')

    def test_between_two_that_it_names_is_refused(self) -> None:
        served = Served("move_task", body={"before": TASK_ID, "after": TASK_ID})
        assert (served.status, served.calls) == (422, [])


@pytest.mark.parametrize("name", ["update_task", "toggle_task", "move_task"])
def test_a_task_in_the_trash_is_shown_with_the_refusal(name: str) -> None:
    served = Served(name, TaskTrashed(None, TASK.as_json(), TASK.etag))
    assert (served.status, served.body["code"], served.body["current"]) == (409, "task_trashed", AS_JSON)
    assert served.headers["ETag"] == '"d"'


class TestToggle:
    """POST …/tasks/{task_id}/toggle"""

    @pytest.mark.parametrize(
        ("body", "wanted"),
        [
            ("", None),
            (None, None),
            ({}, None),
            ({"completed": True}, True),
            ({"completed": False}, False),
        ],
    )
    def test_it_flips_or_sets(self, body: object, wanted: bool | None) -> None:
        served = Served("toggle_task", body=body, headers=IF_MATCH_C)
        assert served.calls == [("toggle", (KEY, wanted, AT_C))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, AS_JSON, '"d"')

    def test_its_body_is_no_patch(self) -> None:
        served = Served("toggle_task", body={"completed": True, "title": "x"})
        assert (served.status, served.calls) == (422, [])
        assert TaskCompletion(True).completed


LIST_KEY = list_key(OWNER, TASK_ID)
LIST_AS_JSON = json.loads(json.dumps(A_LIST.as_json()))


class TestLists:
    """…/lists and …/lists/{list_id}: what is not as of tasks"""

    def test_it_creates(self) -> None:
        served = Served("create_list", body={"title": " Moving house ", "color": "#2F6FED", "position": "a1"})
        assert served.calls == [("create_once", (OWNER, ListContent("Moving house", "#2f6fed", "a1"), None))]
        assert (served.status, served.body, served.headers["ETag"]) == (201, LIST_AS_JSON, '"d"')
        assert served.headers["Location"] == f"/v1/users/me/lists/{TASK_ID}"

    def test_a_replay(self) -> None:
        served = Served("create_list", (A_LIST, True), body={"title": "a"}, headers={"Idempotency-Key": "key-1"})
        assert served.calls == [("create_once", (OWNER, ListContent("a"), "key-1"))]
        assert (served.status, served.headers["Idempotency-Replayed"]) == (201, "true")

    @pytest.mark.parametrize("name", ["create_list", "replace_list"])
    def test_one_too_many(self, name: str) -> None:
        served = Served(name, TooManyLists())
        assert (served.status, served.body["code"]) == (409, "too_many_lists")

    def test_it_lists_all(self) -> None:
        served = Served("list_lists")
        assert served.calls == [("all", (OWNER,))]
        assert (served.status, served.body) == (200, {"items": [LIST_AS_JSON]})
        assert not {"ETag", "Link"} & served.headers.keys()

    def test_it_reads(self) -> None:
        served = Served("get_list")
        assert served.calls == [("get", (LIST_KEY,))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, LIST_AS_JSON, '"d"')
        assert Served("get_list", headers={"If-None-Match": '"d"'}).status == 304

    @pytest.mark.parametrize(("was_created", "status"), [(True, 201), (False, 200)])
    def test_it_creates_or_replaces(self, was_created: bool, status: int) -> None:
        served = Served("replace_list", (A_LIST, was_created), body={"title": "a"}, headers=IF_MATCH_C)
        assert served.calls == [("replace", (LIST_KEY, ListContent("a"), AT_C))]
        assert (served.status, served.body, "Location" in served.headers) == (status, LIST_AS_JSON, was_created)

    def test_it_changes_what_the_patch_names(self) -> None:
        served = Served("update_list", body={"color": None, "position": "a1"}, headers=IF_MATCH_C)
        assert served.calls == [("update", (LIST_KEY, {"color": None, "position": "a1"}, AT_C))]
        assert (served.status, served.body, served.headers["ETag"]) == (200, LIST_AS_JSON, '"d"')


def test_a_response_is_what_the_gateway_takes(output: StandardOutput) -> None:
    # "Output format of a Lambda function for proxy integration": these members, headers of strings, a body of text
    for name, case in CASES.items():
        store = RecordingTaskStore(case.answer)
        event = proxy_event(name, **case.event)
        response = load_operation(name).using(SETTINGS, store.store)(event, FakeContext())
        assert response.keys() == {"statusCode", "headers", "body", "isBase64Encoded"}
        assert json.loads(json.dumps(response)) == response
    assert len(output.logs) == len(CASES)
