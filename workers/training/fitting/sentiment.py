"""Fits a tenant's sentiment model to customers' sentences that people labelled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scorecards.autoscore.annotation.transcript import Reading, Said
from scorecards.autoscore.models.sentiment_features import SIGNS, signs, surrounded
from scorecards.autoscore.models.sentiment_model import FEELINGS, LastStep, SentimentModel
from scorecards.definitions.form import Span
from workers.training.fitting import linear_heads
from workers.training.fitting.assemble import table_of
from workers.training.fitting.examples import Refusal, content
from workers.training.fitting.label_checks import FEWEST_LABELS, FEWEST_OF_A_CLASS, kappa
from workers.training.fitting.linear_heads import Heads
from workers.training.fitting.ngram_matrix import Corpus, Doubles, Places, corpus
from workers.training.fitting.stacking import FOLDS, last_step

_UNTOLD = -1
_ANYBODY = ""
_SURELY = 1.645
"""Standard errors beyond chance; one-sided, at 0.05."""
_LIMITS = 12_288, 4_096
"""Words and pairs, and runs of letters; with two heads and one model for all clients they cost little."""
_SHARPEST, _FLATTEST = 2.0, 0.2

Folds = Sequence[tuple[Places, Places]]
Step = tuple[Doubles, Doubles]
"""Weights and intercepts of the last step."""


@dataclass(frozen=True, slots=True)
class Felt:
    """How a customer felt at one place of a conversation; a span without characters is the whole turn."""

    span: Span
    feeling: str


@dataclass(frozen=True, slots=True)
class FeltExample:
    """One interaction as the reader read it, with what people said of its customer.

    `id` groups examples; `client` is the one whose customer it is, or "" where that does not matter.
    """

    id: str
    reading: Reading
    felt: tuple[Felt, ...]
    client: str = ""


@dataclass(frozen=True, slots=True)
class FittedSentiment:
    """A model, or why there is none; how good it is was measured on conversations it had not seen."""

    model: SentimentModel | None
    refused: Refusal | None
    learned_from: int = 0
    accuracy: float = 0.0
    macro_f1: float = 0.0
    kappa: float = 0.0
    recall: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Material:
    """The customer's sentences of all conversations in a row; `answers` is -1 where nobody told."""

    known: Corpus
    told: Doubles
    turns: Sequence[int]
    starts: Sequence[int]
    groups: Places
    clients: NDArray[np.str_]
    answers: Places


def fit_sentiment(examples: Sequence[FeltExample], *, seed: int, version: int) -> FittedSentiment:
    """Fit a model; the same examples, in whatever order, and the same seed give the same model."""
    ordered = sorted(examples, key=lambda each: (each.id, content(each.reading), repr(each.felt)))
    with threadpool_limits(1):
        material = _material([each for each in ordered if each.reading.customer_said])
        refused = _refusal(material.answers, material.groups)
        return FittedSentiment(None, refused) if refused else _fitted(material, seed, version)


def _material(examples: Sequence[FeltExample]) -> _Material:
    said = [each for example in examples for each in example.reading.customer_said]
    lengths = [len(example.reading.customer_said) for example in examples]
    names: dict[str, int] = {}
    owners = [names.setdefault(example.id, len(names)) for example in examples]
    answers = np.array(
        [_told(each, one) for each in examples for one in each.reading.customer_said], dtype=np.int64
    )
    counts = Counter(answers.tolist())
    rare = [place for place in range(len(FEELINGS)) if counts[place] < FEWEST_OF_A_CLASS]
    return _Material(
        known=corpus([[each.spoken] for each in said], _LIMITS),
        told=np.array([signs(each.spoken) for each in said]).reshape(len(said), len(SIGNS)),
        turns=[each.turn for each in said],
        starts=np.cumsum([0, *lengths])[:-1].tolist(),
        groups=np.repeat(np.array(owners, dtype=np.int64), lengths),
        clients=np.repeat(np.array([each.client for each in examples], dtype=np.str_), lengths),
        answers=np.where(np.isin(answers, rare), _UNTOLD, answers),
    )


def _told(example: FeltExample, said: Said) -> int:
    """Return the one feeling that people told of a sentence; nothing where they told several."""
    feelings = {each.feeling for each in example.felt if _covers(each.span, said)} & set(FEELINGS)
    return FEELINGS.index(feelings.pop()) if len(feelings) == 1 else _UNTOLD


def _covers(span: Span, said: Said) -> bool:
    if span.turn != said.turn:
        return False
    return span.start is None or span.end is None or (span.start < said.end and said.start < span.end)


def _refusal(answers: Places, groups: Places) -> Refusal | None:
    told = answers != _UNTOLD
    if np.count_nonzero(told) < FEWEST_LABELS:
        found = np.count_nonzero(told)
        return Refusal("too_few_labels", f"{found} labelled sentences; learning starts at {FEWEST_LABELS}.")
    if len(np.unique(answers[told])) < 2:
        return Refusal(
            "one_class", "Every labelled sentence has the same feeling; there is nothing to tell apart."
        )
    if len(np.unique(groups[told])) < FOLDS:
        return Refusal("too_few_labels", f"The labels are of fewer than {FOLDS} conversations.")
    return None


