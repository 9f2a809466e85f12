"""The sentences of many conversations as sparse numbers, by the very code that reads them later."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from scorecards.autoscore import text
from scorecards.autoscore.learned.ngrams import Vocabulary

FEWEST = 2
"""Conversations an n-gram has to appear in."""
MOST_NGRAMS = 16_384
"""N-grams kept per side; the commonest stay."""

Sparse = Any
"""A scipy matrix of compressed rows; scipy has no types."""
Doubles = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """One side of some conversations.

    Attributes
    ----------
    vocabulary : Vocabulary
        What is known of it.
    rarity : array of shape (n-grams,)
        ln((1 + n) / (1 + df)) + 1 by row of the vocabulary: the weight of an n-gram.
    sentences, wholes : sparse matrix
        Distinct sentences and conversations by n-grams, each divided by its length: the square root of the
        squared weights of all its n-grams, repeats counted. So a whole is a sum of its sentences.
    said : array
        The distinct sentence each said sentence is, conversation by conversation.
    starts : array
        The first said sentence of each conversation; each has at least one, if only an empty one.
    """

    vocabulary: Vocabulary
    rarity: Doubles
    sentences: Sparse
    wholes: Sparse
    said: Places
    starts: Places

    def rows_of(self, conversations: Places) -> Places:
        """Return the places in `said` of some conversations, in their order."""
        ends = np.append(self.starts[1:], len(self.said))
        return np.concatenate([np.arange(self.starts[each], ends[each]) for each in conversations])


def corpus(conversations: Sequence[Sequence[str]]) -> Corpus:
    """Build one side from the normalised sentences of each conversation."""
    told = [list(sentences) or [""] for sentences in conversations]
    number: dict[str, int] = {}
    said = np.array(
        [number.setdefault(plain, len(number)) for plains in told for plain in plains], dtype=np.int64
    )
    starts = np.array([0, *accumulate(len(plains) for plains in told)][:-1], dtype=np.int64)
    words = [text.words(plain) for plain in number]
    vocabulary, rarity = _known(told, dict(zip(number, words, strict=True)))
    counts = _counts(vocabulary, words)
    weighted = counts @ sparse.diags_array(rarity)
    squares = counts @ np.square(rarity)
    owners = np.repeat(np.arange(len(told)), np.diff(starts, append=len(said)))
    owned = sparse.csr_matrix((np.ones(len(said)), (owners, said)), shape=(len(told), len(number)))
    return Corpus(
        vocabulary=vocabulary,
        rarity=rarity,
        sentences=_divided(weighted, squares),
        wholes=_divided(owned @ weighted, owned @ squares),
        said=said,
        starts=starts,
    )


def _known(told: Sequence[Sequence[str]], words: dict[str, list[str]]) -> tuple[Vocabulary, Doubles]:
    seen: Counter[str | tuple[str, str]] = Counter()
    for plains in told:
        here: set[str | tuple[str, str]] = set()
        for plain in plains:
            here.update(words[plain])
            here.update(pairwise(words[plain]))
        seen.update(here)
    often = [(ngram, count) for ngram, count in seen.items() if count >= FEWEST]
    often.sort(key=lambda each: (-each[1], isinstance(each[0], tuple), each[0]))
    kept = dict(often[:MOST_NGRAMS])
    known = sorted(ngram for ngram in kept if isinstance(ngram, str))
    place = {word: row for row, word in enumerate(known)}
    pairs = sorted(
        (place[ngram[0]], place[ngram[1]], kept[ngram]) for ngram in kept if isinstance(ngram, tuple)
    )
    counts = [kept[word] for word in known] + [count for _, _, count in pairs]
    rarity = [math.log((1 + len(told)) / (1 + count)) + 1.0 for count in counts]
    return Vocabulary.of(known, [(first, second) for first, second, _ in pairs]), np.array(rarity)


def _counts(vocabulary: Vocabulary, words: Sequence[Sequence[str]]) -> Sparse:
    found = vocabulary.find(words)
    owners = np.repeat(np.arange(len(words)), np.diff(found.starts, append=len(found.words)))
    columns = np.concatenate([found.words, found.pairs])
    rows = np.concatenate([owners, owners])
    whole = sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=(len(words), vocabulary.size))
    return whole[:, :-1].tocsr()


def _divided(rows: Sparse, squares: Doubles) -> Sparse:
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    return sparse.csr_matrix(sparse.diags_array(1.0 / lengths) @ rows)
