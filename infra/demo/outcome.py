"""What became of an interaction: satisfaction, loyalty, effort; it follows from what really happened."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.ground_truth import GroundTruth
from infra.demo.timeline import Timeline

_LEAVING = {"relieved": 0.35, "content": 0.1, "grudging": -0.2, "unhappy": -0.45}
_KNOWN_AFTER = timedelta(days=30)
_ANSWERS, _RECOMMENDS = 0.38, 0.14


def outcome(
    case: DemoCase,
    conduct: AgentBehaviour,
    truth: GroundTruth,
    told: Timeline,
    *,
    late: bool,
    end: datetime,
    rng: Random,
) -> dict[str, Any]:
    """Return the outcome facts that are known at `end`."""
    liked = 0.28 + 0.55 * truth.quality + _LEAVING[truth.leaves] - 0.1 * late - 0.1 * case.repeat
    liked += rng.gauss(0, 0.13)
    found: dict[str, Any] = {
        "resolved": told.resolved,
        "first_contact": not case.repeat,
        "reopened": told.reopened,
    }
    if rng.random() < _ANSWERS:
        found["csat"] = min(5, max(1, round(1 + 4.6 * liked)))
    if rng.random() < _RECOMMENDS:
        found["nps"] = min(10, max(0, round(10.5 * liked)))
    if told.end < end - _KNOWN_AFTER and case.opportunity:
        leaving = 0.03 + 0.09 * case.strength * (1.1 - min(1.0, max(0.0, liked)))
        found["churned"] = rng.random() < leaving
        found["repurchased"] = not found["churned"] and rng.random() < 0.25 + 0.3 * max(0.0, liked)
    if case.story.intent in {"refund", "double_billing", "damaged_item"}:
        found["refunded"] = conduct.solves == "own"
    return found


def handling(case: DemoCase, told: Timeline, truth: GroundTruth, rng: Random) -> dict[str, float]:
    """Return what the interaction cost the agent: working time and how many they held at once."""
    words = sum(len(text) for text in truth.turns)
    if case.channel in {"chat", "voice"}:
        seconds = (told.turns[-1] - told.turns[0]).total_seconds()
        seconds = seconds if case.channel == "voice" else 60 + 0.7 * seconds
    else:
        seconds = (150 + 0.35 * words) * (1.4 - 0.6 * case.agent.speed) * (0.8 + 0.5 * rng.random())
    return {"handle_seconds": round(min(seconds, 5_400.0)), "concurrency": case.concurrency}
