"""Changing and voiding what was submitted; what was said before stays in the record.

An edit is a new version: an evaluation by the same reviewer, with its author and the reason, that takes the
place of the one before in the estimates. As whoever edits has seen the machine's answers, it is in no
comparison of people with the machine, and proves and teaches nothing.

A void evaluation counts nowhere. What it was of waits again under its old draw, passed over until somebody
else answers it: were it dropped instead, whoever voids would choose what the estimate is made of.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.interactions.queries import lock_interaction
from qm.reviews.blindness import get_evaluation
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.evaluations import evaluation_columns
from qm.reviews.malformed_lists import MalformedList
from qm.reviews.models import Evaluation, Review
from qm.reviews.permissions import check_may_manage_queue, may_manage_queue
from qm.reviews.queue import record_change, requeue
from qm.reviews.readings import EvaluationReading
from qm.reviews.reopening import WINDOW, take_back
from qm.reviews.sentiment_labels import LABELS_KEY, Labels, serialize_labels
from qm.reviews.submission import validated
from qm.webhooks import announcements
from scorecards.scoring.scoring import score
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault


def may_edit(actor: Actor, evaluation: Evaluation, now: datetime) -> bool:
    """Whether somebody may edit an evaluation: its reviewer for a while, QM managers and admins always."""
    if evaluation.kind == "automatic" or evaluation.superseded_at is not None:
        return False
    own = evaluation.reviewer_id is not None and evaluation.reviewer_id == actor.user_id
    return may_manage_queue(actor) or (own and now - evaluation.created_at <= WINDOW)


def edit(
    session: Session,
    actor: Actor,
    evaluation_id: uuid.UUID,
    *,
    answers: Sequence[Mapping[str, Any]] | MalformedList,
    reason: str,
    sentiment: Labels | MalformedList | None = None,
    faults: Sequence[Fault] = (),
    now: datetime,
) -> Evaluation:
    """Store a new version of an evaluation; the one before is superseded.

    Raises
    ------
    NotFound
        When the caller may not see it.
    Conflict
        When it is not in force, or too old for its reviewer to edit.
    Invalid
        With every fault, as for a submission.
    """
    before = _locked(session, actor, evaluation_id)
    if not may_edit(actor, before, now):
        check_owner(actor, before)
        raise Conflict("It was submitted too long ago; a QM manager can edit it.", "too_late")
    definitions = load_pinned_definitions(session, before.versions)
    if definitions.form is None:
        raise Conflict("Its scorecard is no longer kept.", "no_scorecard")
    interaction = session.scalars(
        select(Interaction).where(Interaction.interaction_id == before.interaction_id)
    ).one()
    labels = before.findings.get(LABELS_KEY, []) if sentiment is None else sentiment
    valid, labels = validated(definitions.form, interaction, answers, labels, faults)
    result = score(definitions.form, valid, channel=interaction.channel, intent=interaction.intent)
    made = Evaluation(
        tenant_id=before.tenant_id,
        client_id=before.client_id,
        interaction_id=before.interaction_id,
        author_id=actor.user_id,
        replaces=before.evaluation_id,
        edit_reason=reason,
        published_at=before.published_at,
        override_reasons={key: why for key, why in before.override_reasons.items() if key in result.shown},
        **evaluation_columns(
            kind=before.kind,
            reviewer_id=before.reviewer_id,
            scorecard_id=before.scorecard_id,
            versions=before.versions,
            answers=[valid[key].to_json() for key in result.shown if key in valid],
            score=result,
            findings={LABELS_KEY: serialize_labels(labels)} if labels else None,
        ),
    )
    before.superseded_at = now
    session.add(made)
    session.flush()
    for review in _reviews_of(session, before):
        review.evaluation_id, review.reopened = made.evaluation_id, True
        record_change(session, review, "edited", evaluation=made.evaluation_id, reason=reason)
    announcements.evaluation_changed(session, made, now=now, critical_before=before.critical)
    return made


def check_owner(actor: Actor, evaluation: Evaluation) -> None:
    """Raise unless somebody is the reviewer of an evaluation in force, or may manage the queue."""
    if evaluation.superseded_at is not None or evaluation.kind == "automatic":
        raise Conflict("Only what is in force, of a person, can be changed.", "not_in_force")
    if evaluation.reviewer_id is None or evaluation.reviewer_id != actor.user_id:
        check_may_manage_queue(actor)


def void(
    session: Session, actor: Actor, evaluation_id: uuid.UUID, *, reason: str, now: datetime
) -> Evaluation:
    """Void an evaluation, for QM managers and admins; its interaction waits for somebody else."""
    check_may_manage_queue(actor)
    evaluation = _locked(session, actor, evaluation_id)
    if evaluation.superseded_at is not None or evaluation.kind == "automatic":
        raise Conflict("Only what is in force, of a person, can be voided.", "not_in_force")
    evaluation.voided_at = evaluation.superseded_at = now
    evaluation.void_reason = reason
    session.flush()
    for review in _reviews_of(session, evaluation):
        before = review.reviewer_id
        take_back(review)
        requeue(review, None)
        if review.targeted:
            review.state = "cancelled"
        review.given_back_by = [*review.given_back_by, str(before)]
        record_change(session, review, "voided", evaluation=evaluation_id, reason=reason)
    _note_reading(session, evaluation)
    audit.record(
        session,
        "evaluation.voided",
        f"evaluation:{evaluation_id}",
        client_id=evaluation.client_id,
        reason=reason,
    )
    return evaluation


def _note_reading(session: Session, evaluation: Evaluation) -> None:
    """Note that the reviewer has seen the machine's answers: they submitted, so nobody had noted it."""
    if evaluation.reviewer_id is not None:
        session.merge(
            EvaluationReading(
                tenant_id=evaluation.tenant_id,
                client_id=evaluation.client_id,
                interaction_id=evaluation.interaction_id,
                user_id=evaluation.reviewer_id,
            )
        )
        session.flush()


