"""Invented customers: their names, contact details, and how they type and speak."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from infra.demo.companies import Company
from infra.demo.phrase_book import pick

# Test numbers that payment providers publish; they pass the check digit and cannot be charged.
TEST_CARDS = ("4111 1111 1111 1111", "5555 5555 5555 4444", "4012-8888-8888-1881", "3782 822463 10005")


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer; `style` says how they type: plain, lower, bare or hasty."""

    external_id: str
    name: str
    surname: str
    segment: str
    style: str
    email: str
    phone: str


def new_customer(company: Company, number: int, rng: Random) -> Customer:
    """Return an invented customer."""
    name, surname = pick(rng, _NAMES), pick(rng, _SURNAMES)
    local_part = pick(rng, (f"{name}.{surname}", f"{name[0]}{surname}{number % 97}", f"{surname}.{name}"))
    digits = int(rng.random() * 100) if "01{" in company.phones[0] else int(rng.random() * 1000)
    return Customer(
        external_id=f"c-{company.prefix.lower()}-{10_000 + number}",
        name=name,
        surname=surname,
        segment="gold" if rng.random() < 0.18 else "standard",
        style=rng.choices(("plain", "lower", "bare", "hasty"), (60, 12, 18, 10))[0],
        email=f"{local_part.lower()}@{pick(rng, _DOMAINS)}",
        phone=pick(rng, company.phones).format(digits),
    )


def typed_or_spoken(rng: Random, customer: Customer, text: str, channel: str) -> str:
    """Return a text as this customer would type or speak it on the channel."""
    if channel == "voice":
        return _spoken(rng, text)
    if channel == "email" or customer.style == "plain":
        return text
    if customer.style == "hasty":
        return _with_typo(rng, text) if rng.random() < _TYPO_SHARE else text
    if customer.style == "lower":
        text = text.lower()
    return text.removesuffix(".")


def _spoken(rng: Random, text: str) -> str:
    if rng.random() < 0.45 and text:
        continued = (
            text
            if text[:2].isupper() or text.startswith(("I ", "I'", "Harbor"))
            else text[0].lower() + text[1:]
        )
        text = f"{pick(rng, _FILLERS)} {continued}"
    return text.replace(". ", pick(rng, (". ", ". ", ", you know. ")), 1)


def _with_typo(rng: Random, text: str) -> str:
    """Swap two letters of one long word."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if long:
        index = long[int(rng.random() * len(long))]
        word = words[index]
        words[index] = f"{word[:2]}{word[3]}{word[2]}{word[4:]}"
    return " ".join(words)


_TYPO_SHARE = 0.6
_FILLERS: Sequence[str] = ("Um,", "Er,", "Well,", "Right, so,", "Yeah,", "So,", "Okay, look,", "Oh,")
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com")
_NAMES = (
    "Maria", "James", "Aisha", "Oliver", "Chen", "Sofia", "Daniel", "Fatima", "Noah", "Hannah", "Mateo",
    "Ingrid", "Samuel", "Leila", "Patrick", "Yuki", "Carmen", "George", "Nadia", "Felix", "Amara", "Lucas",
    "Olga", "Henry", "Zoe", "Ibrahim", "Claire", "Marcus", "Tessa", "Rohan", "Bridget", "Andre", "Helen",
    "Victor", "Paula", "Dylan", "Rosa", "Simon", "Esther", "Gabriel", "Alice", "Omar", "Judith", "Kenji",
)  # fmt: skip
_SURNAMES = (
    "Lopez", "Carter", "Rahman", "Bennett", "Wei", "Rossi", "Novak", "Hussain", "Murphy", "Fischer",
    "Castillo", "Larsen", "Okafor", "Haidari", "Walsh", "Tanaka", "Vega", "Hughes", "Petrenko", "Braun",
    "Diallo", "Moreau", "Sokolova", "Pryor", "Andersson", "Farouk", "Dubois", "Reed", "Vermeer", "Kapoor",
    "O'Brien", "Silva", "Grantley", "Ivanov", "Jensen", "Foster", "Delgado", "Schultz", "Mbeki", "Turner",
)  # fmt: skip
