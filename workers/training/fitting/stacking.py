"""Learning one question: scorers, out-of-fold opinions, and the last step that weighs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from scorecards.autoscore.models import features
from scorecards.autoscore.models.head_layout import SIDES, QuestionHeads, QuestionKey
from scorecards.definitions.form import Question
from workers.training.fitting import label_checks, linear_heads
from workers.training.fitting.examples import Refusal
from workers.training.fitting.linear_heads import LinearHeads
from workers.training.fitting.ngram_matrix import Corpus, Doubles, Places
from workers.training.fitting.targets import Targets, TrainingMaterial, targets_of

FOLDS, MIN_FOLDS, MANY_LABELS = 5, 3, 800
"""Parts held out in turn; fewer where there are many labels, for time."""
META_REGULARIZATION_C = 0.05
"""C of the last step, on features of mean 0 and variance 1."""
CONTEXT_FEATURE_SCALE = 0.25
"""Standard deviation of a sign of context in the last step, where that of a score is 1; by measurement."""

Folds = Sequence[tuple[Places, Places]]


@dataclass(frozen=True, slots=True)
class FittedQuestion:
    """One question as numbers; `meta` and `constant` take its features to its classes."""

    question: QuestionHeads
    margins: Mapping[str, LinearHeads]
    evidence_classifiers: Mapping[str, LinearHeads]
    weights: Doubles
    intercept: Doubles


def fit_question(
    material: TrainingMaterial, key: QuestionKey, question: Question, seed: int
) -> FittedQuestion | Refusal:
    """Learn one question, or say why it cannot be learned."""
    labelled = label_checks.encode_labels(material.examples, material.groups, key, question)
    if isinstance(labelled, Refusal):
        return labelled
    task = targets_of(material, key, labelled)
    folds = _folds(task, material.groups[task.rows], seed)
    opinions, scales = _out_of_fold_scores(material, task, folds)
    seen = np.hstack([opinions, material.context[task.rows], _rule_features(material, task, key, question)])
    refusal = _refusal(material, task, labelled, seen, folds)
    if refusal:
        return refusal
    margins, witnesses = _scorers(material, task, np.arange(len(task.rows)))
    trust = _feature_scale(seen.shape[1], len(task.classes))
    meta, constant = fit_meta_classifier(seen, task.answers, len(task.classes), trust)
    learned = QuestionHeads(
        classes=task.classes,
        untrained_classes=labelled.untrained_classes,
        option_values=dict(question.values),
        evidence_classes=task.classes_with_evidence,
        prior_log_odds={side: _prior_log_odds(task.evidence[side]) for side in SIDES},
        n_labels=len(task.rows),
    )
    scaled = {side: witnesses[side].scaled(scales[side]) for side in SIDES}
    return FittedQuestion(learned, margins, scaled, meta, constant)


def _folds(task: Targets, groups: Places, seed: int) -> Folds:
    """Split the labels so that no interaction is on both sides, with a like share of every class."""
    count = FOLDS if len(task.rows) < MANY_LABELS else MIN_FOLDS
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(splitter.split(task.rows, task.answers, groups))


def _refusal(
    material: TrainingMaterial,
    task: Targets,
    labelled: label_checks.EncodedLabels,
    seen: Doubles,
    folds: Folds,
) -> Refusal | None:
    """Ask wholes, sentences and signs, each alone, whether the labels can be predicted.

    Not the last step on top of them: its scorers have seen the labels it is held against, and on labels
    without sense it would agree more than chance.
    """
    others = len(task.classes) - 1
    wholes = np.zeros((len(task.rows), len(task.classes)))
    wholes[:, 1:] = seen[:, :others] + seen[:, others : 2 * others]
    refusal = label_checks.conflicting_reviewers(labelled, wholes, partial(_answers, material, task))
    if refusal:
        return refusal
    opinions = [wholes, _held_out_scores(seen[:, -_n_unscored_features(len(task.classes)) :], task, folds)]
    if any(task.classes_with_evidence.values()):
        opinions.append(_strongest_evidence(task, seen))
    return label_checks.no_signal(task.answers, material.contents[task.rows], opinions)


def _strongest_evidence(task: Targets, seen: Doubles) -> Doubles:
    """Return for each class the highest log-odds of its witnesses on either side; 0 for one without."""
    scores = np.zeros((len(task.rows), len(task.classes)))
    column = 2 * (len(task.classes) - 1)
    for side in SIDES:
        for name in task.classes_with_evidence[side]:
            place = task.classes.index(name)
            found = seen[:, column]
            scores[:, place] = np.where(scores[:, place] == 0.0, found, np.maximum(scores[:, place], found))
            column += 1
        column += (features.POOLS - 1) * len(task.classes_with_evidence[side])
    return scores


def _n_unscored_features(classes: int) -> int:
    """Return the number of features, at the end, that are no scorer's: context, then rules."""
    return len(features.CONVERSATION_FEATURES) + classes + 1


def _feature_scale(columns: int, classes: int) -> Doubles:
    """Return the weight of each feature; a sign of context needs more labels to count."""
    trust = np.ones(columns)
    trust[columns - _n_unscored_features(classes) : columns - classes - 1] = CONTEXT_FEATURE_SCALE
    return trust


def _held_out_scores(
    seen: Doubles, task: Targets, folds: Folds, feature_scale: Doubles | None = None
) -> Doubles:
    """Return what the last step says of labels that it did not learn from."""
    held_out = np.zeros((len(task.rows), len(task.classes)))
    for learning, held in folds:
        meta, constant = fit_meta_classifier(
            seen[learning], task.answers[learning], len(task.classes), feature_scale
        )
        held_out[held] = seen[held] @ meta + constant
    return held_out


