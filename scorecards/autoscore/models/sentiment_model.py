"""A tenant's sentiment model: how a customer felt, sentence by sentence and turn by turn."""

import copy
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from scorecards.arrays import Float32Array
from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, SentenceAnnotations
from scorecards.autoscore.models.ngram_scorer import NgramScorer
from scorecards.autoscore.models.safetensors_container import UnreadableModel, pack, unpack
from scorecards.autoscore.models.score_cache import ScoreCache
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
"""Sentences a model caches in each of two generations; bounds a worker's memory."""

_KIND = "sentiment"
_SCORER_NAME = "customer"
_MIN_SQUARED_LENGTH = np.float32(1e-12)
_N_MARGINS = len(SENTIMENT_CLASSES) - 1
_N_SENTENCE_FEATURES = _N_MARGINS + len(SENTENCE_FEATURES)
_N_FEATURES = _N_SENTENCE_FEATURES * len(CONTEXT_WINDOWS) + len(POSITION_FEATURES)
_MIN_IN_VOCABULARY = 0.5
_CACHED_ROW_BYTES = 400  # a sentence's text, its key in the cache, and its array's own header


class MetaClassifier(NamedTuple):
    """A linear classifier from the features of a sentence and its context window to sentiment classes.

    Attributes
    ----------
    weights : ndarray of shape (n_features, 3), dtype float32
    intercept : ndarray of shape (3,), dtype float32
    """

    weights: Float32Array
    intercept: Float32Array


class _SentenceScorer:
    """Features of single sentences, the same for every client; sentences are cached."""

    def __init__(self, scorer: NgramScorer, intercepts: Float32Array) -> None:
        """Take the margins of two classes over the first, and their intercepts of shape (2,)."""
        self.scorer, self.intercepts = scorer, intercepts
        self._cache = ScoreCache(attrgetter("plain", "valence", "distress"), self._score_uncached, CACHE_SIZE)

    @property
    def size(self) -> int:
        """Bytes in memory with a full cache."""
        return (
            self.scorer.nbytes
            + self.intercepts.nbytes
            + 2 * CACHE_SIZE * (4 * (_N_SENTENCE_FEATURES + 1) + _CACHED_ROW_BYTES)
        )

    def score_batch(self, groups: Sequence[Sequence[SentenceAnnotations]]) -> list[Float32Array]:
        """Return the features of each group's sentences, then the share of their n-grams in the vocabulary.

        Returns
        -------
        list of ndarray of shape (n_sentences, n_sentence_features + 1), dtype float32
            Margins, `SENTENCE_FEATURES`, and the in-vocabulary share.
        """
        return self._cache.rows(groups)

    def _score_uncached(self, sentences: Sequence[SentenceAnnotations]) -> Float32Array:
        rows = self.scorer.score_uncached(sentences)
        scores = np.empty((len(sentences), _N_SENTENCE_FEATURES + 1), dtype=np.float32)
        lengths = np.sqrt(np.maximum(rows[:, -3:-2], _MIN_SQUARED_LENGTH))
        scores[:, :_N_MARGINS] = rows[:, :_N_MARGINS] / lengths
        scores[:, :_N_MARGINS] += self.intercepts
        scores[:, _N_MARGINS:_N_SENTENCE_FEATURES] = [sentence_features(each) for each in sentences]
        scores[:, _N_SENTENCE_FEATURES] = rows[:, -2] / np.maximum(rows[:, -1], 1.0)
        return scores


