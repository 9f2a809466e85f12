"""The hand-made dialogues with the expected answers and the answers of the rules (data/empathy/README.md)."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scorecards.autoscore.engine import AutomaticEvaluation, Judge
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook

DATA = Path(__file__).parent / "data"
PILLARS = ("listen_validate", "acknowledge_own", "resolve_personalize", "follow_up_reassure")
AFTERWARDS, PRACTISED, BLIND, CLEAN = "afterwards", "practised", "blind", "clean"
LATER = (AFTERWARDS, PRACTISED, BLIND, CLEAN)
PARTS = ("developed", "held_out", *LATER)
SPEAKERS = {"C": "customer", "A": "agent", "B": "bot"}
WORDS = {True: "yes", False: "no"}
_NOW = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Expected:
    """One answer a person expects, and what the rules say."""

    dialogue: str
    part: str
    judgement: str
    wanted: str
    got: str
    turn: int | None
    shown: frozenset[int]
    reason: str

    @property
    def right(self) -> bool:
        """Whether the rules say what people say."""
        return self.wanted == self.got


def part_of(name: str, file: str) -> str:
    """Tell which part a dialogue belongs to, by its file and the hash of its name."""
    if file in LATER:
        return file
    held = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10 < 3
    return "held_out" if held else "developed"


@cache
def dialogues() -> tuple[Mapping[str, Any], ...]:
    """Read all dialogues; `file` is the pillar."""
    return tuple(
        {**each, "file": file, "part": part_of(each["id"], file)}
        for file in (*PILLARS, *LATER)
        for each in yaml.safe_load((DATA / "empathy" / f"{file}.yaml").read_text(encoding="utf-8"))
    )


@cache
def judge() -> Judge:
    """Return a judge that asks everything, with the voice and playbook of the older examples."""
    examples = yaml.safe_load((DATA / "empathy_examples.yaml").read_text(encoding="utf-8"))
    asked = [
        {"key": name, "text": "?", "kind": "yes_no", "na_allowed": True, "auto": name} for name in CATALOGUE
    ]
    return Judge(
        Form.from_body({"sections": [{"key": "all", "questions": asked}]}),
        BrandVoice.from_body(examples["brand_voice"]),
        [Playbook.from_body(body) for body in examples["playbooks"]],
        charged_threshold=0.5,
    )


def conversation(dialogue: Mapping[str, Any]) -> Conversation:
    """Return a dialogue as the judges see it."""
    turns = [Turn(SPEAKERS[said[0]], said[3:]) for said in dialogue["turns"]]
    return Conversation(dialogue["channel"], turns, _NOW)


@cache
def judged() -> Mapping[str, AutomaticEvaluation]:
    """Return what the rules say of every dialogue."""
    found = judge().evaluate([conversation(each) for each in dialogues()])
    return {each["id"]: judgement for each, judgement in zip(dialogues(), found, strict=True)}


@cache
def expected() -> tuple[Expected, ...]:
    """Return every answer that a person expects beside the one the rules give."""
    return tuple(_expected())


def _expected() -> Iterator[Expected]:
    for each in dialogues():
        answers = judged()[each["id"]].answers
        for name, written in each["expect"].items():
            wanted, _, turn = str(WORDS.get(written, written)).partition(" ")
            answer = answers[name]
            yield Expected(
                each["id"],
                each["part"],
                name,
                wanted,
                "abstained" if answer.abstained else "n/a" if answer.na else str(answer.value),
                int(turn) if turn else None,
                frozenset(span.turn for span in answer.evidence),
                answer.reason,
            )


def kinds(judgement: AutomaticEvaluation) -> list[str]:
    """Return the kinds of empathy shown; sympathy only where it is all there is."""
    found = {moment.kind for moment in judgement.empathy}
    return sorted(found - {"sympathy"} or found)


def agreement(part: str) -> dict[str, tuple[int, int]]:
    """Return right answers and all answers of a part, by judgement."""
    rows = [each for each in expected() if each.part == part]
    total = Counter(each.judgement for each in rows)
    right = Counter(each.judgement for each in rows if each.right)
    return {name: (right[name], total[name]) for name in CATALOGUE if total[name]}
