"""What is shown of disputes, and to whom: nobody's name for agents and a client's own people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.disputes.access import LAPSED, in_force, select_to_read, side_of
from qm.disputes.acknowledging import acknowledgement_of, acknowledgements
from qm.disputes.deciders import decides, objection
from qm.disputes.deciding import changed_since, disputed_answers
from qm.disputes.models import WAITING, Dispute, DisputeAnswer, DisputeDecision
from qm.disputes.opening import disputable_until, rules_for, score_if, scorecard_of
from qm.disputes.rules import rules_of
from qm.interactions.models import Interaction
from qm.reviews.client_reading import readable_from, without_names
from qm.reviews.definitions_in_force import load_pinned_definitions
from qm.reviews.models import Evaluation
from qm.reviews.readings import note_readings
from scorecards.definitions.form import Form
from tenants.credentials import Actor
from tenants.models import Client
from tenants.roles import CLIENT_ROLE
from tenants.users import people_by_id

_SECONDS_OF_DAY = 86_400


def dispute_summaries(
    session: Session, actor: Actor, disputes: Sequence[Dispute], now: datetime
) -> list[dict[str, Any]]:
    """Return disputes as list items, with a constant number of queries."""
    note_readings(session, actor, (each.interaction_id for each in disputes))
    rows = session.execute(
        select(Interaction, Client.slug)
        .join(Client, Client.client_id == Interaction.client_id)
        .where(Interaction.interaction_id.in_({each.interaction_id for each in disputes}))
    )
    interactions = {row.Interaction.interaction_id: row for row in rows}
    named = [*(each.reviewer_id for each in disputes), *(each.initiator_id for each in disputes)]
    people = people_by_id(session, named) if actor.sees_agents else {}
    standing = in_force(session, disputes)
    questions = _questions(session, disputes)
    return [
        _summary(actor, each, interactions[each.interaction_id], people, standing, now=now)
        | {"questions": questions.get(each.dispute_id, [])}
        for each in disputes
    ]


def _questions(session: Session, disputes: Sequence[Dispute]) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    rows = session.execute(
        select(DisputeAnswer.dispute_id, DisputeAnswer.question)
        .where(DisputeAnswer.dispute_id.in_([each.dispute_id for each in disputes]))
        .order_by(DisputeAnswer.number)
    )
    for row in rows:
        found.setdefault(row.dispute_id, []).append(row.question)
    return found


def state_of(dispute: Dispute, standing: Mapping[Any, Evaluation]) -> str:
    """Return the state of a dispute; one that waits of what counts nowhere any more has lapsed."""
    lapsed = dispute.state in WAITING and dispute.dispute_id not in standing
    return LAPSED if lapsed else dispute.state


def _summary(
    actor: Actor,
    dispute: Dispute,
    row: Any,
    people: Mapping[Any, Any],
    standing: Mapping[Any, Evaluation],
    *,
    now: datetime,
) -> dict[str, Any]:
    interaction, current = row.Interaction, standing.get(dispute.dispute_id)
    agent = {"external_id": interaction.agent, **interaction.agent_details} if interaction.agent else None
    ended = dispute.decided_at or dispute.withdrawn_at or now
    return {
        "id": dispute.dispute_id,
        "client": row.slug,
        "state": state_of(dispute, standing),
        "side": dispute.side,
        "mine": dispute.initiator_id == actor.user_id,
        "initiator": people.get(dispute.initiator_id),
        "reviewer": people.get(dispute.reviewer_id),
        "agent": agent if actor.sees_agents else None,
        "interaction_id": dispute.interaction_id if "interactions:read" in actor.scopes else None,
        "external_id": None if actor.role == CLIENT_ROLE else interaction.external_id,
        "channel": interaction.channel,
        "started_at": interaction.started_at,
        "disputed_evaluation": dispute.evaluation_id,
        "evaluation": current.evaluation_id if current else None,
        "opened_at": dispute.opened_at,
        "decided_at": dispute.decided_at,
        "appealed_at": dispute.appealed_at,
        "settled_at": dispute.settled_at,
        "withdrawn_at": dispute.withdrawn_at,
        "days": (ended - dispute.opened_at).total_seconds() / _SECONDS_OF_DAY,
        "score_before": dispute.score_before,
        "score_after": dispute.score_after,
    }


def dispute_detail(session: Session, actor: Actor, dispute: Dispute, now: datetime) -> dict[str, Any]:
    """Return a dispute with its answers, what stands of them now, and every decision."""
    summary = dispute_summaries(session, actor, [dispute], now)[0]
    current = in_force(session, [dispute]).get(dispute.dispute_id)
    disputed = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id == dispute.interaction_id,
            Evaluation.evaluation_id == dispute.evaluation_id,
        )
    ).one()
    form = load_pinned_definitions(session, disputed.versions).form
    answers = disputed_answers(session, dispute)
    wanted = select(Interaction).where(Interaction.interaction_id == dispute.interaction_id)
    interaction = session.scalars(wanted).one()
    written = {
        "appeal": dispute.appeal,
        "answers": _answers(form, answers, current),
        "decisions": _decisions(session, actor, dispute),
    }
    return {
        **summary,
        **without_names(session, actor, [interaction], written),
        "score_now": current.score if current else None,
        "score_if_proposed": _if_proposed(form, interaction, current, answers),
        **_may(session, actor, dispute, current, now),
    }


def _if_proposed(
    form: Form | None,
    interaction: Interaction,
    current: Evaluation | None,
    answers: Sequence[DisputeAnswer],
) -> float | None:
    if form is None or current is None:
        return None
    return score_if(form, interaction, current, [each.proposed for each in answers])


def _answers(
    form: Form | None, answers: Sequence[DisputeAnswer], current: Evaluation | None
) -> list[dict[str, Any]]:
    standing = {each["question"]: each for each in current.answers} if current else {}
    changed = changed_since(answers, current) if current else []
    return [
        {
            "question": each.question,
            "text": form.questions[each.question].text if form and each.question in form.questions else None,
            "disputed": each.disputed,
            "proposed": each.proposed,
            "comment": each.comment,
            "now": standing.get(each.question),
            "changed": each.question in changed,
            "outcome": each.outcome,
        }
        for each in answers
    ]


def _decisions(session: Session, actor: Actor, dispute: Dispute) -> list[dict[str, Any]]:
    found = session.scalars(
        select(DisputeDecision)
        .where(DisputeDecision.dispute_id == dispute.dispute_id)
        .order_by(DisputeDecision.level)
    ).all()
    people = people_by_id(session, (each.decider_id for each in found)) if actor.sees_agents else {}
    return [
        {
            "level": each.level,
            "decided_at": each.decided_at,
            "decider": people.get(each.decider_id),
            "comment": each.comment,
            "only_one": each.only_one,
            "evaluation": each.evaluation_id,
            "score_before": each.score_before,
            "score_after": each.score_after,
            "answers": each.answers,
        }
        for each in found
    ]


def _may(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    current: Evaluation | None,
    now: datetime,
) -> dict[str, Any]:
    """Return what the caller may do, and why somebody who decides may not decide on this one."""
    waits = dispute.state in WAITING and current is not None
    refused = objection(session, actor, dispute) if waits and decides(actor) else None
    until = None
    if dispute.state == "decided" and dispute.appealed_at is None and dispute.decided_at and current:
        until = rules_for(session, current).disputable_until(dispute.decided_at)
    mine = dispute.initiator_id == actor.user_id
    return {
        "may_decide": waits and decides(actor) and refused is None,
        "may_not_decide": str(refused) if refused else None,
        "appealable_until": until,
        "may_appeal": mine and until is not None and now <= until,
        "may_withdraw": mine and dispute.state in WAITING,
    }


def readable_representations(
    session: Session, actor: Actor, evaluations: Sequence[Evaluation], now: datetime
) -> list[dict[str, Any]]:
    """Return published evaluations as their agent, or their client's people, find them in a list."""
    rows = session.execute(
        select(Interaction, Client)
        .join(Client, Client.client_id == Interaction.client_id)
        .where(Interaction.interaction_id.in_({each.interaction_id for each in evaluations}))
    )
    interactions = {row.Interaction.interaction_id: row for row in rows}
    read = acknowledgements(session, evaluations)
    return [
        _readable(actor, each, interactions[each.interaction_id], read.get(each.evaluation_id), now)
        for each in evaluations
    ]