class SentimentModel:
    """A model trained on the sentiment labels of a tenant's reviewers; it is immutable."""

    def __init__(
        self,
        version: int,
        scorer: NgramScorer,
        intercepts: Float32Array,
        shared: MetaClassifier,
        by_client: Mapping[str, MetaClassifier],
    ) -> None:
        """Take the sentence scorer, the meta-classifier for any client, and those of clients with their own.

        Raises
        ------
        ValueError
            When an array has another shape than the classes and features need.
        """
        for classifier in (shared, *by_client.values()):
            if (classifier.weights.shape, classifier.intercept.shape) != (
                (_N_FEATURES, len(SENTIMENT_CLASSES)),
                (len(SENTIMENT_CLASSES),),
            ):
                raise ValueError("a last step has another shape than feelings need")
        if (intercepts.shape, scorer.n_heads) != ((_N_MARGINS,), _N_MARGINS):
            raise ValueError("the margins have another shape than feelings need")
        self.version = version
        self.by_client = dict(sorted(by_client.items()))
        self._sentence_scorer = _SentenceScorer(scorer, intercepts)
        self._meta_classifier = self.shared = shared

    @property
    def scorer(self) -> NgramScorer:
        """The n-grams and the weights of their margins."""
        return self._sentence_scorer.scorer

    @property
    def intercepts(self) -> Float32Array:
        """The intercepts of the margins, of shape (2,)."""
        return self._sentence_scorer.intercepts

    @property
    def size(self) -> int:
        """Bytes in memory with full caches."""
        classifiers = (self.shared, *self.by_client.values())
        arrays = sum(each.nbytes for classifier in classifiers for each in classifier)
        return self._sentence_scorer.size + arrays

    def for_client(self, client: str) -> "SentimentModel":
        """Return the model with one client's meta-classifier, or the shared one; all else is shared."""
        found = copy.copy(self)
        found._meta_classifier = self.by_client.get(client, self.shared)  # noqa: SLF001 - of its own kind
        return found

    def probabilities(self, transcript: AnnotatedTranscript) -> Float32Array:
        """Return the probability of each class in each of the customer's sentences.

        Returns
        -------
        ndarray of shape (n_customer_sentences, 3), dtype float32
            Rows sum to 1.
        """
        return self._probabilities(self._sentence_scores([transcript])[0], transcript)

    def score(self, transcript: AnnotatedTranscript, *, charged_threshold: float) -> Sentiment:
        """Return the customer's sentiment; neutral with low confidence if most n-grams are out of vocabulary.

        The sentiment of a sentence is P(positive) - P(negative). That of a turn is its highest above 0 plus
        its lowest below 0, so that a long turn with one angry sentence stays angry.
        """
        return self.score_batch([transcript], charged_threshold=charged_threshold)[0]

    def score_batch(
        self, transcripts: Sequence[AnnotatedTranscript], *, charged_threshold: float
    ) -> list[Sentiment]:
        """Return what `score` does for each transcript, in less time than one after the other."""
        return [
            self._sentiment(transcript, scores, charged_threshold)
            for transcript, scores in zip(transcripts, self._sentence_scores(transcripts), strict=True)
        ]

    def _sentence_scores(self, transcripts: Sequence[AnnotatedTranscript]) -> list[Float32Array]:
        return self._sentence_scorer.score_batch(
            [[each.annotations for each in transcript.customer_sentences] for transcript in transcripts]
        )

    def _sentiment(
        self, transcript: AnnotatedTranscript, scores: Float32Array, charged_threshold: float
    ) -> Sentiment:
        total = len(transcript.conversation.turns)
        turns: list[float | None] = [None] * total
        leanings: list[float | None] = [None] * total
        distress = [0.0] * total
        for number in transcript.customer_turns:
            turns[number] = leanings[number] = 0.0
        confidence = sentiment.UNREADABLE
        if len(scores) and (transcript.is_known_language or scores[:, -1].mean() >= _MIN_IN_VOCABULARY):
            probabilities = self._probabilities(scores, transcript)
            confidence = round(float(probabilities.max(axis=1).mean()), sentiment.DECIMALS)
            self._fill_turns(transcript, probabilities, turns, leanings, distress)
        return sentiment.arc(
            turns,
            distress,
            charged_threshold=charged_threshold,
            confidence=confidence,
            leanings=leanings,
        )

    @staticmethod
    def _fill_turns(
        transcript: AnnotatedTranscript,
        probabilities: Float32Array,
        turns: list[float | None],
        leanings: list[float | None],
        distress: list[float],
    ) -> None:
        """Fill in the customer's turns; in `leanings` sentences predicted neutral count as 0."""
        values = (probabilities[:, 2] - probabilities[:, 0]).tolist()
        neutral = (probabilities.argmax(axis=1) == 1).tolist()
        by_turn: dict[int, list[int]] = {}
        for row, each in enumerate(transcript.customer_sentences):
            by_turn.setdefault(each.turn, []).append(row)
        sarcastic = {each.turn for each in transcript.customer_annotations.get("sarcasm", ())}
        for number, rows in by_turn.items():
            value = turn_sentiment_of([values[row] for row in rows])
            leaning = turn_sentiment_of([0.0 if neutral[row] else values[row] for row in rows])
            if number in sarcastic:
                value, leaning = sentiment.sarcastic_sentiment(value), sentiment.sarcastic_sentiment(leaning)
            distresses = [transcript.customer_sentences[row].annotations.distress for row in rows]
            turns[number], leanings[number] = value, leaning
            distress[number] = sentiment.turn_distress(value, distresses)

    def _probabilities(self, scores: Float32Array, transcript: AnnotatedTranscript) -> Float32Array:
        if not len(scores):
            return np.zeros((0, len(SENTIMENT_CLASSES)), dtype=np.float32)
        turns = [each.turn for each in transcript.customer_sentences]
        logits = (
            context_window_features(scores[:, :-1], turns) @ self._meta_classifier.weights
            + self._meta_classifier.intercept
        )
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: Float32Array = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


def turn_sentiment_of(values: Sequence[float]) -> float:
    """Return the sentiment in [-1, 1] of the sentences of one turn: the best above 0 plus the worst below 0.

    Examples
    --------
    >>> round(turn_sentiment_of([0.1, -0.8, -0.1]), 4), turn_sentiment_of([])
    (-0.7, 0.0)
    """
    return round(max(0.0, *values) + min(0.0, *values), sentiment.DECIMALS) if values else 0.0


def dump(model: SentimentModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    metadata: Mapping[str, object] = {
        "kind": _KIND,
        "version": model.version,
        "feelings": SENTIMENT_CLASSES,
        "signs": SENTENCE_FEATURES,
        "parts": CONTEXT_WINDOWS,
        "places": POSITION_FEATURES,
        "clients": list(model.by_client),
    }
    classifiers = [model.shared, *model.by_client.values()]
    arrays = {
        "offsets": model.intercepts,
        "meta": np.array([each.weights for each in classifiers]),
        "constant": np.array([each.intercept for each in classifiers]),
    }
    return pack(metadata, {**pack_scorer(_SCORER_NAME, model.scorer), **arrays})


def load(data: bytes) -> SentimentModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    metadata, arrays = unpack(data)
    try:
        if metadata["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {metadata['kind']}, not of {_KIND}.")
        found = tuple(tuple(metadata[name]) for name in ("feelings", "signs", "parts", "places"))
        if found != (SENTIMENT_CLASSES, SENTENCE_FEATURES, CONTEXT_WINDOWS, POSITION_FEATURES):
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        classifiers = [MetaClassifier(*each) for each in zip(arrays["meta"], arrays["constant"], strict=True)]
        by_client = dict(zip(metadata["clients"], classifiers[1:], strict=True))
        scorer = unpack_scorer(_SCORER_NAME, arrays)
        return SentimentModel(int(metadata["version"]), scorer, arrays["offsets"], classifiers[0], by_client)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
