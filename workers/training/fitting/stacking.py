"""Stacked generalization of one question: linear scorers, their out-of-fold scores, and a meta-classifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from scorecards.arrays import FloatArray, IntArray
from scorecards.autoscore.models import features
from scorecards.autoscore.models.head_layout import SIDES, QuestionHeads, QuestionKey
from scorecards.definitions.form import Question
from workers.training.fitting import label_checks, linear_heads
from workers.training.fitting.examples import Refusal
from workers.training.fitting.linear_heads import LinearHeads
from workers.training.fitting.ngram_matrix import Corpus
from workers.training.fitting.targets import Targets, TrainingMaterial, build_targets

N_FOLDS, N_FOLDS_OF_LARGE, MIN_LARGE = 5, 3, 800
"""Folds of cross-validation, those of a large data set, and the labels from which it is large, for time."""
META_REGULARIZATION_C = 0.05
"""C of the meta-classifier, on features of mean 0 and variance 1."""
CONTEXT_FEATURE_SCALE = 0.25
"""Standard deviation of conversation features in the meta-classifier, that of scores being 1; by measurement.

The smaller scale is a stronger ridge penalty: a conversation feature needs more labels to count.
"""

Folds = Sequence[tuple[IntArray, IntArray]]
"""Per fold the indices of the labels to train on, and of those held out."""


@dataclass(frozen=True, slots=True)
class FittedQuestion:
    """The fitted heads and meta-classifier of one question.

    Attributes
    ----------
    question : QuestionHeads
    margins : mapping of str to LinearHeads
        By side, the n_classes - 1 margins of a document over the first class.
    evidence_classifiers : mapping of str to LinearHeads
        By side, one head per class with evidence, Platt-scaled to log-odds.
    weights : ndarray of shape (n_features, n_classes), dtype float64
        Meta-classifier.
    intercept : ndarray of shape (n_classes,), dtype float64
    """

    question: QuestionHeads
    margins: Mapping[str, LinearHeads]
    evidence_classifiers: Mapping[str, LinearHeads]
    weights: FloatArray
    intercept: FloatArray


def fit_question(
    material: TrainingMaterial, key: QuestionKey, question: Question, seed: int
) -> FittedQuestion | Refusal:
    """Fit one question, or say why its labels are refused."""
    encoded = label_checks.encode_labels(material.examples, material.groups, key, question)
    if isinstance(encoded, Refusal):
        return encoded
    targets = build_targets(material, key, encoded)
    folds = _folds(targets, material.groups[targets.rows], seed)
    scores, scales = _out_of_fold_scores(material, targets, folds)
    rule_features = _rule_features(material, targets, key, question)
    meta_features = np.hstack([scores, material.context[targets.rows], rule_features])
    refusal = _refusal(material, targets, encoded, meta_features, folds)
    if refusal:
        return refusal
    margins, evidence_classifiers = _fit_scorers(material, targets, np.arange(len(targets.rows)))
    feature_scale = _feature_scale(meta_features.shape[1], len(targets.classes))
    weights, intercept = fit_meta_classifier(
        meta_features, targets.labels, len(targets.classes), feature_scale
    )
    heads = QuestionHeads(
        classes=targets.classes,
        untrained_classes=encoded.untrained_classes,
        option_values=dict(question.values),
        evidence_classes=targets.classes_with_evidence,
        prior_log_odds={side: _prior_log_odds(targets.evidence[side]) for side in SIDES},
        n_labels=len(targets.rows),
    )
    scaled = {side: evidence_classifiers[side].scaled(scales[side]) for side in SIDES}
    return FittedQuestion(heads, margins, scaled, weights, intercept)


def _folds(targets: Targets, groups: IntArray, seed: int) -> Folds:
    """Split the labels by interaction into folds with similar shares of every class."""
    count = N_FOLDS if len(targets.rows) < MIN_LARGE else N_FOLDS_OF_LARGE
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(splitter.split(targets.rows, targets.labels, groups))


def _refusal(
    material: TrainingMaterial,
    targets: Targets,
    encoded: label_checks.EncodedLabels,
    meta_features: FloatArray,
    folds: Folds,
) -> Refusal | None:
    """Check whether documents, sentences, or conversation and rule features, each alone, predict the labels.

    A cross-validated meta-classifier over all of them would not do: the scorers behind its features were
    trained on the labels it is tested on, so it would predict even random labels better than chance.
    """
    others = len(targets.classes) - 1
    document_scores = np.zeros((len(targets.rows), len(targets.classes)))
    document_scores[:, 1:] = meta_features[:, :others] + meta_features[:, others : 2 * others]
    predict = partial(_predict_from_others, material, targets)
    refusal = label_checks.conflicting_reviewers(encoded, document_scores, predict)
    if refusal:
        return refusal
    unscored = meta_features[:, -_n_unscored_features(len(targets.classes)) :]
    out_of_fold_scores = [document_scores, _held_out_scores(unscored, targets, folds)]
    if any(targets.classes_with_evidence.values()):
        out_of_fold_scores.append(_strongest_evidence(targets, meta_features))
    return label_checks.no_signal(targets.labels, material.content_ids[targets.rows], out_of_fold_scores)


def _strongest_evidence(targets: Targets, meta_features: FloatArray) -> FloatArray:
    """Return the highest evidence log-odds of either side, of shape (n_labels, n_classes); 0 without any."""
    scores = np.zeros((len(targets.rows), len(targets.classes)))
    column = 2 * (len(targets.classes) - 1)
    for side in SIDES:
        for name in targets.classes_with_evidence[side]:
            index = targets.classes.index(name)
            found = meta_features[:, column]
            scores[:, index] = np.where(scores[:, index] == 0.0, found, np.maximum(scores[:, index], found))
            column += 1
        column += (features.POOLS - 1) * len(targets.classes_with_evidence[side])
    return scores


def _n_unscored_features(n_classes: int) -> int:
    """Return the number of features, at the end, that are no scorer's: conversation features, then rules."""
    return len(features.CONVERSATION_FEATURES) + n_classes + 1


