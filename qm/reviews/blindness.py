"""Blind review: evaluations are hidden from users who are still to review the interaction.

The rules, as in the handbook:

* While an interaction has an open review (queued or claimed), no user with the role `reviewer` sees any
  evaluation of it, because the review may be assigned to any of them. Users with other roles are blind only
  to interactions of which an open review is assigned to themselves.
* In lists of interactions, what waits for a review is hidden from every user who may review, and from
  reviewers everything that they have not reviewed: they may still pick it by hand. Whoever opens such an
  interaction or its evaluations may see them, and is then no longer blind (`readings.py`).
* A user who has submitted a review of the interaction is no longer blind to it, and is never assigned
  another review of it.
* Where several agents spoke, the parts are reviewed, and the whole holds what the machine says of the
  customer's feelings in all of them: who is blind to one of its parts is blind to the whole.
* Whoever takes part in a calibration session and has not answered all of it is blind to its interactions.
* Users always see their own evaluations. API keys and access tokens are not blind: they do not review.
* Hidden evaluations look as if they did not exist. This holds wherever an evaluation, its score or its
  findings could be returned, not only in the review detail.
* Reasons for a review that come from the automatic evaluation are shown to its reviewer as `automatic` until
  the review is submitted; the inclusion probability is not shown before.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, any_, exists, false, func, literal, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from qm.interactions.models import Interaction
from qm.reviews.calibrations_to_answer import select_blind_to
from qm.reviews.models import Evaluation, Review
from qm.reviews.readings import may_review
from tenants.credentials import Actor
from tenants.http.faults import NotFound
from tenants.models import Client

OPEN = ("queued", "claimed")
# Reasons that disclose the automatic evaluation; the others are attributes of the interaction.
AUTOMATIC_REASONS = frozenset({"charged", "critical", "low_confidence", "abstained"})
AUTOMATIC = "automatic"
# An offset keeps PostgreSQL from answering for all interactions at once to show one of them, which, before
# the tables are analysed, takes it minutes.
_BY_INTERACTION = 0


def hidden_from(
    actor: Actor,
    interaction_id: ColumnElement[uuid.UUID] | InstrumentedAttribute[uuid.UUID],
    *,
    in_list: bool = False,
) -> ColumnElement[bool]:
    """Return the condition under which this caller must not see evaluations of an interaction.

    With `in_list`, also where the caller may see them but would no longer be blind.
    """
    if actor.user_id is None:
        return false()
    calibrating = interaction_id.in_(select_blind_to(actor.user_id))
    if in_list and actor.role == "reviewer":
        return or_(not_(exists(_submitted(actor, interaction_id))), calibrating)
    return or_(
        calibrating,
        exists(_still_to_judge(actor, lambda review: review.interaction_id == interaction_id, in_list)),
        exists(_still_to_judge(actor, lambda review: _is_of_part(review, interaction_id), in_list)),
    )


def _is_of_part(review: Any, whole_id: Any) -> ColumnElement[bool]:
    """Return the condition that a review is one of a part of this whole."""
    part, whole = aliased(Interaction), aliased(Interaction)
    parts = (
        select(part.interaction_id)
        .select_from(whole)
        .join(
            part,
            and_(
                part.tenant_id == whole.tenant_id,
                part.client_id == whole.client_id,
                part.external_id == whole.external_id,
                part.part_agent != "",
            ),
        )
        .where(whole.interaction_id == whole_id, whole.part_agent == "")
        .correlate_except(part, whole)
    )
    # As an array they are found first; joined, they may be looked for among all interactions for each review.
    return cast("ColumnElement[bool]", review.interaction_id == any_(func.array(parts.scalar_subquery())))


def _still_to_judge(
    actor: Actor, is_wanted: Callable[[Any], ColumnElement[bool]], in_list: bool
) -> Select[Any]:
    """Return the statement of open reviews that this caller may have to judge."""
    review = aliased(Review)
    wanted = [
        is_wanted(review),
        review.state.in_(OPEN),
        not_(exists(_submitted(actor, review.interaction_id))),
    ]
    if actor.role != "reviewer" and not (in_list and may_review(actor)):
        wanted.append(review.reviewer_id == actor.user_id)
    return select(literal(1)).where(*wanted).offset(_BY_INTERACTION)


def _submitted(actor: Actor, interaction_id: Any) -> Select[Any]:
    """Return the statement of what this caller has submitted of an interaction."""
    mine = aliased(Review)
    return select(literal(1)).where(
        mine.interaction_id == interaction_id,
        mine.reviewer_id == actor.user_id,
        mine.state == "submitted",
    )


def is_blinded(session: Session, actor: Actor, interaction_id: uuid.UUID) -> bool:
    """Whether this caller must not see evaluations of the interaction now."""
    return bool(session.scalar(select(hidden_from(actor, literal(interaction_id)))))


def visible_evaluations(actor: Actor, evaluation: Any = Evaluation) -> ColumnElement[bool]:
    """Return the condition under which this caller may see an evaluation, for the table or an alias of it."""
    condition = not_(hidden_from(actor, evaluation.interaction_id))
    return condition if actor.user_id is None else or_(condition, evaluation.reviewer_id == actor.user_id)


def select_current_evaluations(actor: Actor, interaction_id: uuid.UUID) -> Select[Evaluation]:
    """Return the statement of an interaction's current evaluations that this caller may see."""
    return select(Evaluation).where(
        Evaluation.interaction_id == interaction_id,
        Evaluation.superseded_at.is_(None),
        visible_evaluations(actor),
    )


def select_evaluations(
    actor: Actor, client: Client, *, kind: str | None = None, in_force: bool | None = None
) -> Select[Evaluation]:
    """Return the statement of a client's evaluations that this caller may see, superseded ones included."""
    statement = select(Evaluation).where(
        Evaluation.tenant_id == client.tenant_id,
        Evaluation.client_id == client.client_id,
        visible_evaluations(actor),
    )
    if kind is not None:
        statement = statement.where(Evaluation.kind == kind)
    if in_force is not None:
        statement = statement.where(Evaluation.superseded_at.is_(None) == in_force)
    return statement


def get_evaluation(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> Evaluation:
    """Return the evaluation with this id, unless it is hidden from the caller or of another tenant."""
    found = session.scalars(
        select(Evaluation).where(Evaluation.evaluation_id == evaluation_id, visible_evaluations(actor))
    ).one_or_none()
    if found is None:
        raise NotFound("evaluation")
    return found


def visible_reasons(reasons: Sequence[str], *, blind: bool) -> list[str]:
    """
    Return the reasons for a review; a blind reader sees `automatic` for those of the automatic evaluation.

    Examples
    --------
    >>> visible_reasons(["critical", "charged", "sla_breach"], blind=True)
    ['automatic', 'sla_breach']
    """
    if not blind:
        return list(reasons)
    plain: dict[str, Any] = dict.fromkeys(
        AUTOMATIC if each in AUTOMATIC_REASONS else each for each in reasons
    )
    return list(plain)
