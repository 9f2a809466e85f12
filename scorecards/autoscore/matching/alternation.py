"""The alternatives of a regular expression, so that only those are looked for that a sentence can hold."""

import re
from collections.abc import Iterator, Sequence

_EDGE = r"\b"
_BEHIND = re.compile(r"\(\?<[!=][^()]*\)")
_LEADING = re.compile(r"((?:\\b|\(\?<!(?:\\[bsw]|[a-z'])+\))+)([a-z']+)(?![?*+{])")
_LOOKED_FOR = re.compile(r"\\b|\(\?<!(?P<not>[^()]+)\)")
_SHARED = (r"\b(?:", "(?:")
_TOGETHER = 8
"""Alternatives up to which looking for one after the other is quicker than for all at once."""


class Alternation:
    """An expression that is searched whole or in those of its `pieces` that may match."""

    def __init__(self, expression: str) -> None:
        """Cut the expression; what is cut is compiled when it is first looked for."""
        spaced = _spaced(expression)
        ordered = _in_order(spaced)
        self.pieces = [piece for each in ordered for piece in _opened(each)]
        self._compiled: list[re.Pattern[str] | None] = [None] * len(self.pieces)
        self._expression = _shared_beginning(spaced)
        self._whole: re.Pattern[str] | None = None

    def found(self, plain: str, end: int, chosen: Sequence[int]) -> Iterator[re.Match[str]]:
        """Return what the whole expression finds before `end`; pieces not chosen must not match."""
        if len(chosen) == 1:
            return self._piece(chosen[0]).finditer(plain, 0, end)
        if len(chosen) > _TOGETHER:
            return self._together(plain, 0, end)
        return self._one_by_one(plain, end, [self._piece(each) for each in chosen])

    def _one_by_one(self, plain: str, end: int, pieces: list[re.Pattern[str]]) -> Iterator[re.Match[str]]:
        place = 0
        while place < end:
            first: re.Match[str] | None = None
            for piece in pieces:
                found = piece.search(plain, place, end)
                if found and (first is None or found.start() < first.start()):
                    first = found
            if first is None:
                return
            if first.end() == first.start():
                yield from self._together(plain, place, end)
                return
            yield first
            place = first.end()

    def _piece(self, number: int) -> re.Pattern[str]:
        compiled = self._compiled[number]
        if compiled is None:
            compiled = self._compiled[number] = re.compile(_led(self.pieces[number]))
        return compiled

    def _together(self, plain: str, start: int, end: int) -> Iterator[re.Match[str]]:
        if self._whole is None:
            self._whole = re.compile(self._expression)
        return self._whole.finditer(plain, start, end)


def _spaced(expression: str) -> str:
    """Let a space stand for any white space; what is looked for behind must have a fixed width."""
    fixed = _BEHIND.sub(lambda found: found.group().replace(" ", r"\s"), expression)
    return fixed.replace(" ?", r"\s*").replace(" ", r"\s+")


def _in_order(expression: str) -> list[str]:
    """Return the alternatives as `_shared_beginning` orders them: first those with a word's edge."""
    alternatives = _alternatives(expression)
    edged = [each for each in alternatives if each.startswith(_EDGE)]
    others = [each for each in alternatives if not each.startswith(_EDGE)]
    return [*edged, *others] if len(edged) > 1 else alternatives


def _shared_beginning(expression: str) -> str:
    r"""Let alternatives that all begin at a word's edge share the look for it: half the time of a search.

    Examples
    --------
    >>> _shared_beginning(r"\bsorry\b|\bask (?:a|b)|^oh")
    '\\b(?:sorry\\b|ask (?:a|b))|^oh'
    """
    ordered = _in_order(expression)
    edged = [each.removeprefix(_EDGE) for each in ordered if each.startswith(_EDGE)]
    if len(edged) < 2:
        return expression
    return "|".join([rf"\b(?:{'|'.join(edged)})", *ordered[len(edged) :]])


def _opened(expression: str) -> list[str]:
    r"""Return one expression per alternative of a group at the beginning, in the order they are tried.

    Examples
    --------
    >>> _opened(r"\b(?:i'm|i am) here")
    ["\\bi'm here", '\\bi am here']
    """
    shared = next((each for each in _SHARED if expression.startswith(each)), None)
    if shared is None:
        return [expression]
    inside = expression.removeprefix(shared)
    first = _alternatives(inside, closed=True)
    rest = inside[len("|".join(first)) + 1 :]
    if rest.startswith(("?", "*", "+", "{")):
        return [expression]
    return [f"{shared.removesuffix('(?:')}{each}{rest}" for each in first]


def _led(expression: str) -> str:
    r"""Look for the first letters before asking for the word's edge before them, which is quicker.

    Examples
    --------
    >>> _led(r"\bsorry for"), _led(r"(?<!i\s)\bwill go")
    ('sorry(?<=\\bsorry) for', 'will(?<!i\\swill)(?<=\\bwill) go')
    """
    found = _LEADING.match(expression)
    if not found:
        return expression
    word = found[2]
    before = "".join(
        f"(?<!{each['not']}{word})" if each["not"] else rf"(?<=\b{word})"
        for each in _LOOKED_FOR.finditer(found[1])
    )
    return f"{word}{before}{expression[found.end() :]}"


def _alternatives(expression: str, *, closed: bool = False) -> list[str]:
    """Cut an expression at the bars that stand in no group and no set of letters.

    A `closed` one is what follows an opening bracket, and is read to the bracket that closes it.
    """
    cut, depth, start, inside, place = [], 0, 0, False, 0
    while place < len(expression) and depth >= 0:
        letter = expression[place]
        if letter == "\\":
            place += 1
        elif inside:
            inside = letter != "]"
        elif letter == "[":
            inside = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "|" and depth == 0:
            cut.append(expression[start:place])
            start = place + 1
        place += 1
    return [*cut, expression[start : place - 1 if closed else place]]
