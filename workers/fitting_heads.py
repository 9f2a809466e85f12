"""Scorers of conversations and of sentences: logistic regression over sparse n-grams."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from workers.fitting_corpus import Doubles, Places, Sparse

STRENGTH = 10.0
"""C of the scorers, by measurement."""
_ABSENT = -8.0
_MOST_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear heads: margins = rows @ weights.T + offsets."""

    weights: Doubles
    offsets: Doubles

    def of(self, rows: Sparse) -> Doubles:
        """Return the margins of rows."""
        return np.asarray(rows @ self.weights.T) + self.offsets


def margins(rows: Sparse, answers: Places, classes: int) -> Heads:
    """Fit the log-odds of every class over the first; a class without examples is held unlikely."""
    present = np.unique(answers)
    weights = np.zeros((classes, rows.shape[1]))
    offsets = np.full(classes, _ABSENT)
    if len(present) == 1:
        offsets[present] = 0.0
    else:
        fitted = _fitted(rows, answers)
        own = fitted.coef_ if len(present) > 2 else np.vstack([-fitted.coef_, fitted.coef_]) / 2
        start = fitted.intercept_
        start = start if len(present) > 2 else np.array([-start[0], start[0]]) / 2
        weights[present], offsets[present] = own, start
    return Heads(weights[1:] - weights[0], offsets[1:] - offsets[0])


def witness(rows: Sparse, for_it: Doubles, against: Doubles) -> Heads:
    """Fit the log-odds that a sentence is evidence from how often each distinct one was and was not."""
    positive, negative = np.flatnonzero(for_it), np.flatnonzero(against)
    if not len(positive) or not len(negative):
        return Heads(np.zeros((1, rows.shape[1])), np.array([_ABSENT if not len(positive) else -_ABSENT]))
    both = np.concatenate([positive, negative])
    answers = np.repeat([1, 0], [len(positive), len(negative)])
    counts = np.concatenate([for_it[positive], against[negative]])
    fitted = _fitted(rows[both], answers, counts)
    return Heads(fitted.coef_, fitted.intercept_)


def _fitted(rows: Sparse, answers: Places, counts: Doubles | None = None) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=_MOST_STEPS).fit(rows, answers, sample_weight=counts)
