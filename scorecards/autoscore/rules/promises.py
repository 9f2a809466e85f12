"""The agent's promises, and whether a time is given for each."""

from dataclasses import dataclass

from scorecards.autoscore.annotation.transcript import Annotation, Sentence
from scorecards.autoscore.case import Case
from scorecards.autoscore.solution_patterns import ARRANGED, DOING, SENT, WILL

_DATE = "date"
_ACTION_LABELS = frozenset({ARRANGED, DOING, SENT, WILL})
_PROMISE_SIGNALS = _ACTION_LABELS | {"promise", "next_step"}
_RELEVANT = frozenset({"promise", _DATE})
_UNDATED = frozenset({"vague", "open"})


@dataclass(frozen=True, slots=True)
class Promises:
    """Annotations of promises: with a time, with one in the next sentence, with only 'soon', with none."""

    dated: tuple[Annotation, ...]
    beside: tuple[Annotation, ...]
    vague: tuple[Annotation, ...]
    open: tuple[Annotation, ...]

    @property
    def any(self) -> bool:
        """Whether anything was promised."""
        return bool(self.dated or self.beside or self.vague or self.open)


def promises(case: Case) -> Promises:
    """Return the agent's promises.

    An action in progress ("I'm refunding you") counts only if a time is given with it. A time that answers
    the customer's "when?" is a promise too.
    """
    first_asked = min(
        (annotation.turn for annotation in case.transcript.customer_annotations.get("asks_when", ())),
        default=None,
    )
    if "date" not in case.transcript.agent_annotations and "promise" not in case.transcript.agent_annotations:
        return Promises((), (), (), ())
    found: dict[str, list[Annotation]] = {"dated": [], "beside": [], "vague": [], "open": []}
    sentences = case.transcript.agent_sentences
    for index, sentence in enumerate(sentences):
        if _RELEVANT.isdisjoint([match.signal for match in sentence.annotations.matches]):
            continue
        kind = _kind(sentence, first_asked)
        if kind in _UNDATED and index + 1 < len(sentences) and sentences[index + 1].turn == sentence.turn:
            kind = "beside" if _DATE in _signals(sentences[index + 1]) else kind
        if kind:
            found[kind].extend(_annotations(sentence))
    return Promises(*(tuple(found[kind]) for kind in ("dated", "beside", "vague", "open")))


def _kind(sentence: Sentence, first_asked: int | None) -> str | None:
    signals = _signals(sentence)
    if "promise" in signals and _DATE not in signals:
        return "vague" if "vague_time" in signals else "open"
    if _DATE not in signals:
        return None
    answers = first_asked is not None and sentence.turn > first_asked and "past" not in signals
    return "dated" if answers or not _PROMISE_SIGNALS.isdisjoint(signals) else None


def _signals(sentence: Sentence) -> set[str]:
    """Return the signals of a sentence, for actions of the agent their labels."""
    return {
        match.label if match.label in _ACTION_LABELS else match.signal
        for match in sentence.annotations.matches
    }


def _annotations(sentence: Sentence) -> list[Annotation]:
    annotations = [
        Annotation(sentence.turn, sentence.start + match.start, sentence.start + match.end, match.label)
        for match in sentence.annotations.matches
        if match.signal in {"promise", "date", "vague_time"} or match.label in _ACTION_LABELS
    ]
    return sorted(annotations)
