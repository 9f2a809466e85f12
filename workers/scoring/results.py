"""The rows of one evaluated interaction: evaluation, facts, and the reasons for a review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qm.facts.models import CLOCK_COUNTS, CRITICAL_MEASURES
from qm.interactions.parts import Whole
from qm.reviews.evaluations import evaluation_columns
from scorecards.definitions.form import PILLARS
from scorecards.sampling.draw_keys import DrawKeys
from scorecards.scoring.error_rates import error_rates
from scorecards.sla import clocks as sla
from scorecards.sla.clocks import Clock
from scorecards.sla.policy import TARGETS
from tenants.days import day_of
from workers.scoring.judge import EvaluatedTask
from workers.scoring.sampling_decision import sampling_decision

_NO_CLOCKS: Mapping[str, Any] = {
    **dict.fromkeys(CLOCK_COUNTS, 0),
    **{f"{target}_due": None for target in TARGETS},
}

_NO_FEELINGS: Mapping[str, Any] = dict.fromkeys(
    ("peak_distress", "charged", "started_negative", "recovered"), 0
)


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of one evaluated interaction, its draw before quotas; `reasons` are those of a review of it.

    `whole` is set for an interaction that has parts or may have had some.

    Answers, findings and clocks are the evaluation's own objects: their fields are those of the stored JSON,
    and msgspec encodes them without a copy.
    """

    evaluation: dict[str, Any]
    facts: dict[str, Any]
    reasons: list[str]
    whole: Whole | None = None


def result_of(evaluated: EvaluatedTask, *, now: datetime, keys: DrawKeys) -> Result:
    """Return the rows: score and findings, the state of the SLA clocks now, and the sampling decision."""
    clocks = _clocks(evaluated, now)
    decision = sampling_decision(evaluated, clocks, now, keys)
    rate = decision.inclusion.probability if decision else 0.0
    part = evaluated.task.conversation.part
    facts = {
        **_identity(evaluated),
        **_dimensions(evaluated),
        **_measures(evaluated),
        # Clocks and the customer's feelings are facts of the whole interaction.
        **_clock_facts(() if part else clocks, evaluated.task.definitions.sla_version),
        "clocks": () if part else clocks,
        "rate": rate,
        "drawable_since": _drawable_since(evaluated, rate, now),
        "draw": decision.number if decision else None,
        "policy_id": decision.policy_id if decision else None,
    }
    reasons = list(decision.inclusion.reasons) if decision else []
    return Result(_evaluation_row(evaluated), facts, reasons or ["base_rate"], _whole(evaluated))


def _whole(evaluated: EvaluatedTask) -> Whole | None:
    row, conversation = evaluated.task.row, evaluated.task.conversation
    if conversation.part or (conversation.is_judged and row.revision == 1):
        return None
    agents = frozenset() if conversation.is_judged else conversation.speaking_agents - {""}
    return Whole(row.interaction_id, row.external_id, agents, conversation.status, conversation.outcome)


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
        "day": day_of(row.started_at, evaluated.task.time_zone),
        "channel": row.channel,
        "program": row.program or "",
        "queue": row.queue or "",
        "priority": row.priority,
        "agent": evaluated.task.conversation.answerable_agent or "",
    }


def _drawable_since(evaluated: EvaluatedTask, rate: float, now: datetime) -> datetime:
    """Return since when it has this rate: later facts may raise it, and the chance comes then."""
    previous = evaluated.task.previous
    if previous is None:
        received: datetime = evaluated.task.row.received_at
        return received
    return now if rate > previous.rate else previous.drawable_since


def _measures(evaluated: EvaluatedTask) -> dict[str, Any]:
    score, conversation = evaluated.evaluation.score, evaluated.task.conversation
    pillars = score.pillars if score else {}
    return {
        "scored": int(not conversation.part),
        "judged": int(conversation.is_judged),
        "score": score.total if score else None,
        "passed": int(bool(score and score.outcome == "pass")),
        "empathy": score.empathy if score else None,
        **{pillar: pillars.get(pillar) for pillar in PILLARS},
        **_error_rates(evaluated),
        **_feelings(evaluated),
    }


def _feelings(evaluated: EvaluatedTask) -> dict[str, Any]:
    if evaluated.task.conversation.part:
        return {**dict.fromkeys(("shift", "sentiment_start", "sentiment_end")), **_NO_FEELINGS}
    sentiment = evaluated.evaluation.sentiment
    return {
        "shift": sentiment.shift,
        "sentiment_start": sentiment.start,
        "sentiment_end": sentiment.end,
        "peak_distress": sentiment.peak_distress,
        "charged": int(sentiment.charged),
        "started_negative": int(sentiment.recovered is not None),
        "recovered": int(sentiment.recovered is True),
    }


def _error_rates(evaluated: EvaluatedTask) -> dict[str, Any]:
    form, score = evaluated.task.definitions.form, evaluated.evaluation.score
    if form is None or score is None:
        return dict.fromkeys(("pass_rate", *CRITICAL_MEASURES))
    return error_rates(form, score=score.total, outcome=score.outcome, critical=score.critical)


def _clocks(evaluated: EvaluatedTask, now: datetime) -> Sequence[Clock]:
    task = evaluated.task
    if task.definitions.sla is None:
        return ()
    return sla.clocks(task.definitions.sla, task.whole, now, task.definitions.sla_changes)


def _clock_facts(clocks: Sequence[Clock], version: int) -> dict[str, Any]:
    """Return how many clocks stopped in which state, and of open ones when they are due or that they pause.

    A paused clock whose time ran out before has a due time: it counts as one that runs past due.
    """
    facts = {
        **_NO_CLOCKS,
        "sla_rule": clocks[0].rule if clocks else "",
        "sla_version": version if clocks else 0,
    }
    for clock in clocks:
        if clock.stopped_at is not None or clock.due_at is None:
            facts[f"{clock.target}_{clock.state}"] += 1
        else:
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
