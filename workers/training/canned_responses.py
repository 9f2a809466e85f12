"""Which sentences a client's agents say word for word in many interactions; nobody has to label anything."""

import time
import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.conversations import load_conversations
from qm.interactions.models import Interaction
from scorecards.autoscore.annotation.canned_responses import MIN_INTERACTIONS, CannedResponses
from scorecards.autoscore.engine import shared_reader
from scorecards.autoscore.models import canned_responses_artefact
from scorecards.definitions.conversation import Conversation
from workers.training import model_card
from workers.training.fitting.examples import Refusal
from workers.training.result import CurrentModel, TrainingResult, refusal_record

MAX_INTERACTIONS = 2_000
"""Interactions that are heard, the newest ones: habits change, and the memo with them."""


def read_sentences(
    session: Session, client_id: uuid.UUID, *, most: int = MAX_INTERACTIONS
) -> dict[uuid.UUID, Conversation]:
    """Read a client's newest scored interactions whose transcripts are kept, the oldest of them first."""
    newest = session.scalars(
        select(Interaction.interaction_id)
        .where(Interaction.client_id == client_id, Interaction.state == "scored")
        .order_by(Interaction.started_at.desc(), Interaction.interaction_id.desc())
        .limit(most)
    )
    return load_conversations(session, newest.all()[::-1])


def collect_canned_responses(
    spoken: Mapping[uuid.UUID, Conversation], *, present: CurrentModel | None
) -> TrainingResult:
    """Count the agents' sentences, and say how many come back in many interactions.

    Parameters
    ----------
    spoken
        The interactions to hear by their ids, the oldest first.
    present
        The memo in force.
    """
    began = time.monotonic()
    made_from = model_card.dataset_facts(map(str, spoken))
    if present is not None and made_from.items() <= present.card.items():
        return TrainingResult((), unchanged=present.model_id)
    if len(spoken) < MIN_INTERACTIONS:
        detail = f"{len(spoken)} interactions are scored; what comes back shows from {MIN_INTERACTIONS} on."
        return TrainingResult([refusal_record(Refusal("too_few_interactions", detail))])
    memo = CannedResponses()
    reader = shared_reader()
    for conversation in spoken.values():
        memo.count(reader.annotate(conversation))
    return TrainingResult(
        (),
        artefact=canned_responses_artefact.dump(memo),
        card={
            **made_from,
            "trained_on": memo.interactions,
            "canned_sentences": memo.canned_sentences,
            "seconds": round(time.monotonic() - began, 3),
        },
    )
