"""The request bodies of lists: every member, every limit, and where each error points."""

from __future__ import annotations

from typing import Any

import pytest

from taskapi.errors import ValidationFailed
from taskapi.lists.bodies import ListPatch, WholeList
from taskapi.lists.list import ListContent
from tests.support.lists import a_list

MODELS: list[Any] = [WholeList, ListPatch]


def violations(model: Any, body: object) -> list[tuple[str, str]]:
    """Pointer and code of everything that the model finds wrong."""
    with pytest.raises(ValidationFailed) as raised:
        model.from_decoded(body)
    return [(violation.at, violation.code) for violation in raised.value.violations]


class TestWholeList:
    """What creates and replaces."""

    def test_only_a_title_is_needed(self) -> None:
        assert WholeList.from_decoded({"title": "Home"}).content() == ListContent("Home", None, None)

    def test_all_members(self) -> None:
        body = {"title": " Cafe\u0301 ", "color": "#2F6FED", "position": "Zz"}
        assert WholeList.from_decoded(body).content() == ListContent("Caf\u00e9", "#2f6fed", "Zz")

    def test_null_is_the_default(self) -> None:
        body = {"title": "Home", "color": None, "position": None}
        assert WholeList.from_decoded(body).content() == ListContent("Home")


class TestPatch:
    """What changes some members."""

    def test_absent_is_not_null(self) -> None:
        assert ListPatch.from_decoded({"title": "Home"}).changes() == {"title": "Home"}
        assert ListPatch.from_decoded({"color": None, "position": None}).changes() == {"color": None, "position": None}
        assert ListPatch.from_decoded({"color": "#ABCDEF"}).changes() == {"color": "#abcdef"}

    def test_it_has_a_member(self) -> None:
        assert violations(ListPatch, {}) == [("", "empty_patch")]

    def test_a_title_cannot_be_cleared(self) -> None:
        assert violations(ListPatch, {"title": None}) == [("/title", "wrong_type")]
        assert violations(WholeList, {}) == [("/title", "required")]


@pytest.mark.parametrize("model", MODELS)
class TestRules:
    """What holds for both."""

    @pytest.mark.parametrize(
        ("title", "code"),
        [
            ("", "blank"),
            (" \u200d ", "blank"),
            ("x" * 201, "too_long"),
            ("two\nlines", "unacceptable_text"),
            ("\ufffd", "unacceptable_text"),
            (1, "wrong_type"),
        ],
    )
    def test_a_title(self, model: Any, title: object, code: str) -> None:
        assert violations(model, {"title": title}) == [("/title", code)]

    def test_a_title_is_counted_after_trimming(self, model: Any) -> None:
        model.from_decoded({"title": " " + "\U0001f600" * 200 + " "})

    @pytest.mark.parametrize("color", ["", "red", "#2f6fe", "#2f6fedd", "#2f6fed\n", "2f6fed", "#\u0662f6fed", "#fff"])
    def test_a_color(self, model: Any, color: str) -> None:
        assert violations(model, {"title": "a", "color": color}) == [("/color", "invalid_color")]

    @pytest.mark.parametrize("position", ["", "a-", "a00", "zz", "h1", "a" * 256])
    def test_a_position(self, model: Any, position: str) -> None:
        assert violations(model, {"title": "a", "position": position}) == [("/position", "invalid_position")]

    @pytest.mark.parametrize("member", sorted(WholeList.READ_ONLY))
    def test_what_the_api_writes(self, model: Any, member: str) -> None:
        assert violations(model, {"title": "a", member: "x"}) == [(f"/{member}", "read_only")]

    def test_another_member(self, model: Any) -> None:
        assert violations(model, {"title": "a", "colour": "red"}) == [("/colour", "unknown_member")]

    def test_what_is_read_only_is_what_is_not_written(self, model: Any) -> None:
        assert set(a_list().as_json()) - set(model.model_fields) == model.READ_ONLY
