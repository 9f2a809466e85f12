"""Training examples: annotated interactions with reviewers' labels; and why a question is not trained."""

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
    """A reviewer's answer to one question: the class, its evidence, and who gave it."""

    name: str
    spans: tuple[Span, ...]
    reviewer: str


@dataclass(frozen=True, slots=True)
class Example:
    """One interaction with rule verdicts and reviewers' labels; examples of one `id` form a group."""

    id: str
    case: Case
    rules: Mapping[QuestionKey, Verdict]
    labels: Mapping[QuestionKey, Label]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question was not trained: a code word and a sentence for a QA manager."""

    code: str
    detail: str


def in_canonical_order(examples: Sequence[Example]) -> list[Example]:
    """Return examples in an order that depends on their content alone."""
    return sorted(
        examples, key=lambda each: (each.id, content_digest(each.case.transcript), _labels_json(each))
    )


def content_digest(transcript: AnnotatedTranscript) -> str:
    """Return a digest of the words of a conversation, numbers apart; duplicates have equal ones."""
    turns = [f"{turn}:{_DIGITS.sub('0', plain)}" for turn, plain in sorted(transcript.plain_turns.items())]
    return hashlib.sha256("\n".join(turns).encode("utf-8", "surrogatepass")).hexdigest()


def group_numbers(examples: Sequence[Example]) -> list[int]:
    """Return a group number per example, shared by those of one interaction and by its duplicates.

    An interaction given in several examples is grouped by its id alone: otherwise examples of a single stock
    sentence would tie every interaction to every other one.
    """
    id_counts = Counter(each.id for each in examples)
    numbers: dict[tuple[str, str], int] = {}
    keys = [
        ("id", each.id) if id_counts[each.id] > 1 else ("content", content_digest(each.case.transcript))
        for each in examples
    ]
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _labels_json(example: Example) -> str:
    labels = [
        (*key, label.name, label.reviewer, [span.to_json() for span in label.spans])
        for key, label in sorted(example.labels.items())
    ]
    verdicts = [(*key, rule.value, rule.confidence) for key, rule in sorted(example.rules.items())]
    return json.dumps([labels, verdicts])
