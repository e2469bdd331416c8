"""The request bodies: every member, every limit, and where each error points."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import strict_json, text
from taskapi.errors import ValidationFailed
from taskapi.tasks.bodies import TaskPatch, WholeTask
from taskapi.tasks.task import ChecklistEntry, TaskContent
from tests.support.tasks import task

MODELS: list[Any] = [WholeTask, TaskPatch]
GRIN = "\U0001f600"
"""One character of four bytes."""

LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
ENTRY = {"id": "1", "title": "Ask the bank"}

VISIBLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=50)
DUES = st.dates().map(str) | st.just("2026-12-01T09:30:00.000Z")
CONTENT = st.fixed_dictionaries(
    {"title": VISIBLE},
    optional={
        "description": st.none() | VISIBLE,
        "due": st.none() | DUES,
        "priority": st.sampled_from(["none", "low", "medium", "high"]),
        "tags": st.lists(VISIBLE, max_size=20, unique_by=lambda tag: text.fold(text.one_line(tag, 50))),
        "completed": st.booleans(),
        "list_id": st.none() | st.just(LIST_ID),
        "position": st.none() | st.sampled_from(["Zz", "a0", "a0V"]),
        "checklist": st.lists(
            st.fixed_dictionaries(
                {"id": st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=36)}
                | {"title": VISIBLE},
                optional={"completed": st.booleans()},
            ),
            max_size=5,
            unique_by=lambda entry: entry["id"],
        ),
    },
)


def violations(model: Any, body: object) -> list[tuple[str, str]]:
    """Pointer and code of everything that the model finds wrong."""
    with pytest.raises(ValidationFailed) as raised:
        model.from_decoded(body)
    assert all(violation.source == "pointer" and violation.detail for violation in raised.value.violations)
    return [(violation.at, violation.code) for violation in raised.value.violations]


class TestContent:
    """What a good body comes to."""

    @pytest.mark.parametrize("model", [WholeTask])
    def test_only_a_title_is_needed(self, model: type[WholeTask]) -> None:
        assert model.from_decoded({"title": "Pay rent"}).content() == TaskContent(title="Pay rent")

    @pytest.mark.parametrize("model", [WholeTask])
    def test_all_members(self, model: type[WholeTask]) -> None:
        # Given a body with every member
        body = {
            "title": " Pay rent ",
            "description": "By\r\ntransfer\n",
            "due": "2026-12-01T09:30:00+01:00",
            "priority": "high",
            "tags": [" Home ", "Cafe\u0301"],
            "completed": True,
            "list_id": LIST_ID.upper(),
            "position": "a0V",
            "checklist": [
                {"id": "1", "title": " Ask\u00a0Cafe\u0301 "},
                {"id": "~!", "title": "Sign", "completed": True},
            ],
        }
        # When it is read, then everything is in its stored form
        assert model.from_decoded(body).content() == TaskContent(
            title="Pay rent",
            description="By\ntransfer",
            due="2026-12-01T08:30:00.000Z",
            priority="high",
            tags=("Home", "Caf\u00e9"),
            completed=True,
            list_id=LIST_ID,
            position="a0V",
            checklist=(ChecklistEntry("1", "Ask\u00a0Caf\u00e9"), ChecklistEntry("~!", "Sign", completed=True)),
        )

    @pytest.mark.parametrize("empty", [None, "", "  \n"])
    def test_an_empty_description_is_none(self, empty: str | None) -> None:
        assert WholeTask.from_decoded({"title": "a", "description": empty}).content().description is None

    @pytest.mark.parametrize("priority", ["none", "low", "medium", "high"])
    def test_every_priority(self, priority: str) -> None:
        assert WholeTask.from_decoded({"title": "a", "priority": priority}).content().priority == priority

    @given(CONTENT)
    def test_reading_what_was_stored_changes_nothing(self, body: dict[str, Any]) -> None:
        content = WholeTask.from_decoded(body).content()
        again = {
            "title": content.title,
            "description": content.description,
            "due": content.due,
            "priority": content.priority,
            "tags": list(content.tags),
            "completed": content.completed,
            "list_id": content.list_id,
            "position": content.position,
            "checklist": [entry._asdict() for entry in content.checklist],
        }
        assert WholeTask.from_decoded(again).content() == content


class TestLimits:
    """At each limit, and one over it. Characters are counted after trimming and normalising."""

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("member", "at_limit"),
        [
            ("title", "x" * 500),
            ("title", GRIN * 500),
            ("title", " " * 50 + "x" * 500 + " " * 50),
            ("title", "e\u0301" * 500),
            ("description", "x" * 16_384),
            ("description", "\u00e9" * 16_384),
            ("description", GRIN * 8_192),
            ("description", " " + GRIN * 8_192 + "\n"),
            ("description", "x\r\n" * 8_191 + "xx"),
            ("tags", ["x" * 50]),
            ("tags", [GRIN * 50]),
            ("tags", [" " + "x" * 50 + " "]),
            ("tags", [str(number) for number in range(20)]),
            ("position", "a" + "V" * 254),
            ("checklist", [ENTRY | {"title": GRIN * 150}]),
            ("checklist", [ENTRY | {"title": " " + "x" * 150 + " "}]),
            ("checklist", [ENTRY | {"id": "~" * 36}]),
            ("checklist", [ENTRY | {"id": str(number)} for number in range(50)]),
        ],
    )
    def test_at_the_limit(self, model: Any, member: str, at_limit: object) -> None:
        assert model.from_decoded({"title": "a", member: at_limit})

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("member", "over", "pointer", "code"),
        [
            ("title", "x" * 501, "/title", "too_long"),
            ("title", GRIN * 501, "/title", "too_long"),
            ("title", "", "/title", "blank"),
            ("title", " \t ", "/title", "blank"),
            ("title", "\u200b\ufeff", "/title", "blank"),
            ("title", "\u3164", "/title", "blank"),
            ("title", "\u2800\ufe0f\U000e0100", "/title", "blank"),
            ("tags", ["\u115f"], "/tags/0", "blank"),
            ("title", "e" + "\u0301" * 32_500 + "\u0316" * 32_500, "/title", "too_long"),
            ("tags", ["\u0f73" * 40_000], "/tags/0", "too_long"),
            ("description", "x" * 16_385, "/description", "too_long"),
            ("description", GRIN * 8_192 + "x", "/description", "too_long"),
            ("description", "x" * 2 + "\u00e9" * 16_382 + GRIN, "/description", "too_long"),
            ("checklist", [ENTRY | {"id": str(number)} for number in range(51)], "/checklist", "too_many"),
            ("checklist", [ENTRY, {"id": "2", "title": "x" * 151}], "/checklist/1/title", "too_long"),
            ("checklist", [ENTRY | {"title": " "}], "/checklist/0/title", "blank"),
            ("checklist", [ENTRY | {"title": ""}], "/checklist/0/title", "blank"),
            ("checklist", [ENTRY | {"id": "x" * 37}], "/checklist/0/id", "invalid_entry_id"),
            ("checklist", [ENTRY | {"id": ""}], "/checklist/0/id", "invalid_entry_id"),
            ("tags", ["ok", "x" * 51], "/tags/1", "too_long"),
            ("tags", ["ok", " "], "/tags/1", "blank"),
            ("tags", [str(number) for number in range(21)], "/tags", "too_many"),
        ],
    )
    def test_over_it(self, model: Any, member: str, over: object, pointer: str, code: str) -> None:
        assert violations(model, {"title": "a", member: over}) == [(pointer, code)]


class TestRefusals:
    """Unknown, wrong and forbidden."""

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("member", "value", "pointer", "code"),
        [
            ("title", 1, "/title", "wrong_type"),
            ("title", None, "/title", "wrong_type"),
            ("title", ["a"], "/title", "wrong_type"),
            ("title", True, "/title", "wrong_type"),
            ("title", "a\nb", "/title", "unacceptable_text"),
            ("title", "a\x00b", "/title", "unacceptable_text"),
            ("title", "a\ud800", "/title", "unacceptable_text"),
            ("title", "a\uffff", "/title", "unacceptable_text"),
            ("title", "caf\ufffd", "/title", "unacceptable_text"),
            ("title", "a\u2028b", "/title", "unacceptable_text"),
            ("title", "a\u2029", "/title", "unacceptable_text"),
            ("title", "a\x1c", "/title", "unacceptable_text"),
            ("title", "\x85a", "/title", "unacceptable_text"),
            ("title", "e" + "\u0316" * 31, "/title", "unacceptable_text"),
            ("description", "\ufffd", "/description", "unacceptable_text"),
            ("description", "a\x1f", "/description", "unacceptable_text"),
            ("description", "e" + "\u0301" * 8_000 + "\u0316" * 8_000, "/description", "unacceptable_text"),
            ("due", "2026-12-01\ufffd", "/due", "invalid_due"),
            ("priority", "low\ufffd", "/priority", "not_allowed"),
            ("titl\ufffd", "a", "/titl\ufffd", "unknown_member"),
            ("description", 1, "/description", "wrong_type"),
            ("description", "a\x1bb", "/description", "unacceptable_text"),
            ("description", "a\rb", "/description", "unacceptable_text"),
            ("due", "tomorrow", "/due", "invalid_due"),
            ("due", "2026-12-01T09:30:00", "/due", "invalid_due"),
            ("due", "", "/due", "invalid_due"),
            ("due", " 2026-12-01", "/due", "invalid_due"),
            ("due", 1_800_000_000, "/due", "wrong_type"),
            ("priority", "urgent", "/priority", "not_allowed"),
            ("priority", "HIGH", "/priority", "not_allowed"),
            ("priority", 1, "/priority", "not_allowed"),
            ("priority", ["high"], "/priority", "not_allowed"),
            ("tags", "home", "/tags", "wrong_type"),
            ("tags", {"home": True}, "/tags", "wrong_type"),
            ("tags", ["home", 7], "/tags/1", "wrong_type"),
            ("tags", ["home", None], "/tags/1", "wrong_type"),
            ("tags", ["home", "HOME"], "/tags", "duplicate_tag"),
            ("tags", ["stra\u00dfe", " STRASSE"], "/tags", "duplicate_tag"),
            ("tags", ["a\tb"], "/tags/0", "unacceptable_text"),
            ("tags", ["a", "\ufffdb"], "/tags/1", "unacceptable_text"),
            ("tags", ["a\u2028"], "/tags/0", "unacceptable_text"),
            ("list_id", "inbox", "/list_id", "invalid_list_id"),
            ("list_id", "", "/list_id", "invalid_list_id"),
            ("list_id", "01939f6e-8c1b-4a30-9c9e-2f6f1f0a7b10", "/list_id", "invalid_list_id"),
            ("list_id", LIST_ID + "\n", "/list_id", "invalid_list_id"),
            ("list_id", 7, "/list_id", "wrong_type"),
            ("position", "", "/position", "invalid_position"),
            ("position", "a-", "/position", "invalid_position"),
            ("position", "a00", "/position", "invalid_position"),
            ("position", "zz", "/position", "invalid_position"),
            ("position", "h1", "/position", "invalid_position"),
            ("position", "a" + "V" * 255, "/position", "invalid_position"),
            ("position", "a0\n", "/position", "invalid_position"),
            ("position", 1.5, "/position", "wrong_type"),
            ("checklist", "x", "/checklist", "wrong_type"),
            ("checklist", {"0": ENTRY}, "/checklist", "wrong_type"),
            ("checklist", ["x"], "/checklist/0", "wrong_type"),
            ("checklist", [ENTRY, None], "/checklist/1", "wrong_type"),
            ("checklist", [ENTRY, [ENTRY]], "/checklist/1", "wrong_type"),
            ("checklist", [ENTRY, {"id": "2", "title": "a\nb"}], "/checklist/1/title", "unacceptable_text"),
            ("checklist", [{"title": "x"}], "/checklist/0/id", "required"),
            ("checklist", [{"id": "x"}], "/checklist/0/title", "required"),
            ("checklist", [ENTRY | {"title": None}], "/checklist/0/title", "wrong_type"),
            ("checklist", [ENTRY | {"completed": 1}], "/checklist/0/completed", "wrong_type"),
            ("checklist", [ENTRY | {"completed": None}], "/checklist/0/completed", "wrong_type"),
            ("checklist", [ENTRY | {"id": 1}], "/checklist/0/id", "wrong_type"),
            ("checklist", [ENTRY | {"id": "a b"}], "/checklist/0/id", "invalid_entry_id"),
            ("checklist", [ENTRY | {"id": "a\n"}], "/checklist/0/id", "invalid_entry_id"),
            ("checklist", [ENTRY | {"id": "\u00e9"}], "/checklist/0/id", "invalid_entry_id"),
            ("checklist", [ENTRY | {"id": "\x7f"}], "/checklist/0/id", "invalid_entry_id"),
            ("checklist", [ENTRY | {"due": None}], "/checklist/0/due", "unknown_member"),
            # What is read-only of a task is unknown of an entry
            ("checklist", [ENTRY | {"version": 1}], "/checklist/0/version", "unknown_member"),
            ("checklist", [ENTRY | {"a/b": 1}], "/checklist/0/a~1b", "unknown_member"),
            ("checklist", [ENTRY, ENTRY | {"title": "x"}], "/checklist", "duplicate_entry_id"),
            ("completed", 1, "/completed", "wrong_type"),
            ("completed", "true", "/completed", "wrong_type"),
            ("completed", None, "/completed", "wrong_type"),
        ],
    )
    def test_a_wrong_value(self, model: Any, member: str, value: object, pointer: str, code: str) -> None:
        assert violations(model, {"title": "a", member: value}) == [(pointer, code)]

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ({"title": "x" * 501}, "Must be at most 500 characters long."),
            ({"description": "x" * 16_385}, "Must be at most 16,384 characters long."),
            ({"tags": ["x" * 51]}, "Must be at most 50 characters long."),
            ({"tags": ["x"] * 21}, "Must have at most 20 members."),
            ({"tags": ["a", "A"]}, "Tags must differ from one another by more than case."),
            ({"tags": "a"}, "Must be an array."),
            ({"tags": [""]}, "Must contain at least one visible character."),
            ({"title": " "}, "Must contain at least one visible character."),
            ({"title": "a\nb"}, "Must be one line, without tabs."),
            (
                {"title": "a\x00"},
                "Must not contain control characters, lone surrogates, noncharacters or U+FFFD.",
            ),
            ({"priority": "\ud800"}, "Must not contain lone surrogates."),
            ({"title": "e" + "\u0316" * 31}, "Must not have more than 30 combining marks in a row."),
            ({"title": 1}, "Must be a string."),
            ({"completed": 1}, "Must be true or false."),
            ({"description": GRIN * 8_193}, "Must be at most 32,768 bytes long in UTF-8."),
            ({"list_id": "x"}, "Must be a UUID of version 7 (RFC 9562), or null for the inbox."),
            (
                {"position": "-"},
                "Must be a key as fractional-indexing makes them, of at most 255 letters and digits.",
            ),
            ({"checklist": [ENTRY] * 51}, "Must have at most 50 members."),
            ({"checklist": [ENTRY] * 2}, "The ids of a checklist's entries must differ."),
            ({"checklist": [ENTRY | {"id": ""}]}, "Must be 1 to 36 visible ASCII characters."),
            ({"checklist": [1]}, "Must be a JSON object."),
            ({"checklist": [{"id": "1"}]}, "This member is required."),
            ({"priority": "urgent"}, "Must be one of none, low, medium and high."),
            (
                {"due": "tomorrow"},
                "Must be a date such as 2026-12-01, or an instant with an offset such as 2026-12-01T09:30:00+01:00.",
            ),
            ({"id": "x"}, "This member is set by the API and can't be written."),
            ({"dueDate": "x"}, "The contract has no such member here."),
        ],
    )
    def test_what_a_refusal_says(self, model: Any, body: dict[str, object], detail: str) -> None:
        with pytest.raises(ValidationFailed) as raised:
            model.from_decoded({"title": "a"} | body)
        assert [violation.detail for violation in raised.value.violations] == [detail]

    @pytest.mark.parametrize(
        ("model", "body", "detail"),
        [
            (WholeTask, {}, "This member is required."),
            (WholeTask, [], "The body must be a JSON object."),
            (TaskPatch, None, "The body must be a JSON object."),
            (TaskPatch, {}, "The patch must have at least one member."),
        ],
    )
    def test_and_of_a_body_that_is_none(self, model: Any, body: object, detail: str) -> None:
        with pytest.raises(ValidationFailed) as raised:
            model.from_decoded(body)
        assert [violation.detail for violation in raised.value.violations] == [detail]

    @pytest.mark.parametrize("model", [WholeTask])
    @pytest.mark.parametrize(
        ("member", "code"), [("priority", "not_allowed"), ("tags", "wrong_type"), ("checklist", "wrong_type")]
    )
    def test_null_is_no_default_outside_a_patch(self, model: Any, member: str, code: str) -> None:
        assert violations(model, {"title": "a", member: None}) == [(f"/{member}", code)]

    @pytest.mark.parametrize("model", [WholeTask])
    def test_a_title_is_required(self, model: Any) -> None:
        assert violations(model, {}) == [("/title", "required")]

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("body", [None, [], "title", 1, True, [{"title": "a"}]])
    def test_a_body_is_an_object(self, model: Any, body: object) -> None:
        assert violations(model, body) == [("", "wrong_type")]

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("member", sorted(WholeTask.READ_ONLY))
    def test_what_the_api_alone_writes_is_named_as_such(self, model: Any, member: str) -> None:
        assert violations(model, {"title": "a", member: "x"}) == [(f"/{member}", "read_only")]

    def test_the_read_only_members_are_those_of_the_resource_that_no_body_has(self) -> None:
        assert set(task().as_json()) - set(WholeTask.model_fields) == WholeTask.READ_ONLY == TaskPatch.READ_ONLY

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("member", "pointer"),
        [
            ("dueDate", "/dueDate"),
            ("", "/"),
            ("a/b~c", "/a~1b~0c"),
            ("Title", "/Title"),
            ("pk", "/pk"),
            ("__proto__", "/__proto__"),
            ("from_decoded", "/from_decoded"),
            ("_CLEARED", "/_CLEARED"),
        ],
    )
    def test_an_unknown_member_is_refused(self, model: Any, member: str, pointer: str) -> None:
        assert violations(model, {"title": "a", member: 1}) == [(pointer, "unknown_member")]

    @pytest.mark.parametrize("model", MODELS)
    def test_a_member_whose_name_is_no_unicode_is_refused(self, model: Any) -> None:
        assert violations(model, {"title": "a", "\ud800": 1})

    def test_everything_wrong_is_said_at_once(self) -> None:
        body = {"title": "", "due": "x", "priority": "x", "tags": [1, ""], "id": "x", "nope": 1}
        assert sorted(violations(WholeTask, body)) == [
            ("/due", "invalid_due"),
            ("/id", "read_only"),
            ("/nope", "unknown_member"),
            ("/priority", "not_allowed"),
            ("/tags/0", "wrong_type"),
            ("/tags/1", "blank"),
            ("/title", "blank"),
        ]

    @pytest.mark.parametrize("model", MODELS)
    def test_though_not_without_end(self, model: Any) -> None:
        body = {"title": "a", **{f"member{number}": 1 for number in range(10_000)}}
        assert len(violations(model, body)) == 50

    @pytest.mark.parametrize("model", MODELS)
    def test_nor_of_one_entry(self, model: Any) -> None:
        unknown = {f"member{number}": 1 for number in range(10_000)}
        assert len(violations(model, {"title": "a", "checklist": [ENTRY | unknown] * 3})) == 50
        behind = {"title": "a", "checklist": [{**unknown, "id": "1", "title": "x"}]}
        assert {code for _, code in violations(model, behind)} == {"unknown_member"}

    @pytest.mark.parametrize("model", MODELS)
    def test_what_stands_behind_thousands_of_unknown_members_is_read_all_the_same(self, model: Any) -> None:
        unknown = {f"member{number}": 1 for number in range(10_000)}
        assert ("/title", "required") not in violations(model, {**unknown, "title": "a"})
        assert ("/title", "blank") in violations(model, {**unknown, "title": " "})

    @pytest.mark.parametrize("model", MODELS)
    def test_no_error_quotes_what_the_user_wrote(self, model: Any) -> None:
        secret = "hunter2"
        body = {
            "title": f"{secret}\x00",
            "due": secret,
            "priority": secret,
            "tags": [f"{secret}\n"],
            "completed": secret,
            "list_id": secret,
            "position": f"{secret}-",
            "checklist": [{"id": f"{secret} ", "title": f"{secret}\x00"}],
        }
        with pytest.raises(ValidationFailed) as raised:
            model.from_decoded(body)
        assert secret not in repr(raised.value.violations)
        assert secret not in str(raised.value)
        assert raised.value.__suppress_context__


class TestPatch:
    """A JSON Merge Patch: absent is not null."""

    @pytest.mark.parametrize(
        ("body", "changes"),
        [
            ({"title": " New "}, {"title": "New"}),
            ({"description": None}, {"description": None}),
            ({"description": " "}, {"description": None}),
            ({"description": "x"}, {"description": "x"}),
            ({"due": None}, {"due": None}),
            ({"due": "2026-12-01"}, {"due": "2026-12-01"}),
            ({"priority": None}, {"priority": "none"}),
            ({"priority": "low"}, {"priority": "low"}),
            ({"tags": None}, {"tags": ()}),
            ({"tags": []}, {"tags": ()}),
            ({"tags": ["a", "b"]}, {"tags": ("a", "b")}),
            ({"completed": True}, {"completed": True}),
            ({"completed": False}, {"completed": False}),
            ({"due": None, "title": "x"}, {"due": None, "title": "x"}),
            ({"list_id": None}, {"list_id": None}),
            ({"list_id": LIST_ID.upper()}, {"list_id": LIST_ID}),
            ({"position": None}, {"position": None}),
            ({"position": "a0"}, {"position": "a0"}),
            ({"checklist": None}, {"checklist": ()}),
            ({"checklist": []}, {"checklist": ()}),
            ({"checklist": [ENTRY]}, {"checklist": (ChecklistEntry("1", "Ask the bank"),)}),
        ],
    )
    def test_only_what_it_names_changes(self, body: dict[str, Any], changes: dict[str, Any]) -> None:
        assert TaskPatch.from_decoded(body).changes() == changes

    def test_an_empty_patch_is_refused(self) -> None:
        assert violations(TaskPatch, {}) == [("", "empty_patch")]

    @given(CONTENT, st.sets(st.sampled_from(TaskContent._fields), min_size=1))
    def test_a_member_changes_to_what_a_new_task_would_have(self, body: dict[str, Any], names: set[str]) -> None:
        part = {name: value for name, value in body.items() if name in names}
        if part:
            content = WholeTask.from_decoded(body).content()
            assert TaskPatch.from_decoded(part).changes() == {name: getattr(content, name) for name in part}


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TaskContent._fields, "id"]), inner)
        ),
        max_leaves=10,
    ),
    st.sampled_from(MODELS),
)
def test_no_json_value_raises_anything_but_validation_failed(value: object, model: Any) -> None:
    with contextlib.suppress(ValidationFailed):
        model.from_decoded(strict_json.decode(json.dumps(value).encode()))
