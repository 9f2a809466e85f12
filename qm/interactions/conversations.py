"""A stored interaction as the judges see it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from scorecards.conversation import Conversation, StatusEvent, Turn

# What was said is read as text, to become turns at once, without dicts between.
_TURNS = msgspec.json.Decoder(list[Turn])


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
