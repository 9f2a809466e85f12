"""What a rule says about one question, and how sure a rule can be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Annotation
from scorecards.autoscore.brand_voice.checker import BrandVoiceFinding
from scorecards.autoscore.playbook.checker import PlaybookFinding
from scorecards.definitions.form import Span

# How sure a rule is, from what it rests on. Heuristic until a client has human answers to calibrate with;
# the order is what matters: a reviewer should see the unsure ones first.
CERTAIN = 0.95  # the client's own words were found or a count was made
CLEAR = 0.85  # wording that hardly means anything else
LIKELY = 0.75  # wording that mostly means this, or nothing of many known wordings was found
INAPPLICABLE = 0.7  # nothing in the conversation calls for it
UNSURE = 0.6  # weak wording, or signs for both answers
GUESS = 0.5  # only the absence of wording that people put in countless ways
UNKNOWN = 0.0  # abstained

_MOST_EVIDENCE = 3
_REMEMBERED = 256
"""Verdicts without evidence that are kept: there are about as many as reasons to have none."""

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What called for empathy: feelings the customer expressed and failures of the service, as marks."""

    feelings: tuple[Annotation, ...]
    failures: tuple[Annotation, ...]
    first_turn: int | None

    @property
    def any(self) -> bool:
        """Whether anything called for empathy."""
        return self.first_turn is not None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a rule may look at; `voice`, `playbooks` and `memo` are None where the client has none."""

    transcript: AnnotatedTranscript
    sentiment: Sentiment
    opportunity: Opportunity
    voice: tuple[BrandVoiceFinding, ...] | None
    playbooks: tuple[PlaybookFinding, ...] | None
    canned_responses: CannedResponses | None = None
    found: dict[Callable[["Case"], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def once(self, find: Callable[["Case"], _Found]) -> _Found:
        """Return what a function finds in this case; it looks once, however many rules ask."""
        if find not in self.found:
            self.found[find] = find(self)
        found: _Found = self.found[find]
        return found

    def agent(self, *signals: str) -> list[Annotation]:
        """Return the agent's marks of these signals in the order they were said."""
        marks = self.transcript.agent_annotations
        if len(signals) == 1:
            return [*marks.get(signals[0], ())]
        return sorted([mark for signal in signals for mark in marks.get(signal, ())])

    def turns_of(self, signal: str, label: str) -> set[int]:
        """Return the turns in which the agent gave a sign of this label."""
        return {mark.turn for mark in self.agent(signal) if mark.label == label}

    def answering(self, *signals: str) -> list[Annotation]:
        """Return the agent's marks said after empathy was first called for."""
        first = self.opportunity.first_turn
        return [mark for mark in self.agent(*signals) if first is None or mark.turn >= first]


class Verdict(NamedTuple):
    """A rule's answer: `value` in [0, 1] where 1 is the best option; None for N/A or abstained."""

    value: float | None
    confidence: float
    evidence: tuple[Span, ...]
    reason: str
    clause: str | None = None
    abstained: bool = False


def spans(marks: Iterable[Annotation]) -> tuple[Span, ...]:
    """Return the first few marks as evidence."""
    places = dict.fromkeys([mark[:3] for mark in marks])
    return tuple(Span(*place) for place in islice(places, _MOST_EVIDENCE))


def yes(confidence: float, marks: Iterable[Annotation], reason: str) -> Verdict:
    """Return the best answer."""
    return Verdict(1.0, confidence, spans(marks), reason)


def no(confidence: float, marks: Iterable[Annotation], reason: str) -> Verdict:
    """Return the worst answer; where something is missing the evidence may be what called for it."""
    return Verdict(0.0, confidence, spans(marks), reason)


@lru_cache(maxsize=_REMEMBERED)
def not_applicable(reason: str, confidence: float = INAPPLICABLE) -> Verdict:
    """Return that the question has no place here, which is never a 'no'."""
    return Verdict(None, confidence, (), reason)


@lru_cache(maxsize=_REMEMBERED)
def abstain(reason: str) -> Verdict:
    """Return that the rule cannot know."""
    return Verdict(None, UNKNOWN, (), reason, abstained=True)
