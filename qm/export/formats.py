"""The two formats of an export: lines of JSON, and a CSV table of one kind of record."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from qm.export.records import COMPUTED, Record
from qm.export.selection import Selection
from qm.export.tables import KINDS
from qm.reports.csv_export import CSV, csv_cell

NDJSON = "application/x-ndjson"
MEDIA_TYPES = {"ndjson": NDJSON, "csv": f"{CSV}; charset=utf-8"}
BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that a table is UTF-8."""


def written(
    selection: Selection, heading: Mapping[str, Any], batches: Iterable[Sequence[Record]], *, bom: bool
) -> Iterator[bytes]:
    """Return an export as bytes, a batch at a time."""
    if selection.form == "csv":
        return _csv(selection, batches, bom=bom)
    return _ndjson(selection, heading, batches)


def _ndjson(
    selection: Selection, heading: Mapping[str, Any], batches: Iterable[Sequence[Record]]
) -> Iterator[bytes]:
    """Write a heading, a line for each record, and an end: without it the export was interrupted."""
    encode, count, last = msgspec.json.Encoder().encode, 0, selection.after
    yield encode(heading) + b"\n"
    for batch in batches:
        yield b"".join(
            encode({"record": record.position.kind, "cursor": str(record.position), **record.values}) + b"\n"
            for record in batch
        )
        count, last = count + len(batch), batch[-1].position
    end = {"record": "end", "cursor": None if last is None else str(last), "rows": count}
    yield encode({**end, "complete": count != selection.limit}) + b"\n"


def _csv(selection: Selection, batches: Iterable[Sequence[Record]], *, bom: bool) -> Iterator[bytes]:
    """Write a table with the cursor of each row in the last column; a continued one has no header row."""
    kind = selection.kinds[0]
    names = [column.name for column in KINDS[kind].columns(transcripts=selection.transcripts)]
    names += COMPUTED.get(kind, ())
    if selection.after is None:
        yield (BYTE_ORDER_MARK * bom + _csv_rows([[*names, "cursor"]])).encode()
    for batch in batches:
        rows = [[*_cells(record, names), str(record.position)] for record in batch]
        yield _csv_rows(rows).encode()


def _cells(record: Record, names: Sequence[str]) -> Iterator[Any]:
    """Return the cells of a row: lists and objects as JSON, times in RFC 3339."""
    plain = msgspec.to_builtins(record.values)
    for name in names:
        value = plain[name]
        nested = isinstance(value, (list, dict))
        yield csv_cell(msgspec.json.encode(value).decode() if nested else value)


def _csv_rows(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
