"""TF-IDF matrices of the sentences of many conversations, by the n-grams that inference finds in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from scipy import sparse

from scorecards.arrays import FloatArray, IntArray
from scorecards.autoscore.annotation.transcript import SentenceAnnotations
from scorecards.autoscore.models.vocabulary import EDGES, EMPTY_SENTENCE, Vocabulary, character_ngrams, tokens

MIN_DOCUMENT_FREQUENCY = 2
"""Conversations an n-gram has to appear in."""
MAX_AGENT_NGRAMS, MAX_CUSTOMER_NGRAMS = (12_288, 4_096), (6_144, 2_048)
"""Words and bigrams, and character n-grams of a side's vocabulary; those of most conversations are kept."""

SparseMatrix = Any
"""A scipy.sparse.csr_matrix of float64; SciPy has no types."""
Ngram = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sentences of one side (agent or customer) of some conversations.

    A sentence's occurrences are numbered conversation by conversation; equal sentences share one row of
    `sentences`. A row's length, by which it is divided, is the square root of the summed squared idf weights
    of all its n-grams, repeats counted, so that a document is the sum of its sentences but for its length.

    Attributes
    ----------
    vocabulary : Vocabulary
    character_ngrams : sparse matrix of shape (n_words, n_character_ngrams)
        Counts of the vocabulary's character n-grams in each of its words.
    idf : ndarray of shape (vocabulary.size - 1,), dtype float64
        ln((1 + n) / (1 + df)) + 1 by vocabulary row; 0 for the boundary tokens.
    sentences : sparse matrix of shape (n_distinct_sentences, vocabulary.size - 1)
        TF-IDF of distinct sentences.
    documents : sparse matrix of shape (n_conversations, vocabulary.size - 1)
        TF-IDF of conversations.
    sentence_index : ndarray of shape (n_sentences,), dtype int64
        The row of `sentences` of each occurrence.
    offsets : ndarray of shape (n_conversations,), dtype int64
        The first occurrence of each conversation; one that is silent has a single empty sentence.
    """

    vocabulary: Vocabulary
    character_ngrams: SparseMatrix
    idf: FloatArray
    sentences: SparseMatrix
    documents: SparseMatrix
    sentence_index: IntArray
    offsets: IntArray

    def sentence_rows(self, conversations: IntArray) -> IntArray:
        """Return the indices into `sentence_index` of the sentences of some conversations, in their order."""
        ends = np.append(self.offsets[1:], len(self.sentence_index))
        return np.concatenate([np.arange(self.offsets[each], ends[each]) for each in conversations])


def build_corpus(
    conversations: Sequence[Sequence[SentenceAnnotations]], limits: tuple[int, int] = MAX_CUSTOMER_NGRAMS
) -> Corpus:
    """Build the corpus of one side from the sentences of each conversation.

    Parameters
    ----------
    conversations : sequence of sequence of SentenceAnnotations
        The side's sentences, conversation by conversation.
    limits : (int, int)
        Most words and bigrams, and most character n-grams, of the vocabulary.
    """
    annotations = {each.plain: each for sentences in conversations for each in sentences}
    annotations |= {"": EMPTY_SENTENCE}
    documents = [[each.plain for each in sentences] or [""] for sentences in conversations]
    number: dict[str, int] = {}
    sentence_index = np.array(
        [number.setdefault(plain, len(number)) for plains in documents for plain in plains], dtype=np.int64
    )
    offsets = np.array([0, *accumulate(len(plains) for plains in documents)][:-1], dtype=np.int64)
    tokenized = [tokens(annotations[plain]) for plain in number]
    owners = np.repeat(np.arange(len(documents)), np.diff(offsets, append=len(sentence_index)))
    membership = _count_matrix(owners, sentence_index, (len(documents), len(number)))
    token_columns, token_counts = _token_counts(tokenized)
    ngrams_of_tokens, ngram_columns = _ngrams_of_tokens(token_columns)
    vocabulary, document_frequencies = _build_vocabulary(
        documents,
        dict(zip(number, tokenized, strict=True)),
        _ngram_document_frequencies(membership @ token_counts @ ngrams_of_tokens, ngram_columns),
        limits,
    )
    counts = _vocabulary_counts(
        vocabulary, [annotations[plain] for plain in number], token_counts @ ngrams_of_tokens, ngram_columns
    )
    idf = np.log((1 + len(documents)) / (1 + document_frequencies)) + 1.0
    idf[[row for row, word in enumerate(vocabulary.words) if word in EDGES]] = 0.0
    weighted, squares = counts @ sparse.diags_array(idf), counts @ np.square(idf)
    return Corpus(
        vocabulary=vocabulary,
        character_ngrams=_ngrams_of_words(vocabulary, token_columns, ngrams_of_tokens, ngram_columns),
        idf=idf,
        sentences=_normalized(weighted, squares),
        documents=_normalized(membership @ weighted, membership @ squares),
        sentence_index=sentence_index,
        offsets=offsets,
    )


def _token_counts(tokenized: Sequence[Sequence[str]]) -> tuple[dict[str, int], SparseMatrix]:
    """Return the column of every token, and how often it occurs in each sentence."""
    token_columns: dict[str, int] = {}
    columns = np.array(
        [token_columns.setdefault(token, len(token_columns)) for sentence in tokenized for token in sentence],
        dtype=np.int64,
    )
    owners = np.repeat(np.arange(len(tokenized)), [len(sentence) for sentence in tokenized])
    return token_columns, _count_matrix(owners, columns, (len(tokenized), len(token_columns)))


def _ngrams_of_tokens(token_columns: dict[str, int]) -> tuple[SparseMatrix, dict[str, int]]:
    """Return how often each character n-gram occurs in each token, and the n-grams' columns."""
    ngram_columns: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for token, row in token_columns.items():
        found = [ngram_columns.setdefault(ngram, len(ngram_columns)) for ngram in character_ngrams(token)]
        columns += found
        rows += [row] * len(found)
    return _count_matrix(rows, columns, (len(token_columns), len(ngram_columns))), ngram_columns