def _fitted(material: _Material, seed: int, version: int) -> FittedSentiment:
    answers = material.answers
    folds = _folds(material, seed)
    margins = np.zeros((len(answers), len(FEELINGS) - 1))
    for learning, held in folds:
        margins[held] = _scorer(material, learning).of(material.known.sentences[material.known.said[held]])
    seen = _seen(material, margins)
    held_out = np.zeros((len(answers), len(FEELINGS)))
    for learning, held in folds:
        held_out[held] = _judged(material, seen, held, _steps(material, seen, learning))
    told = np.flatnonzero(answers != _UNTOLD)
    given = held_out[told].argmax(axis=1)
    agreement = kappa(answers[told], given)
    if not _better_than_chance(answers[told], given, material.groups[told]):
        detail = "What is learned from the labels of some conversations does not tell those of others."
        return FittedSentiment(None, Refusal("contradictory", detail))
    sure = _sureness(held_out[told], answers[told])
    heads = _scorer(material, told)
    steps = {
        client: LastStep(*((each * sure).astype(np.float32) for each in step))
        for client, step in _steps(material, seen, told).items()
    }
    shared = steps.pop(_ANYBODY)
    table, offsets = table_of(material.known, [heads]), heads.offsets.astype(np.float32)
    model = SentimentModel(version, table, offsets, shared, steps)
    return FittedSentiment(
        model=model,
        refused=None,
        learned_from=len(told),
        accuracy=float(np.mean(answers[told] == given)),
        macro_f1=float(f1_score(answers[told], given, average="macro")),
        kappa=agreement,
        recall={
            FEELINGS[place]: float(np.mean(given[answers[told] == place] == place))
            for place in np.unique(answers[told])
        },
    )


def _folds(material: _Material, seed: int) -> Folds:
    """Split conversations: what is learned from is labelled; held out is every sentence of the others."""
    told = np.flatnonzero(material.answers != _UNTOLD)
    groups = material.groups[told]
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    folds = []
    for learning, held in splitter.split(told, material.answers[told], groups):
        folds.append((told[learning], np.flatnonzero(np.isin(material.groups, groups[held]))))
    return folds


def _scorer(material: _Material, rows: Places) -> Heads:
    sentences = material.known.sentences[material.known.said[rows]]
    return linear_heads.margins(sentences, material.answers[rows], len(FEELINGS))


def _seen(material: _Material, margins: Doubles) -> Doubles:
    """Return what the last step sees, by the very function that the model calls later."""
    own = np.hstack([margins, material.told]).astype(np.float32)
    ends = [*material.starts[1:], len(own)]
    parts = [
        surrounded(own[start:end], material.turns[start:end])
        for start, end in zip(material.starts, ends, strict=True)
    ]
    return np.vstack(parts).astype(np.float64)


def _steps(material: _Material, seen: Doubles, rows: Places) -> dict[str, Step]:
    """Fit the last step for anybody, and for each client with labels enough the mean of that and its own.

    Measured on real chats of three clients, the mean was better than either: reviewers of different clients
    draw the line between calm and unhappy at different places, and few labels alone are shaky.
    """
    shared = last_step(seen[rows], material.answers[rows], len(FEELINGS))
    steps = {_ANYBODY: shared}
    for client in sorted(set(material.clients[rows].tolist()) - {_ANYBODY}):
        of_it = rows[material.clients[rows] == client]
        if _enough(material, of_it, among=rows):
            own = last_step(seen[of_it], material.answers[of_it], len(FEELINGS))
            steps[client] = (np.mean([shared[0], own[0]], axis=0), np.mean([shared[1], own[1]], axis=0))
    return steps


def _enough(material: _Material, rows: Places, *, among: Places) -> bool:
    """Tell whether a client's labels teach by themselves, every feeling that all labels know included."""
    counts = np.bincount(material.answers[rows], minlength=len(FEELINGS))
    known = np.unique(material.answers[among])
    refused = _refusal(material.answers[rows], material.groups[rows])
    return refused is None and bool((counts[known] >= FEWEST_OF_A_CLASS).all())


def _judged(material: _Material, seen: Doubles, rows: Places, steps: Mapping[str, Step]) -> Doubles:
    """Return the log-odds of each feeling in rows, each by its client's step."""
    logits = seen[rows] @ steps[_ANYBODY][0] + steps[_ANYBODY][1]
    for client, (meta, constant) in steps.items():
        of_it = material.clients[rows] == client
        logits[of_it] = seen[rows][of_it] @ meta + constant
    return logits


def _better_than_chance(answers: Places, given: Places, groups: Places) -> bool:
    """Tell whether agreement surely exceeds that of chance, conversations being what varies."""
    shares = [np.bincount(each, minlength=len(FEELINGS)) / len(answers) for each in (answers, given)]
    beyond = np.bincount(groups, (answers == given) - float(shares[0] @ shares[1]))
    return bool(beyond.sum() > _SURELY * np.sqrt(np.square(beyond).sum()))


def _sureness(logits: Doubles, answers: Places) -> float:
    """Return the factor on log-odds out of fold that makes the labels likeliest: temperature scaling."""

    def surprise(factor: float) -> float:
        scaled = logits * factor
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(answers)), answers]))

    return float(minimize_scalar(surprise, bounds=(_FLATTEST, _SHARPEST), method="bounded").x)
