"""Reads the example stories and says a line of them in one of its wordings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from scorecards.authoring.yaml_documents import read_document

CALM = frozenset({"calm", "happy"})
_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"<([^<>]*)>")

Lines = Mapping[str, Sequence[str]]
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IncidentWave:
    """The weeks (first and last, from 0) in which a story is told `factor` times as often."""

    first: int
    last: int
    factor: float


@dataclass(frozen=True, slots=True)
class Gift:
    """What an agent may give at their own discretion, and what a customer says who could use it."""

    limit: float
    needs: Sequence[str]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of matter: how often it comes, in which mood, what is said about it."""

    key: str
    intent: str
    program: str
    weight: float
    failure: bool
    praise: bool
    account: bool
    technical: bool
    surge: IncidentWave | None
    needs: Sequence[str] | None
    moods: Mapping[str, float]
    tags: Sequence[str]
    items: Sequence[str]
    gift: Gift | None
    lines: Lines


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Everything that is said with one client; `feeling` holds lines by mood and strength "1" to "3"."""

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
    """Return what is said with a client; KeyError for one that is no example."""
    phrases = _read("phrases")
    own = dict(phrases["clients"][client])
    matters = _read(client)
    customer, agent = dict(phrases["customer"]), dict(phrases["agent"])
    hello, feeling, named = customer.pop("hello"), customer.pop("feeling"), agent.pop("named")
    brand, handle, greet = own.pop("brand"), own.pop("handle"), own.pop("greet")
    return PhraseBook(
        brand=brand,
        handle=handle,
        items=matters["items"],
        occasions=matters["occasions"],
        places=matters["places"],
        stories=tuple(_stories(matters["stories"])),
        customer=customer,
        hello=hello,
        greet=greet,
        feeling=feeling,
        agent={**agent, **own},
        named=named,
    )


def say(rng: Random, lines: Sequence[str], facts: Facts) -> str:
    """Return one of the lines in one of its wordings, with the facts filled in and a capital first."""
    line = pick(rng, lines)
    if "<" in line:
        line = _CHOICE.sub(lambda found: pick(rng, found[1].split("|")), line)
    if "{" in line:
        line = line.format_map(facts)
    return line[:1].upper() + line[1:]


def sayable(lines: Sequence[str], facts: Facts, told: str, *, names: frozenset[str]) -> Sequence[str]:
    """Return the lines that go with what was told (in small letters).

    A line must use none of the named facts before it was told; one that begins with "[word]" takes up
    that word and is only said when the customer said it.
    """
    found = []
    for line in lines:
        needed, _, rest = line[1:].partition("]") if line.startswith("[") else ("", "", line)
        if needed in told and all(facts[slot].lower() in told for slot in _slots(rest) if slot in names):
            found.append(rest)
    return found


@cache
def _slots(line: str) -> Sequence[str]:
    return tuple(_SLOT.findall(line))


def pick(rng: Random, options: Sequence[str]) -> str:
    """Return one of the options; faster than `choice`, which asks for random bits."""
    return options[int(rng.random() * len(options))]


def _read(name: str) -> Any:
    text = (files("infra.demo") / "texts" / f"{name}.yaml").read_text(encoding="utf-8")
    return read_document(text).value


_NOT_LINES = frozenset(
    {
        "key", "intent", "program", "weight", "failure", "praise", "account", "technical", "surge",
        "playbook", "moods", "tags", "items", "discretion", "like",
    }
)  # fmt: skip


def _stories(bodies: Sequence[Mapping[str, Any]]) -> Iterator[Story]:
    """Read the stories; one that is `like` an earlier one only says what is different."""
    whole: dict[str, Mapping[str, Any]] = {}
    for body in bodies:
        base = whole[body["like"]] if "like" in body else {}
        whole[body["key"]] = {**base, **body}
        yield _story(whole[body["key"]])


def _story(body: Mapping[str, Any]) -> Story:
    gift, surge, book = body.get("discretion"), body.get("surge"), body.get("playbook")
    return Story(
        key=body["key"],
        intent=body["intent"],
        program=body["program"],
        weight=float(body["weight"]),
        failure=body["failure"],
        praise=body.get("praise", False),
        account=body.get("account", False),
        technical=body.get("technical", False),
        surge=IncidentWave(*surge) if surge else None,
        needs=book["needs"] if book else None,
        moods=body["moods"],
        tags=body["tags"],
        items=body.get("items") or (),
        gift=Gift(gift["limit"], gift["needs"], gift["give"]) if gift else None,
        lines={key: lines for key, lines in body.items() if key not in _NOT_LINES},
    )
