"""What the agent promised for later, and whether a time goes with it."""

from dataclasses import dataclass

from scorecards.autoscore.annotation.transcript import Annotation, Sentence
from scorecards.autoscore.case import Case
from scorecards.autoscore.solving_patterns import ARRANGED, DOING, SENT, WILL

_DATE = "date"
_BEGINS = frozenset({ARRANGED, DOING, SENT, WILL})
_PROMISED = _BEGINS | {"promise", "next_step"}
_TELLING = frozenset({"promise", _DATE})
_UNDATED = frozenset({"vague", "open"})


@dataclass(frozen=True, slots=True)
class Promises:
    """Marks of promises: with a time, with a time in the sentence behind, with only 'soon', with none."""

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

    What is done at once ("I'm refunding you") counts only when a time is named with it. A time that answers
    the customer's "when?" is a promise too.
    """
    asked = min(
        (mark.turn for mark in case.transcript.customer_annotations.get("asks_when", ())), default=None
    )
    if "date" not in case.transcript.agent_annotations and "promise" not in case.transcript.agent_annotations:
        return Promises((), (), (), ())
    found: dict[str, list[Annotation]] = {"dated": [], "beside": [], "vague": [], "open": []}
    said = case.transcript.agent_sentences
    for place, here in enumerate(said):
        if _TELLING.isdisjoint([hit.signal for hit in here.annotations.matches]):
            continue
        kind = _kind(here, asked)
        if kind in _UNDATED and place + 1 < len(said) and said[place + 1].turn == here.turn:
            kind = "beside" if _DATE in _signals(said[place + 1]) else kind
        if kind:
            found[kind].extend(_shown(here))
    return Promises(*(tuple(found[kind]) for kind in ("dated", "beside", "vague", "open")))


def _kind(said: Sentence, asked: int | None) -> str | None:
    signals = _signals(said)
    if "promise" in signals and _DATE not in signals:
        return "vague" if "vague_time" in signals else "open"
    if _DATE not in signals:
        return None
    answers = asked is not None and said.turn > asked and "past" not in signals
    return "dated" if answers or not _PROMISED.isdisjoint(signals) else None


def _signals(said: Sentence) -> set[str]:
    """Return the signals of a sentence, and the labels of what the agent begins."""
    return {hit.label if hit.label in _BEGINS else hit.signal for hit in said.annotations.matches}


def _shown(said: Sentence) -> list[Annotation]:
    marks = [
        Annotation(said.turn, said.start + hit.start, said.start + hit.end, hit.label)
        for hit in said.annotations.matches
        if hit.signal in {"promise", "date", "vague_time"} or hit.label in _BEGINS
    ]
    return sorted(marks)
