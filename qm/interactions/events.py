"""Events that arrive after an interaction: stored once, and merged into it whenever it is read.

The row of the interaction is locked before anything that belongs to it, here as everywhere: erasure, scoring
and events of the same interaction wait for each other and never deadlock.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from redis import Redis
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from qm import jobs
from qm.interactions.fields import CLOCK_SKEW, before_start
from qm.interactions.models import Interaction, InteractionEvent
from qm.interactions.pending import set_pending
from qm.interactions.queries import lock_whole
from scorecards.definitions.conversation import STATUSES
from tenants import audit
from tenants.bulk_sql import id_array
from tenants.http.faults import Fault, Invalid
from tenants.models import new_id

_FACTS = ("csat", "nps", "resolved", "reopened", "churned", "repurchased", "refunded")
_STATUS_OF = {"resolved": "resolved", "reopened": "reopened"}
_canonical = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class PushedEvents:
    """Events of one request, and where they stood in it: alone, or in the list `events`.

    What is wrong with them by themselves is told together with what is wrong for their interaction: `faults`
    waits for that. `moments` has the moment of each event, also of those with faults, if it can be read.
    """

    events: Sequence[Mapping[str, Any]]
    moments: Sequence[datetime | None]
    listed: bool
    faults: Sequence[Fault] = ()

    def pointer(self, index: int) -> str:
        """Return the JSON pointer to an event."""
        return f"/events/{index}" if self.listed else ""


def add_events(
    session: Session, redis: Redis, interaction_id: uuid.UUID, pushed: PushedEvents
) -> Sequence[InteractionEvent]:
    """Store new events of an interaction and queue it for scoring again; known events are ignored.

    Raises
    ------
    Invalid
        With every fault of the events, and every one that lies before the start of the interaction.
    """
    interaction = lock_whole(session, interaction_id)
    _check(interaction, pushed)
    owner = {name: getattr(interaction, name) for name in ("tenant_id", "client_id", "interaction_id")}
    rows = [{**owner, "event_id": new_id(), **event} for event in pushed.events]
    # Of two that are the same the table keeps the first, also within this statement.
    added = session.scalars(
        insert(InteractionEvent).values(rows).on_conflict_do_nothing().returning(InteractionEvent)
    ).all()
    if added:
        set_pending(session, interaction.client_id, [interaction.interaction_id])
        audit.record(
            session,
            "interaction.events_added",
            f"interaction:{interaction.interaction_id}",
            client_id=interaction.client_id,
            kinds=[event.kind for event in added],
        )
        jobs.wake_after_commit(session, redis)
    return added


def _check(interaction: Interaction, pushed: PushedEvents) -> None:
    earliest = interaction.started_at - CLOCK_SKEW
    early = [
        Fault(f"{pushed.pointer(index)}/at", before_start.code, str(before_start))
        for index, at in enumerate(pushed.moments)
        if at is not None and at < earliest
    ]
    if pushed.faults or early:
        raise Invalid([*pushed.faults, *early])


def events_of(session: Session, interaction: Interaction) -> Sequence[InteractionEvent]:
    """Return an interaction's events by time."""
    return _events(session, [interaction.interaction_id])


def events_by_interaction(
    session: Session, interaction_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[InteractionEvent]]:
    """Return the events of many interactions, by interaction id."""
    found: dict[uuid.UUID, list[InteractionEvent]] = {}
    for event in _events(session, interaction_ids):
        found.setdefault(event.interaction_id, []).append(event)
    return found


def _events(session: Session, interaction_ids: Sequence[uuid.UUID]) -> Sequence[InteractionEvent]:
    return session.scalars(
        select(InteractionEvent)
        .where(InteractionEvent.interaction_id == id_array(interaction_ids))
        .order_by(InteractionEvent.at, InteractionEvent.event_id)
    ).all()


def merge_events(
    row: Any, outcome: Mapping[str, Any], status: Sequence[Mapping[str, Any]], events: Iterable[Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the outcome and the status events of an interaction with its later events merged in.

    The result depends on what is known, never on the order in which it arrived. Of each fact the one with
    the latest moment counts, and of two with the same moment the higher value. What a push says counts as of
    its `updated_at`, without it as of the end, without that as of the start. `resolved` and `reopened` events
    that are true are status events as well, so that they stop and start SLA clocks.

    Parameters
    ----------
    row
        The interaction, for its moments.
    outcome, status
        What was pushed with it.
    events
        Its later events.
    """
    stated_at = row.source_updated_at or row.ended_at or row.started_at
    latest = {kind: (stated_at, outcome[kind]) for kind in _FACTS if outcome.get(kind) is not None}
    used: list[tuple[datetime, bytes, Any]] = []
    changes: set[tuple[datetime, str]] = set()
    for event in events:
        if event.kind == "status":
            changes.add((event.at, event.value))
        elif event.kind == "discretion_used":
            used.append((event.at, _canonical(event.value), event.value))
        elif event.kind in _FACTS:
            said = (event.at, event.value)
            latest[event.kind] = max(said, latest.get(event.kind, said))
            if event.value is True and event.kind in _STATUS_OF:
                changes.add((event.at, _STATUS_OF[event.kind]))
    facts = {**outcome, **{kind: value for kind, (_, value) in latest.items()}}
    if used:
        facts["discretion_used"] = [value for *_, value in sorted(used, key=lambda each: each[:2])]
    return facts, _merge_status(status, changes)


def _merge_status(
    pushed: Sequence[Mapping[str, Any]], changes: set[tuple[datetime, str]]
) -> list[dict[str, Any]]:
    """Return all changes of status by time, each once; of one moment those of the push come first."""
    known = [(_parse_time(change["at"]), change["to"]) for change in pushed]
    later = sorted(changes.difference(known), key=lambda change: (change[0], STATUSES.index(change[1])))
    merged = sorted([*known, *later], key=lambda change: change[0])
    return [{"at": at, "to": to} for at, to in merged]


def _parse_time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
