"""Numbers written out in English words: "twenty-five", "a hundred and ten"."""

from collections.abc import Mapping, Sequence

from scorecards.autoscore.text import normalization


def _counted(written: str, start: int, step: int) -> Mapping[str, int]:
    return {word: step * value for value, word in enumerate(written.split(), start)}


_SMALL = _counted(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    0,
    1,
)
_TENS = _counted("twenty thirty forty fifty sixty seventy eighty ninety", 2, 10)
_ARTICLES = normalization.word_set("a an")
_HUNDRED, _THOUSAND = "hundred", "thousand"
_ALTERNATIVES = "|".join(sorted((*_SMALL, *_TENS, _HUNDRED, _THOUSAND), key=len, reverse=True))

WRITTEN = (
    rf"(?:(?:an? (?=hundred|thousand))?(?:{_ALTERNATIVES})(?:(?:[ -]|,? and )(?:{_ALTERNATIVES}))*|an?(?= ))"
)
"""Regular expression of a number in words, in normalised text; the article alone is one."""


def number(words: Sequence[str]) -> float | None:
    """Return the number that words are written for, or None if they are no number.

    Parameters
    ----------
    words : sequence of str
        Lower-case words without hyphens; "and" may stand between them.

    Examples
    --------
    >>> number("a hundred and twenty five".split())
    125.0
    >>> number(["twenty", "thousand", "three", "hundred"])
    20300.0
    >>> number(["twenty", "thirty"]) is None
    True
    """
    parts = [word for word in words if word != "and"]
    if parts and parts[0] in _ARTICLES:
        parts[0] = "one"
    if _THOUSAND not in parts:
        below = _below_thousand(parts)
        return None if below is None else float(below)
    position = parts.index(_THOUSAND)
    thousands = _below_thousand(parts[:position]) if position else 1
    rest = _below_thousand(parts[position + 1 :]) if parts[position + 1 :] else 0
    return None if thousands is None or rest is None else float(1000 * thousands + rest)


def _below_thousand(parts: Sequence[str]) -> int | None:
    if _HUNDRED not in parts:
        return _below_hundred(parts)
    position = parts.index(_HUNDRED)
    hundreds = _below_hundred(parts[:position]) if position else 1
    rest = _below_hundred(parts[position + 1 :]) if parts[position + 1 :] else 0
    return None if hundreds is None or rest is None else 100 * hundreds + rest


def _below_hundred(parts: Sequence[str]) -> int | None:
    match list(parts):
        case [word] if word in _SMALL:
            return _SMALL[word]
        case [word] if word in _TENS:
            return _TENS[word]
        case [tens, unit] if tens in _TENS and 0 < _SMALL.get(unit, 0) < 10:
            return _TENS[tens] + _SMALL[unit]
    return None
