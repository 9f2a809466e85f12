"""A tenant's learned sentiment: how a customer felt, sentence by sentence and turn by turn."""

import copy
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from scorecards.autoscore.annotation import sentiment
from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import Reading, Spoken
from scorecards.autoscore.models.ngram_scorer import Table
from scorecards.autoscore.models.safetensors_container import UnreadableModel, opened, sealed
from scorecards.autoscore.models.score_cache import Memory, Numbers
from scorecards.autoscore.models.sentiment_features import PARTS, PLACES, SIGNS, signs, surrounded
from scorecards.autoscore.models.serialization import packed, unpacked

FEELINGS = ("negative", "neutral", "positive")
REMEMBERED = 2_048
"""Sentences a model remembers in each of two generations; bounds a worker's memory."""

_KIND = "sentiment"
_TABLE = "customer"
_NOTHING = np.float32(1e-12)
_MARGINS = len(FEELINGS) - 1
_OWN = _MARGINS + len(SIGNS)
_SEEN = _OWN * len(PARTS) + len(PLACES)
_FAMILIAR = 0.5
_REMEMBERED_BYTES = 400  # a sentence's text, what it is remembered by, and its array's own header


class LastStep(NamedTuple):
    """From what is known of a sentence to feelings: an array (numbers, 3) and three intercepts."""

    meta: Numbers
    constant: Numbers


class _Ear:
    """What is known of single sentences, whoever the customer is a customer of; sentences are remembered."""

    def __init__(self, table: Table, offsets: Numbers) -> None:
        """Keep the margins of two feelings over the first."""
        self.table, self.offsets = table, offsets
        self._memory = Memory(attrgetter("plain", "valence", "distress"), self._measure, REMEMBERED)

    @property
    def size(self) -> int:
        """Bytes in memory, with the memos at their fullest."""
        return self.table.nbytes + self.offsets.nbytes + 2 * REMEMBERED * (4 * (_OWN + 1) + _REMEMBERED_BYTES)

    def hear_each(self, groups: Sequence[Sequence[Spoken]]) -> list[Numbers]:
        """Return margins, signs and the share of familiar words of sentences, for groups of some each."""
        return self._memory.rows(groups)

    def _measure(self, spoken: Sequence[Spoken]) -> Numbers:
        rows = self.table.measure(spoken)
        measured = np.empty((len(spoken), _OWN + 1), dtype=np.float32)
        measured[:, :_MARGINS] = rows[:, :_MARGINS] / np.sqrt(np.maximum(rows[:, -3:-2], _NOTHING))
        measured[:, :_MARGINS] += self.offsets
        measured[:, _MARGINS:_OWN] = [signs(each) for each in spoken]
        measured[:, _OWN] = rows[:, -2] / np.maximum(rows[:, -1], 1.0)
        return measured


