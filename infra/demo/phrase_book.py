"""Reads the phrases and stories of the example clients, and fills in one line in one of its wordings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from scorecards.authoring.yaml_documents import read_document

CALM_MOODS = frozenset({"calm", "happy"})
_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"<([^<>]*)>")

Lines = Mapping[str, Sequence[str]]
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IncidentWave:
    """The weeks (first and last, from 0) in which a story occurs `factor` times as often."""

    first: int
    last: int
    factor: float


@dataclass(frozen=True, slots=True)
class Gift:
    """What an agent may give at their discretion, and what a customer says who qualifies."""

    limit: float
    needs: Sequence[str]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of contact: how often it occurs, in which moods, and the lines about it."""

    key: str
    intent: str
    program: str
    weight: float
    failure: bool
    praise: bool
    account: bool
    technical: bool
    incident_wave: IncidentWave | None
    needs: Sequence[str] | None
    moods: Mapping[str, float]
    tags: Sequence[str]
    items: Sequence[str]
    gift: Gift | None
    lines: Lines

    def weight_in(self, week: int) -> float:
        """Return how often the story occurs in a week, relative to the others."""
        wave = self.incident_wave
        return self.weight * (wave.factor if wave and wave.first <= week <= wave.last else 1)


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """All phrases of one client; `feeling` holds lines by mood and strength "1" to "3"."""

    brand: str
    handle: str
    items: Sequence[str]
    occasions: Sequence[str]
    places: Sequence[str]
    stories: Sequence[Story]
    customer: Lines
    hello: Lines
    greet: Lines
    feeling: Mapping[str, Lines]
    agent: Lines
    named: Lines


@cache
def phrase_book(client: str) -> PhraseBook:
    """Return the phrases of an example client; KeyError for any other."""
    phrases = _read("phrases")
    own = dict(phrases["clients"][client])
    stories = _read(client)
    customer, agent = dict(phrases["customer"]), dict(phrases["agent"])
    hello, feeling, named = customer.pop("hello"), customer.pop("feeling"), agent.pop("named")
    brand, handle, greet = own.pop("brand"), own.pop("handle"), own.pop("greet")
    return PhraseBook(
        brand=brand,
        handle=handle,
        items=stories["items"],
        occasions=stories["occasions"],
        places=stories["places"],
        stories=tuple(_stories(stories["stories"])),
        customer=customer,
        hello=hello,
        greet=greet,
        feeling=feeling,
        agent={**agent, **own},
        named=named,
    )


def fill_in(rng: Random, lines: Sequence[str], facts: Facts) -> str:
    """Return one of the lines in one of its wordings, with the facts filled in and a capital first."""
    line = pick(rng, lines)
    if "<" in line:
        line = _CHOICE.sub(lambda found: pick(rng, found[1].split("|")), line)
    if "{" in line:
        line = line.format_map(facts)
    return line[:1].upper() + line[1:]


def usable_lines(
    lines: Sequence[str], facts: Facts, customer_text: str, *, names: frozenset[str]
) -> Sequence[str]:
    """Return the lines that fit what the customer has said so far (in lower case).

    A line may use the facts in `names` only after the customer mentioned them; one that begins with "[word]"
    refers to that word and needs it in the customer's text.
    """
    found = []
    for line in lines:
        needed, _, rest = line[1:].partition("]") if line.startswith("[") else ("", "", line)
        if needed in customer_text and all(
            facts[slot].lower() in customer_text for slot in _slots(rest) if slot in names
        ):
            found.append(rest)
    return found


@cache
def _slots(line: str) -> Sequence[str]:
    return tuple(_SLOT.findall(line))


def pick(rng: Random, options: Sequence[str]) -> str:
    """Return one of the options; faster than `Random.choice`."""
    return options[int(rng.random() * len(options))]


def _read(name: str) -> Any:
    text = (files("infra.demo") / "texts" / f"{name}.yaml").read_text(encoding="utf-8")
    return read_document(text).value


_NOT_LINES = frozenset(
    {
        "key", "intent", "program", "weight", "failure", "praise", "account", "technical", "incident_wave",
        "playbook", "moods", "tags", "items", "discretion", "like",
    }
)  # fmt: skip


def _stories(bodies: Sequence[Mapping[str, Any]]) -> Iterator[Story]:
    """Read the stories; one that is `like` an earlier one only has what is different."""
    whole: dict[str, Mapping[str, Any]] = {}
    for body in bodies:
        base = whole[body["like"]] if "like" in body else {}
        whole[body["key"]] = {**base, **body}
        yield _story(whole[body["key"]])


def _story(body: Mapping[str, Any]) -> Story:
    gift, wave, book = body.get("discretion"), body.get("incident_wave"), body.get("playbook")
    return Story(
        key=body["key"],
        intent=body["intent"],
        program=body["program"],
        weight=float(body["weight"]),
        failure=body["failure"],
        praise=body.get("praise", False),
        account=body.get("account", False),
        technical=body.get("technical", False),
        incident_wave=IncidentWave(*wave) if wave else None,
        needs=book["needs"] if book else None,
        moods=body["moods"],
        tags=body["tags"],
        items=body.get("items") or (),
        gift=Gift(gift["limit"], gift["needs"], gift["give"]) if gift else None,
        lines={key: lines for key, lines in body.items() if key not in _NOT_LINES},
    )
