"""A client's answer model: one pass over the sentences answers every question it was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from scorecards.arrays import Float32Array, IntArray
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence
from scorecards.autoscore.case import Case, Verdict
from scorecards.autoscore.models import explanation, features
from scorecards.autoscore.models.head_layout import SIDES, QuestionHeads, QuestionKey, head_layout
from scorecards.autoscore.models.ngram_scorer import NgramScorer
from scorecards.definitions.form import Span

_ONE_CONVERSATION = np.zeros(1, dtype=np.int64)
_MIN_SQUARED_LENGTH, _ZERO = np.float32(1e-12), np.float32(0.0)


class Prediction(NamedTuple):
    """What the model predicts for one question.

    Attributes
    ----------
    classes : sequence of str
        The classes it was trained on.
    probabilities : sequence of float
        One per class, padded with zeros; they sum to 1.
    best_index : int
        The class of the highest probability, the first of equals.
    evidence : tuple of Span
        Up to three sentences that support it most, strongest first; empty for n/a.
    """

    classes: Sequence[str]
    probabilities: Sequence[float]
    best_index: int
    evidence: tuple[Span, ...]

    @property
    def predicted_class(self) -> str:
        """The class with the highest probability."""
        return self.classes[self.best_index]

    @property
    def confidence(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.best_index]

    @property
    def probability_by_class(self) -> dict[str, float]:
        """The probability of each class."""
        return dict(zip(self.classes, self.probabilities, strict=False))


class SideScores(NamedTuple):
    """Scores of the sentences of one side (agent or customer) of a conversation.

    Attributes
    ----------
    sentences : sequence of Sentence
    margins : ndarray of shape (n_sentences, n_margins), dtype float32
        What each sentence adds to the margins of the side.
    logits : ndarray of shape (n_sentences, n_evidence_heads + 1), dtype float32
        Log-odds of each evidence classifier. The last column is a sentinel of MINUS_INFINITY for classes
        without one.
    """

    sentences: Sequence[Sentence]
    margins: Float32Array
    logits: Float32Array


@dataclass(frozen=True, slots=True)
class ScoredTranscript:
    """A transcript scored once, for all questions.

    Attributes
    ----------
    sides : mapping of str to SideScores
    scores : ndarray of shape (2 * n_margins + 3 * n_evidence_heads,), dtype float32
        The first features of the meta-classifier: margins of both sides, then pooled evidence of both.
    in_vocabulary_share : float
        The share of its n-grams that are in the vocabulary, in [0, 1].
    """

    sides: Mapping[str, SideScores]
    scores: Float32Array
    in_vocabulary_share: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a model, question by question in order of their keys (see `HeadLayout`).

    Attributes
    ----------
    scorers : mapping of str to NgramScorer
        By side, the linear heads: margins of the whole side, then evidence classifiers of sentences.
    intercepts : mapping of str to ndarray of shape (n_margins + n_evidence_heads,), dtype float32
        By side, the intercepts of these heads.
    meta_weights : ndarray of shape (n_features, n_classes), dtype float32
        Meta-classifier over margins of both sides, pooled evidence of both sides, conversation features and
        rule features; one column per class of every question.
    meta_intercept : ndarray of shape (n_classes,), dtype float32
        Intercepts of the meta-classifier.
    """

    scorers: Mapping[str, NgramScorer]
    intercepts: Mapping[str, Float32Array]
    meta_weights: Float32Array
    meta_intercept: Float32Array


