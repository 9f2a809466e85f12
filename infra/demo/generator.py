"""Makes believable interactions of the example clients, the same ones for the same seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from infra.demo import people
from infra.demo.conduct import Case, conduct
from infra.demo.outcome import handling, outcome
from infra.demo.people import Customer
from infra.demo.rhythm import moments
from infra.demo.script import Script, Writer
from infra.demo.timeline import FIRST, Timeline, priority, timeline
from infra.demo.truth import Truth, truth
from infra.demo.wordbook import CALM, Story, Wordbook, pick, wordbook
from infra.demo.world import WEEKS, Agent, World, busyness, chance, world

_COMES_BACK = 0.4
_CALMER = 1.8
"""People who write to a company are calmer than stories about them."""
_SIZES = ("S", "M", "L", "XL")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def interactions(client: str, *, count: int, seed: int, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield `count` interactions of the weeks before `end` (aware), as they are pushed, in order of start."""
    for payload, _ in cases(client, count=count, seed=seed, end=end):
        yield payload


def cases(client: str, *, count: int, seed: int, end: datetime) -> Iterator[tuple[dict[str, Any], Truth]]:
    """Yield each interaction with what really happened in it."""
    end = end.astimezone(UTC).replace(microsecond=0)
    maker = _Maker(world(client), wordbook(client), seed, end)
    starts = moments(maker.world, count=count, rng=chance(seed, client, "when"), end=end)
    for number, start in enumerate(starts):
        yield maker.make(number, start)


@dataclass(frozen=True, slots=True)
class _Return:
    """A customer who will be back about the same matter."""

    story: Story
    customer: Customer
    mood: str
    strength: int


