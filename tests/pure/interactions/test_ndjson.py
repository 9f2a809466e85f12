"""A bulk push is read line by line, whatever is in it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qm.interactions.ndjson import MOST_LINES, Line, read_lines
from tenants.http.faults import Invalid

NDJSON = "application/x-ndjson"
JSON = "application/json"


def read(body, content_type=NDJSON):
    return list(read_lines(body, content_type))


def codes(body, content_type=NDJSON):
    return [(line.number, line.fault.code if line.fault else None) for line in read(body, content_type)]


def test_each_line_is_an_object():
    assert read(b'{"a":1}\n{"a":2}') == [Line(1, {"a": 1}), Line(2, {"a": 2})]


def test_blank_lines_are_skipped_but_numbered():
    assert [line.number for line in read(b'\n{"a":1}\n \t\n\n{"a":2}\n\n')] == [2, 5]


def test_carriage_returns_and_a_byte_order_mark_do_no_harm():
    assert read(b'\xef\xbb\xbf{"a":1}\r\n{"a":2}\r\n') == [Line(1, {"a": 1}), Line(2, {"a": 2})]


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "application/vcon+json"])
def test_an_array_is_read_item_by_item(content_type):
    assert read(b' [{"a":1},\n {"a":2}]', content_type) == [Line(1, {"a": 1}), Line(2, {"a": 2})]


def test_an_array_on_a_line_of_ndjson_is_no_object():
    assert codes(b'[{"a":1}]\n{"a":2}') == [(1, "wrong_type"), (2, None)]


def test_one_object_sent_as_json_is_one_line():
    assert read(b'{"a":1}', JSON) == [Line(1, {"a": 1})]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a":', "not_json"),
        (b"nonsense", "not_json"),
        (b'{"a":NaN}', "not_json"),
        (b'{"a":Infinity}', "not_json"),
        (b'{"a":1e999}', "not_json"),
        (b'{"a":"\\ud800"}', "not_json"),
        (b'{"a":1} {"a":2}', "not_json"),
        (b'{"a":"\xff"}', "not_utf8"),
        (b'"text"', "wrong_type"),
        (b"null", "wrong_type"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "too_deep"),
        ('{"a":1}'.encode("utf-16"), "not_json"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_a_bad_line_is_one_fault_and_harms_no_other(line, code):
    found = codes(b'{"a":1}\n' + line + b'\n{"a":2}')
    assert found[0] == (1, None)
    assert found[-1][1] is None
    assert found[1][1] == code


def test_items_that_are_no_objects_harm_no_other():
    assert codes(b'[1,{"a":1},null]', JSON) == [(1, "wrong_type"), (2, None), (3, "wrong_type")]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b'[{"a":1},', "not_json"), (b"[" * 100_000 + b"]" * 100_000, "too_deep"), (b'[{"a":1}] x', "not_json")],
)
def test_a_broken_array_is_refused_as_a_whole(body, code):
    with pytest.raises(Invalid) as caught:
        read_lines(body, JSON)
    assert [fault.code for fault in caught.value.faults] == [code]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{}\n" * (MOST_LINES + 1), NDJSON), (b"[" + b"{}," * MOST_LINES + b"{}]", JSON)],
    ids=["lines", "items"],
)
def test_too_many_lines_are_refused_before_any_is_read(body, content_type):
    with pytest.raises(Invalid) as caught:
        read_lines(body, content_type)
    assert [fault.code for fault in caught.value.faults] == ["too_many"]


def test_as_many_lines_as_allowed_are_read():
    assert len(read(b"{}\n" * MOST_LINES)) == MOST_LINES


def test_nothing_sent_is_no_lines():
    assert read(b"") == []
    assert read(b"\n" * 100_000) == []


def test_the_last_of_two_equal_names_counts():
    assert read(b'{"a":1,"a":2}') == [Line(1, {"a": 2})]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([JSON, NDJSON, ""]))
def test_any_bytes_are_lines_or_refused(body, content_type):
    with suppress(Invalid):
        assert all((line.data is None) != (line.fault is None) for line in read(body, content_type))
