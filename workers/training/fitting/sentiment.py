"""Fits a tenant's sentiment model to customers' sentences that people labelled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

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
from workers.training.fitting.examples import Refusal, content
from workers.training.fitting.label_checks import MIN_LABELS, MIN_LABELS_OF_CLASS, kappa
from workers.training.fitting.linear_heads import LinearHeads
from workers.training.fitting.ngram_matrix import Corpus, Doubles, Places, build_corpus
from workers.training.fitting.stacking import FOLDS, fit_meta_classifier

_UNTOLD = -1
_ANYBODY = ""
_SURELY = 1.645
"""Standard errors beyond chance; one-sided, at 0.05."""
_LIMITS = 12_288, 4_096
"""Words and pairs, and runs of letters; with two heads and one model for all clients they cost little."""
_SHARPEST, _FLATTEST = 2.0, 0.2

Folds = Sequence[tuple[Places, Places]]
FittedMetaClassifier = tuple[Doubles, Doubles]
"""Weights and intercepts of the last step."""


@dataclass(frozen=True, slots=True)
class SentimentSpan:
    """How a customer felt at one place of a conversation; a span without characters is the whole turn."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class SentimentExample:
    """One interaction as the reader read it, with what people said of its customer.

    `id` groups examples; `client` is the one whose customer it is, or "" where that does not matter.
    """

    id: str
    transcript: AnnotatedTranscript
    labels: tuple[SentimentSpan, ...]
    client: str = ""


@dataclass(frozen=True, slots=True)
class FittedSentiment:
    """A model, or why there is none; how good it is was measured on conversations it had not seen."""

    model: SentimentModel | None
    refused: Refusal | None
    n_labels: int = 0
    accuracy: float = 0.0
    macro_f1: float = 0.0
    kappa: float = 0.0
    recall: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Material:
    """The customer's sentences of all conversations in a row; `answers` is -1 where nobody told."""

    known: Corpus
    told: Doubles
    turns: Sequence[int]
    starts: Sequence[int]
    groups: Places
    clients: NDArray[np.str_]
    answers: Places


def fit_sentiment(examples: Sequence[SentimentExample], *, seed: int, version: int) -> FittedSentiment:
    """Fit a model; the same examples, in whatever order, and the same seed give the same model."""
    ordered = sorted(examples, key=lambda each: (each.id, content(each.transcript), repr(each.labels)))
    with threadpool_limits(1):
        material = _material([each for each in ordered if each.transcript.customer_sentences])
        refused = _refusal(material.answers, material.groups)
        return FittedSentiment(None, refused) if refused else _fitted(material, seed, version)


def _material(examples: Sequence[SentimentExample]) -> _Material:
    said = [each for example in examples for each in example.transcript.customer_sentences]
    lengths = [len(example.transcript.customer_sentences) for example in examples]
    names: dict[str, int] = {}
    owners = [names.setdefault(example.id, len(names)) for example in examples]
    answers = np.array(
        [_told(each, one) for each in examples for one in each.transcript.customer_sentences], dtype=np.int64
    )
    counts = Counter(answers.tolist())
    rare = [place for place in range(len(SENTIMENT_CLASSES)) if counts[place] < MIN_LABELS_OF_CLASS]
    return _Material(
        known=build_corpus([[each.annotations] for each in said], _LIMITS),
        told=np.array([sentence_features(each.annotations) for each in said]).reshape(
            len(said), len(SENTENCE_FEATURES)
        ),
        turns=[each.turn for each in said],
        starts=np.cumsum([0, *lengths])[:-1].tolist(),
        groups=np.repeat(np.array(owners, dtype=np.int64), lengths),
        clients=np.repeat(np.array([each.client for each in examples], dtype=np.str_), lengths),
        answers=np.where(np.isin(answers, rare), _UNTOLD, answers),
    )


def _told(example: SentimentExample, said: Sentence) -> int:
    """Return the one feeling that people told of a sentence; nothing where they told several."""
    feelings = {each.label for each in example.labels if _covers(each.span, said)} & set(SENTIMENT_CLASSES)
    return SENTIMENT_CLASSES.index(feelings.pop()) if len(feelings) == 1 else _UNTOLD


def _covers(span: Span, said: Sentence) -> bool:
    if span.turn != said.turn:
        return False
    return span.start is None or span.end is None or (span.start < said.end and said.start < span.end)


def _refusal(answers: Places, groups: Places) -> Refusal | None:
    told = answers != _UNTOLD
    if np.count_nonzero(told) < MIN_LABELS:
        found = np.count_nonzero(told)
        return Refusal("too_few_labels", f"{found} labelled sentences; learning starts at {MIN_LABELS}.")
    if len(np.unique(answers[told])) < 2:
        return Refusal(
            "one_class", "Every labelled sentence has the same feeling; there is nothing to tell apart."
        )
    if len(np.unique(groups[told])) < FOLDS:
        return Refusal("too_few_labels", f"The labels are of fewer than {FOLDS} conversations.")
    return None


