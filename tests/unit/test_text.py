"""What counts as acceptable text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import text

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
    assert text.one_line(written) == stored
    assert text.lines(written) == stored


@pytest.mark.parametrize(
    "character",
    [
        *map(chr, range(0x09)),
        *"\x0b\x0c\r\x0e\x1f\x1b\x7f\x80\x85\x9f",
        *"\ud800\udbff\udc00\udfff",
        *"\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff",
    ],
)
def test_controls_surrogates_and_noncharacters_are_refused(character: str) -> None:
    for clean in (text.one_line, text.lines):
        with pytest.raises(text.UnacceptableText):
            clean(f"a{character}b")


@pytest.mark.parametrize("character", "\t\n")
def test_newlines_and_tabs_may_stand_in_descriptions_only(character: str) -> None:
    assert text.lines(f"a{character}b") == f"a{character}b"
    with pytest.raises(text.UnacceptableText):
        text.one_line(f"a{character}b")


def test_the_line_ends_of_windows_become_newlines() -> None:
    assert text.lines("one\r\ntwo\r\n\r\nthree\r\n") == "one\ntwo\n\nthree"


@pytest.mark.parametrize("written", ["one\rtwo", "one\n\rtwo", "one\r\r\ntwo"])
def test_a_lone_carriage_return_is_a_control_character(written: str) -> None:
    with pytest.raises(text.UnacceptableText):
        text.lines(written)


@given(ANY_TEXT)
def test_what_is_accepted_is_clean_and_stays_as_it_is(written: str) -> None:
    for clean in (text.one_line, text.lines):
        try:
            stored = clean(written)
        except text.UnacceptableText:
            continue
        # Then it is NFC, trimmed, can be written in UTF-8, and cleaning it again changes nothing
        assert unicodedata.is_normalized("NFC", stored)
        assert stored == stored.strip() == clean(stored)
        assert stored.encode("utf-8").decode("utf-8") == stored
        assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n" for c in stored)


@given(ANY_TEXT)
def test_a_line_is_a_description_too(written: str) -> None:
    try:
        line = text.one_line(written)
    except text.UnacceptableText:
        return
    assert text.lines(written) == line


@pytest.mark.parametrize("invisible", ["", " ", "\u200b", "\u200b\u200d\ufeff", "\u2028\u2029\u00a0", "\u202e\u2066"])
def test_what_shows_nothing_is_blank(invisible: str) -> None:
    assert text.is_blank(invisible)


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
