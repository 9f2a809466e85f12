"""How many school years a text asks of its reader: the Flesch-Kincaid grade."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore.text import normalization

MIN_WORDS = 50
"""Words below which no grade is told; the formula was fitted to passages of about a hundred."""

MIN_WORDS_IN_SENTENCE = 3
"""A shorter sentence ("Thanks!", "One moment") asks nothing of a reader; chats are full of them."""

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?:[^laeiouy]|[aeiouy]l)e$")
_SILENT_ED = re.compile(r"[^aeioutdy]ed$")
_SILENT_ES = re.compile(r"(?:[^aeioucsgxzhy]|[aeiouy][lnrt])es$")
_INNER_SILENT = re.compile(r"[^aeiouyl]ements?$|[^aeiouyl]ely$|[^aeiouy]eful")
_TWO_VOWELS = re.compile(
    r"ia(?!l|n)|[rn]ial|[^ctxg]ious|io(?!n|u)|eo(?!u|n)|[^qg]ua(?!r)|uou|[aeiouy]ing$|ier(?:s|ed)?$|ism|iety"
    r"|[rd]ience|eum|[^aeiou]nt$(?<=dnt|snt)"
)
_KNOWN: Mapping[str, int] = {
    **dict.fromkeys(
        normalization.word_set("people business via client quiet email emails moment online someone"), 2
    ),
    **dict.fromkeys(
        normalization.word_set("every trial create website something sometimes therefore really"), 2
    ),
    **dict.fromkeys(normalization.word_set("area idea ideas anyone everyone everything created reliance"), 3),
    **dict.fromkeys(normalization.word_set("reliable usually actually"), 4),
}


class Load(NamedTuple):
    """What one sentence asks of a reader; all zero where it is too short to count."""

    sentences: int
    words: int
    syllables: int


NOTHING = Load(0, 0, 0)


@lru_cache(maxsize=16_384)
def syllables(word: str) -> int:
    """Return the syllables of a lower-case English word: groups of vowels, less the silent ones.

    Examples
    --------
    >>> [syllables(word) for word in ("help", "order", "apologise", "delivered", "create", "you're")]
    [1, 2, 4, 3, 2, 1]
    """
    if word in _KNOWN:
        return _KNOWN[word]
    plain = word.replace("'", "")
    count = len(_VOWELS.findall(plain)) + len(_TWO_VOWELS.findall(plain))
    if _SILENT_END.search(plain) or _SILENT_ED.search(plain) or _SILENT_ES.search(plain):
        count -= 1
    return max(count - len(_INNER_SILENT.findall(plain)), 1)


def is_read(word: str) -> bool:
    """Tell whether a word counts: numbers and codes do not."""
    return word.isalpha() or not any(letter.isdigit() for letter in word)


def load(words: Iterable[str]) -> Load:
    """Return what a sentence of these words asks of a reader; numbers and codes are not words.

    Examples
    --------
    >>> load("your order 4711 was delivered".split())
    Load(sentences=1, words=4, syllables=7)
    >>> load(["thanks"])
    Load(sentences=0, words=0, syllables=0)
    """
    read = [word for word in words if is_read(word)]
    if len(read) < MIN_WORDS_IN_SENTENCE:
        return NOTHING
    return Load(1, len(read), sum(map(syllables, read)))


def grade(sentences: int, words: int, syllables: int) -> float:
    """Return the Flesch-Kincaid grade: the United States school year that a text asks for.

    Parameters
    ----------
    sentences, words, syllables : int
        Counts over the text, each at least 1.

    Returns
    -------
    float
        ``0.39 words / sentences + 11.8 syllables / words - 15.59``; at least -3.4, which is the grade of
        sentences of one word of one syllable. Grows with the length of sentences and of words.

    Notes
    -----
    Kincaid, Fishburne, Rogers & Chissom, Derivation of new readability formulas for Navy enlisted personnel,
    Research Branch Report 8-75 (1975). Of short texts it is unsure by a grade or two.

    Examples
    --------
    >>> round(grade(sentences=1, words=6, syllables=6), 2)
    -1.45
    >>> round(grade(sentences=5, words=100, syllables=150), 2)
    9.91
    """
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def grade_of(loads: Iterable[Load], least_words: int = MIN_WORDS) -> float | None:
    """Return the grade of several sentences, or None where they hold too few words to tell."""
    sentences, words, counted = (sum(column) for column in zip(NOTHING, *loads, strict=True))
    if words < least_words:
        return None
    return grade(sentences, words, counted)


def grade_of_text(written: str, least_words: int = MIN_WORDS) -> float | None:
    """Return the grade of a text, or None where it holds too few words to tell.

    Examples
    --------
    >>> easy = "Your bag is on its way to you now. It will be there on Monday. " * 5
    >>> round(grade_of_text(easy), 1)
    -0.1
    >>> grade_of_text("Thanks!") is None
    True
    """
    plain = normalization.normalise(written)
    return grade_of(
        (load(normalization.words(plain[start:end])) for start, end in normalization.sentences(written)),
        least_words,
    )
