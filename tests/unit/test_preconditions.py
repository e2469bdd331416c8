"""If-Match and If-None-Match as RFC 9110 sections 8.8.3 and 13.1 define them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.errors import ValidationFailed
from taskapi.preconditions import UNCONDITIONAL, EntityTags, Precondition, parse_entity_tags

NO_TASK = "-"
"""What stands for a tag that is legal and can't match."""


def parsed(value: str, *, weak: bool = False) -> EntityTags:
    """The tags in a header's value."""
    return parse_entity_tags(value, "If-None-Match" if weak else "If-Match", weak=weak)


@pytest.mark.parametrize(
    ("value", "etags"),
    [
        ('"a"', ("a",)),
        ('"019f4d1b8a8Trt6AEJz"', ("019f4d1b8a8Trt6AEJz",)),
        (' "a" ', ("a",)),
        ('"a","b"', ("a", "b")),
        ('"a" , "b",\t"c"', ("a", "b", "c")),
        # Empty list elements: a recipient must ignore a reasonable number of them (section 5.6.1.2)
        ('"a",', ("a",)),
        (',"a"', ("a",)),
        ('"a", ,"b"', ("a", "b")),
        # Opaque: kept as they are, and a comma inside is no separator
        ('"1"', ("1",)),
        ('"01"', ("01",)),
        ('"abc,def"', ("abc,def",)),
        ('"\u00e9"', ("\u00e9",)),
        ('"W/"', ("W/",)),
        ('"*"', ("*",)),
        ('"' + "9" * 5_000 + '"', ("9" * 5_000,)),
        # Legal, but no task has it
        ('""', (NO_TASK,)),
        ('"", "b"', (NO_TASK, "b")),
    ],
)
def test_strong_tags(value: str, etags: tuple[str, ...]) -> None:
    assert parsed(value) == EntityTags(etags=etags)
    assert parsed(value, weak=True) == EntityTags(etags=etags)


@pytest.mark.parametrize("weak", [True, False])
@pytest.mark.parametrize("value", ["*", " * "])
def test_any(value: str, weak: bool) -> None:
    assert parsed(value, weak=weak) == EntityTags(any=True)


def test_a_weak_tag_counts_for_if_none_match_only() -> None:
    assert parsed('W/"a"', weak=True).etags == ("a",)
    assert parsed('W/"a"', weak=False).etags == (NO_TASK,)
    assert parsed('W/"a", "b"', weak=False).etags == (NO_TASK, "b")


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ",",
        "3",
        "'3'",
        '"3',
        '3"',
        'w/"3"',
        'W "3"',
        '"1" "2"',
        '"1""2"',
        '"1";"2"',
        '*, "1"',
        '"1", *',
        "**",
        "\u00a0*",
        '"a"\x1c',
        "W/*",
        '"a"b"',
        '"a b"',
        '"a\x00"',
        '"a\x7f"',
        '"\u0100"',
        '"1"\n"2"',
        "\ud800",
    ],
)
def test_anything_else_is_refused(value: str) -> None:
    with pytest.raises(ValidationFailed) as raised:
        parsed(value)
    [violation] = raised.value.violations
    assert violation.as_json() == {
        "header": "If-Match",
        "code": "invalid_entity_tag",
        "detail": "Must be * or up to 50 comma-separated entity tags, each in double quotes.",
    }


def test_as_many_tags_as_the_header_may_list() -> None:
    at_limit = ",".join(f'"{number}"' for number in range(1, 51))
    assert parsed(at_limit).etags == tuple(str(number) for number in range(1, 51))
    with pytest.raises(ValidationFailed):
        parsed(at_limit + ',"51"')


def test_a_long_header_is_refused_in_linear_time() -> None:
    for value in (" " * 100_000, '"' * 100_000, '"1"' + " " * 100_000 + "x", "W/" * 50_000):
        with pytest.raises(ValidationFailed):
            parsed(value)


@given(st.text(max_size=30) | st.text(st.sampled_from('W/"*, 123\t'), max_size=30))
def test_junk_raises_nothing_but_validation_failed(value: str) -> None:
    try:
        tags = parsed(value)
    except ValidationFailed:
        return
    assert tags.any != bool(tags.etags)


A = EntityTags(etags=("a",))
NEVER = EntityTags(etags=(NO_TASK,))
ANY = EntityTags(any=True)


@pytest.mark.parametrize(
    ("precondition", "holds_for"),
    [
        (UNCONDITIONAL, {None, "a", "b"}),
        (Precondition(match=ANY), {"a", "b"}),
        (Precondition(match=A), {"a"}),
        (Precondition(match=NEVER), set()),
        (Precondition(match=EntityTags(etags=("a", "b"))), {"a", "b"}),
        (Precondition(none_match=ANY), {None}),
        (Precondition(none_match=A), {None, "b"}),
        (Precondition(none_match=NEVER), {None, "a", "b"}),
        (Precondition(match=ANY, none_match=ANY), set()),
        (Precondition(match=ANY, none_match=A), {"b"}),
        (Precondition(match=A, none_match=A), set()),
    ],
)
def test_what_it_holds_for(precondition: Precondition, holds_for: set[str | None]) -> None:
    assert {etag for etag in (None, "a", "b") if precondition.holds_for(etag)} == holds_for


def test_whether_tags_name_a_task() -> None:
    assert EntityTags().any is False
    assert ANY.includes("b")
    assert A.includes("a")
    assert not A.includes("b")
    assert not NEVER.includes("a")
