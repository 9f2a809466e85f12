"""Definitions for the three MAIA brands: a scorecard that the labels can answer, and its scoring formula.

Two of the four pillars have no label that speaks of them (owning a failure, following up), so their
sections are left out rather than filled in by guesswork.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.realdata.labels import Labelled

_YES_NO: Mapping[str, float] = {"yes": 1.0, "no": 0.0}
_SHARE: Mapping[str, float] = {"always": 1.0, "mostly": 0.5, "rarely": 0.0}
_QUALITY: Mapping[str, float] = {f"iq_{level}": level / 5 for level in range(6)}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its text, weight, options with their worth, and the automatic judgement beside it."""

    text: str
    weight: int
    options: Mapping[str, float]
    auto: str | None


PILLARS = ("listen_validate", "resolve_personalize")
QUESTIONS: Mapping[str, Mapping[str, Asked]] = {
    "listen_validate": {
        "validates_feeling": Asked(
            "Did the agent answer the customer's feeling?", 2, _YES_NO, "validates_feeling"
        ),
        "answers_at_once": Asked(
            "Was it answered in the very next message?", 1, _YES_NO, "validates_before_solution"
        ),
    },
    "resolve_personalize": {
        "interaction_quality": Asked("How good was the interaction by its end?", 2, _QUALITY, None),
        "own_words": Asked(
            "Did the agent mostly speak in their own words?", 1, _YES_NO, "avoids_canned_sentences"
        ),
    },
    "conduct": {
        "polite": Asked("Was the agent polite?", 1, _SHARE, None),
        "understands": Asked(
            "Did the agent understand the customer throughout?", 1, _YES_NO, "listens_and_reflects"
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Brand:
    """One client: its file, the weights of its sections, and how much of it people review."""

    slug: str
    name: str
    file: str
    weights: Mapping[str, int]
    pass_mark: int
    base_rate: float
    charged_rate: float


# Few are charged: nine, eleven and one. With these rates chance leaves fewer than five reviews of them, with
# which the estimate would join the rates, three times in 100,000 runs; all of a rate of 1 stay by themselves.
BRANDS = (
    Brand(
        "client-02-german",
        "Client 02, German customers",
        "de_client_02_a.json",
        {"listen_validate": 50, "resolve_personalize": 30, "conduct": 20},
        60,
        0.5,
        0.95,
    ),
    Brand(
        "client-02-brazilian",
        "Client 02, Brazilian customers",
        "pt_br_client_02_a.json",
        {"listen_validate": 40, "resolve_personalize": 40, "conduct": 20},
        60,
        0.4,
        0.95,
    ),
    Brand(
        "client-04-brazilian",
        "Client 04, Brazilian customers",
        "pt_br_client_04_a.json",
        {"listen_validate": 30, "resolve_personalize": 50, "conduct": 20},
        50,
        0.6,
        1.0,
    ),
)
INTERVAL_LIMIT = 30
"""Some forty dialogues a client cannot give a narrow interval, so a wide one is still wanted as a number."""


def bundle(brand: Brand) -> dict[str, Any]:
    """Return everything that says what good means for one brand."""
    return {
        "qm_bundle": 1,
        "settings": {"interval_limit": INTERVAL_LIMIT, "languages": ["en"]},
        "scorecards": [_scorecard(brand)],
        "sla_policy": sla_policy({"first_response": "30s", "next_response": "60s", "resolution": "30m"}),
        "sampling_policy": {
            "base_rate": brand.base_rate,
            "terms": [{"when": "charged", "rate": brand.charged_rate}],
        },
    }


def sla_policy(targets: Mapping[str, str]) -> dict[str, Any]:
    """Return one rule for everything, around the clock."""
    rule = {"key": "everything", "match": {}, "calendar": "always", "targets": dict(targets), "goal": 0.9}
    return {"rules": [rule]}


def _scorecard(brand: Brand) -> dict[str, Any]:
    return {
        "key": "labels",
        "name": "What the labels can answer",
        "pass_mark": brand.pass_mark,
        "sections": [
            {
                "key": section,
                "name": section.replace("_", " ").capitalize(),
                "pillar": section if section in PILLARS else None,
                "weight": brand.weights[section],
                "questions": [_question(key, asked) for key, asked in questions.items()],
            }
            for section, questions in QUESTIONS.items()
        ],
    }


def _question(key: str, asked: Asked) -> dict[str, Any]:
    body: dict[str, Any] = {
        "key": key,
        "text": asked.text,
        "kind": "yes_no" if asked.options is _YES_NO else "scale",
        "weight": asked.weight,
        "na_allowed": True,
        "auto": asked.auto,
    }
    if asked.options is not _YES_NO:
        body["options"] = [{"key": option, "value": worth} for option, worth in asked.options.items()]
    return body


@dataclass(frozen=True, slots=True)
class Truth:
    """What the labels of one dialogue come to, in points of 100; None where nothing applies."""

    score: float | None
    empathy: float | None
    pillars: Mapping[str, float | None]


def truth(brand: Brand, labelled: Mapping[str, Labelled]) -> Truth:
    """Score a dialogue by its labels alone, without any code of QM."""
    sections = {section: _section(questions, labelled) for section, questions in QUESTIONS.items()}
    pillars = {pillar: sections[pillar] for pillar in PILLARS}
    return Truth(_weighted(sections, brand.weights), _weighted(pillars, brand.weights), pillars)


def _section(questions: Mapping[str, Asked], labelled: Mapping[str, Labelled]) -> float | None:
    worth = {
        key: None if (value := labelled[key].value) is None else 100 * asked.options[value]
        for key, asked in questions.items()
    }
    return _weighted(worth, {key: asked.weight for key, asked in questions.items()})


def _weighted(points: Mapping[str, float | None], weights: Mapping[str, int]) -> float | None:
    defined = {key: value for key, value in points.items() if value is not None}
    weight = sum(weights[key] for key in defined)
    return sum(weights[key] * value for key, value in defined.items()) / weight if weight else None
