"""Reads stored interactions as `Conversation` objects for scoring and training."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Text, cast, select
from sqlalchemy.orm import Session

from qm.interactions.events import events_by_interaction, merge_events
from qm.interactions.models import Interaction
from scorecards.definitions.conversation import Conversation, StatedPriority, StatusEvent, Turn
from tenants.bulk_sql import id_array

# Transcripts are large; this many rows are fetched at a time.
_BATCH_SIZE = 500
# Turns are read as JSON text and decoded to objects directly, without intermediate dicts.
_TURNS_DECODER = msgspec.json.Decoder(list[Turn])
_PRIORITIES_DECODER = msgspec.json.Decoder(dict[str, str])
_COLUMNS = (
    Interaction.interaction_id,
    Interaction.external_id,
    Interaction.part_agent,
    *(getattr(Interaction, name) for name in ("channel", "language", "program", "queue", "priority")),
    *(getattr(Interaction, name) for name in ("intent", "agent", "started_at", "ended_at")),
    Interaction.source_updated_at,
    Interaction.status,
    Interaction.outcome,
    cast(Interaction.turns, Text).label("turns"),
    cast(Interaction.priorities, Text).label("priorities"),
)


def read_conversations(
    session: Session, ids: Sequence[uuid.UUID], *, batch_size: int = _BATCH_SIZE
) -> Iterator[tuple[Row[Any], Conversation]]:
    """Read interactions in this order, with later events merged in; erased ones are left out."""
    for start in range(0, len(ids), batch_size):
        chunk = ids[start : start + batch_size]
        events = events_by_interaction(session, chunk)
        rows = session.execute(select(*_COLUMNS).where(Interaction.interaction_id == id_array(chunk)))
        found = {row.interaction_id: row for row in rows}
        for row in (found[each] for each in chunk if each in found):
            outcome, status = merge_events(row, row.outcome, row.status, events.get(row.interaction_id, ()))
            yield row, conversation_from_row(row, outcome, status)


def load_conversations(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
    """Return conversations by id, leaving out those whose transcripts were deleted."""
    unique_ids = list(dict.fromkeys(ids))
    return {
        row.interaction_id: found for row, found in read_conversations(session, unique_ids) if found.turns
    }


def conversation_from_row(
    row: Any, outcome: dict[str, Any], status: Sequence[dict[str, Any]]
) -> Conversation:
    """Return a row as a conversation, or as the part that it is; events are merged as in `whole_from_row`."""
    whole = whole_from_row(row, outcome, status)
    return whole.part_of(row.part_agent) if row.part_agent else whole


def turns_of(interaction: Interaction) -> Sequence[Turn]:
    """Return the turns of an interaction, or of the part that it is, without their moments."""
    turns = [Turn(each["speaker"], each["text"], agent=each.get("agent")) for each in interaction.turns]
    whole = Conversation(interaction.channel, turns, interaction.started_at, agent=interaction.agent)
    return (whole.part_of(interaction.part_agent) if interaction.part_agent else whole).turns


def whole_from_row(row: Any, outcome: dict[str, Any], status: Sequence[dict[str, Any]]) -> Conversation:
    """Return a row as a whole conversation; `outcome` and `status` have later events merged in."""
    return Conversation(
        channel=row.channel,
        turns=_TURNS_DECODER.decode(row.turns),
        started_at=row.started_at,
        ended_at=row.ended_at,
        language=row.language,
        program=row.program,
        queue=row.queue,
        priority=row.priority,
        intent=row.intent,
        agent=row.agent,
        status=[StatusEvent(change["at"], change["to"]) for change in status],
        outcome=outcome,
        priorities=_priorities(row),
    )


def _priorities(row: Any) -> Sequence[StatedPriority]:
    """Return the priorities by time; of one without a moment, that it was stated at the start."""
    return [
        StatedPriority(datetime.fromisoformat(at) if at else row.started_at, priority)
        for at, priority in sorted(_PRIORITIES_DECODER.decode(row.priorities).items())
    ]
