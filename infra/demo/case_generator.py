"""Who meets whom about what: the case of one interaction and the facts that are told in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from infra.demo import people
from infra.demo.agent_behaviour import DemoCase
from infra.demo.companies import Agent, Company
from infra.demo.people import Customer
from infra.demo.phrase_book import CALM, PhraseBook, Story, pick

_CALMER = 1.8
"""People who write to a company are calmer than the moods of the stories say by themselves."""

_TELLS_AGAIN = 0.05
_SIZES = ("S", "M", "L", "XL")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AREAS, _ENDS = ("LS", "BS", "NR", "CF", "EX", "HU"), ("AB", "QT", "WD", "LF")


@dataclass(frozen=True, slots=True)
class ReturningCustomer:
    """A customer who is back about the same matter."""

    story: Story
    customer: Customer
    mood: str
    strength: int


class CaseGenerator:
    """Draws the parts of one interaction."""

    def __init__(self, place: Company, book: PhraseBook, rng: Random) -> None:
        """Keep the client, what is said there and the source of chance."""
        self._world, self._book, self._rng = place, book, rng

    def case(
        self, number: int, local: datetime, *, load: float, week: int, back: ReturningCustomer | None
    ) -> DemoCase:
        """Return the case that comes at this time of the client's clock, in this week of the example."""
        rng = self._rng
        story = back.story if back else self._story(week)
        customer = back.customer if back else people.customer(self._world, number, rng)
        mood = back.mood if back else self._mood(story)
        channel = self._channel(local.hour)
        agent = self._agent(channel, week)
        facts = {
            **_names(self._world, self._book, customer, agent),
            **self._clock(local),
            **self._matter(story),
            **self._numbers(story, self._colleague(agent)),
        }
        return DemoCase(
            story=story,
            customer=customer,
            agent=agent,
            channel=channel,
            mood=mood,
            strength=self._strength(mood, back),
            told_need=rng.random() < (0.25 if mood in CALM else 0.6),
            repeat=back is not None or (story.failure and rng.random() < _TELLS_AGAIN),
            complete=rng.random() < (0.6 if channel == "email" else 0.3),
            concurrency=self._concurrency(load) if channel == "chat" else 1,
            facts=facts,
            agent_facts=_from_agents_side(facts),
        )

    def _story(self, week: int) -> Story:
        weights = [
            each.weight
            * (each.surge.factor if each.surge and each.surge.first <= week <= each.surge.last else 1)
            for each in self._book.stories
        ]
        return self._rng.choices(self._book.stories, weights)[0]

    def _mood(self, story: Story) -> str:
        weights = [weight * (_CALMER if mood == "calm" else 1) for mood, weight in story.moods.items()]
        return self._rng.choices(list(story.moods), weights)[0]

    def _strength(self, mood: str, back: ReturningCustomer | None) -> int:
        """Return how strong the mood is; who has to ask again is more upset than before."""
        if mood in CALM:
            return 0
        strength: int = self._rng.choices((1, 2, 3), (45, 38, 17))[0]
        return min(3, max(strength, back.strength) + 1) if back else strength

    def _channel(self, hour: int) -> str:
        channels = self._world.channels
        channel = self._rng.choices(list(channels), list(channels.values()))[0]
        return "chat" if channel == "voice" and hour not in self._world.voice_hours else channel

    def _agent(self, channel: str, week: int) -> Agent:
        agents = [each for each in self._world.agents if channel in each.channels and each.since <= week]
        return self._one(agents)

    def _colleague(self, agent: Agent) -> Agent:
        return self._one([each for each in self._world.agents if each is not agent])

    def _one(self, agents: Sequence[Agent]) -> Agent:
        return agents[int(self._rng.random() * len(agents))]

    def _concurrency(self, load: float) -> int:
        return max(1, min(5, round(1 + 3.2 * load + self._rng.gauss(0, 0.8))))

    def _clock(self, local: datetime) -> Mapping[str, str]:
        days = 3 + int(self._rng.random() * 10)
        before = local - timedelta(days=days)
        after = local + timedelta(days=1 + int(self._rng.random() * 4))
        return {
            "days": str(days),
            "past": _DAYS[before.weekday()] if days < 6 else f"{before:%B} {before.day}",
            "day": _DAYS[after.weekday()],
            "daytime": "morning" if local.hour < 12 else "afternoon" if local.hour < 18 else "evening",
            "parting": "day" if local.hour < 16 else "evening",
        }

    def _matter(self, story: Story) -> Mapping[str, str]:
        item, other = self._rng.sample(list(story.items or self._book.items), 2)
        size, size2 = self._rng.sample(_SIZES, 2)
        occasion = pick(self._rng, self._book.occasions)
        return {
            "item": item,
            "other": other,
            "size": size,
            "size2": size2,
            "occasion": occasion,
            "occasion_c": occasion[0].upper() + occasion[1:],
            "place": pick(self._rng, self._book.places),
        }

    def _numbers(self, story: Story, colleague: Agent) -> Mapping[str, str]:
        rng, sign = self._rng, self._world.currency
        price = 18 + rng.random() * (240 if sign == "$" else 70)
        limit = story.gift.limit if story.gift else 20.0
        area, end = pick(rng, _AREAS), pick(rng, _ENDS)
        return {
            "amount": f"{sign}{price:.2f}",
            "amount2": f"{sign}{price * (1.4 + 1.6 * rng.random()):.2f}",
            "gift": f"{sign}{round(limit * (0.35 + 0.6 * rng.random()))}",
            "gift_over": f"{sign}{round(limit * (1.2 + rng.random()))}",
            "order": f"{self._world.prefix}-{10_000 + int(rng.random() * 89_999)}",
            "pin": str(1_000 + int(rng.random() * 8_999)),
            "postcode": f"{area}{1 + int(rng.random() * 9)} {1 + int(rng.random() * 9)}{end}",
            "colleague": colleague.name.split()[0],
        }


def _names(place: Company, book: PhraseBook, customer: Customer, agent: Agent) -> Mapping[str, str]:
    return {
        "name": customer.name,
        "surname": customer.surname,
        "email": customer.email,
        "phone": customer.phone,
        "agent": agent.name.split()[0],
        "brand": book.brand,
        "handle": book.handle,
        "client": place.name,
    }


def _from_agents_side(facts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the facts as an agent says them: my daughter's birthday is the customer's."""
    occasion = facts["occasion"].replace("our ", "your ").replace("my ", "your ")
    return {**facts, "occasion": occasion, "occasion_c": occasion[0].upper() + occasion[1:]}
