"""What the agent promised for later, and whether a time goes with it."""

from dataclasses import dataclass
from itertools import pairwise

from scorecards.autoscore.reading import Mark, Said
from scorecards.autoscore.solving_patterns import ARRANGED, DOING, SENT, WILL
from scorecards.autoscore.verdict import Case

_BEGINS = frozenset({ARRANGED, DOING, SENT, WILL})


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
    found: dict[str, list[Mark]] = {"dated": [], "beside": [], "vague": [], "open": []}
    said = case.reading.agent_said
    for here, following in pairwise([*said, None]):
        if here is None:
            continue
        kind = _kind(here, asked)
        if kind in {"vague", "open"} and following is not None and following.turn == here.turn:
            kind = "beside" if _has(following, "date") else kind
        if kind:
            found[kind].extend(_shown(here))
    return Promises(*(tuple(found[kind]) for kind in ("dated", "beside", "vague", "open")))


def _kind(said: Said, asked: int | None) -> str | None:
    date = _has(said, "date")
    promised = _has(said, "promise")
    if promised and not date:
        return "vague" if _has(said, "vague_time") else "open"
    begun = promised or _has(said, "next_step") or any(hit.label in _BEGINS for hit in said.spoken.hits)
    answers = asked is not None and said.turn > asked and not _has(said, "past")
    return "dated" if date and (begun or answers) else None


def _has(said: Said, signal: str) -> bool:
    return any(hit.signal == signal for hit in said.spoken.hits)


def _shown(said: Said) -> list[Mark]:
    marks = [
        Mark(said.turn, said.start + hit.start, said.start + hit.end, hit.label)
        for hit in said.spoken.hits
        if hit.signal in {"promise", "date", "vague_time"} or hit.label in _BEGINS
    ]
    return sorted(marks)
