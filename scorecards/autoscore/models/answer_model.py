"""A client's learned judge: one pass over the sentences answers every question it has learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence
from scorecards.autoscore.case import Case, Verdict
from scorecards.autoscore.models import explanation as evidence
from scorecards.autoscore.models import features
from scorecards.autoscore.models.head_layout import SIDES, Places, QuestionHeads, QuestionKey, head_layout
from scorecards.autoscore.models.ngram_scorer import NgramScorer
from scorecards.autoscore.models.score_cache import Numbers
from scorecards.definitions.form import Span

_FIRST = np.zeros(1, dtype=np.int64)
_NOTHING, _ZERO = np.float32(1e-12), np.float32(0.0)


class Prediction(NamedTuple):
    """What the model says of one question.

    `shares` are the probabilities of the `classes` it learned, with zeros behind, and sum to 1; `best` is the
    place of the highest, of equals the first; `evidence` is up to three sentences that speak most for it,
    strongest first, and empty for N/A.
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
        """The probability of the likeliest class."""
        return self.probabilities[self.best_index]

    @property
    def probability_by_class(self) -> dict[str, float]:
        """The probability of each class."""
        return dict(zip(self.classes, self.probabilities, strict=False))


class SideScores(NamedTuple):
    """One side of a conversation: what each sentence adds to the margins, and the log-odds of its witnesses.

    Behind the last witness stands one that nobody ever is.
    """

    sentences: Sequence[Sentence]
    margins: Numbers
    logits: Numbers


