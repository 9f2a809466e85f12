"""Generates realistic interactions of the example clients; deterministic for a seed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from infra.demo.agent_behaviour import DemoCase, agent_behaviour
from infra.demo.arrivals import arrival_times
from infra.demo.case_generator import CaseGenerator, ReturningCustomer
from infra.demo.companies import WEEKS, Company, busyness, company, seeded_random
from infra.demo.ground_truth import GroundTruth, ground_truth
from infra.demo.outcome import handling, outcome
from infra.demo.phrase_book import PhraseBook, phrase_book
from infra.demo.timeline import Timeline, make_timeline, priority
from infra.demo.transcript_writer import Transcript, TranscriptWriter

_RETURN_SHARE = 0.4
"""Share of customers with an unsolved problem who contact the company again."""

_HANDLING_SHARE = 0.85
"""Share of interactions with handling facts."""

_LATE_SECONDS = 10 * 3600


def interactions(client: str, *, count: int, seed: int, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield `count` interactions of the weeks before `end` (aware) as they are pushed, the oldest first.

    Only those that would have ended after `end` take place one week earlier and are out of order.
    """
    for payload, _ in interactions_with_truth(client, count=count, seed=seed, end=end):
        yield payload


def interactions_with_truth(
    client: str, *, count: int, seed: int, end: datetime
) -> Iterator[tuple[dict[str, Any], GroundTruth]]:
    """Yield each interaction with its ground truth."""
    end = end.astimezone(UTC).replace(microsecond=0)
    generator = _InteractionGenerator(company(client), phrase_book(client), seed, end)
    starts = arrival_times(generator.company, count=count, rng=seeded_random(seed, client, "when"), end=end)
    for number, start in enumerate(starts):
        yield generator.generate(number, start)


class _InteractionGenerator:
    """Generates one interaction after the other; its only state is who will contact the company again."""

    def __init__(self, company: Company, book: PhraseBook, seed: int, end: datetime) -> None:
        self.company = company
        self._book, self._seed, self._end = book, seed, end
        self._returning: list[tuple[datetime, int, ReturningCustomer]] = []

    def generate(self, number: int, start: datetime) -> tuple[dict[str, Any], GroundTruth]:
        rng = seeded_random(self._seed, self.company.client, number)
        local = start.astimezone(self.company.zone)
        load = min(1.0, busyness(local.weekday(), local.hour) * (0.85 + 0.3 * rng.random()))
        returning = (
            heappop(self._returning)[2] if self._returning and self._returning[0][0] <= start else None
        )
        week = WEEKS - 1 - (self._end - start).days // 7
        case_generator = CaseGenerator(self.company, self._book, rng)
        case = case_generator.case(number, local, load=load, week=week, returning=returning)
        behaviour = agent_behaviour(case, rng)
        transcript = TranscriptWriter(self._book, case, behaviour, rng).write()
        timeline = self._before_end(
            make_timeline(self.company, case, behaviour, transcript, start=start, load=load, rng=rng)
        )
        truth = ground_truth(f"{self.company.prefix}-{100_001 + number}", case, behaviour, transcript)
        may_return = case.story.failure and not timeline.resolved and not case.repeat_contact
        if may_return and rng.random() < _RETURN_SHARE:
            customer = ReturningCustomer(case.story, case.customer, case.mood, case.strength)
            heappush(self._returning, (timeline.end + timedelta(days=1 + 4 * rng.random()), number, customer))
        late = (timeline.turns[1] - timeline.turns[0]).total_seconds() > _LATE_SECONDS
        payload = self._payload(truth, case, transcript, timeline, rng)
        payload["outcome"] = outcome(case, behaviour, truth, timeline, late=late, end=self._end, rng=rng)
        if rng.random() < _HANDLING_SHARE:
            payload["handling"] = handling(case, timeline, truth, rng)
        return payload, truth

    def _before_end(self, timeline: Timeline) -> Timeline:
        """Move what would end in the future back by whole weeks, which keeps weekday and hour."""
        excess = timeline.end - self._end
        if excess <= timedelta():
            return timeline
        shift = timedelta(weeks=excess.days // 7 + 1)
        status = [(at - shift, to) for at, to in timeline.status]
        return replace(timeline, turns=[at - shift for at in timeline.turns], status=status)

    @staticmethod
    def _payload(
        truth: GroundTruth, case: DemoCase, transcript: Transcript, timeline: Timeline, rng: Random
    ) -> dict[str, Any]:
        agent, customer = case.agent, case.customer
        turns: list[dict[str, str]] = []
        for (speaker, text), at in zip(transcript.turns, timeline.turns, strict=True):
            turn = {"at": _iso_format(at), "speaker": speaker, "text": text}
            turns.append({**turn, "agent": agent.external_id} if speaker == "agent" else turn)
        return {
            "external_id": truth.external_id,
            "channel": case.channel,
            "language": "en",
            "started_at": turns[0]["at"],
            "ended_at": _iso_format(timeline.end),
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
            "status": [{"at": _iso_format(at), "to": to} for at, to in timeline.status],
            "tags": [*case.story.tags, *(["repeat contact"] if case.repeat_contact else [])],
            "custom": {"reference": case.facts["order"], "region": case.facts["place"]}
            if rng.random() < 0.6
            else {},
            "redact": [f"{customer.name} {customer.surname}"],
        }


def _iso_format(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
