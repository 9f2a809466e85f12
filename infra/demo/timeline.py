"""The time of each turn, and the status changes of the interaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.companies import Company
from infra.demo.transcript_writer import Transcript

_LIVE_CHANNELS = frozenset({"chat", "voice"})
_SATISFIED_MOODS = frozenset({"relieved", "content"})
_REOPENED_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class WaitTime:
    """Seconds until an answer, log-normally distributed: the median, and the spread of the logarithm."""

    median: float
    log_spread: float


FIRST_RESPONSE: Mapping[str, WaitTime] = {
    "chat": WaitTime(27, 0.55),
    "voice": WaitTime(19, 0.75),
    "email": WaitTime(9_800, 0.75),
    "social": WaitTime(1_100, 0.75),
}
"""Until the first response; for email and social media in opening hours of the desk."""

NEXT_RESPONSE: Mapping[str, WaitTime] = {
    "chat": WaitTime(48, 0.5),
    "voice": WaitTime(4, 0.5),
    "email": WaitTime(7_500, 0.8),
    "social": WaitTime(900, 0.8),
}
_CUSTOMER_RESPONSE: Mapping[str, WaitTime] = {
    "chat": WaitTime(36, 0.7),
    "voice": WaitTime(5, 0.5),
    "email": WaitTime(14_000, 1.2),
    "social": WaitTime(1_500, 1.1),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """The time of each turn, the status changes and how it ended."""

    turns: Sequence[datetime]
    status: Sequence[tuple[datetime, str]]
    resolved: bool
    reopened: bool

    @property
    def end(self) -> datetime:
        """The time of the last turn or status change."""
        return max(self.turns[-1], self.status[-1][0])


def make_timeline(
    company: Company,
    case: DemoCase,
    behaviour: AgentBehaviour,
    transcript: Transcript,
    *,
    start: datetime,
    load: float,
    rng: Random,
) -> Timeline:
    """Draw the time of one turn after the other; `load` in [0, 1] is how busy the hour is."""
    times = [start]
    answered = False
    for (before, _), (speaker, text) in zip(transcript.turns, transcript.turns[1:], strict=False):
        if speaker == "agent":
            wait = (NEXT_RESPONSE if answered else FIRST_RESPONSE)[case.channel]
            factor = (1.35 - 0.7 * case.agent.speed) * (0.75 + 0.5 * load)
            seconds = _sample(wait, rng) * factor * (0.45 if _urgent(case) and case.channel == "email" else 1)
            times.append(_response_time(company, case, times[-1], seconds))
            answered = True
        elif speaker == "customer" and before != "bot":
            times.append(
                times[-1] + timedelta(seconds=round(3 + _sample(_CUSTOMER_RESPONSE[case.channel], rng)))
            )
        else:
            times.append(times[-1] + timedelta(seconds=3 + int(rng.random() * 5)))
        if case.channel == "voice":
            times[-1] += timedelta(seconds=round(len(text) / 15))
    return _with_status(case, behaviour, transcript, times, rng)


def priority(case: DemoCase) -> str:
    """Return how urgent the case is taken to be."""
    if _urgent(case):
        return "urgent" if case.mood == "worry" else "high"
    return "low" if case.story.praise else "normal"


def _urgent(case: DemoCase) -> bool:
    return case.strength == 3 and case.story.failure


def _sample(wait: WaitTime, rng: Random) -> float:
    return wait.median * exp(rng.gauss(0, wait.log_spread))


def _response_time(company: Company, case: DemoCase, asked: datetime, seconds: float) -> datetime:
    if case.channel in _LIVE_CHANNELS:
        return asked + timedelta(seconds=round(2 + seconds))
    return company.desk_hours.add(asked, round(60 + seconds))


def _with_status(
    case: DemoCase, behaviour: AgentBehaviour, transcript: Transcript, times: list[datetime], rng: Random
) -> Timeline:
    status = [(times[0], "open")]
    if case.channel == "email":
        status += _pending_changes(transcript, times)
    solved = (transcript.final_mood in _SATISFIED_MOODS and behaviour.solves != "none") or case.story.praise
    at = times[transcript.solved_at if transcript.solved_at is not None else -1]
    if not solved:
        return Timeline(times, [*status, (at, "pending")], resolved=False, reopened=False)
    status.append((at, "resolved"))
    reopened = case.story.failure and behaviour.promises != "dated" and rng.random() < _REOPENED_SHARE * 2
    if reopened:
        reopened_at = max(times[-1], at) + timedelta(hours=2 + rng.random() * 40)
        resolved_again = (reopened_at + timedelta(hours=1 + rng.random() * 5)).replace(microsecond=0)
        status += [(reopened_at.replace(microsecond=0), "reopened"), (resolved_again, "resolved")]
    return Timeline(times, status, resolved=True, reopened=reopened)


def _pending_changes(transcript: Transcript, times: Sequence[datetime]) -> list[tuple[datetime, str]]:
    """Return the changes to pending with a question to the customer, and to open with the answer."""
    changes = []
    last = transcript.solved_at or 0
    for number, (speaker, _) in enumerate(transcript.turns[:last]):
        if number and speaker == "agent":
            changes.append((times[number], "pending"))
        elif number:
            changes.append((times[number], "open"))
    return changes