def _feature_scale(n_features: int, n_classes: int) -> FloatArray:
    """Return the standard deviation of each feature in the meta-classifier, of shape (n_features,)."""
    scale = np.ones(n_features)
    scale[n_features - _n_unscored_features(n_classes) : n_features - n_classes - 1] = CONTEXT_FEATURE_SCALE
    return scale


def _held_out_scores(meta_features: FloatArray, targets: Targets, folds: Folds) -> FloatArray:
    """Return the scores of cross-validated meta-classifiers, of shape (n_labels, n_classes)."""
    scores = np.zeros((len(targets.rows), len(targets.classes)))
    for train, test in folds:
        weights, intercept = fit_meta_classifier(
            meta_features[train], targets.labels[train], len(targets.classes)
        )
        scores[test] = meta_features[test] @ weights + intercept
    return scores


def _predict_from_others(
    material: TrainingMaterial, targets: Targets, train: IntArray, test: IntArray
) -> IntArray:
    """Predict some labels by a model of the documents and labels of others."""
    scores = np.zeros((len(test), len(targets.classes)))
    for corpus in material.corpora.values():
        heads = linear_heads.fit_margins(
            corpus.documents[targets.rows[train]], targets.labels[train], len(targets.classes)
        )
        scores[:, 1:] += heads.decision_function(corpus.documents[targets.rows[test]])
    predictions: IntArray = scores.argmax(axis=1)
    return predictions


def _fit_scorers(
    material: TrainingMaterial, targets: Targets, train: IntArray
) -> tuple[dict[str, LinearHeads], dict[str, LinearHeads]]:
    """Return margins and evidence classifiers by side, fitted to some labels."""
    margins: dict[str, LinearHeads] = {}
    evidence_classifiers: dict[str, LinearHeads] = {}
    for side in SIDES:
        corpus = material.corpora[side]
        rows = targets.rows[train]
        margins[side] = linear_heads.fit_margins(
            corpus.documents[rows], targets.labels[train], len(targets.classes)
        )
        sentences = corpus.sentence_rows(rows)
        heads = [
            _fit_evidence_classifier(corpus, sentences, evidence[sentences])
            for evidence in targets.evidence[side]
        ]
        evidence_classifiers[side] = LinearHeads(
            np.vstack([head.weights for head in heads] or [np.zeros((0, corpus.documents.shape[1]))]),
            np.concatenate([head.intercepts for head in heads] or [np.zeros(0)]),
        )
    return margins, evidence_classifiers


def _fit_evidence_classifier(corpus: Corpus, sentences: IntArray, evidence: IntArray) -> LinearHeads:
    distinct = corpus.sentence_index[sentences]
    size = corpus.sentences.shape[0]
    positive_counts = np.bincount(distinct[evidence == 1], minlength=size).astype(np.float64)
    negative_counts = np.bincount(distinct[evidence == 0], minlength=size).astype(np.float64)
    return linear_heads.fit_evidence_classifier(corpus.sentences, positive_counts, negative_counts)


