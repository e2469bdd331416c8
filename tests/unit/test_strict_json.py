"""JSON bodies: what RFC 8259 allows, and what two parsers might read differently."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import strict_json
from taskapi.errors import MalformedJson

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_every_json_value_comes_back(value: object) -> None:
    assert strict_json.decode(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b' {"a": 1} \r\n\t', {"a": 1}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\ud800"', "\ud800"),
        (b'{"": {"": 1}, "a": {"": 2}}', {"": {"": 1}, "a": {"": 2}}),
        (b"null", None),
        (b"-0", 0),
        (b"1e3", 1000.0),
    ],
)
def test_legal_texts(raw: bytes, expected: object) -> None:
    assert strict_json.decode(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" ", id="white space"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"{} {}", id="two texts"),
        pytest.param(b'{"a": 1,}', id="trailing comma"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b"{a: 1}", id="bare name"),
        pytest.param(b"// hi\n{}", id="comment"),
        pytest.param(b'{"a": 1, "a": 1}', id="duplicate member"),
        pytest.param(b'{"a": 1, "\\u0061": 2}', id="duplicate member, one escaped"),
        pytest.param(b'[{"b": {"a": 1, "a": 2}}]', id="duplicate member further down"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b'{"a": Infinity}', id="Infinity"),
        pytest.param(b"[-Infinity]", id="-Infinity"),
        pytest.param(b"01", id="leading zero"),
        pytest.param(b"+1", id="plus sign"),
        pytest.param(b"0x10", id="hexadecimal"),
        pytest.param(b".5", id="no integer part"),
        pytest.param(b"True", id="Python's True"),
        pytest.param(b'"\x00"', id="NUL in a string"),
        pytest.param(b'"a\nb"', id="newline in a string"),
        pytest.param(b'"\\x41"', id="unknown escape"),
        pytest.param(b'"\\u12g4"', id="bad escape"),
        pytest.param(b'"\xff"', id="not UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', id="a surrogate in UTF-8"),
        pytest.param(b'"\xc0\xaf"', id="overlong UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param('{"a": 1}'.encode("utf-16-le"), id="UTF-16"),
        pytest.param('{"a": 1}'.encode("utf-32"), id="UTF-32"),
        pytest.param(b"[" * 100_000, id="deep, cut short"),
        pytest.param(b"[" * 60_000 + b"]" * 60_000, id="deep array"),
        pytest.param(b'{"a":' * 20_000 + b"1" + b"}" * 20_000, id="deep object"),
        pytest.param(b"9" * 100_000, id="a number of 100,000 digits"),
    ],
)
def test_everything_else_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        strict_json.decode(raw)


@given(st.binary(max_size=64))
def test_junk_never_raises_anything_else(raw: bytes) -> None:
    with contextlib.suppress(MalformedJson):
        strict_json.decode(raw)
