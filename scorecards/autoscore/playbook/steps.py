"""Matches a playbook's steps in what the agent or a bot says and in what a system logs."""

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
from scorecards.autoscore.text.concepts import ConceptSpan, concept_spans
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Playbook, Step

_NEGATED = re.compile(r"\b(?:not|never|no|cannot|without|unable|nor|hardly|\w+n't)\b")
_CLAUSE_END = re.compile(r"[,;:()]|\b(?:and|but|because|so|although|though|while)\b")
_MAX_GAP = 4
"""Other words between the first and last concept of a phrase that is matched by its concepts."""

_MIN_CONCEPTS = 2
_MAX_POSITIONS = 12
"""Positions of one step that are considered; a step repeated more often is in order at one of them."""


class StepMatch(NamedTuple):
    """A step matched at characters [start, end) of a turn, by 'agent', 'bot' or 'system'."""

    turn: int
    start: int
    end: int
    by: str


class _ConceptPhrase(NamedTuple):
    signal: str
    concepts: frozenset[str]


class _StepSpan(NamedTuple):
    signal: str
    start: int
    end: int


class StepMatcher:
    """Matches the steps of several playbooks; compiled once, caches sentences."""

    def __init__(self, books: Sequence[Playbook]) -> None:
        """Compile the phrases and log entries of every step."""
        patterns: list[Pattern] = []
        concept_phrases: list[_ConceptPhrase] = []
        logged: list[_ConceptPhrase] = []
        for book in books:
            for step in book.steps:
                signal = signal_of(book, step)
                patterns += [client_phrases.pattern(signal, each) for each in step.phrases]
                concept_phrases += [
                    _ConceptPhrase(signal, concepts)
                    for each in step.phrases
                    if (concepts := _phrase_concepts(each, _MIN_CONCEPTS))
                ]
                min_concepts = 1 if step.logged else _MIN_CONCEPTS
                logged += [
                    _ConceptPhrase(signal, concepts)
                    for each in step.logged or (step.name,)
                    if (concepts := _phrase_concepts(each, min_concepts))
                ]
        self._scan = Matcher(patterns).scan
        self._concept_phrases, self._logged = _index(concept_phrases), _index(logged)
        self._sentences: dict[str, tuple[_StepSpan, ...]] = {}
        self._log_lines: dict[str, tuple[_StepSpan, ...]] = {}

    def matches(self, transcript: AnnotatedTranscript) -> defaultdict[str, list[StepMatch]]:
        """Return the matches of each step, by signal."""
        found: defaultdict[str, list[StepMatch]] = defaultdict(list)
        for turn_number, offset, _, annotated in transcript.agent_sentences:
            for signal, start, end in self._in_sentence(annotated.plain, annotated.words):
                found[signal].append(StepMatch(turn_number, offset + start, offset + end, "agent"))
        for turn_number, turn in enumerate(transcript.conversation.turns):
            if turn.speaker == "bot":
                plain = normalization.mask_quotations(normalization.normalise(turn.text))
                for begin, finish in normalization.sentences(turn.text):
                    sentence = plain[begin:finish]
                    for signal, start, end in self._in_sentence(
                        sentence, tuple(normalization.words(sentence))
                    ):
                        found[signal].append(StepMatch(turn_number, begin + start, begin + end, "bot"))
            elif turn.speaker == "system":
                for signal, start, end in self._in_log(turn.text):
                    found[signal].append(StepMatch(turn_number, start, end, "system"))
        return found

    def _in_sentence(self, plain: str, words: tuple[str, ...]) -> tuple[_StepSpan, ...]:
        cached = self._sentences.get(plain)
        if cached is None:
            _limit_size(self._sentences)
            spans = {
                signal: _StepSpan(signal, start, end) for signal, start, end, _ in self._scan(plain, words)
            }
            for span in _find_concepts(self._concept_phrases, plain, max_gap=_MAX_GAP):
                spans.setdefault(span.signal, span)
            cached = self._sentences[plain] = tuple(spans.values())
        return cached

    def _in_log(self, text: str) -> tuple[_StepSpan, ...]:
        cached = self._log_lines.get(text)
        if cached is None:
            _limit_size(self._log_lines)
            plain = normalization.normalise(text[: normalization.MAX_SENTENCE_LENGTH])
            cached = self._log_lines[text] = tuple(_find_concepts(self._logged, plain, max_gap=None))
        return cached


