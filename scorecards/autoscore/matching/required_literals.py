"""What a regular expression needs: parts of words of which one must stand in whatever it matches.

The answer may ask for too little and never for too much, so a sentence without what is needed cannot match.
"""

import math
import re
from collections.abc import Iterable

from scorecards.autoscore.text.word_rarity import EVERYDAY

EDGE, ANYTHING = " ", "\0"
MAX_LITERAL_LENGTH = 5
"""Letters of the beginning of a word that is asked for."""
MAX_LITERALS = 3
"""How many things are asked for at once."""

_WAYS = 100
_PART = re.compile(f"[^{EDGE}{ANYTHING}]+")
_QUANTIFIER = re.compile(r"([?*+]|\{(\d*)(?:(,)(\d*))?\})[?+]?")
_LOOKING = re.compile(r"\(\?<?[=!]")
_SET = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")
_EDGES = ("(?<!\\w)", "(?!\\w)")
_OUTSIDE = frozenset("bsWAZ")
_UNKNOWN = frozenset("wdDS123456789")

Ways = frozenset[str]


def required_literals(expression: str) -> list[frozenset[str]]:
    r"""Return sets of words of each of which one must occur; `abc*` is any word that begins so.

    Words here are runs of letters and digits: an apostrophe ends them. At most three sets, the most telling
    ones; none where nothing is known.

    Examples
    --------
    >>> [sorted(each) for each in needs(r"\b(?:lost|los(?:e|ing))\s+(?:my|the)\s+job")]
    [['lose', 'losing', 'lost'], ['job*'], ['my', 'the']]
    >>> needs(r"\w+ing")
    []
    """
    try:
        reader = _Reader(expression)
        whole = reader.sequence()
        if reader.place < len(expression):
            return []
    except (ValueError, IndexError):
        return []
    found: list[frozenset[str]] = []
    for ways in (whole, *reader.besides):
        found += _telling(ways)
    return sorted(dict.fromkeys(found), key=lambda each: (_likely(each), sorted(each)))[:MAX_LITERALS]


def _telling(ways: Ways) -> list[frozenset[str]]:
    """Return what every way has, each by itself, and one set per rank of what else they have.

    The set of a rank holds of every way its most telling other part, its second most and so on.
    """
    held = [frozenset(_parts(way)) for way in ways]
    shared = frozenset.intersection(*held)
    found = [frozenset({part}) for part in shared]
    ranked = [sorted(parts - shared, key=lambda part: (-_worth(part), part)) for parts in held]
    if not all(ranked):
        return found
    most = min(MAX_LITERALS, max(map(len, ranked)))
    return found + [frozenset(parts[min(rank, len(parts) - 1)] for parts in ranked) for rank in range(most)]


def _likely(parts: Iterable[str]) -> float:
    """Return how often any of these parts may be said, compared with other sets of parts."""
    return math.fsum(0.1 ** _worth(part) for part in parts)


def _parts(way: str) -> Iterable[str]:
    for found in _PART.finditer(way):
        start, end = found.span()
        if start and way[start - 1] == EDGE:
            whole = end < len(way) and way[end] == EDGE
            yield found.group() if whole else f"{found.group()[:MAX_LITERAL_LENGTH]}*"


def _worth(part: str) -> int:
    if part.endswith("*"):
        return min(len(part) - 1, MAX_LITERAL_LENGTH)
    return 1 if part in EVERYDAY else min(len(part), MAX_LITERAL_LENGTH) + 1


class _Reader:
    """Reads an expression from left to right as the ways it may be said."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._depth = 0
        self.place = 0
        self.besides: list[Ways] = []

    def sequence(self) -> Ways:
        """Read up to a bar, a closing bracket or the end; what makes too many ways is kept apart."""
        ways: Ways = frozenset({""})
        while self.place < len(self._expression) and self._expression[self.place] not in "|)":
            piece = self._times(self._piece())
            if len(ways) * len(piece) > _WAYS:
                if not self._depth:
                    before = EDGE if all(way.endswith(EDGE) for way in ways) else ANYTHING
                    self.besides.append(frozenset(before + each for each in piece))
                piece = frozenset({ANYTHING})
            ways = frozenset(before + after for before in ways for after in piece)
        return ways

    def _union(self) -> Ways:
        self._depth += 1
        ways = self.sequence()
        while self._expression[self.place] == "|":
            self.place += 1
            ways |= self.sequence()
        self.place += 1
        self._depth -= 1
        return ways

    def _piece(self) -> Ways:
        letter = self._expression[self.place]
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._letters()
        self.place += 1
        if letter == "\\":
            escaped = self._expression[self.place]
            self.place += 1
            return _escaped(escaped)
        if letter in "*+?{":
            raise ValueError(letter)
        if letter == ".":
            return frozenset({ANYTHING})
        return frozenset({letter if letter.isalnum() else EDGE})

    def _group(self) -> Ways:
        if self._expression.startswith("(?:", self.place):
            self.place += 3
            return self._union()
        if looking := _LOOKING.match(self._expression, self.place):
            start, self.place = self.place, looking.end()
            self._union()
            return frozenset({EDGE if self._expression[start : self.place] in _EDGES else ""})
        raise ValueError(self._expression)

    def _letters(self) -> Ways:
        found = _SET.match(self._expression, self.place)
        if not found:
            raise ValueError(self._expression)
        self.place = found.end()
        inside = found[2].replace("\\W", "").replace("\\s", "")
        if found[1] or any(each.isalnum() for each in inside):
            return frozenset({ANYTHING})
        return frozenset({EDGE})

    def _times(self, ways: Ways) -> Ways:
        found = _QUANTIFIER.match(self._expression, self.place)
        if not found:
            return ways
        self.place = found.end()
        least = found[1] == "+" or (found[2] or "0").strip("0")
        once = found[1] == "?" or (found[1][0] == "{" and found[4] == "1")
        if not once and ways != {EDGE}:
            last = EDGE if all(way.endswith(EDGE) for way in ways) else ""
            ways = frozenset(each + ANYTHING + last for each in ways)
        return ways if least else ways | {""}


def _escaped(letter: str) -> Ways:
    if letter in _OUTSIDE:
        return frozenset({EDGE})
    if letter in _UNKNOWN:
        return frozenset({ANYTHING})
    if letter.isalnum():
        raise ValueError(letter)
    return frozenset({EDGE})
