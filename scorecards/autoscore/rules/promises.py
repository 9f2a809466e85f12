"""What the agent promised for later, and whether a time goes with it."""

from dataclasses import dataclass

from scorecards.autoscore.annotation.transcript import Mark, Said
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

    dated: tuple[Mark, ...]
    beside: tuple[Mark, ...]
    vague: tuple[Mark, ...]
    open: tuple[Mark, ...]

    @property
    def any(self) -> bool:
        """Whether anything was promised."""
        return bool(self.dated or self.beside or self.vague or self.open)


def promises(case: Case) -> Promises:
    """Return the agent's promises.

    What is done at once ("I'm refunding you") counts only when a time is named with it. A time that answers
    the customer's "when?" is a promise too.
    """
    asked = min((mark.turn for mark in case.reading.customer.get("asks_when", ())), default=None)
    if "date" not in case.reading.agent and "promise" not in case.reading.agent:
        return Promises((), (), (), ())
    found: dict[str, list[Mark]] = {"dated": [], "beside": [], "vague": [], "open": []}
    said = case.reading.agent_said
    for place, here in enumerate(said):
        if _TELLING.isdisjoint([hit.signal for hit in here.spoken.hits]):
            continue
        kind = _kind(here, asked)
        if kind in _UNDATED and place + 1 < len(said) and said[place + 1].turn == here.turn:
            kind = "beside" if _DATE in _signals(said[place + 1]) else kind
        if kind:
            found[kind].extend(_shown(here))
    return Promises(*(tuple(found[kind]) for kind in ("dated", "beside", "vague", "open")))


def _kind(said: Said, asked: int | None) -> str | None:
    signals = _signals(said)
    if "promise" in signals and _DATE not in signals:
        return "vague" if "vague_time" in signals else "open"
    if _DATE not in signals:
        return None
    answers = asked is not None and said.turn > asked and "past" not in signals
    return "dated" if answers or not _PROMISED.isdisjoint(signals) else None


def _signals(said: Said) -> set[str]:
    """Return the signals of a sentence, and the labels of what the agent begins."""
    return {hit.label if hit.label in _BEGINS else hit.signal for hit in said.spoken.hits}


def _shown(said: Said) -> list[Mark]:
    marks = [
        Mark(said.turn, said.start + hit.start, said.start + hit.end, hit.label)
        for hit in said.spoken.hits
        if hit.signal in {"promise", "date", "vague_time"} or hit.label in _BEGINS
    ]
    return sorted(marks)
