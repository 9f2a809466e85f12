"""Excel workbooks of report tables: typed cells, no formulas, written row by row to a temporary file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import xlsxwriter
from flask import Response
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16
_MAX_TEXT = 32_767
"""Characters that Excel takes in a cell."""
# Nothing that comes from outside is read as a formula or a link.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def write_workbook(
    to: IO[bytes], columns: Sequence[str], rows: Iterable[Mapping[str, Any]], about: Mapping[str, Any]
) -> None:
    """Write a workbook with the sheets `table` and `about`, a row of each at a time.

    Numbers, days and truth values are cells of their kind; a moment is text in RFC 3339, since Excel knows no
    time zones; nothing is a formula. Missing values are empty cells.
    """
    with xlsxwriter.Workbook(to, _OPTIONS) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        table = book.add_worksheet("table")
        table.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            table.write_string(0, place, name, bold)
        for number, row in enumerate(rows, start=1):
            for place, name in enumerate(columns):
                _write(table, number, place, row.get(name), day)
        sheet = book.add_worksheet("about")
        for number, (name, value) in enumerate(about.items()):
            sheet.write_string(number, 0, name, bold)
            _write(sheet, number, 1, value, day)


def _write(sheet: Worksheet, row: int, column: int, value: Any, day: Format) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case date() if not isinstance(value, datetime):
            sheet.write_datetime(row, column, value, day)
        case datetime():
            sheet.write_string(row, column, value.isoformat())
        case _:
            sheet.write_string(row, column, str(value)[:_MAX_TEXT])


def xlsx_response(
    name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], about: Mapping[str, Any]
) -> Response:
    """Return a workbook as a download with the file name `name`."""
    written = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    write_workbook(written, columns, rows, about)
    written.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    answer = Response(in_chunks(written), content_type=XLSX, headers=headers)
    answer.call_on_close(written.close)
    return answer


def in_chunks(written: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece, and close it."""
    with written:
        while chunk := written.read(_CHUNK):
            yield chunk
