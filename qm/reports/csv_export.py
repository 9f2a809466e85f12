"""CSV export of report tables, safe against spreadsheet formula injection."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response

CSV = "text/csv"
BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - Excel reads these too


def csv_cell(value: Any) -> Any:
    """Return a value as a CSV cell; text that a spreadsheet would run as a formula is prefixed by a quote.

    >>> [csv_cell(value) for value in ("=1+1", "billing", -2.5, None, True)]
    ["'=1+1", 'billing', -2.5, '', 'yes']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV (RFC 4180) with a header row; missing values are empty cells."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([csv_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def csv_response(
    name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, bom: bool
) -> Response:
    """Return a CSV table as a download with the file name `name`, perhaps with a byte order mark."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    text = BYTE_ORDER_MARK * bom + csv_text(columns, rows)
    return Response(text, content_type=f"{CSV}; charset=utf-8", headers=headers)