def _out_of_fold_scores(
    material: TrainingMaterial, targets: Targets, folds: Folds
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return the scores of held-out conversations, and the Platt scaling of evidence classifiers.

    Returns
    -------
    scores : ndarray of shape (n_labels, n_score_features), dtype float64
        Margins of both sides, then pooled evidence log-odds of both sides.
    scales : mapping of str to ndarray of shape (n_classes_with_evidence, 2), dtype float64
        By side, slope and intercept of each evidence classifier.
    """
    margin_features: list[FloatArray] = []
    pools: list[FloatArray] = []
    scales: dict[str, FloatArray] = {}
    scorers = [(test, *_fit_scorers(material, targets, train)) for train, test in folds]
    for side in SIDES:
        corpus, evidence = material.corpora[side], targets.evidence[side]
        document_scores = np.zeros((len(targets.rows), len(targets.classes) - 1))
        sentence_scores = np.zeros((len(corpus.sentence_index), len(evidence)))
        for test, margins, evidence_classifiers in scorers:
            rows = targets.rows[test]
            document_scores[test] = margins[side].decision_function(corpus.documents[rows])
            sentences = corpus.sentence_rows(rows)
            sentence_scores[sentences] = evidence_classifiers[side].decision_function(
                corpus.sentences[corpus.sentence_index[sentences]]
            )
        scales[side] = np.array(
            [linear_heads.platt_scaling(sentence_scores[:, row], each) for row, each in enumerate(evidence)]
        )
        scales[side] = scales[side].reshape(len(evidence), 2)
        margin_features.append(document_scores)
        log_odds = sentence_scores * scales[side][:, 0] + scales[side][:, 1]
        pools.append(_pooled(corpus, log_odds, targets.rows))
    return np.hstack([*margin_features, *pools]), scales


def _pooled(corpus: Corpus, log_odds: FloatArray, conversations: IntArray) -> FloatArray:
    """Pool the log-odds of all sentence occurrences over some conversations, as inference does."""
    lengths = np.diff(corpus.offsets, append=len(corpus.sentence_index))[conversations]
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    selected = log_odds[corpus.sentence_rows(conversations)]
    return features.pool(selected.astype(np.float32), offsets).astype(np.float64)


def _rule_features(
    material: TrainingMaterial, targets: Targets, key: QuestionKey, question: Question
) -> FloatArray:
    """Return the confidence of the rule's class, and 1 in the last column where it chose none."""
    rule_features = np.zeros((len(targets.rows), len(targets.classes) + 1))
    for number, row in enumerate(targets.rows.tolist()):
        rule = material.examples[row].rules.get(key)
        choice = features.class_of_verdict(question.values, rule)
        if rule is not None and choice in targets.classes:
            rule_features[number, targets.classes.index(choice)] = rule.confidence
        else:
            rule_features[number, -1] = 1.0
    return rule_features


def fit_meta_classifier(
    meta_features: FloatArray, labels: IntArray, n_classes: int, feature_scale: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Fit a logistic regression on standardized features and return it for features as they are.

    Parameters
    ----------
    meta_features : ndarray of shape (n_labels, n_features), dtype float64
    labels : ndarray of shape (n_labels,), dtype int64
        Class indices.
    n_classes : int
        Number of classes; one without labels gets an intercept of -20.
    feature_scale : ndarray of shape (n_features,), dtype float64, optional
        Standard deviation to which each feature is brought; 1 if not given. A smaller one is a stronger ridge
        penalty.

    Returns
    -------
    weights : ndarray of shape (n_features, n_classes), dtype float64
    intercept : ndarray of shape (n_classes,), dtype float64
    """
    mean, spread = meta_features.mean(axis=0), meta_features.std(axis=0)
    spread[spread < 1e-9] = 1.0
    spread = spread if feature_scale is None else spread / feature_scale
    weights, intercept = np.zeros((meta_features.shape[1], n_classes)), np.full(n_classes, -20.0)
    if len(np.unique(labels)) == 1:
        intercept[labels[0]] = 0.0
        return weights, intercept
    standardized = (meta_features - mean) / spread
    fitted = LogisticRegression(C=META_REGULARIZATION_C, max_iter=2_000).fit(standardized, labels)
    coefficients, start = fitted.coef_.T, fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients = np.hstack([-coefficients, coefficients]) / 2
        start = np.array([-start[0], start[0]]) / 2
    weights[:, fitted.classes_] = coefficients / spread[:, None]
    intercept[fitted.classes_] = start - (mean / spread) @ coefficients
    return weights, intercept


def _prior_log_odds(evidence: IntArray) -> tuple[float, ...]:
    """Return the smoothed log-odds that any sentence is evidence, per class."""
    return tuple(
        round(float(np.log((np.sum(row == 1) + 0.5) / (np.sum(row == 0) + 0.5))), 6) for row in evidence
    )
