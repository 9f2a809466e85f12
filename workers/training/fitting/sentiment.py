"""Fits a tenant's sentiment model to labelled sentences of customers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scorecards.arrays import FloatArray, IntArray
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence
from scorecards.autoscore.models.sentiment_features import (
    SENTENCE_FEATURES,
    context_window_features,
    sentence_features,
)
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES, MetaClassifier, SentimentModel
from scorecards.definitions.form import Span
from workers.training.fitting import linear_heads
from workers.training.fitting.assemble import ngram_scorer_of
from workers.training.fitting.examples import Refusal, content_digest
from workers.training.fitting.label_checks import MIN_LABELS, MIN_LABELS_OF_CLASS, kappa
from workers.training.fitting.linear_heads import LinearHeads
from workers.training.fitting.ngram_matrix import Corpus, build_corpus
from workers.training.fitting.stacking import N_FOLDS, fit_meta_classifier

_UNLABELLED = -1
_ANY_CLIENT = ""
_Z = 1.645
"""Standard errors by which agreement has to exceed chance; one-sided, at 0.05."""
_MAX_NGRAMS = 12_288, 4_096
"""Words and bigrams, and character n-grams; with two heads and one model for all clients they cost little."""
_MIN_FACTOR, _MAX_FACTOR = 0.2, 2.0

Folds = Sequence[tuple[IntArray, IntArray]]
"""Per fold the rows of labelled sentences to train on, and those of all sentences held out."""
FittedMetaClassifier = tuple[FloatArray, FloatArray]
"""Weights of shape (n_features, 3) and intercepts of shape (3,)."""


@dataclass(frozen=True, slots=True)
class SentimentSpan:
    """The sentiment label of a span of a conversation; a span without characters is the whole turn."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class SentimentExample:
    """One annotated interaction with the sentiment labels of its customer.

    Examples of one `id` form a group; `client` is the one whose customer it is, or "" for none in particular.
    """

    id: str
    transcript: AnnotatedTranscript
    labels: tuple[SentimentSpan, ...]
    client: str = ""


@dataclass(frozen=True, slots=True)
class FittedSentiment:
    """A model with its cross-validated measures, or why there is none."""

    model: SentimentModel | None
    refused: Refusal | None
    n_labels: int = 0
    accuracy: float = 0.0
    macro_f1: float = 0.0
    kappa: float = 0.0
    recall: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Material:
    """The customers' sentences of all conversations, one after the other.

    Attributes
    ----------
    corpus : Corpus
        Each sentence is a document of its own.
    lexical : ndarray of shape (n_sentences, n_sentence_features), dtype float64
        Features from the lexicon and the patterns.
    turns : sequence of int
        The turn of each sentence.
    offsets : sequence of int
        The first sentence of each conversation.
    groups : ndarray of shape (n_sentences,), dtype int64
        The interaction of each sentence.
    clients : ndarray of shape (n_sentences,), dtype str
    labels : ndarray of shape (n_sentences,), dtype int64
        Indices into `SENTIMENT_CLASSES`; -1 is unlabelled.
    """

    corpus: Corpus
    lexical: FloatArray
    turns: Sequence[int]
    offsets: Sequence[int]
    groups: IntArray
    clients: NDArray[np.str_]
    labels: IntArray


def fit_sentiment(examples: Sequence[SentimentExample], *, seed: int, version: int) -> FittedSentiment:
    """Fit a model; the same examples, in whatever order, and the same seed give the same model."""
    ordered = sorted(examples, key=lambda each: (each.id, content_digest(each.transcript), repr(each.labels)))
    with threadpool_limits(1):
        material = _material([each for each in ordered if each.transcript.customer_sentences])
        refused = _refusal(material.labels, material.groups)
        return FittedSentiment(None, refused) if refused else _fitted(material, seed, version)


