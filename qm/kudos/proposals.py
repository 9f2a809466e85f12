"""Interactions of exceptional empathy, by the machine: proposals that people confirm or decline."""

from collections.abc import Mapping
from datetime import timedelta
from statistics import fmean
from typing import Any

from sqlalchemy import and_, func, not_, select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.kudos.models import Kudos
from qm.kudos.visibility import check_may_praise, praises_everybody
from qm.reviews.blindness import hidden_from
from qm.reviews.handling_agents import answering_agent, own_team
from qm.reviews.models import Evaluation
from qm.reviews.quotes import answer_quotes
from qm.reviews.readings import note_readings
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import question_score
from tenants.credentials import Actor
from tenants.models import Client

LOOK_BACK = timedelta(days=28)
"""Before the newest interaction."""
MIN_EMPATHY = 90.0
MIN_CONFIDENCE = 0.7
MIN_ANSWERS = 2
"""Questions of empathy that the machine has answered, none of them below its best."""
MAX_LOOKED_AT, MAX_PROPOSED = 200, 10


def proposals(session: Session, actor: Actor, client: Client) -> list[dict[str, Any]]:
    """Return the interactions with the highest empathy about which nobody has decided yet.

    The surest first where empathy is the same. What the caller is still to review is left out.
    """
    check_may_praise(actor)
    rows = _load(session, actor, client)
    forms = forms_by_id(session, {row.Evaluation.scorecard_id for row in rows})
    found = [
        {**one, "client": client.slug}
        for row in rows
        if (one := _proposal(forms[row.Evaluation.scorecard_id], row))
    ]
    found.sort(key=lambda each: (-each["empathy"], -each["confidence"], str(each["interaction"])))
    note_readings(session, actor, (each["interaction"] for each in found[:MAX_PROPOSED]))
    return found[:MAX_PROPOSED]


def _load(session: Session, actor: Actor, client: Client) -> list[Any]:
    owned = (InteractionFacts.tenant_id == client.tenant_id, InteractionFacts.client_id == client.client_id)
    newest = session.scalar(select(func.max(InteractionFacts.started_at)).where(*owned))
    if newest is None:
        return []
    decided = select(Kudos.interaction_id).where(Kudos.client_id == client.client_id)
    # Only the best are joined: their interactions and evaluations are long.
    best = (
        select(InteractionFacts.interaction_id, InteractionFacts.tenant_id)
        .where(
            *owned,
            InteractionFacts.started_at > newest - LOOK_BACK,
            InteractionFacts.empathy >= MIN_EMPATHY,
            InteractionFacts.judged == 1,
            InteractionFacts.interaction_id.not_in(decided),
        )
        .order_by(InteractionFacts.charged.desc(), InteractionFacts.empathy.desc())
        .order_by(InteractionFacts.interaction_id)
        .limit(MAX_LOOKED_AT)
        .subquery()
    )
    same = (Interaction.tenant_id == best.c.tenant_id, Interaction.interaction_id == best.c.interaction_id)
    statement = (
        select(Evaluation, Interaction, answering_agent.label("agent"))
        .select_from(best)
        .join(Interaction, and_(*same))
        .join(
            Evaluation,
            and_(
                Evaluation.tenant_id == best.c.tenant_id,
                Evaluation.interaction_id == best.c.interaction_id,
                Evaluation.kind == "automatic",
                Evaluation.superseded_at.is_(None),
                Evaluation.scorecard_id.is_not(None),
            ),
        )
        .where(
            answering_agent.is_not(None),
            not_(hidden_from(actor, Interaction.interaction_id, in_list=True)),
        )
    )
    if not praises_everybody(actor):
        statement = statement.where(Interaction.agent_details["team"].astext == own_team(actor))
    return list(session.execute(statement).all())


def _proposal(form: Form, row: Any) -> dict[str, Any] | None:
    """Return what is proposed; None unless the machine is sure enough of enough answers."""
    pillars = {each.key for section in form.sections if section.pillar for each in section.questions}
    told = [
        answer
        for answer in row.Evaluation.answers
        if answer["question"] in pillars and _is_best(form, answer) and not answer.get("abstained")
    ]
    if len(told) < MIN_ANSWERS:
        return None
    confidence = fmean(float(answer.get("confidence") or 0.0) for answer in told)
    if confidence < MIN_CONFIDENCE:
        return None
    surest = sorted(told, key=lambda answer: -float(answer.get("confidence") or 0.0))
    quotes = [quote for answer in surest for quote in answer_quotes(row.Interaction.turns, answer, "agent")]
    place, words = quotes[0] if quotes else (None, None)
    return {
        "interaction": row.Interaction.interaction_id,
        "external_id": row.Interaction.external_id,
        "channel": row.Interaction.channel,
        "started_at": row.Interaction.started_at,
        "agent": row.agent,
        "agent_name": row.Interaction.agent_details.get("name") or row.agent,
        "empathy": row.Evaluation.empathy,
        "confidence": confidence,
        "quote": place,
        "words": words,
        "strengths": [form.questions[answer["question"]].text for answer in surest],
    }


def _is_best(form: Form, body: Mapping[str, Any]) -> bool:
    answer = Answer.from_json(body)
    question = form.questions.get(answer.question)
    return question is not None and not answer.na and question_score(question, answer.value) == 1.0