class SentimentModel:
    """What a tenant's reviewers taught about feelings; what it answers never changes."""

    def __init__(
        self, version: int, table: Table, offsets: Numbers, shared: LastStep, own: Mapping[str, LastStep]
    ) -> None:
        """Keep what scores sentences, the last step for anybody, and those of clients with labels enough."""
        for step in (shared, *own.values()):
            if (step.meta.shape, step.constant.shape) != ((_SEEN, len(FEELINGS)), (len(FEELINGS),)):
                raise ValueError("a last step has another shape than feelings need")
        if (offsets.shape, table.heads) != ((_MARGINS,), _MARGINS):
            raise ValueError("the margins have another shape than feelings need")
        self.version = version
        self.own = dict(sorted(own.items()))
        self._ear = _Ear(table, offsets)
        self._step = self.shared = shared

    @property
    def table(self) -> Table:
        """The n-grams and their margins."""
        return self._ear.table

    @property
    def offsets(self) -> Numbers:
        """The intercepts of the margins."""
        return self._ear.offsets

    @property
    def size(self) -> int:
        """Bytes in memory, with the memos at their fullest."""
        steps = (self.shared, *self.own.values())
        return self._ear.size + sum(each.nbytes for step in steps for each in step)

    def of(self, client: str) -> "SentimentModel":
        """Return the model as it judges one client's customers; it shares everything but the last step."""
        found = copy.copy(self)
        found._step = self.own.get(client, self.shared)  # noqa: SLF001 - of its own kind
        return found

    def probabilities(self, reading: Reading) -> Numbers:
        """Return the probability of each feeling in each of the customer's sentences; rows sum to 1."""
        return self._felt(self._heard([reading])[0], reading)

    def feel(self, reading: Reading, *, charged_threshold: float) -> Sentiment:
        """Return the customer's sentiment; neutral, with little confidence, where most words are strange.

        The sentiment of a sentence is P(positive) - P(negative). That of a turn is its highest above 0 plus
        its lowest below 0, so that a long turn with one angry sentence stays angry.
        """
        return self.feel_all([reading], charged_threshold=charged_threshold)[0]

    def feel_all(self, readings: Sequence[Reading], *, charged_threshold: float) -> list[Sentiment]:
        """Return what `feel` does for each conversation, in less time than one after the other."""
        return [
            self._arc(reading, known, charged_threshold)
            for reading, known in zip(readings, self._heard(readings), strict=True)
        ]

    def _heard(self, readings: Sequence[Reading]) -> list[Numbers]:
        return self._ear.hear_each([[each.spoken for each in one.customer_said] for one in readings])

    def _arc(self, reading: Reading, known: Numbers, charged_threshold: float) -> Sentiment:
        total = len(reading.conversation.turns)
        turns: list[float | None] = [None] * total
        leanings: list[float | None] = [None] * total
        distress = [0.0] * total
        for number in reading.customer_turns:
            turns[number] = leanings[number] = 0.0
        confidence = sentiment.UNREADABLE
        if len(known) and (reading.understood or known[:, -1].mean() >= _FAMILIAR):
            felt = self._felt(known, reading)
            confidence = round(float(felt.max(axis=1).mean()), sentiment.DECIMALS)
            self._mark(reading, felt, turns, leanings, distress)
        return sentiment.arc(
            turns,
            distress,
            charged_threshold=charged_threshold,
            confidence=confidence,
            leanings=leanings,
        )

    @staticmethod
    def _mark(
        reading: Reading,
        felt: Numbers,
        turns: list[float | None],
        leanings: list[float | None],
        distress: list[float],
    ) -> None:
        """Fill in the customer's turns."""
        values = (felt[:, 2] - felt[:, 0]).tolist()
        neutral = (felt.argmax(axis=1) == 1).tolist()
        by_turn: dict[int, list[int]] = {}
        for row, each in enumerate(reading.customer_said):
            by_turn.setdefault(each.turn, []).append(row)
        sarcastic = {mark.turn for mark in reading.customer.get("sarcasm", ())}
        for number, rows in by_turn.items():
            value = together([values[row] for row in rows])
            leaning = together([0.0 if neutral[row] else values[row] for row in rows])
            if number in sarcastic:
                value, leaning = sentiment.meant_bitterly(value), sentiment.meant_bitterly(leaning)
            signs_of_it = [reading.customer_said[row].spoken.distress for row in rows]
            turns[number], leanings[number] = value, leaning
            distress[number] = sentiment.turn_distress(value, signs_of_it)

    def _felt(self, known: Numbers, reading: Reading) -> Numbers:
        if not len(known):
            return np.zeros((0, len(FEELINGS)), dtype=np.float32)
        turns = [each.turn for each in reading.customer_said]
        logits = surrounded(known[:, :-1], turns) @ self._step.meta + self._step.constant
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        felt: Numbers = odds / odds.sum(axis=1, keepdims=True)
        return felt


def together(values: Sequence[float]) -> float:
    """Return the sentiment in [-1, 1] of sentences said in one turn: the best above 0 and the worst below 0.

    Examples
    --------
    >>> round(together([0.1, -0.8, -0.1]), 4), together([])
    (-0.7, 0.0)
    """
    return round(max(0.0, *values) + min(0.0, *values), sentiment.DECIMALS) if values else 0.0


def dump(model: SentimentModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    facts: Mapping[str, object] = {
        "kind": _KIND,
        "version": model.version,
        "feelings": FEELINGS,
        "signs": SIGNS,
        "parts": PARTS,
        "places": PLACES,
        "clients": list(model.own),
    }
    steps = [model.shared, *model.own.values()]
    arrays = {
        "offsets": model.offsets,
        "meta": np.array([step.meta for step in steps]),
        "constant": np.array([step.constant for step in steps]),
    }
    return sealed(facts, {**packed(_TABLE, model.table), **arrays})


def load(data: bytes) -> SentimentModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    facts, arrays = opened(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        found = tuple(tuple(facts[name]) for name in ("feelings", "signs", "parts", "places"))
        if found != (FEELINGS, SIGNS, PARTS, PLACES):
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        steps = [LastStep(*each) for each in zip(arrays["meta"], arrays["constant"], strict=True)]
        own = dict(zip(facts["clients"], steps[1:], strict=True))
        table = unpacked(_TABLE, arrays)
        return SentimentModel(int(facts["version"]), table, arrays["offsets"], steps[0], own)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
