"""Joins what was learned of each question into one model."""

from collections.abc import Mapping, Sequence

import numpy as np

from scorecards.autoscore.models import features
from scorecards.autoscore.models.answer_model import AnswerModel, Weights
from scorecards.autoscore.models.head_layout import SIDES, QuestionKey
from scorecards.autoscore.models.ngram_scorer import CACHE_SIZE, NgramScorer
from scorecards.autoscore.models.score_cache import Numbers
from workers.training.fitting.linear_heads import LinearHeads
from workers.training.fitting.ngram_matrix import Corpus
from workers.training.fitting.stacking import FittedQuestion

_REMEMBERED = {"agent": 2_048, "customer": CACHE_SIZE}  # agents repeat themselves and each other
Name = tuple[object, ...]


def assemble_model(
    corpora: Mapping[str, Corpus], learned: Mapping[QuestionKey, FittedQuestion], version: int
) -> AnswerModel:
    """Join what was learned of every question."""
    tables: dict[str, NgramScorer] = {}
    offsets: dict[str, Numbers] = {}
    for side in SIDES:
        heads = [each.margins[side] for each in learned.values()]
        heads += [each.evidence_classifiers[side] for each in learned.values()]
        tables[side] = ngram_scorer_of(corpora[side], heads, _REMEMBERED[side])
        offsets[side] = np.concatenate([head.intercepts for head in heads] or [np.zeros(0)]).astype(
            np.float32
        )
    meta, constant = _joined(list(learned.values()))
    questions = {key: each.question for key, each in learned.items()}
    return AnswerModel(version, questions, Weights(tables, offsets, meta, constant))


def ngram_scorer_of(known: Corpus, heads: Sequence[LinearHeads], remembered: int = CACHE_SIZE) -> NgramScorer:
    """Return heads over the n-grams of a corpus as a table, with the columns a table ends in."""
    rarity = known.idf
    columns = [head.weights * rarity for head in heads]
    words, said = len(known.vocabulary.words), len(known.vocabulary.words) + len(known.vocabulary.pairs)
    rows = np.vstack([*columns, np.square(rarity), np.zeros(len(rarity))]).T
    rows[:words] += known.character_ngrams @ rows[said:]
    rows[:said, -1] = rarity[:said] > 0
    return NgramScorer.from_weights(known.vocabulary, np.vstack([rows, np.zeros(rows.shape[1])]), remembered)


def _joined(learned: Sequence[FittedQuestion]) -> tuple[Numbers, Numbers]:
    """Join the last steps of all questions into one, in the order of the features a model computes."""
    order = _order(learned)
    size = len(order)
    place = {name: row for row, name in enumerate(order)}
    columns = sum(len(each.question.classes) for each in learned)
    meta, column = np.zeros((size, columns)), 0
    for number, each in enumerate(learned):
        width = len(each.question.classes)
        rows = [place[name] for name in _names(number, each)]
        meta[rows, column : column + width] = each.weights
        column += width
    constant = np.concatenate([each.intercept for each in learned] or [np.zeros(0)])
    return meta.astype(np.float32), constant.astype(np.float32)


def _names(number: int, learned: FittedQuestion) -> list[Name]:
    """Name one question's features in the order in which its last step was fitted."""
    question = learned.question
    margins = [
        ("margin", side, number, place) for side in SIDES for place in range(len(question.classes) - 1)
    ]
    pools = [
        ("pool", side, way, number, name)
        for side in SIDES
        for way in range(features.POOLS)
        for name in question.evidence_classes[side]
    ]
    rules = [("rule", number, place) for place in range(len(question.classes) + 1)]
    return [*margins, *pools, *[("context", name) for name in features.CONVERSATION_FEATURES], *rules]


def _order(learned: Sequence[FittedQuestion]) -> list[Name]:
    """Name all features in the order in which a model computes them."""
    every = [name for number, each in enumerate(learned) for name in _names(number, each)]
    kinds = ["margin", "pool", "context", "rule"]

    def rank(name: Name) -> tuple[int, ...]:
        kind = kinds.index(str(name[0]))
        side = SIDES.index(str(name[1])) if kind < 2 else 0
        return (kind, side, int(name[2]) if kind == 1 else 0)  # type: ignore[call-overload]

    return sorted(
        dict.fromkeys([*every, *[("context", name) for name in features.CONVERSATION_FEATURES]]), key=rank
    )