def _material(examples: Sequence[SentimentExample]) -> _Material:
    sentences = [each for example in examples for each in example.transcript.customer_sentences]
    lengths = [len(example.transcript.customer_sentences) for example in examples]
    numbers: dict[str, int] = {}
    owners = [numbers.setdefault(example.id, len(numbers)) for example in examples]
    labels = np.array(
        [
            _label(example, sentence)
            for example in examples
            for sentence in example.transcript.customer_sentences
        ],
        dtype=np.int64,
    )
    counts = Counter(labels.tolist())
    rare = [index for index in range(len(SENTIMENT_CLASSES)) if counts[index] < MIN_LABELS_OF_CLASS]
    return _Material(
        corpus=build_corpus([[each.annotations] for each in sentences], _MAX_NGRAMS),
        lexical=np.array([sentence_features(each.annotations) for each in sentences]).reshape(
            len(sentences), len(SENTENCE_FEATURES)
        ),
        turns=[each.turn for each in sentences],
        offsets=np.cumsum([0, *lengths])[:-1].tolist(),
        groups=np.repeat(np.array(owners, dtype=np.int64), lengths),
        clients=np.repeat(np.array([each.client for each in examples], dtype=np.str_), lengths),
        labels=np.where(np.isin(labels, rare), _UNLABELLED, labels),
    )


def _label(example: SentimentExample, sentence: Sentence) -> int:
    """Return the one class with which a sentence is labelled; unlabelled where there are several."""
    found = {each.label for each in example.labels if _overlap(each.span, sentence)} & set(SENTIMENT_CLASSES)
    return SENTIMENT_CLASSES.index(found.pop()) if len(found) == 1 else _UNLABELLED


def _overlap(span: Span, sentence: Sentence) -> bool:
    if span.turn != sentence.turn:
        return False
    return span.start is None or span.end is None or (span.start < sentence.end and sentence.start < span.end)


def _refusal(labels: IntArray, groups: IntArray) -> Refusal | None:
    labelled = labels != _UNLABELLED
    if np.count_nonzero(labelled) < MIN_LABELS:
        found = np.count_nonzero(labelled)
        return Refusal("too_few_labels", f"{found} labelled sentences; learning starts at {MIN_LABELS}.")
    if len(np.unique(labels[labelled])) < 2:
        return Refusal(
            "one_class", "Every labelled sentence has the same feeling; there is nothing to tell apart."
        )
    if len(np.unique(groups[labelled])) < N_FOLDS:
        return Refusal("too_few_labels", f"The labels are of fewer than {N_FOLDS} conversations.")
    return None


def _fitted(material: _Material, seed: int, version: int) -> FittedSentiment:
    labels = material.labels
    folds = _folds(material, seed)
    margins = np.zeros((len(labels), len(SENTIMENT_CLASSES) - 1))
    for train, test in folds:
        margins[test] = _fit_margins(material, train).decision_function(
            material.corpus.sentences[material.corpus.sentence_index[test]]
        )
    meta_features = _meta_features(material, margins)
    logits = np.zeros((len(labels), len(SENTIMENT_CLASSES)))
    for train, test in folds:
        classifiers = _fit_meta_classifiers(material, meta_features, train)
        logits[test] = _logits(material, meta_features, test, classifiers)
    labelled = np.flatnonzero(labels != _UNLABELLED)
    predictions = logits[labelled].argmax(axis=1)
    agreement = kappa(labels[labelled], predictions)
    if not _better_than_chance(labels[labelled], predictions, material.groups[labelled]):
        detail = "What is learned from the labels of some conversations does not tell those of others."
        return FittedSentiment(None, Refusal("contradictory", detail))
    factor = fit_temperature(logits[labelled], labels[labelled])
    heads = _fit_margins(material, labelled)
    by_client = {
        client: MetaClassifier(*((each * factor).astype(np.float32) for each in classifier))
        for client, classifier in _fit_meta_classifiers(material, meta_features, labelled).items()
    }
    shared = by_client.pop(_ANY_CLIENT)
    scorer, intercepts = ngram_scorer_of(material.corpus, [heads]), heads.intercepts.astype(np.float32)
    model = SentimentModel(version, scorer, intercepts, shared, by_client)
    return FittedSentiment(
        model=model,
        refused=None,
        n_labels=len(labelled),
        accuracy=float(np.mean(labels[labelled] == predictions)),
        macro_f1=float(f1_score(labels[labelled], predictions, average="macro")),
        kappa=agreement,
        recall={
            SENTIMENT_CLASSES[index]: float(np.mean(predictions[labels[labelled] == index] == index))
            for index in np.unique(labels[labelled])
        },
    )


def _folds(material: _Material, seed: int) -> Folds:
    """Split by interaction: train on labelled sentences, hold out every sentence of the others."""
    labelled = np.flatnonzero(material.labels != _UNLABELLED)
    groups = material.groups[labelled]
    splitter = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed)
    folds = []
    for train, test in splitter.split(labelled, material.labels[labelled], groups):
        folds.append((labelled[train], np.flatnonzero(np.isin(material.groups, groups[test]))))
    return folds


