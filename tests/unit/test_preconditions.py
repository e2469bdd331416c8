"""If-Match and If-None-Match as RFC 9110 sections 8.8.3 and 13.1 define them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi.errors import ValidationFailed
from taskapi.preconditions import MOST_TAGS, UNCONDITIONAL, EntityTags, Precondition, parse_entity_tags

NO_VERSION = -1
"""What stands for a tag that is legal but none of ours."""


def parsed(value: str, *, weak: bool = False) -> EntityTags:
    """The tags in a header's value."""
    return parse_entity_tags(value, "If-None-Match" if weak else "If-Match", weak=weak)


@pytest.mark.parametrize(
    ("value", "versions"),
    [
        ('"1"', (1,)),
        ('"9007199254740992"', (9007199254740992,)),
        (' "3" ', (3,)),
        ('"1","2"', (1, 2)),
        ('"1" , "2",\t"3"', (1, 2, 3)),
        # Empty list elements: a recipient must ignore a reasonable number of them (section 5.6.1.2)
        ('"1",', (1,)),
        (',"1"', (1,)),
        ('"1", ,"2"', (1, 2)),
        # Legal tags that no version of ours has
        ('""', (NO_VERSION,)),
        ('"0"', (NO_VERSION,)),
        ('"01"', (NO_VERSION,)),
        ('"-1"', (NO_VERSION,)),
        ('"+1"', (NO_VERSION,)),
        ('"1.0"', (NO_VERSION,)),
        ('"abc,def"', (NO_VERSION,)),
        ('"\u00e9"', (NO_VERSION,)),
        ('"\u00b2"', (NO_VERSION,)),
        ('"' + "9" * 5_000 + '"', (NO_VERSION,)),
        ('"*"', (NO_VERSION,)),
        ('"a", "2"', (NO_VERSION, 2)),
    ],
)
def test_strong_tags(value: str, versions: tuple[int, ...]) -> None:
    assert parsed(value) == EntityTags(versions=versions)
    assert parsed(value, weak=True) == EntityTags(versions=versions)


@pytest.mark.parametrize("weak", [True, False])
@pytest.mark.parametrize("value", ["*", " * "])
def test_any(value: str, weak: bool) -> None:
    assert parsed(value, weak=weak) == EntityTags(any=True)


def test_a_weak_tag_counts_for_if_none_match_only() -> None:
    assert parsed('W/"3"', weak=True).versions == (3,)
    assert parsed('W/"3"', weak=False).versions == (NO_VERSION,)
    assert parsed('W/"3", "4"', weak=False).versions == (NO_VERSION, 4)


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
        '"1";"2"',
        '*, "1"',
        '"1", *',
        "**",
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
    assert violation.as_json().items() >= {"header": "If-Match", "code": "invalid_entity_tag"}.items()


def test_as_many_tags_as_the_header_may_list() -> None:
    at_limit = ",".join(f'"{number}"' for number in range(1, MOST_TAGS + 1))
    assert parsed(at_limit).versions == tuple(range(1, MOST_TAGS + 1))
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
    assert tags.any != bool(tags.versions)


THREE = EntityTags(versions=(3,))
NONE_OF_OURS = EntityTags(versions=(NO_VERSION,))
ANY = EntityTags(any=True)


@pytest.mark.parametrize(
    ("precondition", "holds_for"),
    [
        (UNCONDITIONAL, {None, 2, 3}),
        (Precondition(match=ANY), {2, 3}),
        (Precondition(match=THREE), {3}),
        (Precondition(match=NONE_OF_OURS), set()),
        (Precondition(match=EntityTags(versions=(2, 3))), {2, 3}),
        (Precondition(none_match=ANY), {None}),
        (Precondition(none_match=THREE), {None, 2}),
        (Precondition(none_match=NONE_OF_OURS), {None, 2, 3}),
        (Precondition(match=ANY, none_match=ANY), set()),
        (Precondition(match=ANY, none_match=THREE), {2}),
        (Precondition(match=THREE, none_match=THREE), set()),
    ],
)
def test_what_it_holds_for(precondition: Precondition, holds_for: set[int | None]) -> None:
    assert {version for version in (None, 2, 3) if precondition.holds_for(version)} == holds_for


def test_whether_tags_name_a_version() -> None:
    assert ANY.name(7)
    assert THREE.name(3)
    assert not THREE.name(4)
    assert not NONE_OF_OURS.name(1)
