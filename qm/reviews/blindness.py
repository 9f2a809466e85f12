"""Blind review: evaluations are hidden from users who are still to review the interaction.

The rules, as in the handbook:

* While an interaction has an open review (queued or claimed), no user with the role `reviewer` sees any
  evaluation of it, because the review may be assigned to any of them. Users with other roles are blind only
  to interactions of which an open review is assigned to themselves.
* In lists of interactions, what waits for a review is hidden from every user who may review, and from
  reviewers everything that they have not reviewed: they may still pick it by hand. Whoever is shown an
  evaluation, in a list or by opening it, is no longer blind (`readings.py`).
* A user who has submitted a review of the interaction is no longer blind to it, and is never assigned
  another review of it.
* Where several agents spoke, the parts are reviewed, and the whole holds what the machine says of the
  customer's feelings in all of them: who is blind to one of its parts is blind to the whole.
* Whoever takes part in a calibration session and has not answered all of it is blind to its interactions.
* Users always see their own evaluations. API keys and access tokens are not blind: they do not review.
* Hidden evaluations look as if they did not exist. This holds wherever an evaluation, its score or its
  findings could be returned, not only in the review detail.
* Reasons for a review that come from the automatic evaluation are shown to its reviewer as `automatic` until
  the review is submitted; the inclusion probability is shown to no reviewer, and to others not before.
"""

import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from qm.interactions.models import WHOLE, Interaction
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
# Made once: an alias costs a millisecond for each that is made.
_review, _submission = aliased(Review, name="open_review"), aliased(Review, name="submission")
_part, _whole = aliased(Interaction, name="part"), aliased(Interaction, name="whole")
_part_of_whole = (
    select(_part.interaction_id)
    .where(
        _part.tenant_id == _whole.tenant_id,
        _part.client_id == _whole.client_id,
        _part.external_id == _whole.external_id,
        _part.part_agent != WHOLE,
    )
    .correlate(_whole)
    .offset(_BY_INTERACTION)
    .lateral("part_of_whole")
)


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
        exists(_still_to_judge(actor, interaction_id, in_list)),
        exists(_parts_still_to_judge(actor, interaction_id, in_list)),
    )


def _parts_still_to_judge(actor: Actor, whole_id: Any, in_list: bool) -> Select[Any]:
    """Return the statement of the parts of this whole that this caller may have to judge."""
    return (
        select(literal(1))
        .select_from(_whole)
        .join(_part_of_whole, true())
        .where(
            _whole.interaction_id == whole_id,
            _whole.part_agent == WHOLE,
            exists(_still_to_judge(actor, _part_of_whole.c.interaction_id, in_list)),
        )
        .correlate_except(_part_of_whole, _whole)
        .offset(_BY_INTERACTION)
    )


def _still_to_judge(actor: Actor, interaction_id: Any, in_list: bool) -> Select[Any]:
    """Return the statement of open reviews of an interaction that this caller may have to judge."""
    wanted = [
        _review.interaction_id == interaction_id,
        _review.state.in_(OPEN),
        not_(exists(_submitted(actor, interaction_id))),
    ]
    mine = _review.reviewer_id == actor.user_id
    judges = actor.role == "reviewer" or (in_list and may_review(actor))
    # What agents are asked for comes to nobody else.
    wanted.append(or_(mine, _review.kind == "standard") if judges else mine)
    return select(literal(1)).where(*wanted).correlate_except(_review).offset(_BY_INTERACTION)


def _submitted(actor: Actor, interaction_id: Any) -> Select[Any]:
    """Return the statement of what this caller has submitted of an interaction."""
    return (
        select(literal(1))
        .where(
            _submission.interaction_id == interaction_id,
            _submission.reviewer_id == actor.user_id,
            _submission.state == "submitted",
        )
        .correlate_except(_submission)
    )


def is_blinded(session: Session, actor: Actor, interaction_id: uuid.UUID) -> bool:
    """Whether this caller must not see evaluations of the interaction now."""
    asked = _select_whether_hidden(actor).where(Interaction.interaction_id == interaction_id)
    return bool(session.scalar(asked))


@lru_cache(maxsize=256)
def _select_whether_hidden(actor: Actor) -> Select[Any]:
    return select(hidden_from(actor, Interaction.interaction_id))


def visible_evaluations(
    actor: Actor, evaluation: Any = Evaluation, *, in_list: bool = False
) -> ColumnElement[bool]:
    """Return the condition under which this caller may see an evaluation, for the table or an alias of it.

    With `in_list`, without those after which the caller would no longer be blind.
    """
    condition = not_(hidden_from(actor, evaluation.interaction_id, in_list=in_list))
    return condition if actor.user_id is None else or_(condition, evaluation.reviewer_id == actor.user_id)


def select_current_evaluations(
    actor: Actor, interaction_id: uuid.UUID, *, in_list: bool = False
) -> Select[Evaluation]:
    """Return the statement of an interaction's current evaluations that this caller may see."""
    return select(Evaluation).where(
        Evaluation.interaction_id == interaction_id,
        Evaluation.superseded_at.is_(None),
        visible_evaluations(actor, in_list=in_list),
    )


def select_evaluations(
    actor: Actor,
    client: Client,
    *,
    kind: str | None = None,
    in_force: bool | None = None,
    critical: bool | None = None,
    in_list: bool = False,
) -> Select[Evaluation]:
    """Return the statement of a client's evaluations that this caller may see, superseded ones included."""
    statement = select(Evaluation).where(
        Evaluation.tenant_id == client.tenant_id,
        Evaluation.client_id == client.client_id,
        visible_evaluations(actor, in_list=in_list),
    )
    if critical is not None:
        statement = statement.where((func.jsonb_array_length(Evaluation.critical) > 0) == critical)
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
