"""When each turn is said and which status the interaction goes through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.companies import Company
from infra.demo.transcript_writer import Transcript

_LIVE = frozenset({"chat", "voice"})
_SOLVED = frozenset({"relieved", "content"})
_REOPENED = 0.04


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until an agent answers: the median, and the spread of its logarithm."""

    median: float
    spread: float


FIRST: Mapping[str, Wait] = {
    "chat": Wait(27, 0.55),
    "voice": Wait(19, 0.75),
    "email": Wait(9_800, 0.75),
    "social": Wait(1_100, 0.75),
}
"""First answers; for email and social media in open time of the desk."""

NEXT: Mapping[str, Wait] = {
    "chat": Wait(48, 0.5),
    "voice": Wait(4, 0.5),
    "email": Wait(7_500, 0.8),
    "social": Wait(900, 0.8),
}
_CUSTOMER: Mapping[str, Wait] = {
    "chat": Wait(36, 0.7),
    "voice": Wait(5, 0.5),
    "email": Wait(14_000, 1.2),
    "social": Wait(1_500, 1.1),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moment of each turn, the status events and how it ended."""

    turns: Sequence[datetime]
    status: Sequence[tuple[datetime, str]]
    resolved: bool
    reopened: bool

    @property
    def end(self) -> datetime:
        """The last thing that happened."""
        return max(self.turns[-1], self.status[-1][0])


def timeline(
    world: Company,
    case: DemoCase,
    conduct: AgentBehaviour,
    script: Transcript,
    *,
    start: datetime,
    load: float,
    rng: Random,
) -> Timeline:
    """Let the turns happen one after the other; `load` in [0, 1] is how busy the hour is."""
    moments = [start]
    answered = False
    for (before, _), (speaker, text) in zip(script.turns, script.turns[1:], strict=False):
        if speaker == "agent":
            wait = (NEXT if answered else FIRST)[case.channel]
            factor = (1.35 - 0.7 * case.agent.speed) * (0.75 + 0.5 * load)
            seconds = _drawn(wait, rng) * factor * (0.45 if _urgent(case) and case.channel == "email" else 1)
            moments.append(_answered(world, case, moments[-1], seconds))
            answered = True
        elif speaker == "customer" and before != "bot":
            moments.append(moments[-1] + timedelta(seconds=round(3 + _drawn(_CUSTOMER[case.channel], rng))))
        else:
            moments.append(moments[-1] + timedelta(seconds=3 + int(rng.random() * 5)))
        if case.channel == "voice":
            moments[-1] += timedelta(seconds=round(len(text) / 15))
    return _closed(case, conduct, script, moments, rng)


def priority(case: DemoCase) -> str:
    """Return how urgent the case is taken to be."""
    if _urgent(case):
        return "urgent" if case.mood == "worry" else "high"
    return "low" if case.story.praise else "normal"


def _urgent(case: DemoCase) -> bool:
    return case.strength == 3 and case.story.failure


def _drawn(wait: Wait, rng: Random) -> float:
    return wait.median * exp(rng.gauss(0, wait.spread))


def _answered(world: Company, case: DemoCase, asked: datetime, seconds: float) -> datetime:
    if case.channel in _LIVE:
        return asked + timedelta(seconds=round(2 + seconds))
    return world.desk.add(asked, round(60 + seconds))


def _closed(
    case: DemoCase, conduct: AgentBehaviour, script: Transcript, moments: list[datetime], rng: Random
) -> Timeline:
    status = [(moments[0], "open")]
    if case.channel == "email":
        status += _waiting(script, moments)
    solved = (script.leaves in _SOLVED and conduct.solves != "none") or case.story.praise
    at = moments[script.solved_at if script.solved_at is not None else -1]
    if not solved:
        return Timeline(moments, [*status, (at, "pending")], resolved=False, reopened=False)
    status.append((at, "resolved"))
    reopened = case.story.failure and conduct.promises != "dated" and rng.random() < _REOPENED * 2
    if reopened:
        back = max(moments[-1], at) + timedelta(hours=2 + rng.random() * 40)
        again = (back + timedelta(hours=1 + rng.random() * 5)).replace(microsecond=0)
        status += [(back.replace(microsecond=0), "reopened"), (again, "resolved")]
    return Timeline(moments, status, resolved=True, reopened=reopened)


def _waiting(script: Transcript, moments: Sequence[datetime]) -> list[tuple[datetime, str]]:
    """Pending while a question to the customer stands, open again with their answer."""
    found = []
    last = script.solved_at or 0
    for number, (speaker, _) in enumerate(script.turns[:last]):
        if number and speaker == "agent":
            found.append((moments[number], "pending"))
        elif number:
            found.append((moments[number], "open"))
    return found
