"""Counts the canned responses of a client's agents: sentences repeated verbatim; it needs no labels."""

import time
import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.conversations import load_conversations
from qm.interactions.models import Interaction
from scorecards.autoscore.annotation.canned_responses import MIN_INTERACTIONS, CannedResponses
from scorecards.autoscore.engine import shared_annotator
from scorecards.autoscore.models import canned_responses_artefact
from scorecards.definitions.conversation import Conversation
from workers.training import model_card
from workers.training.fitting.examples import Refusal
from workers.training.result import CurrentModel, TrainingResult, refusal_record

MAX_INTERACTIONS = 2_000
"""Interactions that are counted, the newest ones: macros and habits change."""


def read_conversations(
    session: Session, client_id: uuid.UUID, *, limit: int = MAX_INTERACTIONS
) -> dict[uuid.UUID, Conversation]:
    """Read a client's newest scored interactions whose transcripts are kept, the oldest of them first."""
    newest = session.scalars(
        select(Interaction.interaction_id)
        .where(Interaction.client_id == client_id, Interaction.state == "scored")
        .order_by(Interaction.started_at.desc(), Interaction.interaction_id.desc())
        .limit(limit)
    )
    return load_conversations(session, newest.all()[::-1])


def collect_canned_responses(
    conversations: Mapping[uuid.UUID, Conversation], *, current: CurrentModel | None
) -> TrainingResult:
    """Count in how many interactions each sentence of an agent was said.

    Parameters
    ----------
    conversations : mapping of UUID to Conversation
        The conversations by interaction, the oldest first.
    current : CurrentModel or None
        The counts in force.
    """
    began = time.monotonic()
    provenance = model_card.provenance(map(str, conversations))
    if current is not None and provenance.items() <= current.card.items():
        return TrainingResult((), unchanged=current.model_id)
    if len(conversations) < MIN_INTERACTIONS:
        detail = (
            f"{len(conversations)} interactions are scored; what comes back shows from {MIN_INTERACTIONS} on."
        )
        return TrainingResult([refusal_record(Refusal("too_few_interactions", detail))])
    counts = CannedResponses()
    annotator = shared_annotator()
    for conversation in conversations.values():
        counts.count(annotator.annotate(conversation))
    return TrainingResult(
        (),
        artefact=canned_responses_artefact.dump(counts),
        card={
            **provenance,
            "trained_on": counts.interactions,
            "canned_sentences": counts.canned_sentences,
            "seconds": round(time.monotonic() - began, 3),
        },
    )
