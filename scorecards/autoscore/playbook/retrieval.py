"""Finds the playbook that a customer's own words call for, where no intent and no trigger phrase does."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript, Sentence
from scorecards.autoscore.text import concepts as content
from scorecards.autoscore.text.concepts import concepts
from scorecards.autoscore.text.normalization import normalise
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Playbook

_LATER = 0.7
"""What a word counts that the customer adds a turn later: the matter is put at the start."""

_LEAST = 0.2
_MOST_TURNS = 2
"""Turns that say anything of a situation; what comes later is seldom what the customer came for."""

_BAG = 0.15
"""What words from all over a playbook's trigger count beside its best single phrase."""

_ALONE = 0.6
_ENOUGH_CONCEPTS = 2
_COVERED = 0.5
_INFORMATION = 1.0
_AHEAD = 1.2
"""How far a playbook has to be ahead of others by the same words, or nobody can tell which is meant."""

_NEARLY = 0.7
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class RetrievedPlaybook:
    """A playbook by its number, its score, whether that is enough to act on, and what was said of it."""

    book: int
    score: float
    sure: bool
    matched: frozenset[str]


class PlaybookRetriever:
    """The situations of several playbooks, as sets of concepts weighed by how few playbooks hold them."""

    def __init__(self, books: Sequence[Playbook]) -> None:
        """Read what each playbook says of its situation: name, intents, trigger phrases, description."""
        self._phrases = [_phrases(book) for book in books]
        held = Counter(each for phrases in self._phrases for each in frozenset().union(*phrases))
        self._weight = {
            concept: math.log(1 + (len(books) + 1) / (count + 0.5)) for concept, count in held.items()
        }
        self._rarest = math.log(1 + (len(books) + 1) / 1.5)
        self._books: defaultdict[str, set[int]] = defaultdict(set)
        for number, phrases in enumerate(self._phrases):
            for concept in frozenset().union(*phrases):
                self._books[concept].add(number)
        self._holding: defaultdict[str, list[int]] = defaultdict(list)
        self._enough: list[float] = []
        for number, phrase in enumerate(phrase for phrases in self._phrases for phrase in phrases):
            self._enough.append(max(_COVERED * self._sum(phrase), _INFORMATION * self._rarest) - _ROUNDING)
            for concept in phrase:
                self._holding[concept].append(number)
        self._heard: dict[str, frozenset[str]] = {}

    def retrieve(self, reading: AnnotatedTranscript, among: Collection[int]) -> tuple[RetrievedPlaybook, ...]:
        """Return the playbooks that are called for, none where nobody can tell.

        The best one has to be clearly ahead of every other that rests on any of the same words; further ones
        are called for where they rest on other words, are nearly as good, and as clearly ahead.
        """
        said = self.said(reading)
        if not self._may_be_sure(said):
            return ()
        ranked = self.ranking(said, among)
        chosen: list[RetrievedPlaybook] = []
        for each in ranked:
            if not each.sure or each.score < _NEARLY * ranked[0].score:
                break
            if any(each.matched & other.matched for other in chosen):
                continue
            rivals = (other for other in ranked if other not in chosen and other.matched & each.matched)
            if any(each.score < _AHEAD * other.score for other in rivals if other is not each):
                break
            chosen.append(each)
        return tuple(chosen)

    def _may_be_sure(self, said: Collection[str]) -> bool:
        """Tell quickly whether enough of any one phrase was said; most often it was not."""
        weights: dict[int, float] = {}
        for concept in said:
            weight = self._weight[concept]
            for phrase in self._holding[concept]:
                if phrase in weights:
                    weights[phrase] += weight
                    if weights[phrase] >= self._enough[phrase]:
                        return True
                else:
                    weights[phrase] = weight
        return False

    def ranking(self, said: dict[str, float], among: Collection[int]) -> list[RetrievedPlaybook]:
        """Return the playbooks that share anything with what was said, best first.

        Parameters
        ----------
        said : dict of str to float
            Concepts and what each counts, in (0, 1].
        among : collection of int
            Numbers of the playbooks that apply.

        Notes
        -----
        Inverse document frequency over the client's playbooks: w = log(1 + (N + 1) / (n + 0.5)). A phrase
        scores I² / T, where I is the weight of its concepts that were said, early ones counting more, and T
        the weight of all of them; a playbook scores its best phrase and 0.15 of all its concepts said.
        """
        numbers = {number for concept in said for number in self._books.get(concept, ())}
        found = [self._scored(number, said) for number in numbers.intersection(among)]
        return sorted(found, key=lambda each: (-each.score, each.book))

    def said(self, reading: AnnotatedTranscript) -> dict[str, float]:
        """Return the concepts in the customer's first turns, and what each counts."""
        found: dict[str, float] = {}
        counts, last, turns = 1.0, None, 0
        for each in reading.customer_sentences:
            new = self._known(each)
            if not new:
                continue
            if last is not None and each.turn != last:
                counts, turns = max(_LEAST, counts * _LATER), turns + 1
                if turns >= _MOST_TURNS:
                    break
            last = each.turn
            for concept in new:
                found.setdefault(concept, counts)
        return found

    def evidence(self, found: RetrievedPlaybook, reading: AnnotatedTranscript) -> Span | None:
        """Return the customer's sentence that says most of what a playbook was recognised by."""
        best, weight = None, 0.0
        for each in reading.customer_sentences:
            here = self._sum(self._known(each) & found.matched)
            if here > weight:
                best, weight = each, here
        return None if best is None else Span(best.turn, best.start, best.end)

    def _known(self, said: Sentence) -> frozenset[str]:
        plain = said.annotations.plain
        known = self._heard.get(plain)
        if known is None:
            if len(self._heard) >= CACHE_SIZE:
                self._heard.clear()
            known = self._heard[plain] = concepts(plain) & self._weight.keys()
        return known

    def _scored(self, number: int, said: dict[str, float]) -> RetrievedPlaybook:
        best, sure = 0.0, False
        by: frozenset[str] = frozenset()
        for phrase in self._phrases[number]:
            matched = phrase & said.keys()
            if not matched:
                continue
            whole = self._sum(phrase)
            plain = self._sum(matched)
            weighed = math.fsum(self._weight[concept] * said[concept] for concept in matched)
            score = weighed * plain / whole * (_ALONE if len(matched) == 1 else 1.0)
            if score > best:
                best, by = score, matched
            sure = sure or (
                len(matched) >= _ENOUGH_CONCEPTS
                and plain >= _COVERED * whole
                and plain >= _INFORMATION * self._rarest
            )
        own = frozenset().union(*self._phrases[number]) & said.keys()
        bag = math.fsum(self._weight[concept] * said[concept] for concept in own)
        return RetrievedPlaybook(number, best + _BAG * bag, sure, by)

    def _sum(self, held: Iterable[str]) -> float:
        return math.fsum(self._weight[concept] for concept in held)


def _phrases(book: Playbook) -> tuple[frozenset[str], ...]:
    intents = [intent.replace("_", " ").replace("-", " ") for intent in book.trigger.intents]
    written = [book.name, *intents, *book.trigger.phrases, *book.trigger.about]
    found = dict.fromkeys(content.concepts(normalise(each)) for each in written)
    return tuple(each for each in found if each)
