"""What an evaluation would score under a decision that nobody has made yet."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.disputes.access import get_dispute, in_force
from qm.disputes.answers import dropped_by, score_of, with_changes
from qm.disputes.deciding import Decided, changes_of, disputed_answers
from qm.disputes.opening import form_of, interaction_of
from tenants.credentials import Actor
from tenants.http.faults import Conflict


def what_if(
    session: Session,
    actor: Actor,
    dispute_id: uuid.UUID,
    *,
    answers: Sequence[Decided],
    further: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what the evaluation scores now, and what it would under a decision; nothing is stored."""
    dispute = get_dispute(session, actor, dispute_id)
    standing = in_force(session, [dispute]).get(dispute_id)
    if standing is None:
        raise Conflict(
            "Its evaluation was voided or taken back: there is nothing to decide on.", "evaluation_void"
        )
    form, interaction = form_of(session, standing), interaction_of(session, standing)
    conversation = {"channel": interaction.channel, "intent": interaction.intent}
    changes = changes_of(disputed_answers(session, dispute), standing, answers)
    after = with_changes(form, standing.answers, [*changes, *further], **conversation)
    result = score_of(form, after, **conversation)
    moved = None if None in (result.total, standing.score) else result.total - standing.score  # type: ignore[operator]
    return {
        "evaluation": standing.evaluation_id,
        "score_now": standing.score,
        "score_then": result.total,
        "difference": moved,
        "band_then": result.band,
        "outcome_then": result.outcome,
        "dropped": dropped_by(standing.answers, after),
        "to_answer": [
            key
            for key in result.shown
            if key not in {each["question"] for each in after}
            and (form.questions[key].scored or form.questions[key].critical)
        ],
    }
