"""Required literals of a regular expression: words, or beginnings of words, without which it cannot match.

They are computed as clauses: one literal of each clause is in whatever the expression matches. A clause may
require too little and never too much, so a sentence that lacks all literals of one need not be searched.
"""

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache

from scorecards.autoscore.matching.regex_expansion import (
    ANYTHING,
    BOUNDARY,
    DIGIT,
    DIGIT_CHARACTERS,
    DIGITS,
    FIRST_COLLAPSED,
    LAST_COLLAPSED,
    NON_ASCII,
    ONE_BOUNDARY,
    UNKNOWN,
    Expansion,
    Strings,
    concatenated,
    ends_digits,
    ends_letters,
)
from scorecards.autoscore.text.normalization import word_set
from scorecards.autoscore.text.word_rarity import EVERYDAY

MAX_CLAUSES = 3
"""Clauses kept of an expression."""

MAX_LITERAL_LENGTH = 5
"""Letters of a literal that is the beginning of a word."""

_MAX_COLLAPSED_CLAUSES = 2
_TOKEN = re.compile(
    f"[{FIRST_COLLAPSED}-{LAST_COLLAPSED}]|[{DIGIT}{DIGITS}]+|{NON_ASCII}"
    f"|[^{BOUNDARY}{ANYTHING}{DIGIT}{DIGITS}{NON_ASCII}{FIRST_COLLAPSED}-{LAST_COLLAPSED}]+"
)
_WORD_PART = re.compile(r"[^\W\d_]+|\d+")
_CONTRACTED = word_set("s t re ve ll d m")
_EVERYDAY_BEGINNINGS = frozenset(
    word[:length] for word in EVERYDAY for length in range(1, MAX_LITERAL_LENGTH + 1)
)

Clause = frozenset[str]


def required_literals(expression: str) -> list[Clause]:
    r"""Return clauses, the one that is least likely to be met first; none where nothing is known.

    The literal `abc*` is any beginning of a word, `##` any number of two digits, `~` anything beyond ASCII.

    Examples
    --------
    >>> [sorted(clause) for clause in required_literals(r"\b(?:lost|los(?:e|ing))\s+(?:my|the)\s+job")]
    [['lose', 'losing', 'lost'], ['job*'], ['my', 'the']]
    >>> required_literals(r"\w+ing")
    []
    """
    expansion = Expansion(expression)
    try:
        chunks = expansion.chunks()
    except (ValueError, IndexError):
        return []
    clauses = _Clauses(expansion)
    kept: list[Clause] = []
    for clause in sorted({each for chunk in chunks for each in clauses.of(chunk)}, key=_by_likelihood):
        if not any(other <= clause for other in kept):
            kept.append(clause)
    return kept[:MAX_CLAUSES]


def word_parts(word: str) -> Sequence[str]:
    """Return the parts of a word that literals are compared with: runs of letters, and runs of `DIGIT`.

    Examples
    --------
    >>> word_parts("o'clock"), word_parts("24h")
    (['o', 'clock'], ['##', 'h'])
    """
    if word.isalpha():
        return (word,)
    return [DIGIT * len(part) if part.isdecimal() else part for part in _WORD_PART.findall(word)]


def _by_likelihood(clause: Clause) -> tuple[float, list[str]]:
    return _likelihood(clause), sorted(clause)


@cache
def _likelihood(clause: Clause) -> float:
    """Return how likely any of these literals is in a sentence, compared with other clauses."""
    return math.fsum(0.1 ** _rarity(literal) for literal in clause)


def _rarity(literal: str) -> int:
    if literal.endswith("*"):
        return 1 if literal[:-1] in _EVERYDAY_BEGINNINGS else len(literal) - 1
    return 1 if literal in EVERYDAY or literal in _CONTRACTED else min(len(literal), MAX_LITERAL_LENGTH) + 1


class _Clauses:
    """Finds clauses in the expanded strings of one expression."""

    def __init__(self, expansion: Expansion) -> None:
        self._expansion = expansion
        self._collapsed: dict[tuple[str, bool, bool], Sequence[Clause]] = {}

    def of(self, strings: Strings) -> list[Clause]:
        """Return what all strings have in common, and one clause per rank of what else they have.

        The clause of a rank has the rarest other part of every string, or its second rarest, and so on.
        """
        parts_of = [frozenset(self._parts(string)) for string in strings]
        shared = frozenset[Clause].intersection(*parts_of)
        ranked = [sorted(parts - shared, key=_by_likelihood) for parts in parts_of]
        if not all(ranked):
            return [*shared]
        ranks = range(min(MAX_CLAUSES, max(map(len, ranked))))
        at_rank = ([parts[min(rank, len(parts) - 1)] for parts in ranked] for rank in ranks)
        return [*shared, *(frozenset[str]().union(*parts) for parts in at_rank)]

    def _parts(self, string: str) -> Iterator[Clause]:
        for found in _TOKEN.finditer(string):
            start, end = found.span()
            token, before, after = found.group(), string[start - 1 : start], string[end : end + 1]
            if FIRST_COLLAPSED <= token <= LAST_COLLAPSED:
                yield from self._of_collapsed(token, before == BOUNDARY, after == BOUNDARY)
            elif token == NON_ASCII:
                yield frozenset({NON_ASCII})
            elif token[0] in DIGIT_CHARACTERS:
                is_whole = DIGITS not in token and ends_digits(before) and ends_digits(after)
                yield frozenset({token if is_whole else f"{DIGIT}*"})
            elif ends_letters(before):
                yield frozenset({token if ends_letters(after) else f"{token[:MAX_LITERAL_LENGTH]}*"})

    def _of_collapsed(self, token: str, begins: bool, ends: bool) -> Sequence[Clause]:
        known = self._collapsed.get((token, begins, ends))
        if known is None:
            strings = self._expansion.collapsed(token)
            strings = concatenated(ONE_BOUNDARY if begins else UNKNOWN, strings)
            strings = concatenated(strings, ONE_BOUNDARY) if ends else strings
            known = sorted(self.of(strings), key=_by_likelihood)[:_MAX_COLLAPSED_CLAUSES]
            self._collapsed[token, begins, ends] = known
        return known
