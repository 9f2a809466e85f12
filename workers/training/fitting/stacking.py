"""Learning one question: scorers, out-of-fold opinions, and the last step that weighs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from scorecards.autoscore.models import features
from scorecards.autoscore.models.head_layout import SIDES, Key, LearnedQuestion
from scorecards.definitions.form import Question
from workers.training.fitting import label_checks, linear_heads
from workers.training.fitting.examples import Refusal
from workers.training.fitting.linear_heads import Heads
from workers.training.fitting.ngram_matrix import Corpus, Doubles, Places
from workers.training.fitting.targets import Material, Task, task_of

FOLDS, FOLDS_OF_MANY, MANY_LABELS = 5, 3, 800
"""Parts held out in turn; fewer where there are many labels, for time."""
META_STRENGTH = 0.05
"""C of the last step, on features of mean 0 and variance 1."""
CONTEXT_TRUST = 0.25
"""Standard deviation of a sign of context in the last step, where that of a score is 1; by measurement."""

Folds = Sequence[tuple[Places, Places]]


@dataclass(frozen=True, slots=True)
class Learned:
    """One question as numbers; `meta` and `constant` take its features to its classes."""

    question: LearnedQuestion
    margins: Mapping[str, Heads]
    witnesses: Mapping[str, Heads]
    meta: Doubles
    constant: Doubles


def learn(material: Material, key: Key, question: Question, seed: int) -> Learned | Refusal:
    """Learn one question, or say why it cannot be learned."""
    labelled = label_checks.usable(material.examples, material.groups, key, question)
    if isinstance(labelled, Refusal):
        return labelled
    task = task_of(material, key, labelled)
    folds = _folds(task, material.groups[task.rows], seed)
    opinions, scales = _opinions(material, task, folds)
    seen = np.hstack([opinions, material.context[task.rows], _ruled(material, task, key, question)])
    refusal = _refusal(material, task, labelled, seen, folds)
    if refusal:
        return refusal
    margins, witnesses = _scorers(material, task, np.arange(len(task.rows)))
    trust = _trust(seen.shape[1], len(task.classes))
    meta, constant = last_step(seen, task.answers, len(task.classes), trust)
    learned = LearnedQuestion(
        classes=task.classes,
        unlearned=labelled.unlearned,
        worth=dict(question.values),
        witnesses=task.witnessed,
        usual={side: _usual(task.evidence[side]) for side in SIDES},
        learned_from=len(task.rows),
    )
    scaled = {side: witnesses[side].scaled(scales[side]) for side in SIDES}
    return Learned(learned, margins, scaled, meta, constant)


def _folds(task: Task, groups: Places, seed: int) -> Folds:
    """Split the labels so that no interaction is on both sides, with a like share of every class."""
    count = FOLDS if len(task.rows) < MANY_LABELS else FOLDS_OF_MANY
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(splitter.split(task.rows, task.answers, groups))


def _refusal(
    material: Material, task: Task, labelled: label_checks.Labelled, seen: Doubles, folds: Folds
) -> Refusal | None:
    """Ask wholes, sentences and signs, each alone, whether the labels can be predicted.

    Not the last step on top of them: its scorers have seen the labels it is held against, and on labels
    without sense it would agree more than chance.
    """
    others = len(task.classes) - 1
    wholes = np.zeros((len(task.rows), len(task.classes)))
    wholes[:, 1:] = seen[:, :others] + seen[:, others : 2 * others]
    refusal = label_checks.poisoned(labelled, wholes, partial(_answers, material, task))
    if refusal:
        return refusal
    opinions = [wholes, _held_out(seen[:, -_signs(len(task.classes)) :], task, folds)]
    if any(task.witnessed.values()):
        opinions.append(_shown_most(task, seen))
    return label_checks.contradicted(task.answers, material.contents[task.rows], opinions)


def _shown_most(task: Task, seen: Doubles) -> Doubles:
    """Return for each class the highest log-odds of its witnesses on either side; 0 for one without."""
    scores = np.zeros((len(task.rows), len(task.classes)))
    column = 2 * (len(task.classes) - 1)
    for side in SIDES:
        for name in task.witnessed[side]:
            place = task.classes.index(name)
            found = seen[:, column]
            scores[:, place] = np.where(scores[:, place] == 0.0, found, np.maximum(scores[:, place], found))
            column += 1
        column += (features.POOLS - 1) * len(task.witnessed[side])
    return scores


def _signs(classes: int) -> int:
    """Return the number of features, at the end, that are no scorer's: context, then rules."""
    return len(features.CONTEXT) + classes + 1


def _trust(columns: int, classes: int) -> Doubles:
    """Return the weight of each feature; a sign of context needs more labels to count."""
    trust = np.ones(columns)
    trust[columns - _signs(classes) : columns - classes - 1] = CONTEXT_TRUST
    return trust


