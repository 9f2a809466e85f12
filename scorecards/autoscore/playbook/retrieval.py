"""Retrieves the playbook for a customer's words, if neither the intent nor a trigger phrase selects one."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from scorecards.autoscore.annotation.transcript import CACHE_SIZE, AnnotatedTranscript, Sentence
from scorecards.autoscore.text.concepts import concepts
from scorecards.autoscore.text.normalization import normalise
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Playbook

_LATER_TURN_DECAY = 0.7
"""The factor of concepts one turn later: customers state their situation at the start."""

_MIN_TURN_WEIGHT = 0.2
_MAX_TURNS = 2
"""Turns with concepts that are considered; later ones are seldom about the customer's situation."""

_BAG_OF_WORDS_WEIGHT = 0.15
"""The weight of all matched concepts of a playbook beside its best single phrase."""

_SINGLE_CONCEPT_WEIGHT = 0.6
_MIN_CONCEPTS = 2
_MIN_COVERAGE = 0.5
_MIN_INFORMATION = 1.0
_MIN_LEAD = 1.2
"""The factor by which a playbook must outscore others with the same concepts to be unambiguous."""

_MIN_RELATIVE_SCORE = 0.7
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class RetrievedPlaybook:
    """A playbook by its index, its score, whether that is enough to select it, and the concepts matched."""

    book: int
    score: float
    confident: bool
    matched: frozenset[str]


