"""Makes believable interactions of the example clients, the same ones for the same seed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from infra.demo.agent_behaviour import DemoCase, agent_behaviour
from infra.demo.arrivals import moments
from infra.demo.case_generator import CaseGenerator, ReturningCustomer
from infra.demo.companies import WEEKS, Company, busyness, company, seeded_random
from infra.demo.ground_truth import GroundTruth, ground_truth
from infra.demo.outcome import handling, outcome
from infra.demo.phrase_book import PhraseBook, phrase_book
from infra.demo.timeline import Timeline, priority, timeline
from infra.demo.transcript_writer import Transcript, TranscriptWriter

_COMES_BACK = 0.4
"""Share of those left with a problem who ask again."""

_MEASURED = 0.85
"""Share of interactions of which the handling is known."""

_LATE_SECONDS = 10 * 3600


def interactions(client: str, *, count: int, seed: int, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield `count` interactions of the weeks before `end` (aware) as they are pushed, the oldest first.

    Only those that would have ended after `end` take place one week earlier and are out of order.
    """
    for payload, _ in cases(client, count=count, seed=seed, end=end):
        yield payload


def cases(
    client: str, *, count: int, seed: int, end: datetime
) -> Iterator[tuple[dict[str, Any], GroundTruth]]:
    """Yield each interaction with what really happened in it."""
    end = end.astimezone(UTC).replace(microsecond=0)
    maker = _Maker(company(client), phrase_book(client), seed, end)
    starts = moments(maker.world, count=count, rng=seeded_random(seed, client, "when"), end=end)
    for number, start in enumerate(starts):
        yield maker.make(number, start)


class _Maker:
    """Makes one interaction after the other; it only remembers who is not done yet."""

    def __init__(self, place: Company, book: PhraseBook, seed: int, end: datetime) -> None:
        self.world = place
        self._book, self._seed, self._end = book, seed, end
        self._waiting: list[tuple[datetime, int, ReturningCustomer]] = []

    def make(self, number: int, start: datetime) -> tuple[dict[str, Any], GroundTruth]:
        rng = seeded_random(self._seed, self.world.client, number)
        local = start.astimezone(self.world.zone)
        load = min(1.0, busyness(local.weekday(), local.hour) * (0.85 + 0.3 * rng.random()))
        back = heappop(self._waiting)[2] if self._waiting and self._waiting[0][0] <= start else None
        week = WEEKS - 1 - (self._end - start).days // 7
        case = CaseGenerator(self.world, self._book, rng).case(number, local, load=load, week=week, back=back)
        acts = agent_behaviour(case, rng)
        script = TranscriptWriter(self._book, case, acts, rng).write()
        told = self._in_time(timeline(self.world, case, acts, script, start=start, load=load, rng=rng))
        known = ground_truth(f"{self.world.prefix}-{100_001 + number}", case, acts, script)
        if case.story.failure and not told.resolved and not case.repeat and rng.random() < _COMES_BACK:
            again = ReturningCustomer(case.story, case.customer, case.mood, case.strength)
            heappush(self._waiting, (told.end + timedelta(days=1 + 4 * rng.random()), number, again))
        late = (told.turns[1] - told.turns[0]).total_seconds() > _LATE_SECONDS
        payload = self._payload(known, case, script, told, rng)
        payload["outcome"] = outcome(case, acts, known, told, late=late, end=self._end, rng=rng)
        if rng.random() < _MEASURED:
            payload["handling"] = handling(case, told, known, rng)
        return payload, known

    def _in_time(self, told: Timeline) -> Timeline:
        """Move what would end in the future back by whole weeks, which keeps the rhythm."""
        late = told.end - self._end
        if late <= timedelta():
            return told
        back = timedelta(weeks=late.days // 7 + 1)
        status = [(at - back, to) for at, to in told.status]
        return replace(told, turns=[at - back for at in told.turns], status=status)

    @staticmethod
    def _payload(
        known: GroundTruth, case: DemoCase, script: Transcript, told: Timeline, rng: Random
    ) -> dict[str, Any]:
        agent, customer = case.agent, case.customer
        turns: list[dict[str, str]] = []
        for (speaker, text), at in zip(script.turns, told.turns, strict=True):
            turn = {"at": _written(at), "speaker": speaker, "text": text}
            turns.append({**turn, "agent": agent.external_id} if speaker == "agent" else turn)
        return {
            "external_id": known.external_id,
            "channel": case.channel,
            "language": "en",
            "started_at": turns[0]["at"],
            "ended_at": _written(told.end),
            "agent": {
                "external_id": agent.external_id,
                "name": agent.name,
                "team": agent.team,
                "site": agent.site,
            },
            "customer": {"external_id": customer.external_id, "segment": customer.segment},
            "program": case.story.program,
            "queue": f"{case.story.program}-{case.channel}",
            "priority": priority(case),
            "intent": case.story.intent,
            "turns": turns,
            "status": [{"at": _written(at), "to": to} for at, to in told.status],
            "tags": [*case.story.tags, *(["repeat contact"] if case.repeat else [])],
            "custom": {"reference": case.facts["order"], "region": case.facts["place"]}
            if rng.random() < 0.6
            else {},
            "redact": [f"{customer.name} {customer.surname}"],
        }


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
