"""A client's learned judge: one pass over the sentences answers every question it has learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from scorecards.autoscore.annotation.transcript import Reading, Said
from scorecards.autoscore.case import Case, Verdict
from scorecards.autoscore.models import explanation as evidence
from scorecards.autoscore.models import features
from scorecards.autoscore.models.head_layout import SIDES, Key, LearnedQuestion, Places, laid_out
from scorecards.autoscore.models.ngram_scorer import Table
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
    shares: Sequence[float]
    best: int
    evidence: tuple[Span, ...]

    @property
    def likeliest(self) -> str:
        """The class with the highest probability."""
        return self.classes[self.best]

    @property
    def confidence(self) -> float:
        """The probability of the likeliest class."""
        return self.shares[self.best]

    @property
    def probabilities(self) -> dict[str, float]:
        """The probability of each class."""
        return dict(zip(self.classes, self.shares, strict=False))


class Side(NamedTuple):
    """One side of a conversation: what each sentence adds to the margins, and the log-odds of its witnesses.

    Behind the last witness stands one that nobody ever is.
    """

    said: Sequence[Said]
    margins: Numbers
    logits: Numbers


@dataclass(frozen=True, slots=True)
class Heard:
    """A conversation as heard; `familiarity` in [0, 1] is the share of its n-grams that are known."""

    sides: Mapping[str, Side]
    scores: Numbers
    familiarity: float


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

    tables: Mapping[str, Table]
    offsets: Mapping[str, Numbers]
    meta: Numbers
    constant: Numbers


class LearnedModel:
    """Everything learned from one client's reviewers; what it answers never changes."""

    def __init__(self, version: int, questions: Mapping[Key, LearnedQuestion], weights: Weights) -> None:
        """Lay the questions out in order of their keys."""
        self.version = version
        self.questions: Mapping[Key, LearnedQuestion] = dict(sorted(questions.items()))
        self.weights = weights
        self._layout = laid_out(self.questions)
        self._asked = list(self.questions.items())
        self._worth = [{**each.worth} for each in self.questions.values()]
        self._all = np.arange(len(self._asked))

    @property
    def size(self) -> int:
        """Bytes in memory, with the memos at their fullest."""
        arrays = (self.weights.meta, self.weights.constant, *self.weights.offsets.values())
        tables = self.weights.tables.values()
        return sum(table.size for table in tables) + sum(each.nbytes for each in arrays)

    def check(self) -> None:
        """Raise ValueError when the arrays do not have the shapes the questions need."""
        layout, weights = self._layout, self.weights
        columns = {side: layout.margins + layout.witnesses[side] for side in SIDES}
        pooled = sum(layout.witnesses[side] for side in SIDES) * features.POOLS
        seen = 2 * layout.margins + pooled + len(features.CONTEXT) + len(layout.unruled)
        answers = sum(len(question.classes) for question in self.questions.values())
        sound = weights.meta.shape == (seen, answers) and weights.constant.shape == (answers,)
        for side in SIDES:
            sound &= weights.offsets[side].shape == (columns[side],)
            sound &= weights.tables[side].heads == columns[side]
        if not sound:
            raise ValueError("the arrays have other shapes than the questions need")

    def listen(self, reading: Reading) -> Heard:
        """Hear a conversation once, for every question."""
        return self.listen_all([reading])[0]

    def listen_all(self, readings: Sequence[Reading]) -> list[Heard]:
        """Hear several conversations, in less time than one after the other; each for itself."""
        tables = self.weights.tables
        agents = tables["agent"].hear_each([[each.spoken for each in one.agent_said] for one in readings])
        customers = tables["customer"].hear_each(
            [[each.spoken for each in one.customer_said] for one in readings]
        )
        return [self._heard(*each) for each in zip(readings, agents, customers, strict=True)]

    def _heard(self, reading: Reading, *rows: Numbers) -> Heard:
        sides: dict[str, Side] = {}
        scores: list[Numbers] = []
        pools: list[Numbers] = []
        known = total = 0.0
        everything = (reading.agent_said, reading.customer_said)
        for side, said, measured in zip(SIDES, everything, rows, strict=True):
            heard, whole = self._side(side, said, measured)
            sides[side] = heard
            scores.append(whole)
            if self._layout.witnesses[side]:
                pools.append(features.pool(heard.logits[:, :-1], _FIRST)[0])
            if said:
                familiar, ngrams = measured[:, -2:].sum(axis=0).tolist()
                known, total = known + familiar, total + ngrams
        return Heard(sides, np.concatenate([*scores, *pools]), known / max(1.0, total))

    def _side(self, side: str, said: Sequence[Said], rows: Numbers) -> tuple[Side, Numbers]:
        split = self._layout.margins
        offsets = self.weights.offsets[side]
        squares = np.maximum(rows[:, -3], _NOTHING)
        margins = rows[:, :split]
        whole: Numbers = margins.sum(axis=0) / np.sqrt(squares.sum()) + offsets[:split]
        lengths: Numbers = np.sqrt(squares)[:, None]
        logits = rows[:, split:-2] / lengths
        logits[:, :-1] += offsets[split:]
        logits[:, -1] = evidence.NEVER
        return Side(said, margins, logits), whole

    def predict(self, key: Key, heard: Heard, case: Case, rule: Verdict | None) -> Prediction:
        """Answer one question; `predict_all` answers all of them in little more time."""
        rules = {} if rule is None else {key: rule}
        return self._predict(np.array([self._layout.place[key]]), heard, case, rules)[key]

    def predict_all(self, heard: Heard, case: Case, rules: Mapping[Key, Verdict]) -> dict[Key, Prediction]:
        """Answer every question the model has learned."""
        return self._predict(self._all, heard, case, rules)

    def _predict(
        self, asked: Places, heard: Heard, case: Case, rules: Mapping[Key, Verdict]
    ) -> dict[Key, Prediction]:
        numbers = asked.tolist()
        told = (heard.scores, np.array(features.context(case), dtype=np.float32), self._ruled(numbers, rules))
        answer = np.empty(len(self.weights.constant) + 1, dtype=np.float32)
        answer[:-1] = np.concatenate(told) @ self.weights.meta
        answer[:-1] += self.weights.constant
        answer[-1] = evidence.NEVER
        logits = answer[self._layout.classes[asked]]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
        probabilities = (odds / odds.sum(axis=1, keepdims=True)).tolist()
        likeliest = logits.argmax(axis=1)
        shown = self._evidence(asked, likeliest, heard)
        found = zip(numbers, probabilities, likeliest.tolist(), shown, strict=True)
        return {
            self._asked[number][0]: Prediction(self._asked[number][1].classes, shares, best, spans)
            for number, shares, best, spans in found
        }

    def _ruled(self, asked: Sequence[int], rules: Mapping[Key, Verdict]) -> Numbers:
        numbers = self._layout.unruled.copy()
        for number in asked if rules else ():
            key, question = self._asked[number]
            rule = rules.get(key)
            choice = features.chosen(self._worth[number], rule)
            if rule is not None and choice in question.classes:
                first = self._layout.rules[number]
                numbers[first + len(question.classes)] = 0.0
                numbers[first + question.classes.index(choice)] = rule.confidence
        return numbers

    def _evidence(self, asked: Places, likeliest: Places, heard: Heard) -> list[tuple[Span, ...]]:
        said: list[Said] = []
        odds: list[Numbers] = []
        for side, each in heard.sides.items():
            if each.said and (side == "agent" or self._layout.witnesses[side]):
                said += each.said
                odds.append(self._witnessed(side, asked, likeliest, each.logits))
                if side == "agent":
                    self._lift(odds[-1], asked, likeliest, each.margins)
        if not said:
            return [()] * len(asked)
        rows = evidence.strongest(np.concatenate(odds))
        spans = {row: Span(*said[row][:3]) for row in set(chain.from_iterable(rows))}
        return [tuple([spans[row] for row in shown]) for shown in rows]

    def _witnessed(self, side: str, asked: Places, likeliest: Places, logits: Numbers) -> Numbers:
        """Return the log-odds that a sentence shows each answer, where they are more than usual."""
        columns = self._layout.witness[side][asked, likeliest]
        found = logits[:, columns]
        return np.where(found > self._layout.usual[side][columns], found, evidence.NEVER)

    def _lift(self, odds: Numbers, asked: Places, likeliest: Places, margins: Numbers) -> None:
        """Fill in how much the agent's sentences speak for answers whose witnesses nobody ever was."""
        layout = self._layout
        columns = layout.lifted[asked, likeliest].nonzero()[0]
        if len(columns):
            numbers = asked[columns]
            own = layout.margin[numbers, likeliest[columns]]
            together = np.add.reduceat(margins, layout.begins, axis=1)[:, layout.group[numbers]]
            odds[:, columns] = evidence.lifts(
                np.where(own < 0, _ZERO, margins[:, own]), together, layout.counts[numbers]
            )
