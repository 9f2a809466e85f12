"""Targets of one question: the class of each labelled conversation, and its evidence among the sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.arrays import FloatArray, IntArray
from scorecards.autoscore.annotation.transcript import Sentence
from scorecards.autoscore.models.head_layout import SIDES, QuestionKey
from scorecards.definitions.form import Span
from workers.training.fitting.examples import Example
from workers.training.fitting.label_checks import EncodedLabels
from workers.training.fitting.ngram_matrix import Corpus

MIN_EVIDENCE = 8
"""Conversations with evidence of a class on one side from which it has an evidence classifier there."""


@dataclass(frozen=True, slots=True)
class TrainingMaterial:
    """What every question of a client is trained on, example by example.

    Attributes
    ----------
    examples : sequence of Example
    groups : ndarray of shape (n_examples,), dtype int64
        Examples of one group are held out together.
    content_ids : ndarray of shape (n_examples,), dtype int64
        Equal for conversations with the same words, numbers apart.
    corpora : mapping of str to Corpus
        By side, the sentences of all examples.
    sentences : mapping of str to sequence of (Sentence or None)
        By side, each sentence occurrence of the corpus in its turn; None for the empty one of a silent side.
    context : ndarray of shape (n_examples, n_conversation_features), dtype float64
        Conversation features.
    """

    examples: Sequence[Example]
    groups: IntArray
    content_ids: IntArray
    corpora: Mapping[str, Corpus]
    sentences: Mapping[str, Sequence[Sentence | None]]
    context: FloatArray


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of one question.

    Attributes
    ----------
    rows : ndarray of shape (n_labels,), dtype int64
        The example of each label.
    labels : ndarray of shape (n_labels,), dtype int64
        Indices into `classes`.
    classes : tuple of str
    classes_with_evidence : mapping of str to tuple of str
        By side, the classes that have an evidence classifier.
    evidence : mapping of str to ndarray of shape (n_classes_with_evidence, n_sentences), dtype int64
        By side, for each sentence occurrence of the corpus: 1 is evidence, 0 is not, -1 is unknown.
    """

    rows: IntArray
    labels: IntArray
    classes: tuple[str, ...]
    classes_with_evidence: Mapping[str, tuple[str, ...]]
    evidence: Mapping[str, IntArray]


def build_targets(material: TrainingMaterial, key: QuestionKey, encoded: EncodedLabels) -> Targets:
    """Return the targets that the labels of one question give."""
    classes_with_evidence: dict[str, tuple[str, ...]] = {}
    evidence: dict[str, IntArray] = {}
    for side in SIDES:
        by_class = _evidence_by_class(material, side, key, encoded)
        owners = _conversation_of_sentences(material.corpora[side])
        kept = [
            index
            for index in range(len(encoded.classes))
            if len(np.unique(owners[by_class[index] == 1])) >= MIN_EVIDENCE
        ]
        classes_with_evidence[side] = tuple(encoded.classes[index] for index in kept)
        evidence[side] = by_class[kept]
    return Targets(encoded.rows, encoded.labels, encoded.classes, classes_with_evidence, evidence)


def _conversation_of_sentences(corpus: Corpus) -> IntArray:
    return np.repeat(
        np.arange(len(corpus.offsets)), np.diff(corpus.offsets, append=len(corpus.sentence_index))
    )


def _evidence_by_class(
    material: TrainingMaterial, side: str, key: QuestionKey, encoded: EncodedLabels
) -> IntArray:
    """Return an array of shape (n_classes, n_sentences): 1 is evidence, 0 is not, -1 is unknown."""
    corpus, sentences = material.corpora[side], material.sentences[side]
    evidence = np.full((len(encoded.classes), len(sentences)), -1, dtype=np.int64)
    ends = np.append(corpus.offsets[1:], len(sentences))
    for row, label in zip(encoded.rows.tolist(), encoded.labels.tolist(), strict=True):
        spans = material.examples[row].labels[key].spans
        for index in range(corpus.offsets[row], ends[row]):
            sentence = sentences[index]
            if sentence is None:
                continue
            marked = any(_overlap(span, sentence) for span in spans)
            evidence[:, index] = 0
            evidence[label, index] = int(marked) if spans else -1
    return evidence


def _overlap(span: Span, sentence: Sentence) -> bool:
    if span.turn != sentence.turn:
        return False
    if span.start is None or span.end is None:
        return True
    return span.start < sentence.end and sentence.start < span.end
