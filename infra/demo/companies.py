"""The two example clients: channels, opening times, agents with their skills, and volume by hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from zoneinfo import ZoneInfo

from scorecards.authoring.bundle import read_bundle
from scorecards.sla import policy as sla_policy
from scorecards.sla.business_calendar import Calendar
from scorecards.sla.policy import SlaPolicy

CLIENTS = ("northwind", "harbor")
PROVIDER = "Brightline Services"
WEEKS = 12
"""How many weeks of interactions there are."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A contact-centre agent; the skills lie in [0, 1], `since` is the week they began in."""

    external_id: str
    name: str
    team: str
    site: str
    channels: Sequence[str]
    empathy: float
    speed: float
    on_brand: float
    since: int


@dataclass(frozen=True, slots=True)
class Company:
    """One example client as its provider knows it."""

    client: str
    name: str
    prefix: str
    zone: ZoneInfo
    channels: Mapping[str, float]
    voice_hours: range
    currency: str
    phones: Sequence[str]
    agents: Sequence[Agent]
    desk_hours: Calendar
    policy: SlaPolicy


def bundle_text(client: str) -> str:
    """Return the bundle of definitions of an example client, as YAML."""
    return (files("infra.demo") / "bundles" / f"{client}.yaml").read_text(encoding="utf-8")


@cache
def company(client: str) -> Company:
    """Return an example client; KeyError for one that is no example."""
    name, prefix, zone, channels, currency, phones, teams = _COMPANIES[client]
    definitions = {kind: body for kind, _, body in read_bundle(bundle_text(client)).definitions}
    policy = sla_policy.from_body(definitions["sla_policy"])
    return Company(
        client=client,
        name=name,
        prefix=prefix,
        zone=ZoneInfo(zone),
        channels=channels,
        voice_hours=range(7, 21),
        currency=currency,
        phones=phones,
        agents=tuple(_agents(client, prefix, teams)),
        desk_hours=policy.rules[-1].calendar,
        policy=policy,
    )


def seeded_random(*parts: object) -> Random:
    """Return a random generator seeded with these parts; the same parts give the same numbers."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - made-up stories need no secrets


def busyness(weekday: int, hour: int) -> float:
    """Return how much arrives in an hour of the week, as a share of the busiest hour."""
    return _HOUR_WEIGHTS[hour] * _DAY_WEIGHTS[weekday]


def _agents(client: str, prefix: str, teams: Sequence["_Team"]) -> list[Agent]:
    rng = seeded_random("agents", client)
    found: list[Agent] = []
    for team in teams:
        for rank, name in enumerate(team.people):
            # Spread evenly, so that every team has somebody to learn from and somebody to coach.
            level = (rank + 0.5) / len(team.people)
            found.append(
                Agent(
                    external_id=f"{prefix.lower()}-{101 + len(found)}",
                    name=name,
                    team=team.name,
                    site=team.site,
                    channels=team.channels,
                    empathy=_clip(0.2 + 0.65 * level + rng.gauss(0, 0.08)),
                    speed=_clip(rng.uniform(0.25, 0.9)),
                    on_brand=_clip(0.45 + 0.4 * level + rng.gauss(0, 0.15)),
                    since=WEEKS - 3 if name in _NEW_AGENTS else 0,
                )
            )
    return found


def _clip(value: float) -> float:
    return min(0.97, max(0.05, value))


@dataclass(frozen=True, slots=True)
class _Team:
    name: str
    site: str
    channels: Sequence[str]
    people: Sequence[str]


_COMPANIES: Mapping[str, tuple[str, str, str, Mapping[str, float], str, Sequence[str], Sequence[_Team]]] = {
    "northwind": (
        "Northwind Outfitters",
        "NW",
        "America/Chicago",
        {"chat": 0.48, "email": 0.36, "social": 0.16},
        "$",
        ("(312) 555-01{:02d}", "+1 202-555-01{:02d}", "415-555-01{:02d}"),
        (
            _Team(
                "Trailhead",
                "Tulsa",
                ("chat",),
                ("Dana Whitfield", "Luis Ortega", "Priya Raman", "Cole Becker", "Mina Sato"),
            ),
            _Team("Summit", "Tulsa", ("email",), ("Ruth Osei", "Tom Hadley", "Elena Petrova", "Joao Mendes")),
            _Team(
                "Campfire", "Porto", ("social", "chat"), ("Ines Carvalho", "Kofi Asante", "Beth Lindqvist")
            ),
        ),
    ),
    "harbor": (
        "Harbor Mobile",
        "HM",
        "Europe/London",
        {"chat": 0.4, "voice": 0.35, "email": 0.25},
        "\u00a3",
        ("07700 900{:03d}", "+44 7700 900{:03d}"),
        (
            _Team(
                "Pier",
                "Leeds",
                ("voice",),
                ("Margaret Doyle", "Amir Haddad", "Sian Pryce", "Owen Clarke", "Grace Adeyemi"),
            ),
            _Team(
                "Lighthouse",
                "Cork",
                ("chat",),
                ("Niamh Kelleher", "Rafal Nowak", "Yusuf Demir", "Chloe Barnes"),
            ),
            _Team("Quay", "Leeds", ("email", "chat"), ("Peter Salt", "Anjali Mehta", "Fergus Boyd")),
        ),
    ),
}
_NEW_AGENTS = frozenset({"Mina Sato", "Joao Mendes", "Chloe Barnes"})
_DAY_WEIGHTS = (1.0, 0.92, 0.88, 0.86, 0.9, 0.6, 0.5)
_HOUR_WEIGHTS = (
    0.05, 0.03, 0.02, 0.02, 0.03, 0.06, 0.14, 0.35, 0.62, 0.88, 1.0, 0.97,
    0.85, 0.82, 0.86, 0.88, 0.84, 0.8, 0.78, 0.74, 0.62, 0.42, 0.24, 0.12,
)  # fmt: skip
