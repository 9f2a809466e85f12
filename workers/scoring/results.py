"""What one judged interaction becomes in the database: evaluation, facts, and perhaps a review."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from qm.reviews.evaluations import evaluation_columns
from scorecards.autoscore.answer_policy import HUMAN_ONLY
from scorecards.autoscore.engine import AutomaticEvaluation
from scorecards.definitions.form import PILLARS
from scorecards.sampling import inclusion as sampling
from scorecards.sampling.inclusion import Inclusion, RiskFacts
from scorecards.sla import clocks as sla
from scorecards.sla.clocks import Clock
from scorecards.sla.policy import TARGETS
from workers.scoring.judge import Judged

_NO_CLOCKS: Mapping[str, Any] = {
    **{f"{target}_{state}": 0 for target in TARGETS for state in ("met", "breached")},
    **{f"{target}_due": None for target in TARGETS},
}


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of one judged interaction; `review` is None unless it is drawn.

    Answers, findings and clocks are the judges' own: their fields are those of the stored JSON, and msgspec
    writes them without a copy.
    """

    evaluation: dict[str, Any]
    facts: dict[str, Any]
    review: dict[str, Any] | None


def result_of(judged: Judged, *, now: datetime, key: bytes) -> Result:
    """Return the rows: score and findings, SLA clocks as they stand now, and the sampling draw."""
    clocks = _clocks(judged, now)
    drawn = _draw(judged, clocks, now, key)
    facts = {
        **_identity(judged),
        **_dimensions(judged),
        **_measures(judged.judgement),
        **_clock_facts(clocks),
        "clocks": clocks,
        "sampled": int(drawn is not None and drawn.included),
        "inclusion_probability": drawn.inclusion.probability if drawn else None,
        "draw": drawn.number if drawn else None,
        "policy_id": drawn.policy_id if drawn else None,
    }
    review = _review(judged, drawn, now) if drawn and drawn.included else None
    return Result(_evaluation(judged), facts, review)


@dataclass(frozen=True, slots=True)
class SamplingDecision:
    """The draw of one interaction: its number in [0, 1), and the inclusion probability it is held against."""

    policy_id: uuid.UUID
    number: float
    inclusion: Inclusion

    @property
    def included(self) -> bool:
        """Whether the interaction is in the review sample."""
        return self.inclusion.includes(self.number)


def _identity(judged: Judged) -> dict[str, Any]:
    return {
        "tenant_id": judged.prepared.tenant_id,
        "client_id": judged.prepared.client_id,
        "interaction_id": judged.prepared.row.interaction_id,
    }


def _dimensions(judged: Judged) -> dict[str, Any]:
    row = judged.prepared.row
    return {
        "started_at": row.started_at,
        "day": row.started_at.astimezone(UTC).date(),
        "channel": row.channel,
        "program": row.program or "",
        "queue": row.queue or "",
        "priority": row.priority,
        "agent": row.agent or "",
    }


def _measures(judgement: AutomaticEvaluation) -> dict[str, Any]:
    score, mood = judgement.score, judgement.sentiment
    pillars = score.pillars if score else {}
    return {
        "scored": 1,
        "score": score.total if score else None,
        "passed": int(bool(score and score.outcome == "pass")),
        "empathy": score.empathy if score else None,
        **{pillar: pillars.get(pillar) for pillar in PILLARS},
        "shift": mood.shift,
        "sentiment_start": mood.start,
        "sentiment_end": mood.end,
        "peak_distress": mood.peak_distress,
        "charged": int(mood.charged),
        "started_negative": int(mood.recovered is not None),
        "recovered": int(mood.recovered is True),
    }


def _clocks(judged: Judged, now: datetime) -> Sequence[Clock]:
    if judged.prepared.definitions.sla is None:
        return ()
    earlier = judged.prepared.previous
    before = msgspec.convert(earlier.clocks, tuple[Clock, ...]) if earlier else ()
    return sla.clocks(judged.prepared.definitions.sla, judged.prepared.conversation, now, before)


def _clock_facts(clocks: Sequence[Clock]) -> dict[str, Any]:
    facts = {**_NO_CLOCKS, "sla_rule": clocks[0].rule if clocks else None}
    for clock in clocks:
        if clock.stopped_at is not None:
            facts[f"{clock.target}_{clock.state}"] += 1
        elif facts[f"{clock.target}_due"] is None:
            facts[f"{clock.target}_due"] = clock.due_at
    return facts


def _draw(judged: Judged, clocks: Sequence[Clock], now: datetime, key: bytes) -> SamplingDecision | None:
    """Draw by the policy that judged the interaction first: a later version never draws it again."""
    version, policy = judged.prepared.definitions.sampling_version, judged.prepared.definitions.sampling
    earlier = judged.prepared.previous
    if earlier is not None and earlier.policy_id is not None and earlier.inclusion_probability is not None:
        before = Inclusion(earlier.inclusion_probability)
        if version is None or policy is None or version.definition_id != earlier.policy_id:
            return SamplingDecision(earlier.policy_id, earlier.draw or 0.0, before)
    else:
        before = None
    if version is None or policy is None:
        return None
    current = sampling.inclusion_probability(policy, _risks(judged, clocks, now))
    number = sampling.draw_number(key, str(version.definition_id), judged.prepared.row.interaction_id)
    return SamplingDecision(version.definition_id, number, sampling.redraw(before, current))


def _risks(judged: Judged, clocks: Sequence[Clock], now: datetime) -> RiskFacts:
    judgement, form = judged.judgement, judged.prepared.definitions.form
    automatic = [
        answer
        for answer in judgement.answers.values()
        if answer.gate != HUMAN_ONLY or (form and form.questions[answer.question].auto is not None)
    ]
    return RiskFacts(
        charged=judgement.sentiment.charged,
        sla_breach=any(breached for _, breached in sla.tally(clocks, now).values()),
        critical=bool(judgement.score and judgement.score.critical),
        abstained=any(answer.abstained for answer in automatic),
        confidence=min((each.confidence for each in automatic if not each.abstained), default=None),
        csat=judged.prepared.conversation.outcome.get("csat"),
        agent_days=judged.prepared.agent_days,
    )


def _evaluation(judged: Judged) -> dict[str, Any]:
    judgement, rules, standing = judged.judgement, judged.prepared.definitions, judged.prepared.models
    return {
        **_identity(judged),
        **evaluation_columns(
            kind="automatic",
            scorecard_id=rules.scorecard.definition_id if rules.scorecard else None,
            versions={**rules.versions, **standing.versions},
            answers=tuple(judgement.answers.values()),
            score=judgement.score,
            findings={
                "sentiment": judgement.sentiment,
                "brand_voice": judgement.brand_voice,
                "playbooks": judgement.playbooks,
                "empathy": judgement.empathy,
                **standing.findings(judgement.in_vocabulary_share),
            },
        ),
    }


def _review(judged: Judged, drawn: SamplingDecision, now: datetime) -> dict[str, Any]:
    return {
        **_identity(judged),
        "state": "queued",
        "targeted": False,
        "reasons": list(drawn.inclusion.reasons) or ["base_rate"],
        "inclusion_probability": drawn.inclusion.probability,
        "draw": drawn.number,
        "policy_id": drawn.policy_id,
        "started_at": judged.prepared.row.started_at,
        "draft": [],
        "revision": 1,
        "created_at": now,
    }
