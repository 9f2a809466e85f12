"""Whether the questions of a plan moved: the agent's reviewed answers before and after it began."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.coaching.models import CoachingPlan
from qm.coaching.reviewed_answers import ReviewedAnswer, load_answers, mean_concurrency
from scorecards.statistics.coached_change import (
    AnswerMean,
    CoachedChange,
    Usual,
    answer_mean,
    coached_change,
    usual,
)
from scorecards.statistics.confidence_intervals import Interval

LOOK_BACK = timedelta(days=180)
"""Answers before a plan are those of conversations up to so long ago."""
_NOBODY = Usual(0.5, 1.0, 1.0)


def follow_up(session: Session, plan: CoachingPlan) -> list[dict[str, Any]]:
    """Return what became of each question of a plan; of a closed one as it was when it was closed."""
    if plan.measured is not None:
        return plan.measured
    return [_question(session, plan, question) for question in plan.questions]


def coached_questions_that_moved(session: Session, agent: str) -> list[tuple[str, str, datetime]]:
    """Return the scorecard, the question and the beginning of each plan of an agent that moved it."""
    plans = session.scalars(
        select(CoachingPlan)
        .where(CoachingPlan.agent == agent)
        .order_by(CoachingPlan.created_at, CoachingPlan.plan_id)
    ).all()
    return [
        (plan.scorecard, each["question"], plan.created_at)
        for plan in plans
        for each in follow_up(session, plan)
        if each["verdict"] == "moved"
    ]


def _question(session: Session, plan: CoachingPlan, question: str) -> dict[str, Any]:
    since = plan.created_at - LOOK_BACK
    answers = load_answers(session, plan.client_id, plan.scorecard, question, since=since)
    before = [each for each in answers if each.started_at < plan.created_at]
    own = [each for each in before if each.agent == plan.agent]
    later = [each for each in answers if each.agent == plan.agent and each.started_at >= plan.created_at]
    after = later[: plan.follow_up_after]
    means = {agent: mean for agent in {each.agent for each in before} if (mean := _mean(before, agent))}
    change = coached_change(
        means.get(plan.agent),
        _mean(after, plan.agent),
        usual([means[agent] for agent in sorted(means)]) if means else _NOBODY,
        wanted=plan.follow_up_after,
        questions=len(plan.questions),
    )
    return {
        "question": question,
        **_verdict(change),
        "before_answers": len(own),
        "after_answers": len(after),
        "before_mean": _points(mean.mean if (mean := means.get(plan.agent)) else None),
        "colleagues": len(means.keys() - {plan.agent}),
        "concurrency_before": mean_concurrency(own),
        "concurrency_after": mean_concurrency(after) if change.after.estimate is not None else None,
    }


def _mean(answers: Iterable[ReviewedAnswer], agent: str) -> AnswerMean | None:
    own = [each for each in answers if each.agent == agent]
    return answer_mean([each.value for each in own], [each.weight for each in own])


def _verdict(change: CoachedChange) -> dict[str, Any]:
    return {
        "verdict": change.verdict,
        "missing": change.missing,
        "before": _interval(change.shrunken),
        "after": _interval(change.after),
        "difference": _interval(change.difference),
    }


def _interval(found: Interval) -> dict[str, float | None]:
    return {name: _points(getattr(found, name)) for name in ("estimate", "low", "high")}


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share
