"""Reads an export in NDJSON back, and tells whether it is whole."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from scorecards.sampling.verification import COMMITMENTS
from tenants.http.faults import Fault, Invalid


def read_export(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Return the records of an export one by one, without heading and end.

    Parts that were exported one after the other may stand in one file.

    Raises
    ------
    Invalid
        For a line that is no record, and at the end when the export was interrupted or cut by its limit.
    """
    decode, last, is_whole = msgspec.json.Decoder(dict[str, Any]).decode, None, False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = decode(line)
            kind = record["record"]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
            detail = f"Line {number} is no record of an export; cut it off if it is the broken last one."
            raise Invalid([Fault(f"/{number - 1}", "no_record", detail)]) from error
        last, is_whole = record.get("cursor") or last, kind == "end" and record["complete"]
        if kind == "export" and "draw_commitments" in record:
            months = record["draw_commitments"]
            yield {"record": COMMITMENTS, "client_id": record["client_id"], "months": months}
        if kind not in {"export", "end"}:
            yield record
    if not is_whole:
        going_on = f"go on with --cursor {last}" if last else "export again"
        raise Invalid([Fault("", "incomplete_export", f"The export has no end: {going_on}.")])