class _Maker:
    """Makes one interaction after the other; it only remembers who is not done yet."""

    def __init__(self, place: World, book: Wordbook, seed: int, end: datetime) -> None:
        self.world = place
        self._book, self._seed, self._end = book, seed, end
        self._waiting: list[tuple[datetime, int, _Return]] = []

    def make(self, number: int, start: datetime) -> tuple[dict[str, Any], Truth]:
        rng = chance(self._seed, self.world.client, number)
        local = start.astimezone(self.world.zone)
        load = min(1.0, busyness(local.weekday(), local.hour) * (0.85 + 0.3 * rng.random()))
        case = self._case(number, start, local, load, rng)
        acts = conduct(case, rng)
        script = Writer(self._book, case, acts, rng).write()
        told = self._in_time(timeline(self.world, case, acts, script, start=start, load=load, rng=rng))
        known = truth(f"{self.world.prefix}-{100_001 + number}", case, acts, script)
        if not told.resolved and not case.repeat and rng.random() < _COMES_BACK:
            back = _Return(case.story, case.customer, case.mood, case.strength)
            heappush(self._waiting, (told.end + timedelta(days=1 + 4 * rng.random()), number, back))
        late = (
            case.channel == "email"
            and (told.turns[1] - told.turns[0]).total_seconds() > 4 * FIRST["email"].median
        )
        payload = self._payload(known, case, script, told, rng)
        payload["outcome"] = outcome(case, acts, known, told, late=late, end=self._end, rng=rng)
        if rng.random() < 0.85:
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

    def _case(self, number: int, start: datetime, local: datetime, load: float, rng: Random) -> Case:
        back = heappop(self._waiting)[2] if self._waiting and self._waiting[0][0] <= start else None
        week = WEEKS - 1 - (self._end - start).days // 7
        story = back.story if back else self._story(week, rng)
        customer = back.customer if back else people.customer(self.world, number, rng)
        mood = back.mood if back else _mood(story, rng)
        strength = 0 if mood in CALM else rng.choices((1, 2, 3), (45, 38, 17))[0]
        channel = self._channel(local.hour, rng)
        agent = self._agent(channel, week, rng)
        facts = _facts(self.world, self._book, customer, agent, local, story, rng)
        own = {
            key: facts[key].replace("our ", "your ").replace("my ", "your ")
            for key in ("occasion", "occasion_c")
        }
        own = {key: text.replace("Our ", "Your ").replace("My ", "Your ") for key, text in own.items()}
        busy = 1 if channel != "chat" else max(1, min(5, round(1 + 3.2 * load + rng.gauss(0, 0.8))))
        return Case(
            story=story,
            customer=customer,
            agent=agent,
            channel=channel,
            mood=mood,
            strength=min(3, max(strength, back.strength) + 1) if back and back.strength else strength,
            told_need=rng.random() < (0.25 if mood in CALM else 0.6),
            repeat=back is not None or (story.failure and rng.random() < 0.05),
            complete=rng.random() < (0.6 if channel == "email" else 0.3),
            concurrency=busy,
            facts=facts,
            agent_facts={**facts, **own},
        )

    def _story(self, week: int, rng: Random) -> Story:
        weights = [
            each.weight
            * (each.surge.factor if each.surge and each.surge.first <= week <= each.surge.last else 1)
            for each in self._book.stories
        ]
        return rng.choices(self._book.stories, weights)[0]

    def _channel(self, hour: int, rng: Random) -> str:
        channel = rng.choices(list(self.world.channels), list(self.world.channels.values()))[0]
        return "chat" if channel == "voice" and hour not in self.world.voice_hours else channel

    def _agent(self, channel: str, week: int, rng: Random) -> Agent:
        return pick_agent(
            [each for each in self.world.agents if channel in each.channels and each.since <= week], rng
        )

    def _payload(
        self, known: Truth, case: Case, script: Script, told: Timeline, rng: Random
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


def _mood(story: Story, rng: Random) -> str:
    weights = [weight * (_CALMER if mood == "calm" else 1) for mood, weight in story.moods.items()]
    return rng.choices(list(story.moods), weights)[0]


def pick_agent(agents: Sequence[Agent], rng: Random) -> Agent:
    """Return one of the agents."""
    return agents[int(rng.random() * len(agents))]


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _facts(
    place: World, book: Wordbook, customer: Customer, agent: Agent, local: datetime, story: Story, rng: Random
) -> Mapping[str, str]:
    """Return the facts of one matter, as they are told."""
    days = 3 + int(rng.random() * 10)
    item, other = rng.sample(list(story.items or book.items), 2)
    size, size2 = rng.sample(_SIZES, 2)
    occasion = pick(rng, book.occasions)
    price = 18 + rng.random() * (240 if place.currency == "$" else 70)
    limit = story.gift.limit if story.gift else 20.0
    gift = round(limit * (0.35 + 0.6 * rng.random()))
    before, after = local - timedelta(days=days), local + timedelta(days=1 + int(rng.random() * 4))
    colleague = pick_agent([each for each in place.agents if each is not agent], rng).name.split()[0]
    return {
        "name": customer.name,
        "surname": customer.surname,
        "email": customer.email,
        "phone": customer.phone,
        "agent": agent.name.split()[0],
        "colleague": colleague,
        "brand": book.brand,
        "handle": book.handle,
        "item": item,
        "other": other,
        "size": size,
        "size2": size2,
        "occasion": occasion,
        "occasion_c": occasion[0].upper() + occasion[1:],
        "place": pick(rng, book.places),
        "days": str(days),
        "past": _DAYS[before.weekday()] if days < 6 else f"{before:%B} {before.day}",
        "day": _DAYS[after.weekday()],
        "amount": f"{place.currency}{price:.2f}",
        "amount2": f"{place.currency}{price * (1.4 + 1.6 * rng.random()):.2f}",
        "gift": f"{place.currency}{gift}",
        "gift_over": f"{place.currency}{round(limit * (1.2 + rng.random()))}",
        "order": f"{place.prefix}-{10_000 + int(rng.random() * 89_999)}",
        "pin": str(1_000 + int(rng.random() * 8_999)),
        "postcode": f"{pick(rng, ('LS', 'BS', 'NR', 'CF', 'EX', 'HU'))}{1 + int(rng.random() * 9)} {1 + int(rng.random() * 9)}{pick(rng, ('AB', 'QT', 'WD', 'LF'))}",
    }
