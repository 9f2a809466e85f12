"""NDJSON and JSON array bodies of a bulk push are parsed line by line, with one fault per invalid line."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qm.interactions.ndjson import MAX_LINES, Line, read_lines
from tenants.http.faults import Invalid

NDJSON = "application/x-ndjson"
JSON = "application/json"


def read(body, content_type=NDJSON):
    return list(read_lines(body, content_type))


def codes(body, content_type=NDJSON):
    return [(line.number, line.faults[0].code if line.faults else None) for line in read(body, content_type)]


def test_ndjson_lines_are_parsed_and_numbered():
    assert read(b'{"a":1}\n{"a":2}') == [Line(1, {"a": 1}), Line(2, {"a": 2})]


def test_blank_lines_are_skipped_but_numbered():
    assert [line.number for line in read(b'\n{"a":1}\n \t\n\n{"a":2}\n\n')] == [2, 5]


def test_ndjson_accepts_crlf_and_byte_order_mark():
    assert read(b'\xef\xbb\xbf{"a":1}\r\n{"a":2}\r\n') == [Line(1, {"a": 1}), Line(2, {"a": 2})]


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "application/vcon+json"])
def test_an_array_is_read_item_by_item(content_type):
    assert read(b' [{"a":1},\n {"a":2}]', content_type) == [Line(1, {"a": 1}), Line(2, {"a": 2})]


def test_ndjson_line_with_an_array_is_a_wrong_type_fault():
    assert codes(b'[{"a":1}]\n{"a":2}') == [(1, "wrong_type"), (2, None)]


def test_single_json_object_is_one_line():
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
        ('{"a":1}'.encode("utf-16"), "not_utf8"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_ndjson_invalid_line_is_one_fault_and_leaves_other_lines_intact(line, code):
    found = codes(b'{"a":1}\n' + line + b'\n{"a":2}')
    assert found[0] == (1, None)
    assert found[-1][1] is None
    assert found[1][1] == code


def test_json_array_items_that_are_not_objects_are_faults_of_their_own():
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
    [(b"{}\n" * (MAX_LINES + 1), NDJSON), (b"[" + b"{}," * MAX_LINES + b"{}]", JSON)],
    ids=["lines", "items"],
)
def test_too_many_lines_are_refused_before_any_is_read(body, content_type):
    with pytest.raises(Invalid) as caught:
        read_lines(body, content_type)
    assert [fault.code for fault in caught.value.faults] == ["too_many"]


def test_as_many_lines_as_allowed_are_read():
    assert len(read(b"{}\n" * MAX_LINES)) == MAX_LINES


def test_empty_or_blank_bulk_body_has_no_lines():
    assert read(b"") == []
    assert read(b"\n" * 100_000) == []


def test_line_with_a_duplicate_key_is_a_fault_and_leaves_other_lines_intact():
    first, second, third = read(b'{"a":1}\n{"a":1,"b":{"c":1,"c":2},"a":2}\n{"a":2}')

    assert [first, third] == [Line(1, {"a": 1}), Line(3, {"a": 2})]
    assert [(fault.pointer, fault.code) for fault in second.faults] == [
        ("/a", "duplicate_key"),
        ("/b/c", "duplicate_key"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"interactions":[{}],"interactions":[]}',
        b'{"interactions":[],"interactions":[{"a":":"}]}',
        b'{"interactions":[],"interaction\\u0073":[{"a":1}]}',
    ],
)
def test_batch_with_two_lists_is_refused(body):
    with pytest.raises(Invalid) as refused:
        read_lines(body, JSON)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/interactions", "duplicate_key")
    ]


def test_items_of_arrays_and_batches_are_compared_each_by_itself():
    assert [line.faults == () for line in read(b'[{"a":1},{"a":1,"a":1},{"b":":"}]', JSON)] == [
        True,
        False,
        True,
    ]
    batch = b'{"interactions":[{"a":1,"a":1},{"a":"x:\\u003ay"}]}'
    assert [line.faults == () for line in read(batch, JSON)] == [False, True]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([JSON, NDJSON, ""]))
def test_any_bytes_are_lines_or_refused(body, content_type):
    with suppress(Invalid):
        assert all((line.data is None) == bool(line.faults) for line in read(body, content_type))
