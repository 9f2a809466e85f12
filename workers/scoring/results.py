"""The rows of one evaluated interaction: evaluation, facts, and a review if it is sampled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from qm.reviews.evaluations import evaluation_columns
from scorecards.autoscore.engine import AutomaticEvaluation
from scorecards.definitions.form import PILLARS
from scorecards.sla import clocks as sla
from scorecards.sla.clocks import Clock
from scorecards.sla.policy import TARGETS
from workers.scoring.judge import EvaluatedTask
from workers.scoring.sampling_decision import SamplingDecision, sampling_decision

_NO_CLOCKS: Mapping[str, Any] = {
    **{f"{target}_{state}": 0 for target in TARGETS for state in ("met", "breached")},
    **{f"{target}_due": None for target in TARGETS},
}


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of one evaluated interaction; `review` is None unless it is sampled.

    Answers, findings and clocks are the evaluation's own objects: their fields are those of the stored JSON,
    and msgspec encodes them without a copy.
    """

    evaluation: dict[str, Any]
    facts: dict[str, Any]
    review: dict[str, Any] | None


def result_of(evaluated: EvaluatedTask, *, now: datetime, key: bytes) -> Result:
    """Return the rows: score and findings, the state of the SLA clocks now, and the sampling decision."""
    clocks = _clocks(evaluated, now)
    decision = sampling_decision(evaluated, clocks, now, key)
    facts = {
        **_identity(evaluated),
        **_dimensions(evaluated),
        **_measures(evaluated.evaluation),
        **_clock_facts(clocks),
        "clocks": clocks,
        "sampled": int(decision is not None and decision.included),
        "inclusion_probability": decision.inclusion.probability if decision else None,
        "draw": decision.number if decision else None,
        "policy_id": decision.policy_id if decision else None,
    }
    review = _review(evaluated, decision, now) if decision and decision.included else None
    return Result(_evaluation_row(evaluated), facts, review)


def _identity(evaluated: EvaluatedTask) -> dict[str, Any]:
    return {
        "tenant_id": evaluated.task.tenant_id,
        "client_id": evaluated.task.client_id,
        "interaction_id": evaluated.task.row.interaction_id,
    }


def _dimensions(evaluated: EvaluatedTask) -> dict[str, Any]:
    row = evaluated.task.row
    return {
        "started_at": row.started_at,
        "day": row.started_at.astimezone(UTC).date(),
        "channel": row.channel,
        "program": row.program or "",
        "queue": row.queue or "",
        "priority": row.priority,
        "agent": row.agent or "",
    }


def _measures(evaluation: AutomaticEvaluation) -> dict[str, Any]:
    score, sentiment = evaluation.score, evaluation.sentiment
    pillars = score.pillars if score else {}
    return {
        "scored": 1,
        "score": score.total if score else None,
        "passed": int(bool(score and score.outcome == "pass")),
        "empathy": score.empathy if score else None,
        **{pillar: pillars.get(pillar) for pillar in PILLARS},
        "shift": sentiment.shift,
        "sentiment_start": sentiment.start,
        "sentiment_end": sentiment.end,
        "peak_distress": sentiment.peak_distress,
        "charged": int(sentiment.charged),
        "started_negative": int(sentiment.recovered is not None),
        "recovered": int(sentiment.recovered is True),
    }


def _clocks(evaluated: EvaluatedTask, now: datetime) -> Sequence[Clock]:
    if evaluated.task.definitions.sla is None:
        return ()
    previous = evaluated.task.previous
    before = msgspec.convert(previous.clocks, tuple[Clock, ...]) if previous else ()
    return sla.clocks(evaluated.task.definitions.sla, evaluated.task.conversation, now, before)


def _clock_facts(clocks: Sequence[Clock]) -> dict[str, Any]:
    facts = {**_NO_CLOCKS, "sla_rule": clocks[0].rule if clocks else None}
    for clock in clocks:
        if clock.stopped_at is not None:
            facts[f"{clock.target}_{clock.state}"] += 1
        elif facts[f"{clock.target}_due"] is None:
            facts[f"{clock.target}_due"] = clock.due_at
    return facts


def _evaluation_row(evaluated: EvaluatedTask) -> dict[str, Any]:
    evaluation, task = evaluated.evaluation, evaluated.task
    definitions, models = task.definitions, task.models
    return {
        **_identity(evaluated),
        **evaluation_columns(
            kind="automatic",
            scorecard_id=definitions.scorecard.definition_id if definitions.scorecard else None,
            versions={**definitions.versions, **models.versions},
            answers=tuple(evaluation.answers.values()),
            score=evaluation.score,
            findings={
                "sentiment": evaluation.sentiment,
                "brand_voice": evaluation.brand_voice,
                "playbooks": evaluation.playbooks,
                "empathy": evaluation.empathy,
                **models.findings(evaluation.in_vocabulary_share),
            },
        ),
    }


def _review(evaluated: EvaluatedTask, decision: SamplingDecision, now: datetime) -> dict[str, Any]:
    return {
        **_identity(evaluated),
        "state": "queued",
        "targeted": False,
        "reasons": list(decision.inclusion.reasons) or ["base_rate"],
        "inclusion_probability": decision.inclusion.probability,
        "draw": decision.number,
        "policy_id": decision.policy_id,
        "started_at": evaluated.task.row.started_at,
        "draft": [],
        "revision": 1,
        "created_at": now,
    }
