"""Generates realistic interactions of 12 turns and about 2.5 KB as JSON; deterministic for a seed.

About half of the sentences are new each time (names, order numbers, dates, amounts); the others are the
phrases that every agent types all day. In one interaction out of ten the customer gives an e-mail address
or a telephone number, which has to be masked before it is stored.
"""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

CHANNELS = ("chat", "chat", "chat", "email", "voice", "ticket")
PROGRAMS = ("orders", "billing", "technical")
QUEUES = ("first-line", "second-line", "priority", "returns", "weekend")
AGENTS = 60
MONTHS = 12
TURNS = 12
FIRST_DAY = datetime(2025, 9, 1, tzinfo=UTC)

_NAMES = ("Maya", "Jonas", "Priya", "Luca", "Aisha", "Tom", "Elena", "Kofi", "Sara", "Ben", "Noor", "Ivan")
_PRODUCTS = ("kettle", "winter coat", "router", "headphones", "bookshelf", "running shoes", "tablet", "lamp")
_PLACES = ("Leeds", "Porto", "Graz", "Lyon", "Cork", "Gdansk", "Bergen", "Utrecht", "Bilbao", "Turku")
_OCCASIONS = ("my sister's wedding", "my son's birthday", "the first day at my new job", "a long trip abroad")

_CUSTOMER = (
    "Hi, I ordered a {goods} on the {day} and it still hasn't arrived in {place}. Where is my order {order}?",
    "I am really upset, this is the {nth} time I have to write about order {order} and nobody helps me.",
    "The page says delivered on the {day} but there is nothing here, I have looked everywhere.",
    "I needed the {goods} for {matter} and now it is ruined. I feel completely let down.",
    "You charged me {amount} twice, I am worried that my rent will bounce at the end of the month.",
    "I waited {minutes} minutes on the phone before and then the line was cut, this is so frustrating.",
    "That is not good enough, I paid {amount} for express delivery and I want that back.",
    "Okay, that would help. Could you send it to {place} this time instead of the old address?",
    "Yes, that is right.",
    "No, I have not heard from the courier at all.",
    "Thank you so much {agent}, that is a relief, I was getting quite anxious about it.",
    "Great, thanks for your help.",
)
_AGENT = (
    "Hello {name}, thank you for reaching out. I'm {agent} and I will look into this for you right away.",
    "I'm sorry for the delay with your {goods}, I can hear how frustrating this is so close to {matter}.",
    "Let me check your order {order}, this will take me a minute or two.",
    "I can see that the courier tried to deliver in {place} on the {day} and brought the parcel back.",
    "This is our mistake, {name}. You should not have had to contact us {nth} times about the same thing.",
    "Could you tell me whether the address in {place} is still the right one for you?",
    "I have arranged a replacement with express shipping, it will be with you on the {day}.",
    "I'd be glad to refund {amount} to the card you paid with, you will see it in three to five days.",
    "I will follow up with you by e-mail on the {day} to make sure that everything has arrived.",
    "Per our policy I cannot change an address once the parcel has left the building.",
    "Is there anything else I can help you with today?",
    "Take care and have a good day, {name}!",
)
_CONTACT_DETAILS = (
    "You can reach me at {mail} if anything is missing.",
    "My number is +44 20 7946 {digits} in case the driver calls.",
)


def interactions(count: int, *, seed: int, prefix: str) -> list[dict[str, Any]]:
    """Return `count` interactions whose external ids start with `prefix`."""
    rng = random.Random(seed)
    return [_interaction(rng, f"{prefix}{number:06d}") for number in range(count)]


def ndjson(generated: list[dict[str, Any]]) -> bytes:
    """Return interactions as newline-delimited JSON."""
    return b"\n".join(json.dumps(each, ensure_ascii=False).encode() for each in generated)


def _interaction(rng: random.Random, external_id: str) -> dict[str, Any]:
    seconds = rng.randrange(MONTHS * 30 * 24 * 3600)
    at = started_at = FIRST_DAY + timedelta(seconds=seconds)
    facts = _facts(rng)
    turns = []
    for number in range(TURNS):
        at += timedelta(seconds=rng.randint(15, 240))
        speaker = "agent" if number % 2 else "customer"
        turns.append({"at": at.isoformat(), "speaker": speaker, "text": _text(rng, facts, number)})
    if rng.random() < 0.1:
        turns[6]["text"] += " " + rng.choice(_CONTACT_DETAILS).format(**facts)
    agent = rng.randrange(AGENTS)
    return {
        "external_id": external_id,
        "channel": rng.choice(CHANNELS),
        "language": "en",
        "started_at": started_at.isoformat(),
        "ended_at": at.isoformat(),
        "agent": {"external_id": f"a-{agent}", "name": facts["agent"], "team": f"team-{agent % 6}"},
        "customer": {
            "external_id": f"c-{rng.randrange(100_000)}",
            "segment": rng.choice(("gold", "new")),
        },
        "program": rng.choice(PROGRAMS),
        "queue": rng.choice(QUEUES),
        "priority": rng.choice(("normal", "normal", "normal", "high", "urgent", "low")),
        "intent": "late_delivery",
        "turns": turns,
        "status": [{"at": started_at.isoformat(), "to": "open"}, {"at": at.isoformat(), "to": "resolved"}],
        "outcome": {"csat": rng.randint(1, 5), "resolved": rng.random() < 0.8},
        "handling": {"handle_seconds": (at - started_at).total_seconds(), "concurrency": 2},
        "tags": ["delivery"],
    }


def _text(rng: random.Random, facts: dict[str, str], number: int) -> str:
    phrases = _AGENT if number % 2 else _CUSTOMER
    first = min(number // 2 * 2, len(phrases) - 4)
    chosen = rng.sample(phrases[first : first + 4], rng.choice((1, 1, 2)))
    return " ".join(phrase.format(**facts) for phrase in chosen)


def _facts(rng: random.Random) -> dict[str, str]:
    name = rng.choice(_NAMES)
    return {
        "name": name,
        "agent": rng.choice(_NAMES),
        "goods": rng.choice(_PRODUCTS),
        "place": rng.choice(_PLACES),
        "matter": rng.choice(_OCCASIONS),
        "order": f"R-{rng.randrange(10_000, 1_000_000)}",
        "day": f"{rng.randint(1, 28)} {rng.choice(('March', 'April', 'May', 'June'))}",
        "nth": rng.choice(("second", "third", "fourth", "fifth")),
        "amount": f"{rng.randint(5, 400)}.{rng.randrange(100):02d} euros",
        "minutes": str(rng.randint(10, 90)),
        "mail": f"{name.lower()}.{rng.randrange(1000)}@example.com",
        "digits": f"0{rng.randrange(100, 999)}",
    }
