"""Deciding on a dispute: each answer is kept, becomes what was proposed, or something else.

What changes is a new version of the evaluation, an edit by whoever decides (`qm/reviews/editing.py`): the
score and every estimate follow with the same commit, and the edited review leaves the comparison of people
with the machine and what it learns from, as every edit does. Where every answer is kept, nothing changes.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.disputes.access import in_force
from qm.disputes.answers import proposal, same_answer, with_changes
from qm.disputes.appealing import locked_dispute
from qm.disputes.deciders import check_decides, check_may_decide, is_only_one
from qm.disputes.models import WAITING, Dispute, DisputeAnswer, DisputeDecision
from qm.disputes.opening import form_of, interaction_of
from qm.reviews import editing
from qm.reviews.models import Evaluation
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid

Decided = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision as it was sent: per answer an outcome, and answers to what is asked only now."""

    answers: Sequence[Decided]
    comment: str
    further: Sequence[Mapping[str, Any]] = ()
    evaluation: uuid.UUID | None = None


def decide(
    session: Session, actor: Actor, dispute_id: uuid.UUID, ruling: Ruling, *, now: datetime
) -> Dispute:
    """Decide on every answer of a dispute, for managers and admins.

    Raises
    ------
    NotFound
        When the caller may not see it.
    Conflict
        When it is decided already, the caller may not decide on it, or the evaluation is void or changed.
    Invalid
        With every fault: answers that are missing, named twice or not in it, and answers that cannot stand.
    """
    check_decides(actor)
    dispute = locked_dispute(session, actor, dispute_id)
    if dispute.state == "withdrawn":
        detail = "Who opened this dispute has taken it back: there is nothing to decide on."
        raise Conflict(detail, "dispute_withdrawn")
    if dispute.state not in WAITING:
        raise Conflict("This dispute is decided.", "already_decided")
    check_may_decide(session, actor, dispute)
    disputed = disputed_answers(session, dispute)
    before = _standing(session, dispute, disputed, ruling)
    changes = changes_of(disputed, before, ruling.answers)
    level = 1 if dispute.state == "open" else 2
    only_one = is_only_one(session, actor, dispute)
    after = _changed(session, actor, before, changes, ruling, now=now)
    _note_outcomes(disputed, after, ruling.answers)
    decision = DisputeDecision(
        tenant_id=dispute.tenant_id,
        client_id=dispute.client_id,
        dispute_id=dispute_id,
        level=level,
        decider_id=actor.user_id,
        decided_at=now,
        comment=ruling.comment,
        evaluation_id=after.evaluation_id if after is not before else None,
        only_one=only_one,
        score_before=before.score,
        score_after=after.score,
        answers=[_noted(each, after) for each in ruling.answers],
    )
    session.add(decision)
    _close(dispute, level, before, after, now)
    session.flush()
    audit.record(
        session,
        "dispute.decided",
        f"dispute:{dispute_id}",
        client_id=dispute.client_id,
        interaction=dispute.interaction_id,
        level=level,
        evaluation=decision.evaluation_id,
        score_before=before.score,
        score_after=after.score,
    )
    return dispute


def disputed_answers(session: Session, dispute: Dispute) -> Sequence[DisputeAnswer]:
    """Return the answers of a dispute in the order in which they were sent."""
    wanted = select(DisputeAnswer).where(DisputeAnswer.dispute_id == dispute.dispute_id)
    return session.scalars(wanted.order_by(DisputeAnswer.number)).all()


def changed_since(disputed: Sequence[DisputeAnswer], standing: Evaluation) -> list[str]:
    """Return the questions whose answers are not what they were when they were disputed or decided on."""
    now_said = {each["question"]: each for each in standing.answers}
    return [
        each.question
        for each in disputed
        if not same_answer(each.decided or each.disputed, now_said.get(each.question))
    ]


def _standing(
    session: Session, dispute: Dispute, disputed: Sequence[DisputeAnswer], ruling: Ruling
) -> Evaluation:
    standing = in_force(session, [dispute]).get(dispute.dispute_id)
    if standing is None:
        raise Conflict(
            "Its evaluation was voided or taken back: there is nothing to decide on.", "evaluation_void"
        )
    session.refresh(standing, with_for_update=True)
    if ruling.evaluation is not None and ruling.evaluation != standing.evaluation_id:
        raise Conflict(
            "The evaluation was changed since you read it. Read it again, and decide on what it says now.",
            "evaluation_changed",
        )
    changed = changed_since(disputed, standing)
    if changed and ruling.evaluation is None:
        raise Conflict(
            f"Another dispute or an edit has changed the answer to {', '.join(changed)} since. Read what "
            "stands now, and decide with its id as `evaluation`.",
            "answer_changed",
        )
    return standing


