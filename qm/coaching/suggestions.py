"""Whom to coach on what: questions whose newest reviewed answers of an agent are low. Nothing is automatic.

Who is low now is low partly by bad luck and will be better by themselves (regression to the mean). So each
suggestion says what to expect without coaching: the mean shrunk towards that of all agents.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from qm.coaching.models import CoachingPlan
from qm.coaching.reviewed_answers import answer_value, of_interaction
from qm.coaching.visibility import check_may_coach, coaches_everybody
from qm.interactions.models import Interaction
from qm.reviews.blindness import hidden_from
from qm.reviews.double_scored import human, sampled, select_submitted_reviews
from qm.reviews.handling_agents import agents_who_left, answering_agent
from qm.reviews.models import Review
from qm.reviews.worked_queues import DRAW_COLUMNS, counted
from scorecards.authoring.version_queries import forms_by_id
from scorecards.statistics.coached_change import answer_mean, shrink, usual
from tenants.clients import DEFAULT_SETTINGS
from tenants.credentials import Actor
from tenants.models import Client, User

SETTING = "coaching_suggestions"
LOOK_BACK = timedelta(days=90)
MAX_REVIEWS = 5000
MAX_SUGGESTIONS = 50


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """An answer of an agent, with its weight and the evaluation it is from."""

    value: float
    weight: float
    evaluation_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of a scorecard in its newest reviewed wording, and its answers by agent, newest first."""

    text: str
    answers: Mapping[str, Sequence[_Reviewed]]


def suggestions(session: Session, actor: Actor, client: Client, now: datetime) -> list[dict[str, Any]]:
    """Return the questions that agents could be coached on, the lowest mean first."""
    check_may_coach(actor)
    rule = client.settings.get(SETTING, DEFAULT_SETTINGS[SETTING])
    rows = _load(session, actor, client, now)
    names = {row.agent: row.name or row.agent for row, _ in reversed(rows)}
    teams = {row.agent: row.team for row, _ in reversed(rows)}
    coached, left = _coached(session, client), agents_who_left(session)
    mine = None if coaches_everybody(actor) else _own_team(session, actor)
    found = [
        {**one, "client": client.slug, "name": names[one["agent"]]}
        for key, asked in _by_question(session, rows).items()
        for one in _of_question(key, asked, rule)
        if (one["agent"], *key) not in coached
        and one["agent"] not in left
        and (coaches_everybody(actor) or (mine is not None and teams[one["agent"]] == mine))
    ]
    return sorted(found, key=lambda each: (each["mean"], each["agent"], each["question"]))[:MAX_SUGGESTIONS]


def _own_team(session: Session, actor: Actor) -> str | None:
    return session.scalar(select(User.team).where(User.user_id == actor.user_id))


def _load(session: Session, actor: Actor, client: Client, now: datetime) -> list[tuple[Any, float]]:
    """Return the newest reviews that count, and are published, each with its probability."""
    statement = (
        select_submitted_reviews(
            *DRAW_COLUMNS,
            human.evaluation_id,
            human.scorecard_id,
            human.answers,
            answering_agent.label("agent"),
            Interaction.agent_details["name"].astext.label("name"),
            Interaction.agent_details["team"].astext.label("team"),
        )
        .join(Interaction, of_interaction())
        .where(
            Review.client_id == client.client_id,
            Review.started_at >= now - LOOK_BACK,
            sampled,
            human.published_at <= now,
            answering_agent.is_not(None),
            not_(hidden_from(actor, Review.interaction_id)),
        )
        .order_by(Review.started_at.desc(), Review.review_id)
        .limit(MAX_REVIEWS)
    )
    return counted(session, session.execute(statement).all())


def _by_question(session: Session, rows: Sequence[tuple[Any, float]]) -> Mapping[tuple[str, str], _Asked]:
    forms = forms_by_id(session, {row.scorecard_id for row, _ in rows if row.scorecard_id})
    texts: dict[tuple[str, str], str] = {}
    answers: dict[tuple[str, str], dict[str, list[_Reviewed]]] = defaultdict(lambda: defaultdict(list))
    for row, probability in rows:
        form = forms.get(row.scorecard_id)
        for answer in row.answers if form else ():
            value = answer_value(form, answer)
            if form is not None and value is not None:
                key = (form.key, answer["question"])
                texts.setdefault(key, form.questions[answer["question"]].text)
                answers[key][row.agent].append(_Reviewed(value, 1 / probability, row.evaluation_id))
    return {key: _Asked(texts[key], by_agent) for key, by_agent in answers.items()}


def _of_question(key: tuple[str, str], asked: _Asked, rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the agents whose newest answers to a question are low."""
    means = {
        agent: mean
        for agent, answers in asked.answers.items()
        if (mean := answer_mean([each.value for each in answers], [each.weight for each in answers]))
    }
    prior = usual([means[agent] for agent in sorted(means)])
    found = []
    for agent, answers in asked.answers.items():
        newest = answers[: rule["after"]]
        mean = answer_mean([each.value for each in newest], [each.weight for each in newest])
        if mean is None or mean.n < rule["after"] or 100 * mean.mean >= rule["below"]:
            continue
        found.append(
            {
                "agent": agent,
                "scorecard": key[0],
                "question": key[1],
                "text": asked.text,
                "mean": 100 * mean.mean,
                "reviewed": mean.n,
                "below": rule["below"],
                "expected": 100 * shrink(means[agent], prior),
                "usual": 100 * prior.mean,
                "evaluations": [each.evaluation_id for each in newest],
            }
        )
    return found


def _coached(session: Session, client: Client) -> set[tuple[str, str, str]]:
    """Return agent, scorecard and question of what open plans coach."""
    statement = select(CoachingPlan.agent, CoachingPlan.scorecard, CoachingPlan.questions).where(
        CoachingPlan.client_id == client.client_id, CoachingPlan.closed_at.is_(None)
    )
    rows = session.execute(statement)
    return {(agent, scorecard, each) for agent, scorecard, questions in rows for each in questions}
