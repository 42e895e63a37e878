import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgolf_check.submission.facts import ProblemKind
from pgolf_check.submission.strict_json import decode_json


def _messages(data):
    return " / ".join(problem.message for problem in decode_json("x.json", data).problems)


@given(st.binary(max_size=200))
def test_bytes_never_raise(data):
    decode_json("x.json", data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(_JSON)
def test_plain_json_is_read_without_complaint(value):
    decoded = decode_json("x.json", json.dumps(value).encode())
    assert decoded.value == value
    assert decoded.problems == ()


@pytest.mark.parametrize(
    "number", [b"NaN", b"-Infinity", b"1e999", b"9" * 10_000, b"1." + b"3" * 99]
)
def test_numbers_no_measurement_gives_are_none(number):
    decoded = decode_json("x.json", b'{"val_bpb": ' + number + b"}")
    assert decoded.value == {"val_bpb": None}
    assert "no number a measurement gives" in decoded.problems[0].message


def test_a_key_said_twice_is_told():
    decoded = decode_json("x.json", b'{"a": 1, "a": 2}')
    assert decoded.value == {"a": 2}
    assert "'a' twice" in decoded.problems[0].message


def test_nesting_is_refused_before_it_recurses():
    decoded = decode_json("x.json", b"[" * 100_000)
    assert decoded.value is None
    assert decoded.problems[0].kind is ProblemKind.HOSTILE


def test_brackets_inside_strings_do_not_nest():
    assert decode_json("x.json", json.dumps('\\"' + "[" * 500).encode()).problems == ()


def test_size_is_refused():
    assert "more than" in _messages(b" " * (1 << 21))


def test_a_byte_order_mark_is_no_complaint():
    assert decode_json("x.json", b'\xef\xbb\xbf{"a": 1}').problems == ()


def test_half_a_surrogate_pair_is_told_and_replaced():
    decoded = decode_json("x.json", rb'{"name": ["a\ud800b"]}')
    assert decoded.value == {"name": ["a?b"]}
    assert "surrogate" in decoded.problems[0].message


def test_what_follows_the_value_is_told_with_its_line():
    decoded = decode_json("x.json", b'{"a": 1}\n\n{"b": 2}')
    assert decoded.value == {"a": 1}
    assert decoded.problems[0].place.line == 1


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": 1,}', b'{"a" 1}', b"\xff\xfe{"])
def test_broken_json_is_a_problem(data):
    decoded = decode_json("x.json", data)
    assert decoded.value is None
    assert decoded.problems
