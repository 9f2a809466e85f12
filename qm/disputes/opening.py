"""Opening a dispute: within the window and the limits, of answers that are there, with others proposed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.disputes.access import get_published, is_in_force, side_of
from qm.disputes.answers import proposal, same_answer, score_of, with_changes
from qm.disputes.models import WAITING, Dispute, DisputeAnswer
from qm.disputes.rules import DisputeRules, published_since, rules_of
from qm.interactions.models import Interaction
from qm.interactions.queries import lock_interaction
from qm.reviews.client_reading import readable_from
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.models import Evaluation
from scorecards.definitions.form import Form, read_answers
from scorecards.scoring.answer_validation import answer_faults
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.models import Client, User

Disputed = Mapping[str, Any]


def open_dispute(
    session: Session,
    actor: Actor,
    evaluation_id: uuid.UUID,
    *,
    answers: Sequence[Disputed],
    now: datetime,
) -> Dispute:
    """Dispute answers of a published evaluation: each with a question, a proposed answer and a comment.

    Raises
    ------
    NotFound
        When the caller has no such published evaluation.
    Conflict
        When it is void, changed, or its scorecard or words are gone; when the window is over or a limit
        reached; when an answer is disputed or was decided already.
    Invalid
        With every fault of what is disputed and proposed.
    """
    evaluation = get_published(session, actor, evaluation_id, now)
    lock_interaction(session, evaluation.interaction_id)
    session.refresh(evaluation, with_for_update=True)
    evaluation = get_published(session, actor, evaluation_id, now)
    form = form_of(session, evaluation)
    _check_rules(session, actor, evaluation, rules_for(session, evaluation), now)
    interaction = interaction_of(session, evaluation)
    _check_answers(form, interaction, evaluation, answers)
    _check_not_disputed(session, actor, evaluation, answers)
    made = _stored(session, actor, evaluation, answers, now)
    audit.record(
        session,
        "dispute.opened",
        f"dispute:{made.dispute_id}",
        client_id=made.client_id,
        evaluation=evaluation_id,
        interaction=made.interaction_id,
        side=made.side,
        questions=[each["question"] for each in answers],
    )
    return made


def form_of(session: Session, evaluation: Evaluation) -> Form:
    """Return the scorecard that an evaluation was made with."""
    form = load_pinned_definitions(session, evaluation.versions).form
    if form is None:
        raise Conflict("Its scorecard is no longer kept.", "no_scorecard")
    return form


def interaction_of(session: Session, evaluation: Evaluation) -> Interaction:
    """Return the interaction that an evaluation is of."""
    wanted = select(Interaction).where(Interaction.interaction_id == evaluation.interaction_id)
    return session.scalars(wanted).one()


def rules_for(session: Session, evaluation: Evaluation) -> DisputeRules:
    """Return what holds for the disputes of an evaluation."""
    settings = session.scalar(select(Client.settings).where(Client.client_id == evaluation.client_id))
    return rules_of(settings or {}, scorecard_of(evaluation))


def scorecard_of(evaluation: Evaluation) -> str | None:
    """Return the key of the scorecard that an evaluation was made with."""
    return next((each["key"] for each in evaluation.versions.get("scorecard", ())), None)


def disputable_until(
    evaluation: Evaluation, rules: DisputeRules, readable: datetime | None = None
) -> datetime | None:
    """Return until when a published evaluation may be disputed; None while it is not published.

    `readable` is from when on a client's people may read it, for whom the window begins no earlier.
    """
    if evaluation.published_at is None:
        return None
    since = published_since(evaluation.published_at, evaluation.created_at)
    return rules.disputable_until(since if readable is None else max(since, readable))


def readable_from_for(session: Session, actor: Actor, evaluation: Evaluation) -> datetime | None:
    """Return from when on the caller's side may read of an interaction; None for agents, who always may."""
    if side_of(actor) == "agent":
        return None
    client = session.scalars(select(Client).where(Client.client_id == evaluation.client_id)).one()
    return readable_from(client, interaction_of(session, evaluation))


def count_open(session: Session, *conditions: Any) -> int:
    """Return how many disputes of what is in force wait to be decided."""
    wanted = select(func.count()).select_from(Dispute)
    return session.scalar(wanted.where(Dispute.state.in_(WAITING), is_in_force(), *conditions)) or 0


def _check_rules(
    session: Session, actor: Actor, evaluation: Evaluation, rules: DisputeRules, now: datetime
) -> None:
    until = disputable_until(evaluation, rules, readable_from_for(session, actor, evaluation))
    if until is None or now > until:
        raise Conflict(
            f"An evaluation may be disputed for {rules.days} days after its publication; they are over.",
            "window_over",
        )
    # Whoever opens two at once waits here, so that the limit holds.
    session.execute(select(User.user_id).where(User.user_id == actor.user_id).with_for_update())
    if count_open(session, Dispute.initiator_id == actor.user_id) >= rules.open_per_person:
        raise Conflict(
            f"You have {rules.open_per_person} disputes open, and no more may be: wait for a decision.",
            "too_many_open",
        )
    of_evaluation = (
        Dispute.interaction_id == evaluation.interaction_id,
        Dispute.reviewer_id == evaluation.reviewer_id,
    )
    if count_open(session, *of_evaluation) >= rules.open_per_evaluation:
        raise Conflict(
            f"Of this evaluation {rules.open_per_evaluation} disputes are open, and no more may be: "
            "wait for a decision.",
            "too_many_of_evaluation",
        )


