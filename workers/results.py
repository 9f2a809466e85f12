"""What one judged interaction becomes in the database: evaluation, facts, and perhaps a review."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qm.interactions import clocks as stored_clocks
from qm.reviews.evaluations import row_of
from scorecards import sampling, sla
from scorecards.autoscore.engine import AutomaticAnswer, Judgement
from scorecards.form import PILLARS
from scorecards.sampling import Inclusion, RiskFacts
from scorecards.sla import Clock
from scorecards.sla_policy import TARGETS
from workers.judging import Judged


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of one judged interaction; `review` is None unless it is drawn."""

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
        "clocks": stored_clocks.to_json(clocks),
        "sampled": int(drawn is not None and drawn.included),
        "inclusion_probability": drawn.inclusion.probability if drawn else None,
        "draw": drawn.number if drawn else None,
        "policy_id": drawn.policy_id if drawn else None,
    }
    review = _review(judged, drawn, now) if drawn and drawn.included else None
    return Result(_evaluation(judged), facts, review)


@dataclass(frozen=True, slots=True)
class _Drawn:
    policy_id: uuid.UUID
    number: float
    inclusion: Inclusion

    @property
    def included(self) -> bool:
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


def _measures(judgement: Judgement) -> dict[str, Any]:
    score, mood = judgement.score, judgement.sentiment
    pillars = score.pillars if score else {}
    negative = mood.start is not None and mood.shift is not None and mood.start < 0
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
        "started_negative": int(negative),
        "recovered": int(negative and mood.end is not None and mood.end >= 0),
    }


def _clocks(judged: Judged, now: datetime) -> Sequence[Clock]:
    if judged.prepared.rules.sla is None:
        return ()
    earlier = stored_clocks.from_json(judged.prepared.earlier.clocks) if judged.prepared.earlier else ()
    return sla.clocks(judged.prepared.rules.sla, judged.prepared.conversation, now, earlier)


def _clock_facts(clocks: Sequence[Clock]) -> dict[str, Any]:
    facts: dict[str, Any] = {"sla_rule": clocks[0].rule if clocks else None}
    for target in TARGETS:
        own = [clock for clock in clocks if clock.target == target]
        waiting = [clock for clock in own if clock.stopped_at is None and clock.due_at is not None]
        facts[f"{target}_met"] = sum(clock.state == "met" for clock in own)
        facts[f"{target}_breached"] = sum(
            clock.state == "breached" and clock.stopped_at is not None for clock in own
        )
        facts[f"{target}_due"] = waiting[0].due_at if waiting else None
    return facts


def _draw(judged: Judged, clocks: Sequence[Clock], now: datetime, key: bytes) -> _Drawn | None:
    """Draw by the policy that judged the interaction first: a later version never draws it again."""
    version, policy = judged.prepared.rules.sampling_version, judged.prepared.rules.sampling
    earlier = judged.prepared.earlier
    if earlier is not None and earlier.policy_id is not None and earlier.inclusion_probability is not None:
        before = Inclusion(earlier.inclusion_probability)
        if version is None or policy is None or version.definition_id != earlier.policy_id:
            return _Drawn(earlier.policy_id, earlier.draw or 0.0, before)
    else:
        before = None
    if version is None or policy is None:
        return None
    current = sampling.inclusion_probability(policy, _risks(judged, clocks, now))
    number = sampling.draw_number(key, str(version.definition_id), judged.prepared.row.interaction_id)
    return _Drawn(version.definition_id, number, sampling.redraw(before, current))


def _risks(judged: Judged, clocks: Sequence[Clock], now: datetime) -> RiskFacts:
    judgement, form = judged.judgement, judged.prepared.rules.form
    automatic = [
        answer
        for answer in judgement.answers.values()
        if form is not None and form.questions[answer.question].auto is not None
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
    judgement, rules = judged.judgement, judged.prepared.rules
    return {
        **_identity(judged),
        **row_of(
            kind="automatic",
            scorecard_id=rules.scorecard.definition_id if rules.scorecard else None,
            versions=rules.versions,
            answers=[_answer_json(answer) for answer in judgement.answers.values()],
            score=judgement.score,
            findings=_findings_json(judgement),
        ),
    }


def _answer_json(answer: AutomaticAnswer) -> dict[str, Any]:
    """Return an automatic answer as it is stored and shown."""
    return {
        "question": answer.question,
        "value": answer.value,
        "na": answer.na,
        "confidence": round(answer.confidence, 3),
        "evidence": [span.to_json() for span in answer.evidence],
        "reason": answer.reason,
        "clause": answer.clause,
        "abstained": answer.abstained,
    }


def _findings_json(judgement: Judgement) -> dict[str, Any]:
    """Return what was found besides the answers; msgspec writes the findings as they are stored."""
    return {
        "sentiment": judgement.sentiment,
        "brand_voice": judgement.brand_voice,
        "playbooks": judgement.playbooks,
        "empathy": judgement.empathy,
    }


def _review(judged: Judged, drawn: _Drawn, now: datetime) -> dict[str, Any]:
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