def _ngram_document_frequencies(counts: SparseMatrix, ngram_columns: dict[str, int]) -> dict[str, int]:
    """Return the number of conversations each character n-gram appears in, from its counts in each."""
    frequencies = np.asarray((counts > 0).sum(axis=0)).ravel()
    return {ngram: int(frequencies[column]) for ngram, column in ngram_columns.items()}


def _build_vocabulary(
    documents: Sequence[Sequence[str]],
    tokens_of: dict[str, list[str]],
    ngram_frequencies: dict[str, int],
    limits: tuple[int, int],
) -> tuple[Vocabulary, FloatArray]:
    """Choose the n-grams of the vocabulary, and return the document frequency of each row."""
    frequencies: Counter[Ngram] = Counter()
    for sentences in documents:
        found: set[Ngram] = set()
        for sentence in sentences:
            found.update(tokens_of[sentence])
            found.update(pairwise(tokens_of[sentence]))
        frequencies.update(found)
    kept = _most_frequent(frequencies, limits[0])
    kept_ngrams = _most_frequent(ngram_frequencies, limits[1])
    words = sorted(ngram for ngram in kept if isinstance(ngram, str))
    row_of = {word: row for row, word in enumerate(words)}
    pairs = sorted(
        (row_of[ngram[0]], row_of[ngram[1]], kept[ngram])
        for ngram in kept
        if isinstance(ngram, tuple) and ngram[0] in row_of and ngram[1] in row_of
    )
    vocabulary = Vocabulary.of(words, [(first, second) for first, second, _ in pairs], sorted(kept_ngrams))
    counts = [
        *(kept[word] for word in words),
        *(count for _, _, count in pairs),
        *(kept_ngrams[ngram] for ngram in sorted(kept_ngrams)),
    ]
    return vocabulary, np.array(counts, dtype=np.float64)


def _most_frequent(frequencies: Mapping[Any, int], limit: int) -> dict[Any, int]:
    frequent = [(ngram, count) for ngram, count in frequencies.items() if count >= MIN_DOCUMENT_FREQUENCY]
    frequent.sort(key=lambda each: (-each[1], isinstance(each[0], tuple), each[0]))
    return dict(frequent[:limit])


def _vocabulary_counts(
    vocabulary: Vocabulary,
    sentences: Sequence[SentenceAnnotations],
    ngram_counts: SparseMatrix,
    ngram_columns: dict[str, int],
) -> SparseMatrix:
    """Return counts of shape (n_sentences, vocabulary.size - 1)."""
    found = vocabulary.find(sentences)
    owners = np.repeat(np.arange(len(sentences)), np.diff(found.offsets, append=len(found.words)))
    columns, rows = np.concatenate([found.words, found.pairs]), np.concatenate([owners, owners])
    known = columns < vocabulary.size - 1
    width = len(vocabulary.words) + len(vocabulary.pairs)
    counts = _count_matrix(rows[known], columns[known], (len(sentences), width))
    kept = [ngram_columns[ngram] for ngram in vocabulary.character_ngrams]
    return sparse.hstack([counts, ngram_counts[:, kept]]).tocsr()


def _ngrams_of_words(
    vocabulary: Vocabulary,
    token_columns: dict[str, int],
    ngrams_of_tokens: SparseMatrix,
    ngram_columns: dict[str, int],
) -> SparseMatrix:
    """Select the vocabulary's words and character n-grams from those of all tokens."""
    words = [token_columns[word] for word in vocabulary.words]
    return ngrams_of_tokens[words][:, [ngram_columns[ngram] for ngram in vocabulary.character_ngrams]]


def _count_matrix(rows: Any, columns: Any, shape: tuple[int, int]) -> SparseMatrix:
    """Count how often each (row, column) occurs."""
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def _normalized(rows: SparseMatrix, squares: FloatArray) -> SparseMatrix:
    """Divide each row by the square root of its summed squared weights."""
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    return sparse.csr_matrix(sparse.diags_array(1.0 / lengths) @ rows)
