"""What one export holds: client, kinds, period, and where it goes on after an interruption."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qm.export.tables import KINDS, REPORTED
from qm.reports.arguments import EARLIEST, LATEST
from qm.reports.report_request import Period
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.http.faults import Fault, Invalid
from tenants.models import Client

FORMATS = ("ndjson", "csv")


@dataclass(frozen=True, slots=True)
class Position:
    """The place of one record in an export: its kind and its key."""

    kind: str
    key: tuple[uuid.UUID, ...]

    def __str__(self) -> str:
        """Return it as a cursor.

        >>> str(Position("facts", (uuid.UUID(int=1),)))
        'facts:00000000-0000-0000-0000-000000000001'
        """
        return ":".join([self.kind, *map(str, self.key)])


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of one export; `reader` is the caller, None for the operator of the installation.

    `after` is the last record that the caller has already, `limit` the most records of this part.
    """

    client: Client
    kinds: Sequence[str]
    period: Period
    form: str = "ndjson"
    reader: Actor | None = None
    transcripts: bool = False
    after: Position | None = None
    limit: int | None = None


def make_selection(
    client: Client,
    *,
    kinds: Collection[str] = (),
    first: date | None = None,
    last: date | None = None,
    form: str = "ndjson",
    reader: Actor | None = None,
    transcripts: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
    place: str = "/query",
) -> Selection:
    """Return the selection of these arguments; no kind means all, no day the whole history.

    Raises
    ------
    Invalid
        For a CSV table of several kinds, a period that ends before it begins, and a cursor of another export.
        `place` is where the faults point to.
    """
    wanted = tuple(name for name in KINDS if name in (kinds or REPORTED))
    period = Period(first or EARLIEST, last or LATEST - timedelta(days=1), time_zone_of(client))
    faults = []
    if form == "csv" and len(wanted) != 1:
        faults.append(Fault(f"{place}/kind", "one_kind", "A CSV table has one kind of record: name it."))
    if period.first > period.last:
        faults.append(Fault(f"{place}/from", "after_to", f"The period ends before it begins: {period.last}."))
    after = None if cursor is None else _position(cursor, wanted)
    if cursor is not None and after is None:
        faults.append(Fault(f"{place}/cursor", "bad_cursor", "This cursor was not given out by this export."))
    if faults:
        raise Invalid(faults)
    return Selection(client, wanted, period, form, reader, transcripts, after, limit)


def _position(cursor: str, kinds: Sequence[str]) -> Position | None:
    """Return the place that a cursor stands for, or None if it is none of these kinds."""
    kind, *parts = cursor.split(":")
    if kind not in kinds or len(parts) != len(KINDS[kind].key):
        return None
    try:
        return Position(kind, tuple(map(uuid.UUID, parts)))
    except ValueError:
        return None
