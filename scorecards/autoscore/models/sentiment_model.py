"""A tenant's learned sentiment: how a customer felt, sentence by sentence and turn by turn."""

import copy
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, SentenceAnnotations
from scorecards.autoscore.models.ngram_scorer import NgramScorer
from scorecards.autoscore.models.safetensors_container import UnreadableModel, pack, unpack
from scorecards.autoscore.models.score_cache import Numbers, ScoreCache
from scorecards.autoscore.models.sentiment_features import (
    CONTEXT_WINDOWS,
    POSITION_FEATURES,
    SENTENCE_FEATURES,
    context_window_features,
    sentence_features,
)
from scorecards.autoscore.models.serialization import pack_scorer, unpack_scorer

SENTIMENT_CLASSES = ("negative", "neutral", "positive")
CACHE_SIZE = 2_048
"""Sentences a model remembers in each of two generations; bounds a worker's memory."""

_KIND = "sentiment"
_TABLE = "customer"
_NOTHING = np.float32(1e-12)
_MARGINS = len(SENTIMENT_CLASSES) - 1
_OWN = _MARGINS + len(SENTENCE_FEATURES)
_SEEN = _OWN * len(CONTEXT_WINDOWS) + len(POSITION_FEATURES)
_MIN_IN_VOCABULARY = 0.5
_REMEMBERED_BYTES = 400  # a sentence's text, what it is remembered by, and its array's own header


class MetaClassifier(NamedTuple):
    """From what is known of a sentence to feelings: an array (numbers, 3) and three intercepts."""

    weights: Numbers
    intercept: Numbers


class _SentenceScorer:
    """What is known of single sentences, whoever the customer is a customer of; sentences are remembered."""

    def __init__(self, table: NgramScorer, offsets: Numbers) -> None:
        """Keep the margins of two feelings over the first."""
        self.scorer, self.intercepts = table, offsets
        self._cache = ScoreCache(attrgetter("plain", "valence", "distress"), self._score_uncached, CACHE_SIZE)

    @property
    def size(self) -> int:
        """Bytes in memory, with the memos at their fullest."""
        return (
            self.scorer.nbytes
            + self.intercepts.nbytes
            + 2 * CACHE_SIZE * (4 * (_OWN + 1) + _REMEMBERED_BYTES)
        )

    def score_batch(self, groups: Sequence[Sequence[SentenceAnnotations]]) -> list[Numbers]:
        """Return margins, signs and the share of familiar words of sentences, for groups of some each."""
        return self._cache.rows(groups)

    def _score_uncached(self, spoken: Sequence[SentenceAnnotations]) -> Numbers:
        rows = self.scorer.score_uncached(spoken)
        measured = np.empty((len(spoken), _OWN + 1), dtype=np.float32)
        measured[:, :_MARGINS] = rows[:, :_MARGINS] / np.sqrt(np.maximum(rows[:, -3:-2], _NOTHING))
        measured[:, :_MARGINS] += self.intercepts
        measured[:, _MARGINS:_OWN] = [sentence_features(each) for each in spoken]
        measured[:, _OWN] = rows[:, -2] / np.maximum(rows[:, -1], 1.0)
        return measured