def _answers(material: TrainingMaterial, task: Targets, learning: Places, asked: Places) -> Places:
    """Answer some labels by the words of the conversations of others alone."""
    scores = np.zeros((len(asked), len(task.classes)))
    for corpus in material.corpora.values():
        heads = linear_heads.margins(
            corpus.documents[task.rows[learning]], task.answers[learning], len(task.classes)
        )
        scores[:, 1:] += heads.decision_function(corpus.documents[task.rows[asked]])
    answers: Places = scores.argmax(axis=1)
    return answers


def _scorers(
    material: TrainingMaterial, task: Targets, part: Places
) -> tuple[dict[str, LinearHeads], dict[str, LinearHeads]]:
    margins: dict[str, LinearHeads] = {}
    witnesses: dict[str, LinearHeads] = {}
    for side in SIDES:
        corpus = material.corpora[side]
        rows = task.rows[part]
        margins[side] = linear_heads.margins(corpus.documents[rows], task.answers[part], len(task.classes))
        spoken = corpus.rows_of(rows)
        heads = [_evidence_classifier(corpus, spoken, shown[spoken]) for shown in task.evidence[side]]
        witnesses[side] = LinearHeads(
            np.vstack([head.weights for head in heads] or [np.zeros((0, corpus.documents.shape[1]))]),
            np.concatenate([head.intercepts for head in heads] or [np.zeros(0)]),
        )
    return margins, witnesses


def _evidence_classifier(corpus: Corpus, spoken: Places, shown: Places) -> LinearHeads:
    distinct = corpus.sentence_index[spoken]
    size = corpus.sentences.shape[0]
    for_it = np.bincount(distinct[shown == 1], minlength=size).astype(np.float64)
    against = np.bincount(distinct[shown == 0], minlength=size).astype(np.float64)
    return linear_heads.evidence_classifier(corpus.sentences, for_it, against)


def _out_of_fold_scores(
    material: TrainingMaterial, task: Targets, folds: Folds
) -> tuple[Doubles, dict[str, Doubles]]:
    """Return what scorers that never saw a conversation say of it, and the scales of witnesses.

    The features are margins and pooled witnesses per side; a scale takes a sentence's margin to log-odds.
    """
    columns: list[Doubles] = []
    pools: list[Doubles] = []
    scales: dict[str, Doubles] = {}
    scorers = [(held, *_scorers(material, task, learning)) for learning, held in folds]
    for side in SIDES:
        corpus, shown = material.corpora[side], task.evidence[side]
        whole = np.zeros((len(task.rows), len(task.classes) - 1))
        spoken = np.zeros((len(corpus.sentence_index), len(shown)))
        for held, margins, witnesses in scorers:
            rows = task.rows[held]
            whole[held] = margins[side].decision_function(corpus.documents[rows])
            places = corpus.rows_of(rows)
            spoken[places] = witnesses[side].decision_function(
                corpus.sentences[corpus.sentence_index[places]]
            )
        scales[side] = np.array(
            [linear_heads.platt_scaling(spoken[:, row], each) for row, each in enumerate(shown)]
        )
        scales[side] = scales[side].reshape(len(shown), 2)
        columns.append(whole)
        pools.append(_pooled(corpus, spoken * scales[side][:, 0] + scales[side][:, 1], task.rows))
    return np.hstack([*columns, *pools]), scales


def _pooled(corpus: Corpus, odds: Doubles, conversations: Places) -> Doubles:
    """Pool log-odds of said sentences over some conversations."""
    lengths = np.diff(corpus.offsets, append=len(corpus.sentence_index))[conversations]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    spoken = odds[corpus.rows_of(conversations)]
    return features.pool(spoken.astype(np.float32), starts).astype(np.float64)


def _rule_features(
    material: TrainingMaterial, task: Targets, key: QuestionKey, question: Question
) -> Doubles:
    numbers = np.zeros((len(task.rows), len(task.classes) + 1))
    for number, row in enumerate(task.rows.tolist()):
        rule = material.examples[row].rules.get(key)
        choice = features.class_of_verdict(question.values, rule)
        if rule is not None and choice in task.classes:
            numbers[number, task.classes.index(choice)] = rule.confidence
        else:
            numbers[number, -1] = 1.0
    return numbers


def fit_meta_classifier(
    seen: Doubles, answers: Places, classes: int, feature_scale: Doubles | None = None
) -> tuple[Doubles, Doubles]:
    """Fit the last step and return it for features as they are: (features, classes) and (classes,).

    Features are brought to mean 0 and the standard deviation in `trust`, 1 if it is not given.
    """
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    spread[spread < 1e-9] = 1.0
    spread = spread if feature_scale is None else spread / feature_scale
    weights, constant = np.zeros((seen.shape[1], classes)), np.full(classes, -20.0)
    if len(np.unique(answers)) == 1:
        constant[answers[0]] = 0.0
        return weights, constant
    fitted = LogisticRegression(C=META_REGULARIZATION_C, max_iter=2_000).fit((seen - mean) / spread, answers)
    own, start = fitted.coef_.T, fitted.intercept_
    if len(fitted.classes_) == 2:
        own, start = np.hstack([-own, own]) / 2, np.array([-start[0], start[0]]) / 2
    weights[:, fitted.classes_] = own / spread[:, None]
    constant[fitted.classes_] = start - (mean / spread) @ own
    return weights, constant


def _prior_log_odds(shown: Places) -> tuple[float, ...]:
    return tuple(
        round(float(np.log((np.sum(row == 1) + 0.5) / (np.sum(row == 0) + 0.5))), 6) for row in shown
    )
