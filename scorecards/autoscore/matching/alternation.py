"""The alternatives of a regular expression, split so that only those that may match are searched."""

import re
from collections.abc import Iterator, Sequence

_BOUNDARY = r"\b"
_LOOKBEHIND = re.compile(r"\(\?<[!=][^()]*\)")
_LEADING_WORD = re.compile(r"((?:\\b|\(\?<!(?:\\[bsw]|[a-z'])+\))+)([a-z']+)(?![?*+{])")
_LEADING_ASSERTION = re.compile(r"\\b|\(\?<!(?P<not>[^()]+)\)")
_GROUP_STARTS = (r"\b(?:", "(?:")
_MAX_SEPARATE = 8
"""Pieces up to which searching one after the other is quicker than searching the whole expression."""


class Alternation:
    """An expression that is searched whole or in those of its `pieces` that may match."""

    def __init__(self, expression: str) -> None:
        """Split the expression; every piece is compiled when it is first searched."""
        spaced = _spaced(expression)
        ordered = _ordered(spaced)
        self.pieces = [piece for each in ordered for piece in _expanded(each)]
        self._compiled: list[re.Pattern[str] | None] = [None] * len(self.pieces)
        self._expression = _with_shared_boundary(spaced)
        self._whole: re.Pattern[str] | None = None

    def matches(self, plain: str, end: int, piece_numbers: Sequence[int]) -> Iterator[re.Match[str]]:
        """Return the matches of the whole expression before `end`; only the given pieces may match."""
        if len(piece_numbers) == 1:
            return self._piece(piece_numbers[0]).finditer(plain, 0, end)
        if len(piece_numbers) > _MAX_SEPARATE:
            return self._combined(plain, 0, end)
        return self._separately(plain, end, [self._piece(each) for each in piece_numbers])

    def _separately(self, plain: str, end: int, pieces: list[re.Pattern[str]]) -> Iterator[re.Match[str]]:
        position = 0
        while position < end:
            earliest: re.Match[str] | None = None
            for piece in pieces:
                match = piece.search(plain, position, end)
                if match and (earliest is None or match.start() < earliest.start()):
                    earliest = match
            if earliest is None:
                return
            if earliest.end() == earliest.start():
                yield from self._combined(plain, position, end)
                return
            yield earliest
            position = earliest.end()

    def _piece(self, number: int) -> re.Pattern[str]:
        compiled = self._compiled[number]
        if compiled is None:
            compiled = self._compiled[number] = re.compile(_word_first(self.pieces[number]))
        return compiled

    def _combined(self, plain: str, start: int, end: int) -> Iterator[re.Match[str]]:
        if self._whole is None:
            self._whole = re.compile(self._expression)
        return self._whole.finditer(plain, start, end)


def _spaced(expression: str) -> str:
    """Replace spaces by white space of any length, in lookbehinds by one character of it."""
    fixed = _LOOKBEHIND.sub(lambda lookbehind: lookbehind.group().replace(" ", r"\s"), expression)
    return fixed.replace(" ?", r"\s*").replace(" ", r"\s+")


def _ordered(expression: str) -> list[str]:
    """Return the alternatives in the order of `_with_shared_boundary`: first those that begin with one."""
    alternatives = _alternatives(expression)
    with_boundary = [each for each in alternatives if each.startswith(_BOUNDARY)]
    others = [each for each in alternatives if not each.startswith(_BOUNDARY)]
    return [*with_boundary, *others] if len(with_boundary) > 1 else alternatives


def _with_shared_boundary(expression: str) -> str:
    r"""Factor the word boundary out of alternatives that begin with one, which halves the time of a search.

    Examples
    --------
    >>> _with_shared_boundary(r"\bsorry\b|\bask (?:a|b)|^oh")
    '\\b(?:sorry\\b|ask (?:a|b))|^oh'
    """
    ordered = _ordered(expression)
    with_boundary = [each.removeprefix(_BOUNDARY) for each in ordered if each.startswith(_BOUNDARY)]
    if len(with_boundary) < 2:
        return expression
    return "|".join([rf"\b(?:{'|'.join(with_boundary)})", *ordered[len(with_boundary) :]])


def _expanded(expression: str) -> list[str]:
    r"""Return one expression per alternative of a group at the beginning, in the order they are tried.

    Examples
    --------
    >>> _expanded(r"\b(?:i'm|i am) here")
    ["\\bi'm here", '\\bi am here']
    """
    shared = next((each for each in _GROUP_STARTS if expression.startswith(each)), None)
    if shared is None:
        return [expression]
    inside = expression.removeprefix(shared)
    first = _alternatives(inside, closed=True)
    rest = inside[len("|".join(first)) + 1 :]
    if rest.startswith(("?", "*", "+", "{")):
        return [expression]
    return [f"{shared.removesuffix('(?:')}{each}{rest}" for each in first]


def _word_first(expression: str) -> str:
    r"""Move the word boundary after the first word, so that a search begins with a literal, which is quicker.

    Examples
    --------
    >>> _word_first(r"\bsorry for"), _word_first(r"(?<!i\s)\bwill go")
    ('sorry(?<=\\bsorry) for', 'will(?<!i\\swill)(?<=\\bwill) go')
    """
    leading = _LEADING_WORD.match(expression)
    if not leading:
        return expression
    word = leading[2]
    before = "".join(
        f"(?<!{each['not']}{word})" if each["not"] else rf"(?<=\b{word})"
        for each in _LEADING_ASSERTION.finditer(leading[1])
    )
    return f"{word}{before}{expression[leading.end() :]}"


def _alternatives(expression: str, *, closed: bool = False) -> list[str]:
    """Split an expression at the bars that are in no group and no character set.

    A `closed` expression begins after an opening bracket and is read to the bracket that closes it.
    """
    alternatives, depth, start, inside, position = [], 0, 0, False, 0
    while position < len(expression) and depth >= 0:
        character = expression[position]
        if character == "\\":
            position += 1
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            alternatives.append(expression[start:position])
            start = position + 1
        position += 1
    return [*alternatives, expression[start : position - 1 if closed else position]]
