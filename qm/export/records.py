"""Reads the records of an export in batches by keyset, each kind in the order of its unique key.

Keys never change and new ones come last, so that an export that was interrupted goes on after the last record
it gave, without loss and without doubles. A batch is one statement: nothing grows with the number of rows.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, false, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from qm.calibration.blindness import note_results_seen
from qm.calibration.models import CalibrationAnswer
from qm.export.selection import Position, Selection
from qm.export.tables import KINDS, Kind
from qm.friction.outcomes import left_at
from qm.interactions.events import events_by_interaction, merge_events
from qm.reviews.blindness import hidden_from, visible_reasons
from qm.reviews.models import Evaluation, Review
from qm.reviews.readings import note_readings
from qm.reviews.worked_queues import load_worked_queue
from qm.sampling.commitments import commitments_of, plain
from tenants import audit
from tenants.models import utc_now

BATCH_SIZE = 500
TRANSCRIPT_BATCH_SIZE = 20
"""A transcript may have a megabyte."""
COMPUTED = {"interactions": ("churned_at",)}
"""What records have besides the columns of their table, by kind."""
_HIDDEN = "is_hidden"
_UNKNOWN_WHILE_BLIND = ("inclusion_probability", "draw", "policy_id")

Sessions = Callable[[], AbstractContextManager[Session]]


class Record(NamedTuple):
    """One exported row: its place, and its values by column."""

    position: Position
    values: Mapping[str, Any]


def record_export(session: Session, selection: Selection) -> None:
    """Write into the audit log who exports what."""
    audit.record(
        session,
        "records.exported",
        f"client:{selection.client.client_id}",
        client_id=selection.client.client_id,
        kinds=list(selection.kinds),
        first=selection.period.first,
        last=selection.period.last,
        format=selection.form,
        transcripts=selection.transcripts,
        after=None if selection.after is None else str(selection.after),
    )


def heading(session: Session, selection: Selection) -> dict[str, Any]:
    """Return what an export is of; `held_back` counts the interactions that its reader is still to review.

    `waiting_ranks` and `reached` say how far the whole client's queue is worked off, whatever the period.
    """
    queue = load_worked_queue(session, selection.client.client_id)
    return {
        "record": "export",
        "client": selection.client.slug,
        "client_id": selection.client.client_id,
        "settings": selection.client.settings,
        "waiting_ranks": list(zip(queue.moments, queue.thresholds, strict=True)),
        "reached": queue.reached,
        "draw_commitments": [
            plain(each)
            for each in commitments_of(session, selection.client.tenant_id, selection.client.client_id)
        ],
        "kinds": selection.kinds,
        "from": selection.period.first,
        "to": selection.period.last,
        "exported_at": utc_now(),
        "held_back": _count_held_back(session, selection),
    }


def batches(sessions: Sessions, selection: Selection) -> Iterator[Sequence[Record]]:
    """Read the selected records, a batch at a time; no session is open while a batch is being sent."""
    remaining, after = selection.limit, selection.after
    kinds = selection.kinds[selection.kinds.index(after.kind) if after else 0 :]
    for kind in (KINDS[name] for name in kinds):
        position = after if after and after.kind == kind.name else None
        more = True
        while more and remaining != 0:
            size = _batch_size(selection, kind, remaining)
            with sessions() as session:
                found = _batch(session, selection, kind, position, size)
            if found:
                yield found
                position = found[-1].position
                remaining = None if remaining is None else remaining - len(found)
            more = len(found) == size


def _batch_size(selection: Selection, kind: Kind, remaining: int | None) -> int:
    has_transcripts = selection.transcripts and kind.name == "interactions"
    size = TRANSCRIPT_BATCH_SIZE if has_transcripts else BATCH_SIZE
    return size if remaining is None else min(size, remaining)


def _batch(
    session: Session, selection: Selection, kind: Kind, after: Position | None, size: int
) -> list[Record]:
    """Return the next records of a kind after a position."""
    statement = _statement(selection, kind)
    if after is not None:
        statement = statement.where(tuple_(*kind.key) > tuple_(*after.key))
    rows = session.execute(statement.order_by(*kind.key).limit(size)).all()
    if kind.hides is not None:
        note_readings(session, selection.reader, _shown_interactions(kind, rows))
        if kind.table is CalibrationAnswer and selection.reader is not None:
            note_results_seen(session, selection.reader, {row.calibration_id for row in rows})
    read = _READERS.get(kind.name, _plain)
    names = [column.key for column in kind.key]
    return [
        Record(Position(kind.name, tuple(values[name] for name in names)), values)
        for values in read(session, rows)
    ]


def _shown_interactions(kind: Kind, rows: Sequence[Row[Any]]) -> Iterator[uuid.UUID]:
    """Return the interactions of which these rows tell how they were judged."""
    if kind.table is Review:
        return (row.interaction_id for row in rows if row.evaluation_id is not None and not row.is_hidden)
    return (row.interaction_id for row in rows)


def _statement(selection: Selection, kind: Kind) -> Select[Any]:
    """Return the statement of all records of a kind that the reader may see."""
    table, reader = kind.table, selection.reader
    columns: list[Any] = list(kind.columns(transcripts=selection.transcripts))
    hidden = false() if reader is None or kind.hides is None else hidden_from(reader, kind.hides)
    if kind.table is Review:
        columns.append(hidden.label(_HIDDEN))
    statement = select(*columns).where(
        table.tenant_id == selection.client.tenant_id,
        table.client_id == selection.client.client_id,
        *kind.in_period(selection.period),
    )
    if kind.table is Review or reader is None or kind.hides is None:
        return statement
    if kind.table is Evaluation:
        return statement.where(or_(not_(hidden), Evaluation.reviewer_id == reader.user_id))
    return statement.where(not_(hidden))


def _plain(_: Session, rows: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(row._mapping) for row in rows)  # noqa: SLF001 - the public name of a row's mapping


def _interactions(session: Session, rows: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    """Return interactions with later events merged into outcome and status, and since when one has left."""
    events = events_by_interaction(session, [row.interaction_id for row in rows])
    for row in rows:
        own = events.get(row.interaction_id, ())
        outcome, status = merge_events(row, row.outcome, row.status, own)
        churned_at = left_at(row, row.outcome, own)
        later = {"outcome": outcome, "status": status, "churned_at": churned_at}
        yield {**row._mapping, **later}  # noqa: SLF001 - as of `_plain`


def _reviews(session: Session, rows: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    """Return reviews; one whose reader is still to judge tells nothing of the automatic evaluation."""
    for values in _plain(session, rows):
        blind = bool(values.pop(_HIDDEN))
        values["reasons"] = visible_reasons(values["reasons"], blind=blind)
        yield {**values, **dict.fromkeys(_UNKNOWN_WHILE_BLIND)} if blind else values


_READERS: Mapping[str, Callable[[Session, Sequence[Row[Any]]], Iterator[dict[str, Any]]]] = {
    "interactions": _interactions,
    "reviews": _reviews,
}


def _count_held_back(session: Session, selection: Selection) -> int:
    if selection.reader is None:
        return 0
    return (
        session.scalar(
            select(func.count(Review.interaction_id.distinct())).where(
                Review.tenant_id == selection.client.tenant_id,
                Review.client_id == selection.client.client_id,
                *KINDS["reviews"].in_period(selection.period),
                hidden_from(selection.reader, Review.interaction_id),
            )
        )
        or 0
    )
