"""Readability: the Flesch-Kincaid grade, and the syllables of English words."""

import re
from collections.abc import Mapping
from functools import lru_cache

from scorecards.autoscore.text import normalization

MIN_WORDS = 50
"""Words below which no grade is reported; the formula was fitted to passages of about a hundred."""

MIN_WORDS_IN_SENTENCE = 3
"""Shorter sentences ("Thanks!", "One moment"), frequent in chats, do not count."""

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?:[^laeiouy]|[aeiouy]l)e$")
_SILENT_ED = re.compile(r"[^aeioutdy]ed$")
_SILENT_ES = re.compile(r"(?:[^aeioucsgxzhy]|[aeiouy][lnrt])es$")
_INNER_SILENT = re.compile(r"[^aeiouyl]ements?$|[^aeiouyl]ely$|[^aeiouy]eful")
_TWO_VOWELS = re.compile(
    r"ia(?!l|n)|[rn]ial|[^ctxg]ious|io(?!n|u)|eo(?!u|n)|[^qg]ua(?!r)|uou|[aeiouy]ing$|ier(?:s|ed)?$|ism|iety"
    r"|[rd]ience|eum|[^aeiou]nt$(?<=dnt|snt)"
)
_EXCEPTIONS: Mapping[str, int] = {
    **dict.fromkeys(
        normalization.word_set("people business via client quiet email emails moment online someone"), 2
    ),
    **dict.fromkeys(
        normalization.word_set("every trial create website something sometimes therefore really"), 2
    ),
    **dict.fromkeys(normalization.word_set("area idea ideas anyone everyone everything created reliance"), 3),
    **dict.fromkeys(normalization.word_set("reliable usually actually"), 4),
}


@lru_cache(maxsize=16_384)
def syllables(word: str) -> int:
    """Return the syllables of a lower-case English word: groups of vowels, less the silent ones.

    Examples
    --------
    >>> [syllables(word) for word in ("help", "order", "apologise", "delivered", "create", "you're")]
    [1, 2, 4, 3, 2, 1]
    """
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    plain = word.replace("'", "")
    count = len(_VOWELS.findall(plain)) + len(_TWO_VOWELS.findall(plain))
    if _SILENT_END.search(plain) or _SILENT_ED.search(plain) or _SILENT_ES.search(plain):
        count -= 1
    return max(count - len(_INNER_SILENT.findall(plain)), 1)


def is_read(word: str) -> bool:
    """Tell whether a word counts for readability: numbers and codes do not."""
    return word.isalpha() or not any(letter.isdigit() for letter in word)


def grade(sentences: int, words: int, syllables: int) -> float:
    """Return the Flesch-Kincaid grade: the United States school year whose pupils can read a text.

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
    Research Branch Report 8-75 (1975). For short texts its error is a grade or two.

    Examples
    --------
    >>> round(grade(sentences=1, words=6, syllables=6), 2)
    -1.45
    >>> round(grade(sentences=5, words=100, syllables=150), 2)
    9.91
    """
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59
