"""An export is read back record by record, and only a whole one to its end."""

import pytest

from qm.export.reading import read_export
from tenants.http.faults import Invalid

HEADING = b'{"record":"export","client":"northwind"}\n'
END = b'{"record":"end","cursor":"facts:2","rows":2,"complete":true}\n'
ROWS = [b'{"record":"facts","cursor":"facts:%d"}\n' % number for number in (1, 2)]


def fault(*lines):
    with pytest.raises(Invalid) as refused:
        list(read_export(lines))
    return refused.value.faults[0]


def test_records_come_without_heading_and_end():
    assert [row["cursor"] for row in read_export([HEADING, *ROWS, END])] == ["facts:1", "facts:2"]


def test_parts_may_follow_each_other_and_blank_lines_are_nothing():
    cut = END.replace(b"true", b"false")

    assert len(list(read_export([HEADING, ROWS[0], cut, b"\n", HEADING, ROWS[1], END]))) == 2


@pytest.mark.parametrize("end", [(), (END.replace(b"true", b"false"),)], ids=["no end", "cut by its limit"])
def test_an_export_that_is_not_whole_says_where_to_go_on(end):
    found = fault(HEADING, *ROWS, *end)

    assert found.code == "incomplete_export"
    assert "--cursor facts:2" in found.detail


def test_an_empty_file_is_no_export():
    assert fault().code == "incomplete_export"


@pytest.mark.parametrize("line", [ROWS[1][:-9], b"{}\n", b"[]\n", b"\xff\n", b"hello\n"])
def test_a_line_that_is_no_record_is_named(line):
    found = fault(HEADING, ROWS[0], line)

    assert (found.code, found.pointer) == ("no_record", "/2")
