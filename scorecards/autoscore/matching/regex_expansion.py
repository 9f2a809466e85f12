"""Expands a regular expression to the strings it may match, as far as words and their beginnings go.

In a string, `BOUNDARY` stands for a word boundary or what is neither letter nor digit, `ANYTHING` for unknown
text, `DIGIT` for one digit, `DIGITS` for one or more, and `NON_ASCII` for a character beyond ASCII.
"""

import re

BOUNDARY, ANYTHING, DIGIT, DIGITS, NON_ASCII = " ", "\0", "#", "\1", "~"
FIRST_COLLAPSED, LAST_COLLAPSED = "\ue000", "\uf8ff"
"""Private-use characters, each for an element that would make too many strings."""

DIGIT_CHARACTERS = (DIGIT, DIGITS)
_MAX_STRINGS = 100
_MAX_DIGITS = 4
_LETTERS = re.compile(r"[^\W\d_]+(?![?*+{])")
_QUANTIFIER = re.compile(r"([?*+]|\{(\d*)(?:(,)(\d*))?\})[?+]?")
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_SET = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")
_DIGIT_SET = re.compile(r"(?:\d(?:-\d)?|\\d)+")
_BOUNDARY_LOOKAROUNDS = ("(?<!\\w)", "(?!\\w)")
_BOUNDARY_ESCAPES = frozenset("bsWAZ")
_UNKNOWN_ESCAPES = frozenset("wDS123456789")

Strings = frozenset[str]

ONE_BOUNDARY: Strings = frozenset({BOUNDARY})
UNKNOWN: Strings = frozenset({ANYTHING})
_EMPTY: Strings = frozenset({""})
_ONE_DIGIT: Strings = frozenset({DIGIT})


class Expansion:
    """Parses an expression from left to right and expands it to the strings it may match."""

    def __init__(self, expression: str) -> None:
        """Expand nothing yet."""
        self._expression = expression
        self._position = 0
        self._collapsed: list[Strings] = []

    def chunks(self) -> list[Strings]:
        """Expand the whole expression, divided where a word ends in any case.

        Raises
        ------
        ValueError
            If the expression has a construct that is not supported here, or a bar outside of groups.
        """
        chunks: list[Strings] = []
        chunk = _EMPTY
        while self._position < len(self._expression):
            element = self._quantified(self._element())
            if _is_boundary_between(chunk, element):
                chunks.append(concatenated(chunk, ONE_BOUNDARY))
                chunk = concatenated(ONE_BOUNDARY, element)
            else:
                chunk = self._extended(chunk, element)
        return [*chunks, chunk]

    def collapsed(self, token: str) -> Strings:
        """Return the strings of a collapsed element."""
        return self._collapsed[ord(token) - ord(FIRST_COLLAPSED)]

    def _extended(self, strings: Strings, element: Strings) -> Strings:
        if len(strings) * len(element) > _MAX_STRINGS:
            token = chr(ord(FIRST_COLLAPSED) + len(self._collapsed))
            if token > LAST_COLLAPSED:
                raise ValueError(self._expression)
            self._collapsed.append(element)
            start, end = BOUNDARY * _all_start(element), BOUNDARY * _all_end(element)
            element = frozenset({f"{start}{token}{end}"})
        return concatenated(strings, element)

    def _alternation(self) -> Strings:
        strings = self._sequence()
        while self._expression[self._position] == "|":
            self._position += 1
            strings |= self._sequence()
        self._position += 1
        return strings

    def _sequence(self) -> Strings:
        strings = _EMPTY
        while self._expression[self._position] not in "|)":
            strings = self._extended(strings, self._quantified(self._element()))
        return strings

    def _element(self) -> Strings:
        character = self._expression[self._position]
        if character == "(":
            return self._group()
        if character == "[":
            return self._set()
        if letters := _LETTERS.match(self._expression, self._position):
            self._position = letters.end()
            return frozenset({letters.group()})
        self._position += 1
        if character == "\\":
            self._position += 1
            return _escaped(self._expression[self._position - 1])
        return _unescaped(character)

    def _group(self) -> Strings:
        if self._expression.startswith("(?:", self._position):
            self._position += 3
            return self._alternation()
        if lookaround := _LOOKAROUND.match(self._expression, self._position):
            start, self._position = self._position, lookaround.end()
            self._alternation()
            is_boundary = self._expression[start : self._position] in _BOUNDARY_LOOKAROUNDS
            return ONE_BOUNDARY if is_boundary else _EMPTY
        raise ValueError(self._expression)

    def _set(self) -> Strings:
        found = _SET.match(self._expression, self._position)
        if not found:
            raise ValueError(self._expression)
        self._position = found.end()
        negated, characters = found.groups()
        if negated:
            return UNKNOWN
        if _DIGIT_SET.fullmatch(characters):
            return _ONE_DIGIT
        if not any(each.isascii() for each in characters):
            return frozenset({f"{ANYTHING}{NON_ASCII}{ANYTHING}"})
        characters = characters.replace("\\W", "").replace("\\s", "")
        return UNKNOWN if any(each.isalnum() for each in characters) else ONE_BOUNDARY

    def _quantified(self, strings: Strings) -> Strings:
        found = _QUANTIFIER.match(self._expression, self._position)
        if not found:
            return strings
        self._position = found.end()
        at_least_once = found[1] == "+" or (found[2] or "0").strip("0")
        at_most_once = found[1] == "?" or (found[1][0] == "{" and found[4] == "1")
        if not at_most_once and strings == _ONE_DIGIT:
            strings = _repeated_digit(found)
        elif not at_most_once and strings != ONE_BOUNDARY:
            end = ONE_BOUNDARY if _all_end(strings) else _EMPTY
            strings = concatenated(concatenated(strings, UNKNOWN), end)
        return strings if at_least_once else strings | _EMPTY


