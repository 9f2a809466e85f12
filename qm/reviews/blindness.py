"""Nobody who is still to judge an interaction sees what others, or the machine, said of it.

The rule, in the words of the handbook:

* While an interaction has an open review (queued or claimed), no person with the role `reviewer` sees any
  evaluation of it, because any of them may be the one who is given the review. Every other role is blind
  only to interactions of which they themselves hold an open review, or have one kept for them.
* Whoever has submitted their own review of the interaction is no longer blind to it, and is never asked
  to review it again.
* One's own evaluations are always visible to oneself. Machine credentials are not blind: they judge nothing.
* What is hidden looks as if it did not exist. This holds wherever an evaluation, its score or its findings
  could show, not only in the workbench.
* Of the reasons why a review is in the queue, those that come from the automatic judgement are shown to
  its reviewer as `automatic` until they have submitted; its inclusion probability is not shown at all.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, literal, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from qm.reviews.models import Evaluation, Review
from tenants.credentials import Actor
from tenants.http.faults import NotFound

OPEN = ("queued", "claimed")
# The reasons that tell what the machine found; the rest are facts that anybody could look up.
JUDGED = frozenset({"charged", "critical", "low_confidence", "abstained"})
AUTOMATIC = "automatic"


def hidden_from(
    actor: Actor, interaction_id: ColumnElement[uuid.UUID] | InstrumentedAttribute[uuid.UUID]
) -> ColumnElement[bool]:
    """Return the condition under which this person must not see evaluations of an interaction."""
    if actor.user_id is None:
        return false()
    waiting, done = aliased(Review), aliased(Review)
    is_open = and_(waiting.interaction_id == interaction_id, waiting.state.in_(OPEN))
    if actor.role != "reviewer":
        is_open = and_(is_open, waiting.reviewer_id == actor.user_id)
    submitted = and_(
        done.interaction_id == interaction_id,
        done.reviewer_id == actor.user_id,
        done.state == "submitted",
    )
    return and_(
        exists(select(literal(1)).where(is_open).select_from(waiting)),
        not_(exists(select(literal(1)).where(submitted).select_from(done))),
    )


def is_blinded(session: Session, actor: Actor, interaction_id: uuid.UUID) -> bool:
    """Whether this person must not see evaluations of the interaction now."""
    return bool(session.scalar(select(hidden_from(actor, literal(interaction_id)))))


def visible_evaluations(actor: Actor, evaluation: Any = Evaluation) -> ColumnElement[bool]:
    """Return the condition under which this person may see an evaluation, of the table or an alias of it."""
    condition = not_(hidden_from(actor, evaluation.interaction_id))
    return condition if actor.user_id is None else or_(condition, evaluation.reviewer_id == actor.user_id)


def present_evaluations(actor: Actor, interaction_id: uuid.UUID) -> Select[Evaluation]:
    """Return the statement of an interaction's evaluations that hold now and that this person may see."""
    return select(Evaluation).where(
        Evaluation.interaction_id == interaction_id,
        Evaluation.superseded_at.is_(None),
        visible_evaluations(actor),
    )


def evaluation_with(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> Evaluation:
    """Return the evaluation with this id, unless it is hidden or somebody else's."""
    found = session.scalars(
        select(Evaluation).where(Evaluation.evaluation_id == evaluation_id, visible_evaluations(actor))
    ).one_or_none()
    if found is None:
        raise NotFound("evaluation")
    return found


def shown_reasons(reasons: Sequence[str], *, blind: bool) -> list[str]:
    """
    Return why a review is in the queue, in words that tell a blind reader nothing of the machine's answer.

    Examples
    --------
    >>> shown_reasons(["critical", "charged", "sla_breach"], blind=True)
    ['automatic', 'sla_breach']
    """
    if not blind:
        return list(reasons)
    plain: dict[str, Any] = dict.fromkeys(AUTOMATIC if each in JUDGED else each for each in reasons)
    return list(plain)