class AnswerModel:
    """A model trained on one client's reviewers; it is immutable, so equal inputs give equal predictions."""

    def __init__(
        self, version: int, questions: Mapping[QuestionKey, QuestionHeads], weights: Weights
    ) -> None:
        """Assign columns to the questions in order of their keys."""
        self.version = version
        self.questions: Mapping[QuestionKey, QuestionHeads] = dict(sorted(questions.items()))
        self.weights = weights
        self._layout = head_layout(self.questions)
        self._items = list(self.questions.items())
        self._option_values = [{**each.option_values} for each in self.questions.values()]
        self._all_indices = np.arange(len(self._items))

    @property
    def size(self) -> int:
        """Bytes in memory with full caches."""
        arrays = (self.weights.meta_weights, self.weights.meta_intercept, *self.weights.intercepts.values())
        scorers = self.weights.scorers.values()
        return sum(scorer.size for scorer in scorers) + sum(each.nbytes for each in arrays)

    def check(self) -> None:
        """Raise ValueError when the arrays do not have the shapes the questions need."""
        layout, weights = self._layout, self.weights
        columns = {side: layout.n_margins + layout.n_evidence_heads[side] for side in SIDES}
        pooled = sum(layout.n_evidence_heads[side] for side in SIDES) * features.POOLS
        n_features = (
            2 * layout.n_margins + pooled + len(features.CONVERSATION_FEATURES) + len(layout.no_rule_features)
        )
        n_classes = sum(len(question.classes) for question in self.questions.values())
        fits = weights.meta_weights.shape == (n_features, n_classes)
        fits &= weights.meta_intercept.shape == (n_classes,)
        for side in SIDES:
            fits &= weights.intercepts[side].shape == (columns[side],)
            fits &= weights.scorers[side].n_heads == columns[side]
        if not fits:
            raise ValueError("the arrays have other shapes than the questions need")

    def encode(self, transcript: AnnotatedTranscript) -> ScoredTranscript:
        """Score a transcript once, for every question."""
        return self.encode_batch([transcript])[0]

    def encode_batch(self, transcripts: Sequence[AnnotatedTranscript]) -> list[ScoredTranscript]:
        """Score several transcripts as `encode` would each, in less time than one after the other."""
        scorers = self.weights.scorers
        agents = scorers["agent"].score_batch(
            [[each.annotations for each in one.agent_sentences] for one in transcripts]
        )
        customers = scorers["customer"].score_batch(
            [[each.annotations for each in one.customer_sentences] for one in transcripts]
        )
        return [self._encoded(*each) for each in zip(transcripts, agents, customers, strict=True)]

    def _encoded(self, transcript: AnnotatedTranscript, *rows: Float32Array) -> ScoredTranscript:
        sides: dict[str, SideScores] = {}
        margins: list[Float32Array] = []
        pools: list[Float32Array] = []
        known = total = 0.0
        by_side = (transcript.agent_sentences, transcript.customer_sentences)
        for side, sentences, sentence_scores in zip(SIDES, by_side, rows, strict=True):
            side_scores, side_margins = self._score_side(side, sentences, sentence_scores)
            sides[side] = side_scores
            margins.append(side_margins)
            if self._layout.n_evidence_heads[side]:
                pools.append(features.pool(side_scores.logits[:, :-1], _ONE_CONVERSATION)[0])
            if sentences:
                in_vocabulary, ngrams = sentence_scores[:, -2:].sum(axis=0).tolist()
                known, total = known + in_vocabulary, total + ngrams
        return ScoredTranscript(sides, np.concatenate([*margins, *pools]), known / max(1.0, total))

    def _score_side(
        self, side: str, sentences: Sequence[Sentence], rows: Float32Array
    ) -> tuple[SideScores, Float32Array]:
        split = self._layout.n_margins
        intercepts = self.weights.intercepts[side]
        squares = np.maximum(rows[:, -3], _MIN_SQUARED_LENGTH)
        margins = rows[:, :split]
        side_margins: Float32Array = margins.sum(axis=0) / np.sqrt(squares.sum()) + intercepts[:split]
        lengths: Float32Array = np.sqrt(squares)[:, None]
        logits = rows[:, split:-2] / lengths
        logits[:, :-1] += intercepts[split:]
        logits[:, -1] = explanation.MINUS_INFINITY
        return SideScores(sentences, margins, logits), side_margins

    def predict(
        self, key: QuestionKey, scored: ScoredTranscript, case: Case, rule: Verdict | None
    ) -> Prediction:
        """Predict one question; `predict_all` predicts all of them in little more time."""
        rules = {} if rule is None else {key: rule}
        return self._predict(np.array([self._layout.index[key]]), scored, case, rules)[key]

    def predict_all(
        self, scored: ScoredTranscript, case: Case, rules: Mapping[QuestionKey, Verdict]
    ) -> dict[QuestionKey, Prediction]:
        """Predict every question the model was trained on."""
        return self._predict(self._all_indices, scored, case, rules)

    def _predict(
        self, questions: IntArray, scored: ScoredTranscript, case: Case, rules: Mapping[QuestionKey, Verdict]
    ) -> dict[QuestionKey, Prediction]:
        numbers = questions.tolist()
        meta_features = (
            scored.scores,
            np.array(features.conversation_features(case), dtype=np.float32),
            self._rule_features(numbers, rules),
        )
        all_logits = np.empty(len(self.weights.meta_intercept) + 1, dtype=np.float32)
        all_logits[:-1] = np.concatenate(meta_features) @ self.weights.meta_weights
        all_logits[:-1] += self.weights.meta_intercept
        all_logits[-1] = explanation.MINUS_INFINITY
        logits = all_logits[self._layout.class_columns[questions]]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
        probabilities = (odds / odds.sum(axis=1, keepdims=True)).tolist()
        predicted = logits.argmax(axis=1)
        evidence = self._evidence(questions, predicted, scored)
        found = zip(numbers, probabilities, predicted.tolist(), evidence, strict=True)
        return {
            self._items[number][0]: Prediction(self._items[number][1].classes, shares, best, spans)
            for number, shares, best, spans in found
        }

    def _rule_features(self, questions: Sequence[int], rules: Mapping[QuestionKey, Verdict]) -> Float32Array:
        rule_features = self._layout.no_rule_features.copy()
        for number in questions if rules else ():
            key, question = self._items[number]
            rule = rules.get(key)
            choice = features.class_of_verdict(self._option_values[number], rule)
            if rule is not None and choice in question.classes:
                first = self._layout.first_rule_feature[number]
                rule_features[first + len(question.classes)] = 0.0
                rule_features[first + question.classes.index(choice)] = rule.confidence
        return rule_features

    def _evidence(
        self, questions: IntArray, predicted: IntArray, scored: ScoredTranscript
    ) -> list[tuple[Span, ...]]:
        sentences: list[Sentence] = []
        log_odds: list[Float32Array] = []
        for side, each in scored.sides.items():
            if each.sentences and (side == "agent" or self._layout.n_evidence_heads[side]):
                sentences += each.sentences
                log_odds.append(self._evidence_log_odds(side, questions, predicted, each.logits))
                if side == "agent":
                    self._fill_contributions(log_odds[-1], questions, predicted, each.margins)
        if not sentences:
            return [()] * len(questions)
        rows = explanation.top_sentences(np.concatenate(log_odds))
        spans = {row: Span(*sentences[row][:3]) for row in set(chain.from_iterable(rows))}
        return [tuple([spans[row] for row in shown]) for shown in rows]

    def _evidence_log_odds(
        self, side: str, questions: IntArray, predicted: IntArray, logits: Float32Array
    ) -> Float32Array:
        """Return the log-odds that a sentence is evidence for each prediction, if above the prior."""
        columns = self._layout.evidence_column[side][questions, predicted]
        found = logits[:, columns]
        return np.where(found > self._layout.prior_log_odds[side][columns], found, explanation.MINUS_INFINITY)

    def _fill_contributions(
        self, log_odds: Float32Array, questions: IntArray, predicted: IntArray, margins: Float32Array
    ) -> None:
        """Fill in what the agent's sentences add to predicted classes without evidence classifiers."""
        layout = self._layout
        columns = layout.explained_by_margin[questions, predicted].nonzero()[0]
        if len(columns):
            numbers = questions[columns]
            own = layout.margin_column[numbers, predicted[columns]]
            sums = np.add.reduceat(margins, layout.first_margins, axis=1)[:, layout.margin_group[numbers]]
            log_odds[:, columns] = explanation.contributions(
                np.where(own < 0, _ZERO, margins[:, own]), sums, layout.n_classes[numbers]
            )
