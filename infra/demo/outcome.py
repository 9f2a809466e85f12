"""Outcome and handling facts of an interaction, such as CSAT, NPS, churn and handle time."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.ground_truth import GroundTruth
from infra.demo.timeline import Timeline

_MOOD_EFFECT = {"relieved": 0.35, "content": 0.1, "grudging": -0.2, "unhappy": -0.45}
_CHURN_KNOWN_AFTER = timedelta(days=30)
_CSAT_SHARE, _NPS_SHARE = 0.38, 0.14


def outcome(
    case: DemoCase,
    behaviour: AgentBehaviour,
    truth: GroundTruth,
    timeline: Timeline,
    *,
    late: bool,
    end: datetime,
    rng: Random,
) -> dict[str, Any]:
    """Return the outcome facts that are known at `end`."""
    satisfaction = (
        0.28 + 0.55 * truth.quality + _MOOD_EFFECT[truth.final_mood] - 0.1 * late - 0.1 * case.repeat_contact
    )
    satisfaction += rng.gauss(0, 0.13)
    found: dict[str, Any] = {
        "resolved": timeline.resolved,
        "first_contact": not case.repeat_contact,
        "reopened": timeline.reopened,
    }
    if rng.random() < _CSAT_SHARE:
        found["csat"] = min(5, max(1, round(1 + 4.6 * satisfaction)))
    if rng.random() < _NPS_SHARE:
        found["nps"] = min(10, max(0, round(10.5 * satisfaction)))
    if timeline.end < end - _CHURN_KNOWN_AFTER and case.opportunity:
        churn_risk = 0.03 + 0.09 * case.strength * (1.1 - min(1.0, max(0.0, satisfaction)))
        found["churned"] = rng.random() < churn_risk
        found["repurchased"] = not found["churned"] and rng.random() < 0.25 + 0.3 * max(0.0, satisfaction)
    if case.story.intent in {"refund", "double_billing", "damaged_item"}:
        found["refunded"] = behaviour.solves == "own"
    return found


def handling(case: DemoCase, timeline: Timeline, truth: GroundTruth, rng: Random) -> dict[str, float]:
    """Return the agent's handle time and how many interactions they handled at once."""
    characters = sum(len(text) for text in truth.turns)
    if case.channel in {"chat", "voice"}:
        seconds = (timeline.turns[-1] - timeline.turns[0]).total_seconds()
        seconds = seconds if case.channel == "voice" else 60 + 0.7 * seconds
    else:
        seconds = (150 + 0.35 * characters) * (1.4 - 0.6 * case.agent.speed) * (0.8 + 0.5 * rng.random())
    return {"handle_seconds": round(min(seconds, 5_400.0)), "concurrency": case.concurrency}
