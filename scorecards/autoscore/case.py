"""A case, everything a rule may use; the verdict of a rule, and the levels of its confidence."""

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

# The confidence of a rule by the kind of its evidence. Heuristic until a client has human answers to
# calibrate with; only the order matters: reviewers should get the least confident answers first.
CERTAIN = 0.95  # the client's own words were found or a count was made
CLEAR = 0.85  # unambiguous wording
LIKELY = 0.75  # wording that mostly means this, or none of many known wordings was found
INAPPLICABLE = 0.7  # nothing in the conversation calls for it
UNSURE = 0.6  # weak wording, or evidence for both answers
GUESS = 0.5  # only the absence of wording that varies too much to be listed
UNKNOWN = 0.0  # abstained

MAX_EVIDENCE = 3
_MAX_CACHED = 256
"""Cached verdicts without evidence, which differ only by reason and confidence."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What called for empathy: annotations of feelings of the customer and of failures of the service."""

    feelings: tuple[Annotation, ...]
    failures: tuple[Annotation, ...]
    first_turn: int | None

    @property
    def any(self) -> bool:
        """Whether anything called for empathy."""
        return self.first_turn is not None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a rule may use; `voice`, `playbooks`, `canned_responses` are None if the client has none."""

    transcript: AnnotatedTranscript
    sentiment: Sentiment
    opportunity: Opportunity
    voice: tuple[BrandVoiceFinding, ...] | None
    playbooks: tuple[PlaybookFinding, ...] | None
    canned_responses: CannedResponses | None = None
    computed: dict[Callable[["Case"], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def once(self, compute: Callable[["Case"], _Value]) -> _Value:
        """Return the value of a function of this case, computed once for all rules."""
        if compute not in self.computed:
            self.computed[compute] = compute(self)
        value: _Value = self.computed[compute]
        return value

    @property
    def agent_answers(self) -> bool:
        """Whether there is anything to judge: words of an agent, or less than words in answer to some.

        An emoji is a poor answer to a question, but where nobody said a word there is nothing to judge.
        """
        if any(sentence.annotations.words for sentence in self.transcript.agent_sentences):
            return True
        turns = self.transcript.conversation.turns
        answered = any(turns[number].text.strip() for number in self.transcript.agent_turns)
        return answered and any(each.annotations.words for each in self.transcript.customer_sentences)

    def agent(self, *signals: str) -> list[Annotation]:
        """Return the agent's annotations with these signals in their order."""
        annotations = self.transcript.agent_annotations
        if len(signals) == 1:
            return [*annotations.get(signals[0], ())]
        return sorted([annotation for signal in signals for annotation in annotations.get(signal, ())])

    def turns_of(self, signal: str, label: str) -> set[int]:
        """Return the turns with an annotation of the agent's with this signal and label."""
        return {annotation.turn for annotation in self.agent(signal) if annotation.label == label}

    def answering(self, *signals: str) -> list[Annotation]:
        """Return the agent's annotations from the turn on in which empathy was first called for."""
        first = self.opportunity.first_turn
        return [
            annotation for annotation in self.agent(*signals) if first is None or annotation.turn >= first
        ]


class Verdict(NamedTuple):
    """A rule's answer: `value` in [0, 1] where 1 is the best option; None for N/A or abstained."""

    value: float | None
    confidence: float
    evidence: tuple[Span, ...]
    reason: str
    clause: str | None = None
    abstained: bool = False


def spans(annotations: Iterable[Annotation]) -> tuple[Span, ...]:
    """Return the first few annotations as evidence."""
    positions = dict.fromkeys([annotation[:3] for annotation in annotations])
    return tuple(Span(*position) for position in islice(positions, MAX_EVIDENCE))


def yes(confidence: float, annotations: Iterable[Annotation], reason: str) -> Verdict:
    """Return the best answer."""
    return Verdict(1.0, confidence, spans(annotations), reason)


def no(confidence: float, annotations: Iterable[Annotation], reason: str) -> Verdict:
    """Return the worst answer; if something is missing, the evidence may be what called for it."""
    return Verdict(0.0, confidence, spans(annotations), reason)


@lru_cache(maxsize=_MAX_CACHED)
def not_applicable(reason: str, confidence: float = INAPPLICABLE) -> Verdict:
    """Return that the question does not apply, which is never a 'no'."""
    return Verdict(None, confidence, (), reason)


@lru_cache(maxsize=_MAX_CACHED)
def abstain(reason: str) -> Verdict:
    """Return that the rule cannot decide."""
    return Verdict(None, UNKNOWN, (), reason, abstained=True)
