"""What a judge learns from, and what is said where it cannot."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript
from scorecards.autoscore.case import Case, Verdict
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.definitions.form import Span

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Label:
    """A reviewer's answer: the class, where it shows, and who gave it."""

    name: str
    spans: tuple[Span, ...]
    reviewer: str


@dataclass(frozen=True, slots=True)
class Example:
    """One interaction as the rules saw it, with what they and the reviewers said; `id` groups examples."""

    id: str
    case: Case
    rules: Mapping[QuestionKey, Verdict]
    labels: Mapping[QuestionKey, Label]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question was not learned: a code word and a sentence for a QA manager."""

    code: str
    detail: str


def in_order(examples: Sequence[Example]) -> list[Example]:
    """Return examples in an order that depends on what they hold alone."""
    return sorted(examples, key=lambda each: (each.id, content(each.case.transcript), _labelled(each)))


def content(reading: AnnotatedTranscript) -> str:
    """Return a digest of what is said in a conversation, numbers apart; equal ones are repeats."""
    said = [f"{turn}:{_DIGITS.sub('0', plain)}" for turn, plain in sorted(reading.plain_turns.items())]
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()


def groups(examples: Sequence[Example]) -> list[int]:
    """Return a group number per example, shared by those of one interaction and by its repeats.

    An interaction given in several examples is grouped by its id alone; stock sentences would otherwise tie
    every interaction to every other one.
    """
    given = Counter(each.id for each in examples)
    numbers: dict[tuple[str, str], int] = {}
    names = [
        ("id", each.id) if given[each.id] > 1 else ("said", content(each.case.transcript))
        for each in examples
    ]
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _labelled(example: Example) -> str:
    said = [
        (*key, label.name, label.reviewer, [span.to_json() for span in label.spans])
        for key, label in sorted(example.labels.items())
    ]
    ruled = [(*key, rule.value, rule.confidence) for key, rule in sorted(example.rules.items())]
    return json.dumps([said, ruled])