def signal_of(book: Playbook, step: Step) -> str:
    """Return the signal of a step."""
    return f"{book.key}/{step.key}"


def followed(book: Playbook, matches: defaultdict[str, list[StepMatch]]) -> tuple[StepFinding, ...]:
    """Return the finding on each step; in an ordered playbook as many as possible are aligned in order."""
    matches_of = [sorted(matches.get(signal_of(book, step), ())) for step in book.steps]
    positions = [[(each.turn, each.start) for each in found[:_MAX_POSITIONS]] for found in matches_of]
    if book.ordered:
        weights = [len(book.steps) + 1 if step.required else 1 for step in book.steps]
        aligned = sequence_alignment.in_order(positions, weights)
    else:
        aligned = [found[0] if found else None for found in positions]
    return tuple(
        _finding(book, index, found, position)
        for index, (found, position) in enumerate(zip(matches_of, aligned, strict=True))
    )


def _finding(
    book: Playbook, index: int, matches: list[StepMatch], position: sequence_alignment.Position | None
) -> StepFinding:
    step = book.steps[index]
    match = next((each for each in matches if (each.turn, each.start) == position), None)
    if match is not None:
        status, detail = DONE, "Logged by the system." if match.by == "system" else f"Said by the {match.by}."
    elif matches:
        match, status, detail = matches[0], OUT_OF_ORDER, "Taken, but not in its place among the other steps."
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
        span=Span(match.turn, match.start, match.end) if match else None,
        seen=match.by if match else None,
        clause=signal_of(book, step),
        detail=detail,
    )


def _phrase_concepts(phrase: str, min_concepts: int) -> frozenset[str]:
    """Return the concepts of a phrase; none if there are too few or the phrase is negated."""
    plain = normalization.normalise(phrase)
    if _NEGATED.search(plain) or "{" in plain:
        return frozenset()
    concepts = frozenset(each.concept for each in concept_spans(plain))
    return concepts if len(concepts) >= min_concepts else frozenset()


def _index(concept_phrases: Sequence[_ConceptPhrase]) -> dict[str, tuple[_ConceptPhrase, ...]]:
    """Index phrases by the rarest of their concepts."""
    frequency: defaultdict[str, int] = defaultdict(int)
    for each in concept_phrases:
        for concept in each.concepts:
            frequency[concept] += 1
    index: defaultdict[str, list[_ConceptPhrase]] = defaultdict(list)
    for each in dict.fromkeys(concept_phrases):
        index[min(each.concepts, key=lambda concept: (frequency[concept], concept))].append(each)
    return {concept: tuple(found) for concept, found in index.items()}


def _find_concepts(
    index: dict[str, tuple[_ConceptPhrase, ...]], plain: str, *, max_gap: int | None
) -> Iterator[_StepSpan]:
    """Find phrases whose concepts are all in a sentence, in any order with at most `max_gap` words more."""
    if not index:
        return
    words = concept_spans(plain)
    present = {each.concept for each in words}
    for concept in present & index.keys():
        for phrase in index[concept]:
            if phrase.concepts <= present and (span := _span(phrase, words, plain, max_gap)):
                yield _StepSpan(phrase.signal, *span)


def _span(
    phrase: _ConceptPhrase, words: Sequence[ConceptSpan], plain: str, max_gap: int | None
) -> tuple[int, int] | None:
    first = {each.concept: each for each in reversed(words) if each.concept in phrase.concepts}
    start, end = min(each.start for each in first.values()), max(each.end for each in first.values())
    if max_gap is not None and len(normalization.words(plain[start:end])) > len(phrase.concepts) + max_gap:
        return None
    clause_start = max((each.end() for each in _CLAUSE_END.finditer(plain, 0, start)), default=0)
    return None if _NEGATED.search(plain, clause_start, end) else (start, end)


def _limit_size(cache: dict[str, tuple[_StepSpan, ...]]) -> None:
    if len(cache) >= CACHE_SIZE:
        cache.clear()