def _check_answers(
    form: Form, interaction: Interaction, evaluation: Evaluation, answers: Sequence[Disputed]
) -> None:
    current = {each["question"]: each for each in evaluation.answers}
    faults = []
    for place, each in enumerate(answers):
        key, pointer = each["question"], f"/answers/{place}"
        if key not in current:
            detail = f"This evaluation has no answer to '{key}'."
            faults.append(Fault(f"{pointer}/question", "not_answered", detail))
        elif key in [before["question"] for before in answers[:place]]:
            faults.append(Fault(f"{pointer}/question", "duplicate_answer", f"'{key}' is disputed twice."))
        elif same_answer(current[key], each["proposed"]):
            detail = f"This is what the evaluation says of '{key}': propose another answer."
            faults.append(Fault(f"{pointer}/proposed", "same_answer", detail))
        else:
            found = faults_of_answer(form, interaction, evaluation.answers, _body(current[key], each))
            faults += [fault.under(f"{pointer}/proposed") for fault in found]
    if faults:
        raise Invalid(faults)


def _body(current: Mapping[str, Any] | None, disputed: Disputed) -> dict[str, Any]:
    return proposal(current, {**disputed["proposed"], "question": disputed["question"]})


def faults_of_answer(
    form: Form, interaction: Interaction, current: Sequence[Mapping[str, Any]], body: Mapping[str, Any]
) -> list[Fault]:
    """Return what is wrong with one answer in the place of the one that stands."""
    merged = [*(each for each in current if each["question"] != body["question"]), body]
    found = answer_faults(
        form,
        read_answers(merged),
        channel=interaction.channel,
        intent=interaction.intent,
        turns=[turn["text"] for turn in interaction.turns] if interaction.turns else None,
        evidence_required=bool(interaction.turns),
    )
    own = f"/{len(merged) - 1}/"
    return [
        Fault("/" + each.pointer.removeprefix(own), each.code, each.detail)
        for each in found
        if each.pointer.startswith(own)
    ]


def _check_not_disputed(
    session: Session, actor: Actor, evaluation: Evaluation, answers: Sequence[Disputed]
) -> None:
    """Refuse what the caller's side has disputed already, and has open or decided as it stands."""
    rows = session.execute(
        select(Dispute.state, DisputeAnswer)
        .join(DisputeAnswer, DisputeAnswer.dispute_id == Dispute.dispute_id)
        .where(
            Dispute.interaction_id == evaluation.interaction_id,
            Dispute.reviewer_id == evaluation.reviewer_id,
            Dispute.side == side_of(actor),
            DisputeAnswer.question.in_([each["question"] for each in answers]),
        )
        .order_by(Dispute.opened_at, Dispute.dispute_id, DisputeAnswer.number)
    ).all()
    current = {each["question"]: each for each in evaluation.answers}
    for state, answer in rows:
        if state in WAITING:
            detail = f"The answer to '{answer.question}' is disputed already: wait for the decision."
            raise Conflict(detail, "already_disputed")
        if same_answer(answer.decided, current.get(answer.question)):
            detail = f"The answer to '{answer.question}' was decided in a dispute: appeal that decision."
            raise Conflict(detail, "already_decided")


def _stored(
    session: Session, actor: Actor, evaluation: Evaluation, answers: Sequence[Disputed], now: datetime
) -> Dispute:
    current = {each["question"]: each for each in evaluation.answers}
    made = Dispute(
        tenant_id=evaluation.tenant_id,
        client_id=evaluation.client_id,
        interaction_id=evaluation.interaction_id,
        evaluation_id=evaluation.evaluation_id,
        reviewer_id=evaluation.reviewer_id,
        initiator_id=actor.user_id,
        side=side_of(actor),
        state="open",
        score_before=evaluation.score,
        opened_at=now,
    )
    session.add(made)
    session.flush()
    session.add_all(
        DisputeAnswer(
            tenant_id=made.tenant_id,
            client_id=made.client_id,
            dispute_id=made.dispute_id,
            question=each["question"],
            number=number,
            disputed=current[each["question"]],
            proposed=_body(current[each["question"]], each),
            comment=each["comment"],
        )
        for number, each in enumerate(answers)
    )
    session.flush()
    return made


def score_if(
    form: Form,
    interaction: Interaction,
    evaluation: Evaluation,
    changes: Sequence[Mapping[str, Any]],
) -> float | None:
    """Return what an evaluation would score with some answers changed."""
    conversation = {"channel": interaction.channel, "intent": interaction.intent}
    merged = with_changes(form, evaluation.answers, changes, **conversation)
    return score_of(form, merged, **conversation).total
