"""The sentences of many conversations as sparse numbers, by the very words that are read later."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.vocabulary import EDGES, EMPTY_SENTENCE, Vocabulary, character_ngrams, tokens

MIN_DOCUMENT_FREQUENCY = 2
"""Conversations an n-gram has to appear in."""
AGENT_LIMITS, CUSTOMER_LIMITS = (12_288, 4_096), (6_144, 2_048)
"""Words and pairs, and runs of letters kept of a side; those in most conversations stay."""

Sparse = Any
"""A scipy matrix of compressed rows; scipy has no types."""
Doubles = NDArray[np.float64]
Places = NDArray[np.int64]
Ngram = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Corpus:
    """One side of some conversations.

    Attributes
    ----------
    vocabulary : Vocabulary
        What is known of it.
    letters : sparse matrix
        How often each known run stands in each known word.
    rarity : array of shape (n-grams,)
        ln((1 + n) / (1 + df)) + 1 by row of the vocabulary: the weight of an n-gram; 0 for the edges.
    sentences, wholes : sparse matrix
        Distinct sentences and conversations by n-grams, each divided by its length: the square root of the
        squared weights of all its n-grams, repeats counted. So a whole is a sum of its sentences.
    said : array
        The distinct sentence each said sentence is, conversation by conversation.
    starts : array
        The first said sentence of each conversation; each has at least one, if only an empty one.
    """

    vocabulary: Vocabulary
    character_ngrams: Sparse
    idf: Doubles
    sentences: Sparse
    documents: Sparse
    sentence_index: Places
    offsets: Places

    def rows_of(self, conversations: Places) -> Places:
        """Return the places in `said` of some conversations, in their order."""
        ends = np.append(self.offsets[1:], len(self.sentence_index))
        return np.concatenate([np.arange(self.offsets[each], ends[each]) for each in conversations])


def build_corpus(
    conversations: Sequence[Sequence[SentenceAnnotations]], limits: tuple[int, int] = CUSTOMER_LIMITS
) -> Corpus:
    """Build one side from the sentences of each conversation."""
    spoken = {each.plain: each for sentences in conversations for each in sentences} | {"": EMPTY_SENTENCE}
    told = [[each.plain for each in sentences] or [""] for sentences in conversations]
    number: dict[str, int] = {}
    said = np.array(
        [number.setdefault(each, len(number)) for plains in told for each in plains], dtype=np.int64
    )
    starts = np.array([0, *accumulate(len(plains) for plains in told)][:-1], dtype=np.int64)
    cut = [tokens(spoken[plain]) for plain in number]
    owners = np.repeat(np.arange(len(told)), np.diff(starts, append=len(said)))
    owned = _matrix(owners, said, (len(told), len(number)))
    words, written = _written(cut)
    spelt, letters = _spelt(words)
    vocabulary, seen_in = _known(
        told, dict(zip(number, cut, strict=True)), _runs_seen(owned @ written @ spelt, letters), limits
    )
    counts = _counts(vocabulary, [spoken[plain] for plain in number], written @ spelt, letters)
    rarity = np.log((1 + len(told)) / (1 + seen_in)) + 1.0
    rarity[[row for row, word in enumerate(vocabulary.words) if word in EDGES]] = 0.0
    weighted, squares = counts @ sparse.diags_array(rarity), counts @ np.square(rarity)
    return Corpus(
        vocabulary=vocabulary,
        character_ngrams=_letters_of(vocabulary, words, spelt, letters),
        idf=rarity,
        sentences=_divided(weighted, squares),
        documents=_divided(owned @ weighted, owned @ squares),
        sentence_index=said,
        offsets=starts,
    )


def _written(cut: Sequence[Sequence[str]]) -> tuple[dict[str, int], Sparse]:
    """Return every token by its column, and how often it stands in each sentence."""
    words: dict[str, int] = {}
    columns = np.array([words.setdefault(each, len(words)) for told in cut for each in told], dtype=np.int64)
    owners = np.repeat(np.arange(len(cut)), [len(told) for told in cut])
    return words, _matrix(owners, columns, (len(cut), len(words)))


def _spelt(words: dict[str, int]) -> tuple[Sparse, dict[str, int]]:
    """Return how often each run of letters stands in each token, and the runs by their columns."""
    letters: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for word, row in words.items():
        found = [letters.setdefault(run, len(letters)) for run in character_ngrams(word)]
        columns += found
        rows += [row] * len(found)
    return _matrix(rows, columns, (len(words), len(letters))), letters


def _runs_seen(spelt: Sparse, letters: dict[str, int]) -> dict[str, int]:
    """Count the conversations each run appears in."""
    counted = np.asarray((spelt > 0).sum(axis=0)).ravel()
    return {run: int(counted[column]) for run, column in letters.items()}


def _known(
    told: Sequence[Sequence[str]],
    cut: dict[str, list[str]],
    spelling: dict[str, int],
    limits: tuple[int, int],
) -> tuple[Vocabulary, Doubles]:
    """Choose what is known, and count the conversations each of it appears in."""
    seen: Counter[Ngram] = Counter()
    for plains in told:
        here: set[Ngram] = set()
        for plain in plains:
            here.update(cut[plain])
            here.update(pairwise(cut[plain]))
        seen.update(here)
    kept = _commonest(seen, limits[0])
    often = _commonest(spelling, limits[1])
    known = sorted(ngram for ngram in kept if isinstance(ngram, str))
    place = {word: row for row, word in enumerate(known)}
    pairs = sorted(
        (place[ngram[0]], place[ngram[1]], kept[ngram])
        for ngram in kept
        if isinstance(ngram, tuple) and ngram[0] in place and ngram[1] in place
    )
    vocabulary = Vocabulary.of(known, [(first, second) for first, second, _ in pairs], sorted(often))
    counts = [
        *(kept[word] for word in known),
        *(count for _, _, count in pairs),
        *(often[run] for run in sorted(often)),
    ]
    return vocabulary, np.array(counts, dtype=np.float64)


def _commonest(seen: Mapping[Any, int], most: int) -> dict[Any, int]:
    often = [(ngram, count) for ngram, count in seen.items() if count >= MIN_DOCUMENT_FREQUENCY]
    often.sort(key=lambda each: (-each[1], isinstance(each[0], tuple), each[0]))
    return dict(often[:most])


def _counts(
    vocabulary: Vocabulary, sentences: Sequence[SentenceAnnotations], spelt: Sparse, letters: dict[str, int]
) -> Sparse:
    found = vocabulary.find(sentences)
    owners = np.repeat(np.arange(len(sentences)), np.diff(found.starts, append=len(found.words)))
    columns, rows = np.concatenate([found.words, found.pairs]), np.concatenate([owners, owners])
    known = columns < vocabulary.size - 1
    width = len(vocabulary.words) + len(vocabulary.pairs)
    said = _matrix(rows[known], columns[known], (len(sentences), width))
    return sparse.hstack([said, spelt[:, [letters[run] for run in vocabulary.character_ngrams]]]).tocsr()


def _letters_of(
    vocabulary: Vocabulary, words: dict[str, int], spelt: Sparse, letters: dict[str, int]
) -> Sparse:
    return spelt[[words[word] for word in vocabulary.words]][
        :, [letters[run] for run in vocabulary.character_ngrams]
    ]


def _matrix(rows: Any, columns: Any, shape: tuple[int, int]) -> Sparse:
    """Count how often each pair of places occurs."""
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def _divided(rows: Sparse, squares: Doubles) -> Sparse:
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    return sparse.csr_matrix(sparse.diags_array(1.0 / lengths) @ rows)