@dataclass(frozen=True, slots=True)
class ScoredTranscript:
    """A conversation as heard; `familiarity` in [0, 1] is the share of its n-grams that are known."""

    sides: Mapping[str, SideScores]
    scores: Numbers
    in_vocabulary_share: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of a model, laid out question by question in order of their keys.

    Attributes
    ----------
    tables, offsets : mapping of str to Table, to array
        By side: the heads and their intercepts, margins of the whole first, witnesses behind.
    meta : array of shape (features, classes)
        From margins of both sides, pooled witnesses of both sides, context and rules to classes.
    constant : array of shape (classes,)
        The intercept of each class.
    """

    scorers: Mapping[str, NgramScorer]
    intercepts: Mapping[str, Numbers]
    meta_weights: Numbers
    meta_intercept: Numbers


class AnswerModel:
    """Everything learned from one client's reviewers; what it answers never changes."""

    def __init__(
        self, version: int, questions: Mapping[QuestionKey, QuestionHeads], weights: Weights
    ) -> None:
        """Lay the questions out in order of their keys."""
        self.version = version
        self.questions: Mapping[QuestionKey, QuestionHeads] = dict(sorted(questions.items()))
        self.weights = weights
        self._layout = head_layout(self.questions)
        self._asked = list(self.questions.items())
        self._option_values = [{**each.option_values} for each in self.questions.values()]
        self._all = np.arange(len(self._asked))

    @property
    def size(self) -> int:
        """Bytes in memory, with the memos at their fullest."""
        arrays = (self.weights.meta_weights, self.weights.meta_intercept, *self.weights.intercepts.values())
        tables = self.weights.scorers.values()
        return sum(table.size for table in tables) + sum(each.nbytes for each in arrays)

    def check(self) -> None:
        """Raise ValueError when the arrays do not have the shapes the questions need."""
        layout, weights = self._layout, self.weights
        columns = {side: layout.n_margins + layout.n_evidence_heads[side] for side in SIDES}
        pooled = sum(layout.n_evidence_heads[side] for side in SIDES) * features.POOLS
        seen = (
            2 * layout.n_margins + pooled + len(features.CONVERSATION_FEATURES) + len(layout.no_rule_features)
        )
        answers = sum(len(question.classes) for question in self.questions.values())
        sound = weights.meta_weights.shape == (seen, answers) and weights.meta_intercept.shape == (answers,)
        for side in SIDES:
            sound &= weights.intercepts[side].shape == (columns[side],)
            sound &= weights.scorers[side].n_heads == columns[side]
        if not sound:
            raise ValueError("the arrays have other shapes than the questions need")

    def encode(self, transcript: AnnotatedTranscript) -> ScoredTranscript:
        """Hear a conversation once, for every question."""
        return self.encode_batch([transcript])[0]

    def encode_batch(self, transcripts: Sequence[AnnotatedTranscript]) -> list[ScoredTranscript]:
        """Hear several conversations, in less time than one after the other; each for itself."""
        tables = self.weights.scorers
        agents = tables["agent"].score_batch(
            [[each.annotations for each in one.agent_sentences] for one in transcripts]
        )
        customers = tables["customer"].score_batch(
            [[each.annotations for each in one.customer_sentences] for one in transcripts]
        )
        return [self._encoded(*each) for each in zip(transcripts, agents, customers, strict=True)]

    def _encoded(self, transcript: AnnotatedTranscript, *rows: Numbers) -> ScoredTranscript:
        sides: dict[str, SideScores] = {}
        scores: list[Numbers] = []
        pools: list[Numbers] = []
        known = total = 0.0
        everything = (transcript.agent_sentences, transcript.customer_sentences)
        for side, said, measured in zip(SIDES, everything, rows, strict=True):
            heard, whole = self._score_side(side, said, measured)
            sides[side] = heard
            scores.append(whole)
            if self._layout.n_evidence_heads[side]:
                pools.append(features.pool(heard.logits[:, :-1], _FIRST)[0])
            if said:
                familiar, ngrams = measured[:, -2:].sum(axis=0).tolist()
                known, total = known + familiar, total + ngrams
        return ScoredTranscript(sides, np.concatenate([*scores, *pools]), known / max(1.0, total))

    def _score_side(self, side: str, said: Sequence[Sentence], rows: Numbers) -> tuple[SideScores, Numbers]:
        split = self._layout.n_margins
        offsets = self.weights.intercepts[side]
        squares = np.maximum(rows[:, -3], _NOTHING)
        margins = rows[:, :split]
        whole: Numbers = margins.sum(axis=0) / np.sqrt(squares.sum()) + offsets[:split]
        lengths: Numbers = np.sqrt(squares)[:, None]
        logits = rows[:, split:-2] / lengths
        logits[:, :-1] += offsets[split:]
        logits[:, -1] = evidence.MINUS_INFINITY
        return SideScores(said, margins, logits), whole

    def predict(
        self, key: QuestionKey, scored: ScoredTranscript, case: Case, rule: Verdict | None
    ) -> Prediction:
        """Answer one question; `predict_all` answers all of them in little more time."""
        rules = {} if rule is None else {key: rule}
        return self._predict(np.array([self._layout.index[key]]), scored, case, rules)[key]

    def predict_all(
        self, scored: ScoredTranscript, case: Case, rules: Mapping[QuestionKey, Verdict]
    ) -> dict[QuestionKey, Prediction]:
        """Answer every question the model has learned."""
        return self._predict(self._all, scored, case, rules)

    def _predict(
        self, asked: Places, scored: ScoredTranscript, case: Case, rules: Mapping[QuestionKey, Verdict]
    ) -> dict[QuestionKey, Prediction]:
        numbers = asked.tolist()
        told = (
            scored.scores,
            np.array(features.conversation_features(case), dtype=np.float32),
            self._rule_features(numbers, rules),
        )
        answer = np.empty(len(self.weights.meta_intercept) + 1, dtype=np.float32)
        answer[:-1] = np.concatenate(told) @ self.weights.meta_weights
        answer[:-1] += self.weights.meta_intercept
        answer[-1] = evidence.MINUS_INFINITY
        logits = answer[self._layout.class_columns[asked]]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
        probabilities = (odds / odds.sum(axis=1, keepdims=True)).tolist()
        likeliest = logits.argmax(axis=1)
        shown = self._evidence(asked, likeliest, scored)
        found = zip(numbers, probabilities, likeliest.tolist(), shown, strict=True)
        return {
            self._asked[number][0]: Prediction(self._asked[number][1].classes, shares, best, spans)
            for number, shares, best, spans in found
        }

    def _rule_features(self, asked: Sequence[int], rules: Mapping[QuestionKey, Verdict]) -> Numbers:
        numbers = self._layout.no_rule_features.copy()
        for number in asked if rules else ():
            key, question = self._asked[number]
            rule = rules.get(key)
            choice = features.class_of_verdict(self._option_values[number], rule)
            if rule is not None and choice in question.classes:
                first = self._layout.first_rule_feature[number]
                numbers[first + len(question.classes)] = 0.0
                numbers[first + question.classes.index(choice)] = rule.confidence
        return numbers

    def _evidence(self, asked: Places, likeliest: Places, scored: ScoredTranscript) -> list[tuple[Span, ...]]:
        said: list[Sentence] = []
        odds: list[Numbers] = []
        for side, each in scored.sides.items():
            if each.sentences and (side == "agent" or self._layout.n_evidence_heads[side]):
                said += each.sentences
                odds.append(self._evidence_log_odds(side, asked, likeliest, each.logits))
                if side == "agent":
                    self._fill_contributions(odds[-1], asked, likeliest, each.margins)
        if not said:
            return [()] * len(asked)
        rows = evidence.top_sentences(np.concatenate(odds))
        spans = {row: Span(*said[row][:3]) for row in set(chain.from_iterable(rows))}
        return [tuple([spans[row] for row in shown]) for shown in rows]

    def _evidence_log_odds(self, side: str, asked: Places, likeliest: Places, logits: Numbers) -> Numbers:
        """Return the log-odds that a sentence shows each answer, where they are more than usual."""
        columns = self._layout.evidence_column[side][asked, likeliest]
        found = logits[:, columns]
        return np.where(found > self._layout.prior_log_odds[side][columns], found, evidence.MINUS_INFINITY)

    def _fill_contributions(self, odds: Numbers, asked: Places, likeliest: Places, margins: Numbers) -> None:
        """Fill in how much the agent's sentences speak for answers whose witnesses nobody ever was."""
        layout = self._layout
        columns = layout.explained_by_margin[asked, likeliest].nonzero()[0]
        if len(columns):
            numbers = asked[columns]
            own = layout.margin_column[numbers, likeliest[columns]]
            together = np.add.reduceat(margins, layout.first_margins, axis=1)[:, layout.margin_group[numbers]]
            odds[:, columns] = evidence.contributions(
                np.where(own < 0, _ZERO, margins[:, own]), together, layout.n_classes[numbers]
            )