def changes_of(
    disputed: Sequence[DisputeAnswer], standing: Evaluation, decided: Sequence[Decided]
) -> list[dict[str, Any]]:
    """Return the answers that a decision changes.

    Raises
    ------
    Invalid
        When it misses an answer, names one twice or one that is not disputed, or says something else without
        saying what.
    """
    wanted = {each.question: each for each in disputed}
    said = [each["question"] for each in decided]
    faults = [
        Fault("/answers", "missing_decision", f"'{key}' is disputed: say what becomes of it.")
        for key in wanted
        if key not in said
    ]
    current = {each["question"]: each for each in standing.answers}
    changes = []
    for place, each in enumerate(decided):
        key, fault = each["question"], None
        if key not in wanted:
            fault = Fault("/question", "not_disputed", f"'{key}' is not disputed here.")
        elif key in said[:place]:
            fault = Fault("/question", "duplicate_answer", f"'{key}' is decided twice.")
        elif (each["answer"] is not None) != (each["outcome"] == "other"):
            detail = "Say which answer." if each["outcome"] == "other" else "Only `other` has an answer."
            fault = Fault("/answer", "bad_answer", detail)
        elif each["outcome"] == "other" and same_answer(current.get(key), each["answer"]):
            fault = Fault("/answer", "same_answer", f"This is what stands of '{key}': keep it.")
        elif each["outcome"] != "keep":
            changes.append(_answer_of(wanted[key], current.get(key), each))
        faults += [fault.under(f"/answers/{place}")] if fault else []
    if faults:
        raise Invalid(faults)
    return changes


def _answer_of(
    disputed: DisputeAnswer, current: Mapping[str, Any] | None, decided: Decided
) -> dict[str, Any]:
    if decided["outcome"] == "as_proposed":
        return dict(disputed.proposed)
    return proposal(current or disputed.disputed, {**decided["answer"], "question": disputed.question})


def _changed(
    session: Session,
    actor: Actor,
    before: Evaluation,
    changes: Sequence[Mapping[str, Any]],
    ruling: Ruling,
    *,
    now: datetime,
) -> Evaluation:
    """Return the version that stands after a decision: a new one, unless every answer stays."""
    current = {each["question"]: each for each in before.answers}
    changes = [each for each in changes if not same_answer(current.get(each["question"]), each)]
    if not changes:
        return before
    interaction = interaction_of(session, before)
    if not interaction.turns:
        raise Conflict(
            "The conversation is no longer kept, so nothing can be shown of it: the answers can be kept.",
            "transcript_deleted",
        )
    conversation = {"channel": interaction.channel, "intent": interaction.intent}
    form = form_of(session, before)
    answers = with_changes(form, before.answers, [*changes, *ruling.further], **conversation)
    try:
        return editing.edit(
            session, actor, before.evaluation_id, answers=answers, reason=ruling.comment[:500], now=now
        )
    except Invalid as error:
        raise Invalid([_at_decision(fault, answers, ruling) for fault in error.faults]) from error


def _at_decision(fault: Fault, answers: Sequence[Mapping[str, Any]], ruling: Ruling) -> Fault:
    """Return a fault of the new version at the place of the decision that causes it."""
    parts = fault.pointer.split("/")
    if len(parts) < 3 or not parts[2].isdecimal():
        return fault
    key, rest = answers[int(parts[2])]["question"], "".join(f"/{part}" for part in parts[3:])
    for name, sent in (("answers", ruling.answers), ("further", ruling.further)):
        for place, each in enumerate(sent):
            if each["question"] == key:
                inside = "/answer" if name == "answers" else ""
                return Fault(f"/{name}/{place}{inside}{rest}", fault.code, fault.detail)
    return fault


def _note_outcomes(disputed: Sequence[DisputeAnswer], after: Evaluation, decided: Sequence[Decided]) -> None:
    outcomes = {each["question"]: each["outcome"] for each in decided}
    standing = {each["question"]: each for each in after.answers}
    for each in disputed:
        each.outcome, each.decided = outcomes[each.question], standing.get(each.question)


def _noted(decided: Decided, after: Evaluation) -> dict[str, Any]:
    standing = {each["question"]: each for each in after.answers}
    return {
        "question": decided["question"],
        "outcome": decided["outcome"],
        "comment": decided["comment"],
        "answer": standing.get(decided["question"]),
    }


def _close(dispute: Dispute, level: int, before: Evaluation, after: Evaluation, now: datetime) -> None:
    if level == 1:
        dispute.state, dispute.decided_at, dispute.score_before = "decided", now, before.score
    else:
        dispute.state, dispute.settled_at = "settled", now
    dispute.score_after = after.score