def _fit_margins(material: _Material, rows: IntArray) -> LinearHeads:
    sentences = material.corpus.sentences[material.corpus.sentence_index[rows]]
    return linear_heads.fit_margins(sentences, material.labels[rows], len(SENTIMENT_CLASSES))


def _meta_features(material: _Material, margins: FloatArray) -> FloatArray:
    """Return the features of the meta-classifier, by the function that inference uses.

    Parameters
    ----------
    margins : ndarray of shape (n_sentences, 2), dtype float64
        Out of fold.

    Returns
    -------
    ndarray of shape (n_sentences, n_features), dtype float64
    """
    own = np.hstack([margins, material.lexical]).astype(np.float32)
    ends = [*material.offsets[1:], len(own)]
    parts = [
        context_window_features(own[start:end], material.turns[start:end])
        for start, end in zip(material.offsets, ends, strict=True)
    ]
    return np.vstack(parts).astype(np.float64)


def _fit_meta_classifiers(
    material: _Material, meta_features: FloatArray, rows: IntArray
) -> dict[str, FittedMetaClassifier]:
    """Fit the shared meta-classifier, and for each client with enough labels the mean of it and its own.

    Measured on real chats of three clients, the mean was better than either: reviewers of different clients
    draw the line between calm and unhappy differently, and few labels alone give unstable weights.
    """
    shared = fit_meta_classifier(meta_features[rows], material.labels[rows], len(SENTIMENT_CLASSES))
    classifiers = {_ANY_CLIENT: shared}
    for client in sorted(set(material.clients[rows].tolist()) - {_ANY_CLIENT}):
        client_rows = rows[material.clients[rows] == client]
        if _has_enough_labels(material, client_rows, among=rows):
            own = fit_meta_classifier(
                meta_features[client_rows], material.labels[client_rows], len(SENTIMENT_CLASSES)
            )
            classifiers[client] = (
                np.mean([shared[0], own[0]], axis=0),
                np.mean([shared[1], own[1]], axis=0),
            )
    return classifiers


def _has_enough_labels(material: _Material, rows: IntArray, *, among: IntArray) -> bool:
    """Tell whether a client has enough labels by itself, of every class among all labels."""
    counts = np.bincount(material.labels[rows], minlength=len(SENTIMENT_CLASSES))
    classes = np.unique(material.labels[among])
    refused = _refusal(material.labels[rows], material.groups[rows])
    return refused is None and bool((counts[classes] >= MIN_LABELS_OF_CLASS).all())


def _logits(
    material: _Material,
    meta_features: FloatArray,
    rows: IntArray,
    classifiers: Mapping[str, FittedMetaClassifier],
) -> FloatArray:
    """Return the logits of rows, of shape (n_rows, 3), each by its client's meta-classifier."""
    shared_weights, shared_intercept = classifiers[_ANY_CLIENT]
    logits = meta_features[rows] @ shared_weights + shared_intercept
    for client, (weights, intercept) in classifiers.items():
        of_client = material.clients[rows] == client
        logits[of_client] = meta_features[rows][of_client] @ weights + intercept
    return logits


def _better_than_chance(labels: IntArray, predictions: IntArray, groups: IntArray) -> bool:
    """Tell whether agreement significantly exceeds the expected one, with standard errors by interaction."""
    shares = [
        np.bincount(each, minlength=len(SENTIMENT_CLASSES)) / len(labels) for each in (labels, predictions)
    ]
    excess = np.bincount(groups, (labels == predictions) - float(shares[0] @ shares[1]))
    return bool(excess.sum() > _Z * np.sqrt(np.square(excess).sum()))


def fit_temperature(logits: FloatArray, labels: IntArray) -> float:
    """Return the factor on logits that maximizes the likelihood of the labels: temperature scaling.

    Parameters
    ----------
    logits : ndarray of shape (n_labels, n_classes), dtype float64
        Out of fold.
    labels : ndarray of shape (n_labels,), dtype int64
    """

    def negative_log_likelihood(factor: float) -> float:
        scaled = logits * factor
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(labels)), labels]))

    bounds = (_MIN_FACTOR, _MAX_FACTOR)
    return float(minimize_scalar(negative_log_likelihood, bounds=bounds, method="bounded").x)
