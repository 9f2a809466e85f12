"""Which sentences a client's agents say word for word in many interactions; nobody has to label anything."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from scorecards.autoscore.canned import FEWEST_INTERACTIONS, CannedMemo
from scorecards.autoscore.engine import shared_reader
from scorecards.autoscore.learned import memos
from scorecards.conversation import Conversation, Turn
from workers import cards
from workers.fitting_examples import Refusal
from workers.made import Made, Present, refusal_line

MOST_HEARD = 2_000
"""Interactions that are heard, the newest ones: habits change, and the memo with them."""

_TURNS = msgspec.json.Decoder(list[Turn])


@dataclass(frozen=True, slots=True)
class Spoken:
    """One scored interaction whose transcript is still kept; `turns` as JSON."""

    interaction_id: uuid.UUID
    row: Any

    @property
    def conversation(self) -> Conversation:
        """The interaction as the reader reads it."""
        return Conversation(
            self.row.channel, _TURNS.decode(self.row.turns), self.row.started_at, language=self.row.language
        )


def read_spoken(session: Session, client_id: uuid.UUID, *, most: int = MOST_HEARD) -> list[Spoken]:
    """Read a client's newest interactions, the oldest of them first."""
    columns = (Interaction.interaction_id, Interaction.channel, Interaction.language, Interaction.started_at)
    rows = session.execute(
        select(*columns, cast(Interaction.turns, Text).label("turns"))
        .where(Interaction.client_id == client_id, Interaction.state == "scored")
        .order_by(Interaction.started_at.desc(), Interaction.interaction_id.desc())
        .limit(most)
    )
    return [Spoken(row.interaction_id, row) for row in reversed(rows.all())]


def teach_canned(spoken: Sequence[Spoken], *, present: Present | None) -> Made:
    """Count the agents' sentences, and say how many come back in many interactions.

    Parameters
    ----------
    spoken
        The interactions to hear, the oldest first.
    present
        The memo in force.
    """
    began = time.monotonic()
    made_from = cards.made_from(str(each.interaction_id) for each in spoken)
    if present is not None and made_from.items() <= present.card.items():
        return Made((), unchanged=present.model_id)
    if len(spoken) < FEWEST_INTERACTIONS:
        detail = (
            f"{len(spoken)} interactions are scored; what comes back shows from {FEWEST_INTERACTIONS} on."
        )
        return Made([refusal_line(Refusal("too_few_interactions", detail))])
    memo = CannedMemo()
    reader = shared_reader()
    for each in spoken:
        memo.hear(reader.read(each.conversation))
    return Made(
        (),
        artefact=memos.dump(memo),
        card={
            **made_from,
            "trained_on": memo.interactions,
            "canned_sentences": memo.canned_sentences,
            "seconds": round(time.monotonic() - began, 3),
        },
    )
