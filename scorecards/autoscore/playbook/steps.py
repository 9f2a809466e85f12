"""Where a playbook's steps were taken: said by an agent or a bot, or logged by a system."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript
from scorecards.autoscore.matching import client_phrases
from scorecards.autoscore.matching.matcher import Matcher, Pattern
from scorecards.autoscore.playbook.findings import (
    DONE,
    MISSING,
    OUT_OF_ORDER,
    UNKNOWN,
    StepFinding,
)
from scorecards.autoscore.text import normalization, sequence_alignment
from scorecards.autoscore.text.concepts import ConceptSpan, located
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Playbook, Step

_NEGATED = re.compile(r"\b(?:not|never|no|cannot|without|unable|nor|hardly|\w+n't)\b")
_CLAUSE_END = re.compile(r"[,;:()]|\b(?:and|but|because|so|although|though|while)\b")
_APART = 4
"""Words that may stand between the words of a phrase that is found in other words."""

_LEAST = 2
_MOST_TO_ORDER = 12
"""Places of one step that are looked at; who repeats it more often repeats it in order too."""


class StepMatch(NamedTuple):
    """A step seen at characters [start, end) of a turn, by 'agent', 'bot' or 'system'."""

    turn: int
    start: int
    end: int
    by: str


class _Loose(NamedTuple):
    signal: str
    concepts: frozenset[str]


class _Place(NamedTuple):
    signal: str
    start: int
    end: int


class StepMatcher:
    """The steps of several playbooks; compiled once, remembers sentences."""

    def __init__(self, books: Sequence[Playbook]) -> None:
        """Compile what is said, and what is logged, when a step is taken."""
        said: list[Pattern] = []
        loose: list[_Loose] = []
        logged: list[_Loose] = []
        for book in books:
            for step in book.steps:
                signal = signal_of(book, step)
                said += [client_phrases.pattern(signal, each) for each in step.phrases]
                loose += [_Loose(signal, held) for each in step.phrases if (held := _loosely(each, _LEAST))]
                least = 1 if step.logged else _LEAST
                logged += [
                    _Loose(signal, held)
                    for each in step.logged or (step.name,)
                    if (held := _loosely(each, least))
                ]
        self._scan = Matcher(said).scan
        self._loose, self._logged = _indexed(loose), _indexed(logged)
        self._heard: dict[str, tuple[_Place, ...]] = {}
        self._lines: dict[str, tuple[_Place, ...]] = {}

    def matches(self, reading: AnnotatedTranscript) -> defaultdict[str, list[StepMatch]]:
        """Return where each step was taken, by signal."""
        found: defaultdict[str, list[StepMatch]] = defaultdict(list)
        for said in reading.agent_sentences:
            for signal, start, end in self._said(said.annotations.plain, said.annotations.words):
                found[signal].append(StepMatch(said.turn, said.start + start, said.start + end, "agent"))
        for number, turn in enumerate(reading.conversation.turns):
            if turn.speaker == "bot":
                plain = normalization.cover_quotations(normalization.normalise(turn.text))
                for begin, finish in normalization.sentences(turn.text):
                    sentence = plain[begin:finish]
                    for signal, start, end in self._said(sentence, tuple(normalization.words(sentence))):
                        found[signal].append(StepMatch(number, begin + start, begin + end, "bot"))
            elif turn.speaker == "system":
                for signal, start, end in self._line(turn.text):
                    found[signal].append(StepMatch(number, start, end, "system"))
        return found

    def _said(self, plain: str, words: tuple[str, ...]) -> tuple[_Place, ...]:
        known = self._heard.get(plain)
        if known is None:
            _make_room(self._heard)
            exact = {hit.signal: _Place(hit.signal, hit.start, hit.end) for hit in self._scan(plain, words)}
            for place in _found(self._loose, plain, apart=_APART):
                exact.setdefault(place.signal, place)
            known = self._heard[plain] = tuple(exact.values())
        return known

    def _line(self, written: str) -> tuple[_Place, ...]:
        known = self._lines.get(written)
        if known is None:
            _make_room(self._lines)
            plain = normalization.normalise(written[: normalization.MAX_SENTENCE_LENGTH])
            known = self._lines[written] = tuple(_found(self._logged, plain, apart=None))
        return known


def signal_of(book: Playbook, step: Step) -> str:
    """Return the name that a step is looked up by."""
    return f"{book.key}/{step.key}"


def followed(book: Playbook, seen: defaultdict[str, list[StepMatch]]) -> tuple[StepFinding, ...]:
    """Tell what became of each step; in an ordered playbook as many as possible are seen in their order."""
    marks = [sorted(seen.get(signal_of(book, step), ())) for step in book.steps]
    places = [[(each.turn, each.start) for each in found[:_MOST_TO_ORDER]] for found in marks]
    if book.ordered:
        counts = [len(book.steps) + 1 if step.required else 1 for step in book.steps]
        kept = sequence_alignment.in_order(places, counts)
    else:
        kept = [found[0] if found else None for found in places]
    return tuple(
        _finding(book, number, found, place)
        for number, (found, place) in enumerate(zip(marks, kept, strict=True))
    )


def _finding(
    book: Playbook, number: int, marks: list[StepMatch], place: sequence_alignment.Position | None
) -> StepFinding:
    step = book.steps[number]
    mark = next((each for each in marks if (each.turn, each.start) == place), None)
    if mark is not None:
        status, detail = DONE, "Logged by the system." if mark.by == "system" else f"Said by the {mark.by}."
    elif marks:
        mark, status, detail = marks[0], OUT_OF_ORDER, "Taken, but not in its place among the other steps."
    elif step.phrases or step.logged:
        status = MISSING
        detail = "No sign of it was found." if step.required else "Optional, and no sign of it was found."
    else:
        status, detail = UNKNOWN, "Nothing says how it shows, so only people can tell."
    return StepFinding(
        key=step.key,
        name=step.name,
        required=step.required,
        status=status,
        span=Span(mark.turn, mark.start, mark.end) if mark else None,
        seen=mark.by if mark else None,
        clause=signal_of(book, step),
        detail=detail,
    )


def _loosely(phrase: str, least: int) -> frozenset[str]:
    """Return what a phrase means word by word; nothing where that is too little or it denies something."""
    plain = normalization.normalise(phrase)
    if _NEGATED.search(plain) or "{" in plain:
        return frozenset()
    held = frozenset(each.concept for each in located(plain))
    return held if len(held) >= least else frozenset()


def _indexed(loose: Sequence[_Loose]) -> dict[str, tuple[_Loose, ...]]:
    """Return phrases by one of their words, the one that the fewest phrases hold."""
    held: defaultdict[str, int] = defaultdict(int)
    for each in loose:
        for concept in each.concepts:
            held[concept] += 1
    index: defaultdict[str, list[_Loose]] = defaultdict(list)
    for each in dict.fromkeys(loose):
        index[min(each.concepts, key=lambda concept: (held[concept], concept))].append(each)
    return {concept: tuple(found) for concept, found in index.items()}


def _found(index: dict[str, tuple[_Loose, ...]], plain: str, *, apart: int | None) -> Iterator[_Place]:
    """Find phrases whose words all stand in a sentence in any order; near each other if `apart` is given."""
    if not index:
        return
    words = located(plain)
    there = {each.concept for each in words}
    for concept in there & index.keys():
        for loose in index[concept]:
            if loose.concepts <= there and (place := _span(loose, words, plain, apart)):
                yield _Place(loose.signal, *place)


def _span(
    loose: _Loose, words: Sequence[ConceptSpan], plain: str, apart: int | None
) -> tuple[int, int] | None:
    first = {each.concept: each for each in reversed(words) if each.concept in loose.concepts}
    start, end = min(each.start for each in first.values()), max(each.end for each in first.values())
    if apart is not None and len(normalization.words(plain[start:end])) > len(loose.concepts) + apart:
        return None
    clause = max((each.end() for each in _CLAUSE_END.finditer(plain, 0, start)), default=0)
    return None if _NEGATED.search(plain, clause, end) else (start, end)


def _make_room(memo: dict[str, tuple[_Place, ...]]) -> None:
    if len(memo) >= CACHE_SIZE:
        memo.clear()
