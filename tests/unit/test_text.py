"""What counts as acceptable text."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import text

MOST = 100
one_line = partial(text.one_line, most=MOST)
lines = partial(text.lines, most=MOST)

# Any code point at all, lone surrogates included.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Pay rent", "Pay rent"),
        ("  Pay rent\t\n", "Pay rent"),
        ("\u3000Pay rent\u00a0", "Pay rent"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u212b", "\u00c5"),
        ("Pay  rent", "Pay  rent"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("\u202eright to left", "\u202eright to left"),
        ("\ue000", "\ue000"),
        ("", ""),
    ],
)
def test_a_line_is_normalised_and_trimmed_and_otherwise_kept(written: str, stored: str) -> None:
    assert one_line(written) == stored
    assert lines(written) == stored


@pytest.mark.parametrize(
    "character",
    [
        *map(chr, range(0x09)),
        *"\x0b\x0c\r\x0e\x1f\x1b\x7f\x80\x85\x9f",
        *"\ud800\udbff\udc00\udfff",
        *"\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff",
        "\ufffd",
    ],
)
@pytest.mark.parametrize("around", ["{}", "a{}b", "{}b", "a{}", " a {} "])
def test_controls_surrogates_noncharacters_and_replacements_are_refused_wherever_they_stand(
    character: str, around: str
) -> None:
    for clean in (one_line, lines):
        with pytest.raises(text.UnacceptableText):
            clean(around.format(character))


def test_what_is_trimmed_is_tab_newline_and_the_space_separators() -> None:
    spaces = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Zs"}
    assert set(text.WHITE_SPACE) == {"\t", "\n", *spaces}


@pytest.mark.parametrize("separator", "\u2028\u2029")
@pytest.mark.parametrize("around", ["{}", "a{}b", "{}b", "a{}"])
def test_line_and_paragraph_separators_stay_in_descriptions_and_are_refused_in_lines(
    separator: str, around: str
) -> None:
    assert lines(around.format(separator)) == around.format(separator)
    with pytest.raises(text.UnacceptableText):
        one_line(around.format(separator))


@pytest.mark.parametrize("kept", "\ufeff\u200b\u180e")
def test_what_is_no_white_space_is_not_trimmed(kept: str) -> None:
    assert one_line(f"{kept}a{kept}") == f"{kept}a{kept}"


class TestMarks:
    """Combining marks in a row, which make normalising quadratic."""

    # An acute, a grave below; the Tibetan vowels that have no combining class themselves; a mark beyond the BMP.
    MARKS = ("\u0301", "\u0316", "\u0301\u0316", "\u0f73", "\u0f71\u0f73", "\u0f75", "\u0f81", "\U0001d165")

    @pytest.mark.parametrize("mark", MARKS)
    @pytest.mark.parametrize("before", [*range(32), 61, 62, 63])
    def test_more_than_thirty_in_a_row_are_refused_wherever_they_begin(self, mark: str, before: int) -> None:
        for clean in (one_line, lines):
            with pytest.raises(text.UnacceptableText):
                clean("x" * before + (mark * 31)[:31] + "x")

    @pytest.mark.parametrize("mark", ["\u0316", "\u0315\u0316"])
    @pytest.mark.parametrize("before", [*range(32), 61, 62, 63])
    def test_thirty_are_not(self, mark: str, before: int) -> None:
        assert len(one_line("x" * before + (mark * 30)[:30] + "x")) == before + 31

    def test_nor_are_more_with_something_in_between(self) -> None:
        # The joiner is what Unicode has for that (UAX #15, section 13)
        written = "e" + "\u0316" * 30 + "\u034f" + "\u0316" * 30
        assert one_line(written) == written

    @pytest.mark.parametrize("mark", ["\u0344", "\u0f73", "\u0f75"])
    def test_they_are_counted_once_they_are_normalised_too(self, mark: str) -> None:
        # Given marks that become two each: fifteen are acceptable, and so is what is stored; sixteen are not
        stored = one_line("b" + mark * 15)
        assert len(stored) == 31
        assert one_line(stored) == stored
        with pytest.raises(text.UnacceptableText):
            one_line("b" + mark * 16)

    def test_all_that_have_nothing_else_to_them_are_marks(self) -> None:
        # Given every character that normalising may have to sort
        marks = [chr(code) for code in range(sys.maxunicode + 1) if _begins_with_a_mark(chr(code))]
        assert len(marks) > 800
        # When it comes 31 times in a row, then it is refused
        for mark in marks:
            with pytest.raises(text.UnacceptableText):
                one_line("x" + mark * 31)


def _begins_with_a_mark(character: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFD", character)[0]) > 0


def calls_of_normalize(act: Callable[[], object]) -> int:
    """How often the interpreter called ``unicodedata.normalize``."""
    called: list[Any] = []

    def profile(_frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and function is unicodedata.normalize:
            called.append(function)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.setprofile(before)
    return len(called)


@pytest.mark.parametrize("clean", [text.one_line, text.lines])
@pytest.mark.parametrize(
    "costly",
    [
        "e" + "\u0301" * 32_500 + "\u0316" * 32_500,
        "\u0f73" * 43_000,
        "e" + "\u0301" * 16 + "\u0316" * 15,
        "\u00e9" * 401,
        ("e" + "\u0316" * 30) * 13,
    ],
    ids=["the report", "class 0", "just too many", "just too long", "long, of runs that are not"],
)
def test_what_is_too_long_or_has_too_many_marks_is_never_normalised(
    clean: Callable[[str, int], str], costly: str
) -> None:
    def refused() -> None:
        with pytest.raises((text.UnacceptableText, text.TooLong)):
            clean(costly, MOST)

    assert calls_of_normalize(refused) == 0
    # As opposed to what is acceptable, which shows that the count counts
    assert calls_of_normalize(lambda: clean("\u00e9", MOST)) == 1


class TestLength:
    """Counted after trimming and normalising."""

    @pytest.mark.parametrize("clean", [text.one_line, text.lines])
    @pytest.mark.parametrize(
        "at_limit",
        [
            "x" * 5,
            " " * 1_000 + "x" * 5 + "\r\n" * 1_000,
            "\u1f00\u0300\u0345" * 5,
            "\u03b1\u0313\u0300\u0345" * 5,
            "\u1112\u1161\u11ab" * 5,
            "\U0001f600" * 5,
        ],
        ids=ascii,
    )
    def test_at_the_limit(self, clean: Callable[[str, int], str], at_limit: str) -> None:
        assert len(clean(at_limit, 5)) == 5
        with pytest.raises(text.TooLong):
            clean(at_limit, 4)

    def test_nothing_shrinks_by_more_than_four(self) -> None:
        longest = max(len(unicodedata.normalize("NFD", chr(code))) for code in range(sys.maxunicode + 1))
        assert longest == 4


@pytest.mark.parametrize("character", "\t\n")
def test_newlines_and_tabs_may_stand_in_descriptions_only(character: str) -> None:
    assert lines(f"a{character}b") == f"a{character}b"
    with pytest.raises(text.UnacceptableText):
        one_line(f"a{character}b")


def test_the_line_ends_of_windows_become_newlines() -> None:
    assert lines("one\r\ntwo\r\n\r\nthree\r\n") == "one\ntwo\n\nthree"


@pytest.mark.parametrize("written", ["one\rtwo", "one\n\rtwo", "one\r\r\ntwo"])
def test_a_lone_carriage_return_is_a_control_character(written: str) -> None:
    with pytest.raises(text.UnacceptableText):
        lines(written)


@given(ANY_TEXT)
def test_what_is_accepted_is_clean_and_stays_as_it_is(written: str) -> None:
    for clean in (one_line, lines):
        try:
            stored = clean(written)
        except text.UnacceptableText:
            continue
        # Then it is NFC, trimmed, can be written in UTF-8, and cleaning it again changes nothing
        assert unicodedata.is_normalized("NFC", stored)
        assert stored == stored.strip(text.WHITE_SPACE) == clean(stored)
        assert stored.encode("utf-8").decode("utf-8") == stored
        assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n" for c in stored)


@given(ANY_TEXT)
def test_a_line_is_a_description_too(written: str) -> None:
    try:
        line = one_line(written)
    except text.UnacceptableText:
        return
    assert lines(written) == line


BLANKS = "\u115f\u1160\u3164\uffa0\u2800\ufe0f\u034f\u17b4\u180b\U000e0100\U000e0041\u2065\U00013441\U0001d159"


@pytest.mark.parametrize(
    "invisible", ["", " ", "\u200b", "\u200b\u200d\ufeff", "\u2028\u2029\u00a0", "\u202e\u2066", *BLANKS, BLANKS]
)
def test_what_shows_nothing_is_blank(invisible: str) -> None:
    assert text.is_blank(invisible)


DEFAULT_IGNORABLE = (
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180D 180E 180F 200B-200F 202A-202E 2060-2064 2065 2066-206F 3164 "
    "FE00-FE0F FEFF FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000 E0001 E0002-E001F E0020-E007F E0080-E00FF "
    "E0100-E01EF E01F0-E0FFF"
)
"""DerivedCoreProperties.txt of Unicode 15.1, Default_Ignorable_Code_Point."""


def test_the_table_of_the_invisible_is_what_unicode_says_and_the_blanks_that_it_does_not_name() -> None:
    ranges = [part.partition("-") for part in DEFAULT_IGNORABLE.split()]
    expected = {code for low, _, high in ranges for code in range(int(low, 16), int(high or low, 16) + 1)}
    assert len(expected) == 4_174
    expected |= {
        code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cf", "Zs", "Zl", "Zp")
    }
    expected |= {ord(space) for space in text.WHITE_SPACE}
    # The Braille pattern without dots, Egyptian blanks, the Khitan filler, the null notehead; and the Egyptian format
    # controls, which the Unicode of Python 3.11 does not have yet
    expected |= {0x2800, 0x13441, 0x13442, 0x16FE4, 0x1D159, *range(0x13439, 0x13440)}

    assert {code for code in range(sys.maxunicode + 1) if text.is_blank(chr(code))} == expected


@pytest.mark.parametrize("visible", ["a", "\u200ba\u200b", ".", "\U0001f600", "\u0301"])
def test_what_shows_something_is_not(visible: str) -> None:
    assert not text.is_blank(visible)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Home", "HOME"),
        ("stra\u00dfe", "STRASSE"),
        ("\u03a3\u03a3", "\u03c3\u03c2"),
        ("\u00c9t\u00e9", "e\u0301te\u0301"),
        ("\u212a", "k"),
    ],
)
def test_fold_makes_equal_what_differs_by_case_only(one: str, other: str) -> None:
    assert text.fold(one) == text.fold(other)


def test_fold_keeps_apart_what_differs() -> None:
    assert text.fold("resume") != text.fold("r\u00e9sum\u00e9")


@given(ANY_TEXT)
def test_fold_is_idempotent(written: str) -> None:
    assert text.fold(text.fold(written)) == text.fold(written)