def _held_out(seen: Doubles, task: Task, folds: Folds, trust: Doubles | None = None) -> Doubles:
    """Return what the last step says of labels that it did not learn from."""
    held_out = np.zeros((len(task.rows), len(task.classes)))
    for learning, held in folds:
        meta, constant = last_step(seen[learning], task.answers[learning], len(task.classes), trust)
        held_out[held] = seen[held] @ meta + constant
    return held_out


def _answers(material: Material, task: Task, learning: Places, asked: Places) -> Places:
    """Answer some labels by the words of the conversations of others alone."""
    scores = np.zeros((len(asked), len(task.classes)))
    for corpus in material.corpora.values():
        heads = linear_heads.margins(
            corpus.wholes[task.rows[learning]], task.answers[learning], len(task.classes)
        )
        scores[:, 1:] += heads.of(corpus.wholes[task.rows[asked]])
    answers: Places = scores.argmax(axis=1)
    return answers


def _scorers(material: Material, task: Task, part: Places) -> tuple[dict[str, Heads], dict[str, Heads]]:
    margins: dict[str, Heads] = {}
    witnesses: dict[str, Heads] = {}
    for side in SIDES:
        corpus = material.corpora[side]
        rows = task.rows[part]
        margins[side] = linear_heads.margins(corpus.wholes[rows], task.answers[part], len(task.classes))
        spoken = corpus.rows_of(rows)
        heads = [_witness(corpus, spoken, shown[spoken]) for shown in task.evidence[side]]
        witnesses[side] = Heads(
            np.vstack([head.weights for head in heads] or [np.zeros((0, corpus.wholes.shape[1]))]),
            np.concatenate([head.offsets for head in heads] or [np.zeros(0)]),
        )
    return margins, witnesses


def _witness(corpus: Corpus, spoken: Places, shown: Places) -> Heads:
    distinct = corpus.said[spoken]
    size = corpus.sentences.shape[0]
    for_it = np.bincount(distinct[shown == 1], minlength=size).astype(np.float64)
    against = np.bincount(distinct[shown == 0], minlength=size).astype(np.float64)
    return linear_heads.witness(corpus.sentences, for_it, against)


def _opinions(material: Material, task: Task, folds: Folds) -> tuple[Doubles, dict[str, Doubles]]:
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
        spoken = np.zeros((len(corpus.said), len(shown)))
        for held, margins, witnesses in scorers:
            rows = task.rows[held]
            whole[held] = margins[side].of(corpus.wholes[rows])
            places = corpus.rows_of(rows)
            spoken[places] = witnesses[side].of(corpus.sentences[corpus.said[places]])
        scales[side] = np.array([linear_heads.scale(spoken[:, row], each) for row, each in enumerate(shown)])
        scales[side] = scales[side].reshape(len(shown), 2)
        columns.append(whole)
        pools.append(_pooled(corpus, spoken * scales[side][:, 0] + scales[side][:, 1], task.rows))
    return np.hstack([*columns, *pools]), scales


def _pooled(corpus: Corpus, odds: Doubles, conversations: Places) -> Doubles:
    """Pool log-odds of said sentences over some conversations."""
    lengths = np.diff(corpus.starts, append=len(corpus.said))[conversations]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    spoken = odds[corpus.rows_of(conversations)]
    return features.pool(spoken.astype(np.float32), starts).astype(np.float64)


def _ruled(material: Material, task: Task, key: Key, question: Question) -> Doubles:
    numbers = np.zeros((len(task.rows), len(task.classes) + 1))
    for number, row in enumerate(task.rows.tolist()):
        rule = material.examples[row].rules.get(key)
        choice = features.chosen(question.values, rule)
        if rule is not None and choice in task.classes:
            numbers[number, task.classes.index(choice)] = rule.confidence
        else:
            numbers[number, -1] = 1.0
    return numbers


def last_step(
    seen: Doubles, answers: Places, classes: int, trust: Doubles | None = None
) -> tuple[Doubles, Doubles]:
    """Fit the last step and return it for features as they are: (features, classes) and (classes,).

    Features are brought to mean 0 and the standard deviation in `trust`, 1 if it is not given.
    """
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    spread[spread < 1e-9] = 1.0
    spread = spread if trust is None else spread / trust
    weights, constant = np.zeros((seen.shape[1], classes)), np.full(classes, -20.0)
    if len(np.unique(answers)) == 1:
        constant[answers[0]] = 0.0
        return weights, constant
    fitted = LogisticRegression(C=META_STRENGTH, max_iter=2_000).fit((seen - mean) / spread, answers)
    own, start = fitted.coef_.T, fitted.intercept_
    if len(fitted.classes_) == 2:
        own, start = np.hstack([-own, own]) / 2, np.array([-start[0], start[0]]) / 2
    weights[:, fitted.classes_] = own / spread[:, None]
    constant[fitted.classes_] = start - (mean / spread) @ own
    return weights, constant


def _usual(shown: Places) -> tuple[float, ...]:
    return tuple(
        round(float(np.log((np.sum(row == 1) + 0.5) / (np.sum(row == 0) + 0.5))), 6) for row in shown
    )