def _readable(actor: Actor, evaluation: Evaluation, row: Any, read: Any, now: datetime) -> dict[str, Any]:
    is_agent = side_of(actor) == "agent"
    scorecard = scorecard_of(evaluation)
    rules = rules_of(row.Client.settings, scorecard)
    readable = None if is_agent else readable_from(row.Client, row.Interaction)
    read_by_agent = acknowledgement_of(evaluation, rules, read, now) if is_agent else {}
    return {
        "id": evaluation.evaluation_id,
        "client": row.Client.slug,
        "external_id": row.Interaction.external_id if is_agent else None,
        "channel": row.Interaction.channel,
        "started_at": row.Interaction.started_at,
        "scorecard": scorecard,
        "published_at": evaluation.published_at,
        "score": evaluation.score,
        "band": evaluation.band,
        "outcome": evaluation.outcome,
        "disputable_until": disputable_until(evaluation, rules, readable),
        "acknowledged_at": read_by_agent.get("acknowledged_at"),
        "acknowledge_by": read_by_agent.get("due_at"),
        "overdue": read_by_agent.get("overdue", False),
    }


def acknowledged(session: Session, actor: Actor, evaluation_id: Any, now: datetime) -> Mapping[str, Any]:
    """Return whether somebody has acknowledged an evaluation of their work."""
    evaluation = session.scalars(select_to_read(actor).where(Evaluation.evaluation_id == evaluation_id)).one()
    found = acknowledgements(session, [evaluation], actor.user_id).get(evaluation_id)
    return acknowledgement_of(evaluation, rules_for(session, evaluation), found, now)
