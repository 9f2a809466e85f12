"""Converts the labels of the MAIA dialogues to answers to a scorecard (pure).

The rule, label by label; a value outside its range is a typing error and counts as missing:

* `validates_feeling` - N/A unless a customer sentence is labelled with a distress. Yes when a later agent
  sentence is labelled as empathy, shown by those sentences; otherwise no, shown by the distress.
* `answers_at_once` - as above, but only the agent's very next message counts.
* `interaction_quality` - the last `IQ` an agent's turn carries, shown by that turn.
* `own_words` - yes when at most half of the agent's labelled sentences are `Templated`.
* `polite` - `always`, `mostly` (nine of ten) or `rarely`, by the share of the agent's turns that are.
* `understands` - no when an agent's turn is labelled as not understanding, otherwise yes.

Where a question has no label at all it is answered N/A, with a note that says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DISTRESS = frozenset({3, 4, 5, 6, 7})
EMPATHY = 0
MOSTLY = 0.9
CANNED = 0.5
MOST_EVIDENCE = 3
NO_LABEL = "The data has no label for this."
NO_FEELING = "No customer sentence is labelled with a distress."
_RANGES: Mapping[str, frozenset[int]] = {
    "Emotion": frozenset(range(8)),
    "Templated": frozenset({0, 1}),
    "Politeness": frozenset({0, 1}),
    "Understanding": frozenset({0, 1}),
    "IQ": frozenset(range(6)),
}

Dialogue = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A sentence of a turn, or the whole turn without one."""

    turn: int
    sentence: int | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the labels answer to one question; None stands for N/A, and the note says why."""

    value: str | None
    places: tuple[Place, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Label:
    place: Place
    value: int


def answers(dialogue: Dialogue) -> dict[str, Labelled]:
    """Return what the labels of a dialogue answer, by question."""
    return {
        "validates_feeling": _validates(dialogue, at_once=False),
        "answers_at_once": _validates(dialogue, at_once=True),
        "interaction_quality": _quality(dialogue),
        "own_words": _own_words(dialogue),
        "polite": _polite(dialogue),
        "understands": _understands(dialogue),
    }


def typing_errors(dialogue: Dialogue) -> int:
    """Count the labels that are neither missing (none, -1) nor in their range."""
    return sum(
        value is not None and value != -1 and value not in allowed
        for name, allowed in _RANGES.items()
        for turn in dialogue["turns"]
        for value in _listed(turn.get(name))
    )


def _validates(dialogue: Dialogue, *, at_once: bool) -> Labelled:
    distress = [each for each in _labels(dialogue, "inbound", "Emotion") if each.value in DISTRESS]
    if not distress:
        return Labelled(None, note=NO_FEELING)
    first = distress[0].place.turn
    until = _next_message(dialogue, first) if at_once else len(dialogue["turns"])
    empathy = [
        each
        for each in _labels(dialogue, "outbound", "Emotion")
        if each.value == EMPATHY and first < each.place.turn < until
    ]
    return _answer("yes", empathy) if empathy else _answer("no", distress)


def _next_message(dialogue: Dialogue, after: int) -> int:
    """Return the turn at which the agent's first message after a turn is over."""
    floors = [turn["floor"] for turn in dialogue["turns"]]
    start = next((n for n in range(after + 1, len(floors)) if floors[n] == "outbound"), len(floors))
    return next((n for n in range(start, len(floors)) if floors[n] != "outbound"), len(floors))


def _quality(dialogue: Dialogue) -> Labelled:
    found = list(_labels(dialogue, "outbound", "IQ"))
    return _answer(f"iq_{found[-1].value}", found[-1:]) if found else Labelled(None, note=NO_LABEL)


def _own_words(dialogue: Dialogue) -> Labelled:
    found = list(_labels(dialogue, "outbound", "Templated"))
    if not found:
        return Labelled(None, note=NO_LABEL)
    canned = [each for each in found if each.value == 1]
    own = [each for each in found if each.value == 0]
    return _answer("yes", own) if len(canned) <= CANNED * len(found) else _answer("no", canned)


def _polite(dialogue: Dialogue) -> Labelled:
    found = list(_labels(dialogue, "outbound", "Politeness"))
    if not found:
        return Labelled(None, note=NO_LABEL)
    polite = [each for each in found if each.value == 1]
    rude = [each for each in found if each.value == 0]
    if not rude:
        return _answer("always", polite)
    return _answer("mostly" if len(polite) >= MOSTLY * len(found) else "rarely", rude)


def _understands(dialogue: Dialogue) -> Labelled:
    found = list(_labels(dialogue, "outbound", "Understanding"))
    if not found:
        return Labelled(None, note=NO_LABEL)
    lost = [each for each in found if each.value == 0]
    return _answer("no", lost) if lost else _answer("yes", found)


def _answer(value: str, shown_by: Iterable[_Label]) -> Labelled:
    return Labelled(value, tuple(each.place for each in shown_by)[:MOST_EVIDENCE])


def _labels(dialogue: Dialogue, floor: str, name: str) -> Iterator[_Label]:
    """Return the sound labels of one side, in order: of each sentence, or of each turn."""
    for number, turn in enumerate(dialogue["turns"]):
        given = turn.get(name)
        if turn["floor"] != floor:
            continue
        for sentence, value in enumerate(_listed(given)):
            if value in _RANGES[name] and value is not None:
                yield _Label(Place(number, sentence if isinstance(given, list) else None), value)


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list) else [given]