class PlaybookRetriever:
    """An index of playbooks: their phrases as sets of concepts with inverse document frequencies."""

    def __init__(self, books: Sequence[Playbook]) -> None:
        """Index name, intents, trigger phrases and description of each playbook."""
        self._phrases = [_phrases(book) for book in books]
        document_frequency = Counter(
            each for phrases in self._phrases for each in frozenset().union(*phrases)
        )
        self._weight = {
            concept: math.log(1 + (len(books) + 1) / (count + 0.5))
            for concept, count in document_frequency.items()
        }
        self._rarest = math.log(1 + (len(books) + 1) / 1.5)
        self._books_with: defaultdict[str, set[int]] = defaultdict(set)
        for index, phrases in enumerate(self._phrases):
            for concept in frozenset().union(*phrases):
                self._books_with[concept].add(index)
        self._phrases_with: defaultdict[str, list[int]] = defaultdict(list)
        self._min_weights: list[float] = []
        for index, phrase in enumerate(phrase for phrases in self._phrases for phrase in phrases):
            min_weight = max(_MIN_COVERAGE * self._total_weight(phrase), _MIN_INFORMATION * self._rarest)
            self._min_weights.append(min_weight - _ROUNDING)
            for concept in phrase:
                self._phrases_with[concept].append(index)
        self._sentence_concepts: dict[str, frozenset[str]] = {}

    def retrieve(
        self, transcript: AnnotatedTranscript, candidates: Collection[int]
    ) -> tuple[RetrievedPlaybook, ...]:
        """Return the selected playbooks, none if the result is ambiguous.

        The best one must clearly outscore every other that matches any of the same concepts; further ones are
        selected if they match other concepts, score nearly as high, and clearly outscore their rivals too.
        """
        query = self.query(transcript)
        if not self._may_be_confident(query):
            return ()
        ranked = self.ranking(query, candidates)
        chosen: list[RetrievedPlaybook] = []
        for each in ranked:
            if not each.confident or each.score < _MIN_RELATIVE_SCORE * ranked[0].score:
                break
            if any(each.matched & other.matched for other in chosen):
                continue
            rivals = (other for other in ranked if other not in chosen and other.matched & each.matched)
            if any(each.score < _MIN_LEAD * other.score for other in rivals if other is not each):
                break
            chosen.append(each)
        return tuple(chosen)

    def _may_be_confident(self, query: Collection[str]) -> bool:
        """Tell quickly whether enough of any one phrase is matched, which is rare."""
        weights: dict[int, float] = {}
        for concept in query:
            weight = self._weight[concept]
            for phrase in self._phrases_with[concept]:
                if phrase in weights:
                    weights[phrase] += weight
                    if weights[phrase] >= self._min_weights[phrase]:
                        return True
                else:
                    weights[phrase] = weight
        return False

    def ranking(self, query: dict[str, float], candidates: Collection[int]) -> list[RetrievedPlaybook]:
        """Return the playbooks that match any concept of the query, best first.

        Parameters
        ----------
        query : dict of str to float
            Concepts with their weights, in (0, 1].
        candidates : collection of int
            Indices of the playbooks that apply.

        Notes
        -----
        Inverse document frequency over the client's playbooks: w = log(1 + (N + 1) / (n + 0.5)). A phrase
        scores W I / T, where I is the weight of its matched concepts, W the same with the weights of the
        query, and T the weight of all its concepts; a playbook scores its best phrase and 0.15 of all its
        matched concepts.
        """
        numbers = {index for concept in query for index in self._books_with.get(concept, ())}
        found = [self._score(index, query) for index in numbers.intersection(candidates)]
        return sorted(found, key=lambda each: (-each.score, each.book))

    def query(self, transcript: AnnotatedTranscript) -> dict[str, float]:
        """Return the concepts in the customer's first turns with their weights."""
        found: dict[str, float] = {}
        turn_weight, last_turn, turns = 1.0, None, 0
        for each in transcript.customer_sentences:
            concepts_here = self._concepts_of(each)
            if not concepts_here:
                continue
            if last_turn is not None and each.turn != last_turn:
                turn_weight, turns = max(_MIN_TURN_WEIGHT, turn_weight * _LATER_TURN_DECAY), turns + 1
                if turns >= _MAX_TURNS:
                    break
            last_turn = each.turn
            for concept in concepts_here:
                found.setdefault(concept, turn_weight)
        return found

    def evidence(self, found: RetrievedPlaybook, transcript: AnnotatedTranscript) -> Span | None:
        """Return the customer's sentence with the highest weight of matched concepts."""
        best, weight = None, 0.0
        for each in transcript.customer_sentences:
            weight_here = self._total_weight(self._concepts_of(each) & found.matched)
            if weight_here > weight:
                best, weight = each, weight_here
        return None if best is None else Span(best.turn, best.start, best.end)

    def _concepts_of(self, sentence: Sentence) -> frozenset[str]:
        plain = sentence.annotations.plain
        cached = self._sentence_concepts.get(plain)
        if cached is None:
            if len(self._sentence_concepts) >= CACHE_SIZE:
                self._sentence_concepts.clear()
            cached = self._sentence_concepts[plain] = concepts(plain) & self._weight.keys()
        return cached

    def _score(self, index: int, query: dict[str, float]) -> RetrievedPlaybook:
        best, confident = 0.0, False
        matched_by: frozenset[str] = frozenset()
        for phrase in self._phrases[index]:
            matched = phrase & query.keys()
            if not matched:
                continue
            phrase_weight = self._total_weight(phrase)
            matched_weight = self._total_weight(matched)
            weighted_sum = math.fsum(self._weight[concept] * query[concept] for concept in matched)
            factor = _SINGLE_CONCEPT_WEIGHT if len(matched) == 1 else 1.0
            score = weighted_sum * matched_weight / phrase_weight * factor
            if score > best:
                best, matched_by = score, matched
            confident = confident or (
                len(matched) >= _MIN_CONCEPTS
                and matched_weight >= _MIN_COVERAGE * phrase_weight
                and matched_weight >= _MIN_INFORMATION * self._rarest
            )
        all_matched = frozenset().union(*self._phrases[index]) & query.keys()
        bag_of_words = math.fsum(self._weight[concept] * query[concept] for concept in all_matched)
        return RetrievedPlaybook(index, best + _BAG_OF_WORDS_WEIGHT * bag_of_words, confident, matched_by)

    def _total_weight(self, matched: Iterable[str]) -> float:
        return math.fsum(self._weight[concept] for concept in matched)


def _phrases(book: Playbook) -> tuple[frozenset[str], ...]:
    intents = [intent.replace("_", " ").replace("-", " ") for intent in book.trigger.intents]
    texts = [book.name, *intents, *book.trigger.phrases, *book.trigger.about]
    found = dict.fromkeys(concepts(normalise(each)) for each in texts)
    return tuple(each for each in found if each)
