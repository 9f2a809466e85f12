"""Stored interactions as the judges see them."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, Text, cast, select
from sqlalchemy.orm import Session

from qm.interactions.events import events_by_interaction, folded
from qm.interactions.models import Interaction
from scorecards.definitions.conversation import Conversation, StatusEvent, Turn
from tenants.bulk_sql import id_array

# Transcripts are large; so many at a time are held beside the conversations made of them.
_AT_A_TIME = 500
# What was said is read as text, to become turns at once, without dicts between.
_TURNS = msgspec.json.Decoder(list[Turn])
_READ = (
    Interaction.interaction_id,
    Interaction.external_id,
    *(getattr(Interaction, name) for name in ("channel", "language", "program", "queue", "priority")),
    *(getattr(Interaction, name) for name in ("intent", "agent", "started_at", "ended_at")),
    Interaction.status,
    Interaction.outcome,
    cast(Interaction.turns, Text).label("turns"),
)


def read_conversations(
    session: Session, ids: Sequence[uuid.UUID], *, at_a_time: int = _AT_A_TIME
) -> Iterator[tuple[Row[Any], Conversation]]:
    """Read interactions in this order, with later facts folded in; erased ones are left out."""
    for start in range(0, len(ids), at_a_time):
        chunk = ids[start : start + at_a_time]
        events = events_by_interaction(session, chunk)
        rows = session.execute(select(*_READ).where(Interaction.interaction_id == id_array(chunk)))
        found = {row.interaction_id: row for row in rows}
        for row in (found[each] for each in chunk if each in found):
            outcome, status = folded(row.outcome, row.status, events.get(row.interaction_id, ()))
            yield row, conversation_of(row, outcome, status)


def kept_conversations(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
    """Return by id the conversations whose transcripts are still kept."""
    wanted = list(dict.fromkeys(ids))
    return {row.interaction_id: found for row, found in read_conversations(session, wanted) if found.turns}


def conversation_of(row: Any, outcome: dict[str, Any], status: Sequence[dict[str, Any]]) -> Conversation:
    """Return a row as a conversation: turns from JSON text, outcome and status with later facts folded in."""
    return Conversation(
        channel=row.channel,
        turns=_TURNS.decode(row.turns),
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
    )
