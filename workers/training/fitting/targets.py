"""The labelled part of what a client's people said: who answered what, and which sentences show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.autoscore.annotation.transcript import Sentence
from scorecards.autoscore.models.head_layout import SIDES, QuestionKey
from scorecards.definitions.form import Span
from workers.training.fitting.examples import Example
from workers.training.fitting.label_checks import EncodedLabels
from workers.training.fitting.ngram_matrix import Corpus, Doubles, Places

MIN_EVIDENCE = 8
"""Conversations with evidence of a class on one side from which it is looked for sentence by sentence."""


@dataclass(frozen=True, slots=True)
class TrainingMaterial:
    """What every question of a client is learned from, example by example.

    `groups` tells which have to be held out together, `contents` which hold the same words.
    """

    examples: Sequence[Example]
    groups: Places
    contents: Places
    corpora: Mapping[str, Corpus]
    sentences: Mapping[str, Sequence[Sentence | None]]
    context: Doubles


@dataclass(frozen=True, slots=True)
class Targets:
    """The labelled part of the material: conversations, their classes, and per side what is evidence.

    `evidence` has a row per witnessed class and a column per said sentence: 1 is evidence, 0 is not, -1 is
    not known.
    """

    rows: Places
    answers: Places
    classes: tuple[str, ...]
    classes_with_evidence: Mapping[str, tuple[str, ...]]
    evidence: Mapping[str, Places]


def targets_of(material: TrainingMaterial, key: QuestionKey, labelled: EncodedLabels) -> Targets:
    """Gather what the labels of one question say."""
    witnessed: dict[str, tuple[str, ...]] = {}
    evidence: dict[str, Places] = {}
    for side in SIDES:
        shown = _shown(material, side, key, labelled)
        owners = _owners(material.corpora[side])
        kept = [
            place
            for place in range(len(labelled.classes))
            if len(np.unique(owners[shown[place] == 1])) >= MIN_EVIDENCE
        ]
        witnessed[side] = tuple(labelled.classes[place] for place in kept)
        evidence[side] = shown[kept]
    return Targets(labelled.rows, labelled.answers, labelled.classes, witnessed, evidence)


def _owners(corpus: Corpus) -> Places:
    return np.repeat(
        np.arange(len(corpus.offsets)), np.diff(corpus.offsets, append=len(corpus.sentence_index))
    )


def _shown(material: TrainingMaterial, side: str, key: QuestionKey, labelled: EncodedLabels) -> Places:
    corpus, said = material.corpora[side], material.sentences[side]
    shown = np.full((len(labelled.classes), len(said)), -1, dtype=np.int64)
    ends = np.append(corpus.offsets[1:], len(said))
    for row, answer in zip(labelled.rows.tolist(), labelled.answers.tolist(), strict=True):
        spans = material.examples[row].labels[key].spans
        for place in range(corpus.offsets[row], ends[row]):
            each = said[place]
            if each is None:
                continue
            covered = any(_covers(span, each) for span in spans)
            shown[:, place] = 0
            shown[answer, place] = int(covered) if spans else -1
    return shown


def _covers(span: Span, said: Sentence) -> bool:
    if span.turn != said.turn:
        return False
    if span.start is None or span.end is None:
        return True
    return span.start < said.end and said.start < span.end