def versions_of(session: Session, evaluation: Evaluation) -> list[Evaluation]:
    """Return every version of an evaluation, the first one first."""
    found = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id == evaluation.interaction_id,
            Evaluation.kind == evaluation.kind,
            Evaluation.reviewer_id.is_not_distinct_from(evaluation.reviewer_id),
        )
    ).all()
    by_id = {each.evaluation_id: each for each in found}
    after = {each.replaces: each for each in found if each.replaces is not None}
    first = evaluation
    while first.replaces is not None and first.replaces in by_id:
        first = by_id[first.replaces]
    chain = [first]
    while chain[-1].evaluation_id in after:
        chain.append(after[chain[-1].evaluation_id])
    return chain


def answer_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what differs between the answers of two versions, by question.

    Examples
    --------
    >>> [change] = answer_changes([{"question": "hears", "na": True}], [{"question": "hears", "na": False}])
    >>> change["question"], change["before"]["na"], change["after"]["na"]
    ('hears', True, False)
    """
    old = {each["question"]: each for each in before}
    new = {each["question"]: each for each in after}
    return [
        {"question": key, "before": old.get(key), "after": new.get(key)}
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def _locked(session: Session, actor: Actor, evaluation_id: uuid.UUID) -> Evaluation:
    found = get_evaluation(session, actor, evaluation_id)
    lock_interaction(session, found.interaction_id)
    session.refresh(found, with_for_update=True)
    return found


def _reviews_of(session: Session, evaluation: Evaluation) -> Sequence[Review]:
    return session.scalars(
        select(Review)
        .where(
            Review.interaction_id == evaluation.interaction_id,
            Review.evaluation_id == evaluation.evaluation_id,
            Review.state == "submitted",
        )
        .order_by(Review.review_id)
        .with_for_update()
    ).all()