def _fitted(material: _Material, seed: int, version: int) -> FittedSentiment:
    answers = material.answers
    folds = _folds(material, seed)
    margins = np.zeros((len(answers), len(SENTIMENT_CLASSES) - 1))
    for learning, held in folds:
        margins[held] = _scorer(material, learning).decision_function(
            material.known.sentences[material.known.sentence_index[held]]
        )
    seen = _seen(material, margins)
    held_out = np.zeros((len(answers), len(SENTIMENT_CLASSES)))
    for learning, held in folds:
        held_out[held] = _judged(material, seen, held, _meta_classifiers(material, seen, learning))
    told = np.flatnonzero(answers != _UNTOLD)
    given = held_out[told].argmax(axis=1)
    agreement = kappa(answers[told], given)
    if not _better_than_chance(answers[told], given, material.groups[told]):
        detail = "What is learned from the labels of some conversations does not tell those of others."
        return FittedSentiment(None, Refusal("contradictory", detail))
    sure = fit_temperature(held_out[told], answers[told])
    heads = _scorer(material, told)
    steps = {
        client: MetaClassifier(*((each * sure).astype(np.float32) for each in step))
        for client, step in _meta_classifiers(material, seen, told).items()
    }
    shared = steps.pop(_ANYBODY)
    table, offsets = ngram_scorer_of(material.known, [heads]), heads.intercepts.astype(np.float32)
    model = SentimentModel(version, table, offsets, shared, steps)
    return FittedSentiment(
        model=model,
        refused=None,
        n_labels=len(told),
        accuracy=float(np.mean(answers[told] == given)),
        macro_f1=float(f1_score(answers[told], given, average="macro")),
        kappa=agreement,
        recall={
            SENTIMENT_CLASSES[place]: float(np.mean(given[answers[told] == place] == place))
            for place in np.unique(answers[told])
        },
    )


def _folds(material: _Material, seed: int) -> Folds:
    """Split conversations: what is learned from is labelled; held out is every sentence of the others."""
    told = np.flatnonzero(material.answers != _UNTOLD)
    groups = material.groups[told]
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    folds = []
    for learning, held in splitter.split(told, material.answers[told], groups):
        folds.append((told[learning], np.flatnonzero(np.isin(material.groups, groups[held]))))
    return folds


def _scorer(material: _Material, rows: Places) -> LinearHeads:
    sentences = material.known.sentences[material.known.sentence_index[rows]]
    return linear_heads.margins(sentences, material.answers[rows], len(SENTIMENT_CLASSES))


def _seen(material: _Material, margins: Doubles) -> Doubles:
    """Return what the last step sees, by the very function that the model calls later."""
    own = np.hstack([margins, material.told]).astype(np.float32)
    ends = [*material.starts[1:], len(own)]
    parts = [
        context_window_features(own[start:end], material.turns[start:end])
        for start, end in zip(material.starts, ends, strict=True)
    ]
    return np.vstack(parts).astype(np.float64)


def _meta_classifiers(material: _Material, seen: Doubles, rows: Places) -> dict[str, FittedMetaClassifier]:
    """Fit the last step for anybody, and for each client with labels enough the mean of that and its own.

    Measured on real chats of three clients, the mean was better than either: reviewers of different clients
    draw the line between calm and unhappy at different places, and few labels alone are shaky.
    """
    shared = fit_meta_classifier(seen[rows], material.answers[rows], len(SENTIMENT_CLASSES))
    steps = {_ANYBODY: shared}
    for client in sorted(set(material.clients[rows].tolist()) - {_ANYBODY}):
        of_it = rows[material.clients[rows] == client]
        if _enough(material, of_it, among=rows):
            own = fit_meta_classifier(seen[of_it], material.answers[of_it], len(SENTIMENT_CLASSES))
            steps[client] = (np.mean([shared[0], own[0]], axis=0), np.mean([shared[1], own[1]], axis=0))
    return steps


def _enough(material: _Material, rows: Places, *, among: Places) -> bool:
    """Tell whether a client's labels teach by themselves, every feeling that all labels know included."""
    counts = np.bincount(material.answers[rows], minlength=len(SENTIMENT_CLASSES))
    known = np.unique(material.answers[among])
    refused = _refusal(material.answers[rows], material.groups[rows])
    return refused is None and bool((counts[known] >= MIN_LABELS_OF_CLASS).all())


def _judged(
    material: _Material, seen: Doubles, rows: Places, steps: Mapping[str, FittedMetaClassifier]
) -> Doubles:
    """Return the log-odds of each feeling in rows, each by its client's step."""
    logits = seen[rows] @ steps[_ANYBODY][0] + steps[_ANYBODY][1]
    for client, (meta, constant) in steps.items():
        of_it = material.clients[rows] == client
        logits[of_it] = seen[rows][of_it] @ meta + constant
    return logits


def _better_than_chance(answers: Places, given: Places, groups: Places) -> bool:
    """Tell whether agreement surely exceeds that of chance, conversations being what varies."""
    shares = [np.bincount(each, minlength=len(SENTIMENT_CLASSES)) / len(answers) for each in (answers, given)]
    beyond = np.bincount(groups, (answers == given) - float(shares[0] @ shares[1]))
    return bool(beyond.sum() > _SURELY * np.sqrt(np.square(beyond).sum()))


def fit_temperature(logits: Doubles, answers: Places) -> float:
    """Return the factor on log-odds out of fold that makes the labels likeliest: temperature scaling."""

    def surprise(factor: float) -> float:
        scaled = logits * factor
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(answers)), answers]))

    return float(minimize_scalar(surprise, bounds=(_FLATTEST, _SHARPEST), method="bounded").x)