class SentimentModel:
    """What a tenant's reviewers taught about feelings; what it answers never changes."""

    def __init__(
        self,
        version: int,
        table: NgramScorer,
        offsets: Numbers,
        shared: MetaClassifier,
        own: Mapping[str, MetaClassifier],
    ) -> None:
        """Keep what scores sentences, the last step for anybody, and those of clients with labels enough."""
        for step in (shared, *own.values()):
            if (step.weights.shape, step.intercept.shape) != (
                (_SEEN, len(SENTIMENT_CLASSES)),
                (len(SENTIMENT_CLASSES),),
            ):
                raise ValueError("a last step has another shape than feelings need")
        if (offsets.shape, table.n_heads) != ((_MARGINS,), _MARGINS):
            raise ValueError("the margins have another shape than feelings need")
        self.version = version
        self.by_client = dict(sorted(own.items()))
        self._sentence_scorer = _SentenceScorer(table, offsets)
        self._meta_classifier = self.shared = shared

    @property
    def scorer(self) -> NgramScorer:
        """The n-grams and their margins."""
        return self._sentence_scorer.scorer

    @property
    def intercepts(self) -> Numbers:
        """The intercepts of the margins."""
        return self._sentence_scorer.intercepts

    @property
    def size(self) -> int:
        """Bytes in memory, with the memos at their fullest."""
        steps = (self.shared, *self.by_client.values())
        return self._sentence_scorer.size + sum(each.nbytes for step in steps for each in step)

    def for_client(self, client: str) -> "SentimentModel":
        """Return the model as it judges one client's customers; it shares everything but the last step."""
        found = copy.copy(self)
        found._meta_classifier = self.by_client.get(client, self.shared)  # noqa: SLF001 - of its own kind
        return found

    def probabilities(self, reading: AnnotatedTranscript) -> Numbers:
        """Return the probability of each feeling in each of the customer's sentences; rows sum to 1."""
        return self._probabilities(self._sentence_scores([reading])[0], reading)

    def score(self, reading: AnnotatedTranscript, *, charged_threshold: float) -> Sentiment:
        """Return the customer's sentiment; neutral, with little confidence, where most words are strange.

        The sentiment of a sentence is P(positive) - P(negative). That of a turn is its highest above 0 plus
        its lowest below 0, so that a long turn with one angry sentence stays angry.
        """
        return self.score_batch([reading], charged_threshold=charged_threshold)[0]

    def score_batch(
        self, readings: Sequence[AnnotatedTranscript], *, charged_threshold: float
    ) -> list[Sentiment]:
        """Return what `feel` does for each conversation, in less time than one after the other."""
        return [
            self._arc(reading, known, charged_threshold)
            for reading, known in zip(readings, self._sentence_scores(readings), strict=True)
        ]

    def _sentence_scores(self, readings: Sequence[AnnotatedTranscript]) -> list[Numbers]:
        return self._sentence_scorer.score_batch(
            [[each.annotations for each in one.customer_sentences] for one in readings]
        )

    def _arc(self, reading: AnnotatedTranscript, known: Numbers, charged_threshold: float) -> Sentiment:
        total = len(reading.conversation.turns)
        turns: list[float | None] = [None] * total
        leanings: list[float | None] = [None] * total
        distress = [0.0] * total
        for number in reading.customer_turns:
            turns[number] = leanings[number] = 0.0
        confidence = sentiment.UNREADABLE
        if len(known) and (reading.is_known_language or known[:, -1].mean() >= _MIN_IN_VOCABULARY):
            felt = self._probabilities(known, reading)
            confidence = round(float(felt.max(axis=1).mean()), sentiment.DECIMALS)
            self._fill_turns(reading, felt, turns, leanings, distress)
        return sentiment.arc(
            turns,
            distress,
            charged_threshold=charged_threshold,
            confidence=confidence,
            leanings=leanings,
        )

    @staticmethod
    def _fill_turns(
        reading: AnnotatedTranscript,
        felt: Numbers,
        turns: list[float | None],
        leanings: list[float | None],
        distress: list[float],
    ) -> None:
        """Fill in the customer's turns."""
        values = (felt[:, 2] - felt[:, 0]).tolist()
        neutral = (felt.argmax(axis=1) == 1).tolist()
        by_turn: dict[int, list[int]] = {}
        for row, each in enumerate(reading.customer_sentences):
            by_turn.setdefault(each.turn, []).append(row)
        sarcastic = {mark.turn for mark in reading.customer_annotations.get("sarcasm", ())}
        for number, rows in by_turn.items():
            value = turn_sentiment_of([values[row] for row in rows])
            leaning = turn_sentiment_of([0.0 if neutral[row] else values[row] for row in rows])
            if number in sarcastic:
                value, leaning = sentiment.meant_bitterly(value), sentiment.meant_bitterly(leaning)
            signs_of_it = [reading.customer_sentences[row].annotations.distress for row in rows]
            turns[number], leanings[number] = value, leaning
            distress[number] = sentiment.turn_distress(value, signs_of_it)

    def _probabilities(self, known: Numbers, reading: AnnotatedTranscript) -> Numbers:
        if not len(known):
            return np.zeros((0, len(SENTIMENT_CLASSES)), dtype=np.float32)
        turns = [each.turn for each in reading.customer_sentences]
        logits = (
            context_window_features(known[:, :-1], turns) @ self._meta_classifier.weights
            + self._meta_classifier.intercept
        )
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        felt: Numbers = odds / odds.sum(axis=1, keepdims=True)
        return felt


def turn_sentiment_of(values: Sequence[float]) -> float:
    """Return the sentiment in [-1, 1] of sentences said in one turn: the best above 0 and the worst below 0.

    Examples
    --------
    >>> round(together([0.1, -0.8, -0.1]), 4), together([])
    (-0.7, 0.0)
    """
    return round(max(0.0, *values) + min(0.0, *values), sentiment.DECIMALS) if values else 0.0


def dump(model: SentimentModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    facts: Mapping[str, object] = {
        "kind": _KIND,
        "version": model.version,
        "feelings": SENTIMENT_CLASSES,
        "signs": SENTENCE_FEATURES,
        "parts": CONTEXT_WINDOWS,
        "places": POSITION_FEATURES,
        "clients": list(model.by_client),
    }
    steps = [model.shared, *model.by_client.values()]
    arrays = {
        "offsets": model.intercepts,
        "meta": np.array([step.weights for step in steps]),
        "constant": np.array([step.intercept for step in steps]),
    }
    return pack(facts, {**pack_scorer(_TABLE, model.scorer), **arrays})


def load(data: bytes) -> SentimentModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    facts, arrays = unpack(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        found = tuple(tuple(facts[name]) for name in ("feelings", "signs", "parts", "places"))
        if found != (SENTIMENT_CLASSES, SENTENCE_FEATURES, CONTEXT_WINDOWS, POSITION_FEATURES):
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        steps = [MetaClassifier(*each) for each in zip(arrays["meta"], arrays["constant"], strict=True)]
        own = dict(zip(facts["clients"], steps[1:], strict=True))
        table = unpack_scorer(_TABLE, arrays)
        return SentimentModel(int(facts["version"]), table, arrays["offsets"], steps[0], own)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