def concatenated(first: Strings, second: Strings) -> Strings:
    """Return every string of the first followed by every one of the second; boundaries that meet are one."""
    if second == ONE_BOUNDARY:
        return frozenset([each if each.endswith(BOUNDARY) else each + BOUNDARY for each in first])
    return frozenset(
        [
            before + after[1:] if after[:1] == before[-1:] in {BOUNDARY, ANYTHING} else before + after
            for before in first
            for after in second
        ]
    )


def _repeated_digit(quantifier: re.Match[str]) -> Strings:
    _, least, comma, most = quantifier.groups()
    exact = quantifier[1].startswith("{") and not comma
    last = int(least if exact else most or _MAX_DIGITS + 1)
    if not 0 < last <= _MAX_DIGITS:
        return frozenset({DIGITS})
    return frozenset({DIGIT * number for number in range(max(int(least or 1), 1), last + 1)})


def _is_boundary_between(first: Strings, second: Strings) -> bool:
    """Tell whether a word, or the digits in it, end between any two of the strings."""
    if _all_end(first) or _all_start(second):
        return True
    return all(ends_letters(each[-1:]) for each in first) and all(ends_digits(each[:1]) for each in second)


def _all_start(strings: Strings) -> bool:
    return all(each.startswith(BOUNDARY) for each in strings)


def _all_end(strings: Strings) -> bool:
    return all(each.endswith(BOUNDARY) for each in strings)


def ends_letters(neighbour: str) -> bool:
    """Tell whether a run of letters ends beside this character."""
    return neighbour == BOUNDARY or neighbour in DIGIT_CHARACTERS


def ends_digits(neighbour: str) -> bool:
    """Tell whether a run of digits ends beside this character."""
    return neighbour == BOUNDARY or neighbour.isalpha()


def _unescaped(character: str) -> Strings:
    if character in "*+?{|)":
        raise ValueError(character)
    if character == ".":
        return UNKNOWN
    if character.isdecimal():
        return _ONE_DIGIT
    return frozenset({character}) if character.isalnum() else ONE_BOUNDARY


def _escaped(character: str) -> Strings:
    if character in _BOUNDARY_ESCAPES:
        return ONE_BOUNDARY
    if character == "d":
        return _ONE_DIGIT
    if character in _UNKNOWN_ESCAPES:
        return UNKNOWN
    if character.isalnum():
        raise ValueError(character)
    return ONE_BOUNDARY
