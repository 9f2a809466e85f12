"""Moments of truth: the best and the worst of the emotionally charged interactions, in the customers' words.

They come from what people have judged and published, and so never rest on the machine's word alone; what the
client's own people may not read is not among them.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.report_request import ReportRequest, noted
from qm.reviews.blindness import visible_evaluations
from qm.reviews.client_reading import each_without_agents, reads_for_client, select_published_to_client
from qm.reviews.models import Evaluation
from qm.reviews.publishing import select_published
from qm.reviews.quotes import answer_quotes
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import question_score
from tenants.credentials import Actor

MOST = 3
"""So many of each kind."""
QUOTE_LENGTH = 280
NO_MOMENTS = "No evaluation of this period can be read yet: choose another period, or publish some."
METHOD_NOTE = (
    "Of the published reviews of emotionally charged interactions: those whose empathy people scored lowest "
    "and highest, the most distressed customers first where it is the same. They show what a score sounds "
    "like; they are no sample."
)


def report(session: Session, request: ReportRequest, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/moments`; nothing where the caller may see no single interaction."""
    lowest = _load(session, request, actor, Evaluation.empathy.asc())
    shown = {row.Evaluation.evaluation_id for row in lowest}
    highest = [
        row
        for row in _load(session, request, actor, Evaluation.empathy.desc())
        if row.Evaluation.evaluation_id not in shown
    ]
    rows = (*lowest, *highest)
    forms = forms_by_id(session, {row.Evaluation.scorecard_id for row in rows})
    turns = _turns(session, actor, [row.Interaction for row in rows])
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "worst": [_moment(row, forms, turns) for row in lowest],
        "best": [_moment(row, forms, turns) for row in highest],
        "method_note": noted(len(rows), NO_MOMENTS, METHOD_NOTE),
    }


def _load(session: Session, request: ReportRequest, actor: Actor, order: Any) -> Sequence[Any]:
    client, period = request.client, request.period
    facts = InteractionFacts
    statement = (
        _readable(actor)
        .add_columns(Interaction, facts.peak_distress)
        .join(
            facts,
            (facts.tenant_id == Evaluation.tenant_id) & (facts.interaction_id == Evaluation.interaction_id),
        )
        .where(
            Evaluation.client_id == client.client_id,
            Evaluation.superseded_at.is_(None),
            Evaluation.empathy.is_not(None),
            Evaluation.scorecard_id.is_not(None),
            facts.tenant_id == client.tenant_id,
            facts.client_id == client.client_id,
            facts.day.between(period.first, period.last),
            facts.charged == 1,
            *(getattr(facts, name) == value for name, value in request.filters.items()),
        )
        .order_by(order, facts.peak_distress.desc(), Evaluation.evaluation_id)
        .limit(MOST)
    )
    return session.execute(statement).all()


def _readable(actor: Actor) -> Select[Any]:
    """Return the statement of the published evaluations that the caller may read."""
    if reads_for_client(actor):
        return select_published_to_client(actor)
    return select_published().where(visible_evaluations(actor, in_list=True))


def _turns(session: Session, actor: Actor, interactions: Sequence[Interaction]) -> Mapping[uuid.UUID, Any]:
    """Return what was said in each interaction, as the caller may read it."""
    if reads_for_client(actor):
        return each_without_agents(session, interactions)
    return {each.interaction_id: each.turns for each in interactions}


def _moment(row: Any, forms: Mapping[Any, Form], turns: Mapping[uuid.UUID, Any]) -> dict[str, Any]:
    evaluation, interaction = row.Evaluation, row.Interaction
    return {
        "evaluation": evaluation.evaluation_id,
        "started_at": interaction.started_at,
        "channel": interaction.channel,
        "reason": interaction.intent,
        "empathy": evaluation.empathy,
        "score": evaluation.score,
        "band": evaluation.band,
        "distress": row.peak_distress,
        "quotes": _quotes(forms.get(evaluation.scorecard_id), evaluation, turns[interaction.interaction_id]),
    }


def _quotes(
    form: Form | None, evaluation: Evaluation, turns: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what the customer said first, and the agent's turn that the most telling answer points at."""
    said = next((turn["text"] for turn in turns if turn["speaker"] == "customer" and turn.get("text")), None)
    quotes: list[dict[str, Any]] = [_quote("customer", said, None)] if said else []
    for answer in sorted(evaluation.answers, key=lambda each: _distance(form, each, evaluation)):
        places = [place["turn"] for place, _ in answer_quotes(turns, answer, "agent")]
        if places:
            question = form.questions.get(answer["question"]) if form else None
            return [*quotes, _quote("agent", turns[places[0]]["text"], question.text if question else None)]
    return quotes


def _distance(form: Form | None, body: Mapping[str, Any], evaluation: Evaluation) -> float:
    """Return how far an answer is from what the evaluation says as a whole, from 0 to 1."""
    answer = Answer.from_json(body)
    question = form.questions.get(answer.question) if form else None
    value = question_score(question, answer.value) if question and not answer.na else None
    return 1.0 if value is None else abs(value - round(float(evaluation.empathy or 0.0) / 100))


def _quote(speaker: str, text: str, question: str | None) -> dict[str, Any]:
    short = text if len(text) <= QUOTE_LENGTH else f"{text[: QUOTE_LENGTH - 1].rstrip()}…"
    return {"speaker": speaker, "text": short, "question": question}
