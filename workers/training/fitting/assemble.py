"""Assembles the fitted questions of a client into one model."""

from collections.abc import Mapping, Sequence

import numpy as np

from scorecards.arrays import Float32Array
from scorecards.autoscore.models import features
from scorecards.autoscore.models.answer_model import AnswerModel, Weights
from scorecards.autoscore.models.head_layout import SIDES, QuestionKey
from scorecards.autoscore.models.ngram_scorer import CACHE_SIZE, NgramScorer
from workers.training.fitting.linear_heads import LinearHeads
from workers.training.fitting.ngram_matrix import Corpus
from workers.training.fitting.stacking import FittedQuestion

_CACHE_SIZES = {"agent": 2_048, "customer": CACHE_SIZE}  # agents repeat themselves and each other
FeatureName = tuple[object, ...]


def assemble_model(
    corpora: Mapping[str, Corpus], fitted: Mapping[QuestionKey, FittedQuestion], version: int
) -> AnswerModel:
    """Join the heads and meta-classifiers of all questions into one model."""
    scorers: dict[str, NgramScorer] = {}
    intercepts: dict[str, Float32Array] = {}
    for side in SIDES:
        heads = [each.margins[side] for each in fitted.values()]
        heads += [each.evidence_classifiers[side] for each in fitted.values()]
        scorers[side] = ngram_scorer_of(corpora[side], heads, _CACHE_SIZES[side])
        intercepts[side] = np.concatenate([head.intercepts for head in heads] or [np.zeros(0)]).astype(
            np.float32
        )
    meta_weights, meta_intercept = _joined_meta_classifier(list(fitted.values()))
    questions = {key: each.question for key, each in fitted.items()}
    return AnswerModel(version, questions, Weights(scorers, intercepts, meta_weights, meta_intercept))


def ngram_scorer_of(
    corpus: Corpus, heads: Sequence[LinearHeads], cache_size: int = CACHE_SIZE
) -> NgramScorer:
    """Return heads over the TF-IDF of a corpus as a scorer over n-gram counts: weights times idf."""
    idf = corpus.idf
    columns = [head.weights * idf for head in heads]
    n_words = len(corpus.vocabulary.words)
    n_words_and_pairs = n_words + len(corpus.vocabulary.pairs)
    rows = np.vstack([*columns, np.square(idf), np.zeros(len(idf))]).T
    rows[:n_words] += corpus.character_ngrams @ rows[n_words_and_pairs:]
    rows[:n_words_and_pairs, -1] = idf[:n_words_and_pairs] > 0
    unknown = np.zeros(rows.shape[1])
    return NgramScorer.from_weights(corpus.vocabulary, np.vstack([rows, unknown]), cache_size)


def _joined_meta_classifier(fitted: Sequence[FittedQuestion]) -> tuple[Float32Array, Float32Array]:
    """Join the meta-classifiers of all questions into one, with features in the order of inference.

    Returns
    -------
    weights : ndarray of shape (n_features, n_classes of all questions), dtype float32
    intercept : ndarray of shape (n_classes of all questions,), dtype float32
    """
    order = _feature_order(fitted)
    row_of = {name: row for row, name in enumerate(order)}
    n_columns = sum(len(each.question.classes) for each in fitted)
    weights, column = np.zeros((len(order), n_columns)), 0
    for number, each in enumerate(fitted):
        width = len(each.question.classes)
        rows = [row_of[name] for name in _feature_names(number, each)]
        weights[rows, column : column + width] = each.weights
        column += width
    intercept = np.concatenate([each.intercept for each in fitted] or [np.zeros(0)])
    return weights.astype(np.float32), intercept.astype(np.float32)


def _feature_names(number: int, fitted: FittedQuestion) -> list[FeatureName]:
    """Name one question's features in the order in which its meta-classifier was fitted."""
    question = fitted.question
    margins = [
        ("margin", side, number, index) for side in SIDES for index in range(len(question.classes) - 1)
    ]
    pools = [
        ("pool", side, pool, number, name)
        for side in SIDES
        for pool in range(features.POOLS)
        for name in question.evidence_classes[side]
    ]
    rules = [("rule", number, index) for index in range(len(question.classes) + 1)]
    return [*margins, *pools, *[("context", name) for name in features.CONVERSATION_FEATURES], *rules]


def _feature_order(fitted: Sequence[FittedQuestion]) -> list[FeatureName]:
    """Name all features in the order in which a model computes them."""
    names = [name for number, each in enumerate(fitted) for name in _feature_names(number, each)]
    kinds = ["margin", "pool", "context", "rule"]

    def rank(name: FeatureName) -> tuple[int, ...]:
        kind = kinds.index(str(name[0]))
        side = SIDES.index(str(name[1])) if kind < 2 else 0
        return (kind, side, int(name[2]) if kind == 1 else 0)  # type: ignore[call-overload]

    return sorted(
        dict.fromkeys([*names, *[("context", name) for name in features.CONVERSATION_FEATURES]]), key=rank
    )
