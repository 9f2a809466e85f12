"""Draws the case of one interaction: its story, customer and agent, and the facts mentioned in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from infra.demo.agent_behaviour import DemoCase
from infra.demo.companies import Agent, Company
from infra.demo.customers import Customer, new_customer
from infra.demo.phrase_book import CALM_MOODS, PhraseBook, Story, pick

_CALM_FACTOR = 1.8
"""People who write to a company are calmer than the moods of the stories say by themselves."""

_REPEAT_SHARE = 0.05
_SIZES = ("S", "M", "L", "XL")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AREAS, _ENDS = ("LS", "BS", "NR", "CF", "EX", "HU"), ("AB", "QT", "WD", "LF")


@dataclass(frozen=True, slots=True)
class ReturningCustomer:
    """A customer who contacts the company again about the same matter."""

    story: Story
    customer: Customer
    mood: str
    strength: int


class CaseGenerator:
    """Draws the case of one interaction."""

    def __init__(self, company: Company, book: PhraseBook, rng: Random) -> None:
        """Take the client, its phrases and the random generator."""
        self._company, self._book, self._rng = company, book, rng

    def case(
        self, number: int, local: datetime, *, load: float, week: int, returning: ReturningCustomer | None
    ) -> DemoCase:
        """Return the case that arrives at this local time, in this week of the example."""
        rng = self._rng
        story = returning.story if returning else self._story(week)
        customer = returning.customer if returning else new_customer(self._company, number, rng)
        mood = returning.mood if returning else self._mood(story)
        channel = self._channel(local.hour)
        agent = self._agent(channel, week)
        facts = {
            **_name_facts(self._company, self._book, customer, agent),
            **self._date_facts(local),
            **self._subject_facts(story),
            **self._number_facts(story, self._colleague(agent)),
        }
        return DemoCase(
            story=story,
            customer=customer,
            agent=agent,
            channel=channel,
            mood=mood,
            strength=self._strength(mood, returning),
            states_need=rng.random() < (0.25 if mood in CALM_MOODS else 0.6),
            repeat_contact=returning is not None or (story.failure and rng.random() < _REPEAT_SHARE),
            gives_details=rng.random() < (0.6 if channel == "email" else 0.3),
            concurrency=self._concurrency(load) if channel == "chat" else 1,
            facts=facts,
            agent_facts=_agent_perspective(facts),
        )

    def _story(self, week: int) -> Story:
        weights = [story.weight_in(week) for story in self._book.stories]
        return self._rng.choices(self._book.stories, weights)[0]

    def _mood(self, story: Story) -> str:
        weights = [weight * (_CALM_FACTOR if mood == "calm" else 1) for mood, weight in story.moods.items()]
        return self._rng.choices(list(story.moods), weights)[0]

    def _strength(self, mood: str, returning: ReturningCustomer | None) -> int:
        """Return how strong the mood is; a returning customer is more upset than before."""
        if mood in CALM_MOODS:
            return 0
        strength: int = self._rng.choices((1, 2, 3), (45, 38, 17))[0]
        return min(3, max(strength, returning.strength) + 1) if returning else strength

    def _channel(self, hour: int) -> str:
        channels = self._company.channels
        channel = self._rng.choices(list(channels), list(channels.values()))[0]
        return "chat" if channel == "voice" and hour not in self._company.voice_hours else channel

    def _agent(self, channel: str, week: int) -> Agent:
        agents = [each for each in self._company.agents if channel in each.channels and each.since <= week]
        return self._pick_agent(agents)

    def _colleague(self, agent: Agent) -> Agent:
        return self._pick_agent([each for each in self._company.agents if each is not agent])

    def _pick_agent(self, agents: Sequence[Agent]) -> Agent:
        return agents[int(self._rng.random() * len(agents))]

    def _concurrency(self, load: float) -> int:
        return max(1, min(5, round(1 + 3.2 * load + self._rng.gauss(0, 0.8))))

    def _date_facts(self, local: datetime) -> Mapping[str, str]:
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

    def _subject_facts(self, story: Story) -> Mapping[str, str]:
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

    def _number_facts(self, story: Story, colleague: Agent) -> Mapping[str, str]:
        rng, sign = self._rng, self._company.currency
        price = 18 + rng.random() * (240 if sign == "$" else 70)
        limit = story.gift.limit if story.gift else 20.0
        area, end = pick(rng, _AREAS), pick(rng, _ENDS)
        return {
            "amount": f"{sign}{price:.2f}",
            "amount2": f"{sign}{price * (1.4 + 1.6 * rng.random()):.2f}",
            "gift": f"{sign}{round(limit * (0.35 + 0.6 * rng.random()))}",
            "gift_over": f"{sign}{round(limit * (1.2 + rng.random()))}",
            "order": f"{self._company.prefix}-{10_000 + int(rng.random() * 89_999)}",
            "pin": str(1_000 + int(rng.random() * 8_999)),
            "postcode": f"{area}{1 + int(rng.random() * 9)} {1 + int(rng.random() * 9)}{end}",
            "colleague": colleague.name.split()[0],
        }


def _name_facts(company: Company, book: PhraseBook, customer: Customer, agent: Agent) -> Mapping[str, str]:
    return {
        "name": customer.name,
        "surname": customer.surname,
        "email": customer.email,
        "phone": customer.phone,
        "agent": agent.name.split()[0],
        "brand": book.brand,
        "handle": book.handle,
        "client": company.name,
    }


def _agent_perspective(facts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the facts as an agent words them: "my son's birthday" becomes "your son's birthday"."""
    occasion = facts["occasion"].replace("our ", "your ").replace("my ", "your ")
    return {**facts, "occasion": occasion, "occasion_c": occasion[0].upper() + occasion[1:]}
