"""Text normalisation that keeps offsets, masking of quotations, sentence splitting, tokenisation."""

import re
from typing import NamedTuple

MAX_SENTENCE_LENGTH = 1000
"""Characters; a longer sentence is split at a space, so that no rule gets unbounded text."""

_MAX_QUOTED_SHARE = 0.8
"""Share of a turn above which a quotation is the turn itself and is not masked."""


def word_set(written: str) -> frozenset[str]:
    """Return the words of a string, so that tables of words stay readable."""
    return frozenset(written.split())


_CHARACTER_VARIANTS = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "\u02bc": "'",
        "\u00b4": "'",
        "`": "'",
        "\uff07": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2026": ".",
        "\u00a0": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\t": " ",
    }
)
_ABBREVIATIONS = word_set(
    "mr mrs ms dr prof st e.g i.e eg ie vs no nr approx dept inc ltd co corp a.m p.m am pm u.s u.k "
    "jan feb mar apr jun jul aug sep sept oct nov dec tel ext ave rd"
)
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_BREAK = re.compile(
    rf"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]]*|\n|(?<![{_EMOJI}])[{_EMOJI}]++\ufe0f?(?=[\sA-Z])"
)
# One character set at the beginning is found in less than half the time of two alternatives.
_ASCII_BREAK = re.compile(r"[.!?\n](?:(?<!\n)[.!?]*[\"')\]]*)?")
_QUOTED = re.compile(r'"[^"]{1,600}"')
# Quoted history is set aside as interactions come in; this is for lines that people mark in chats.
_MARKED_LINE = re.compile(r"^ *>.*$", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")


class Piece(NamedTuple):
    """The span of a sentence in its turn: characters [start, end)."""

    start: int
    end: int


def normalise(text: str) -> str:
    """Return the text in lower case with straight quotes and plain spaces; every offset stays the same.

    Examples
    --------
    >>> normalise("I\u2019M SORRY")
    "i'm sorry"
    >>> len(normalise("\u0130stanbul"))
    8
    """
    plain = (
        text
        if text.isascii() and "`" not in text and "\t" not in text
        else text.translate(_CHARACTER_VARIANTS)
    )
    lowered = plain.lower()
    if len(lowered) == len(plain):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in plain)


def mask_quotations(plain: str) -> str:
    """Mask quotations in normalised text with underscores of the same length.

    Words inside double quotes, and the mail that a reply quotes below itself, are not the speaker's own, so
    no rule may credit or blame the speaker for them. A turn that is one single quotation stays unchanged.

    Examples
    --------
    >>> mask_quotations('the page says "sorry" there')
    'the page says "_____" there'
    """
    if '"' in plain:
        plain = _QUOTED.sub(lambda found: _masked(found.group(), len(plain)), plain)
    if ">" in plain:
        plain = _MARKED_LINE.sub(lambda found: _masked(found.group(), len(plain)), plain)
    return plain


def _masked(quotation: str, whole: int) -> str:
    if len(quotation) > _MAX_QUOTED_SHARE * whole:
        return quotation
    if quotation.startswith('"'):
        return '"' + "_" * (len(quotation) - 2) + '"'
    return re.sub(r"[^\n]", "_", quotation)


def sentences(text: str) -> list[Piece]:
    """Split a turn into sentences; every character except white space is in exactly one of them.

    Abbreviations ("Dr.", "e.g."), decimals, addresses and an ellipsis before a lower-case letter do not end a
    sentence; "!", "?" and emoji do even without a space after them; a line break does unless the line is
    only wrapped.

    Examples
    --------
    >>> [text[a:b] for text in ["Dr. Lee paid 2.50.Great!ok... fine"] for a, b in sentences(text)]
    ['Dr. Lee paid 2.50.', 'Great!', 'ok... fine']
    """
    pieces: list[Piece] = []
    start = 0
    for found in (_ASCII_BREAK if text.isascii() else _BREAK).finditer(text):
        end = found.end()
        if end < len(text) and _ends_sentence(text, start, found):
            _append(pieces, text, start, end)
            start = end
    _append(pieces, text, start, len(text))
    return pieces


def _ends_sentence(text: str, start: int, found: re.Match[str]) -> bool:
    mark = found.group()
    after = text[found.end()]
    if mark == ".":
        return _full_stop_ends(text, start, found.start(), after)
    if mark == "\n":
        return after in "\n>-*\u2022 " or not after.islower()
    if mark.strip(".\u2026\"'\u201d\u2019)]"):
        return True
    if mark[:2] in {"..", ".\u2026"} or mark[0] == "\u2026":
        return after.isspace() and not text[found.end() : found.end() + 3].strip()[:1].islower()
    return _full_stop_ends(text, start, found.start(), after)


def _full_stop_ends(text: str, start: int, stop: int, after: str) -> bool:
    word = text[max(text.rfind(" ", start, stop) + 1, start, stop - 40) : stop].lower().lstrip("(\"'")
    if not after.isspace():
        address = set(word) & set("/@:") or ("." in word and not word.replace(".", "").isdigit())
        return after.isupper() and len(word) > 1 and word[-1].isalnum() and not address
    return word not in _ABBREVIATIONS and not (len(word) == 1 and word.isalpha() and word != "i")


def _append(pieces: list[Piece], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if 0 < end - start <= MAX_SENTENCE_LENGTH:
        pieces.append(Piece(start, end))
        return
    while end - start > MAX_SENTENCE_LENGTH:
        cut = text.rfind(" ", start + MAX_SENTENCE_LENGTH // 2, start + MAX_SENTENCE_LENGTH)
        cut = cut if cut > 0 else start + MAX_SENTENCE_LENGTH
        pieces.append(Piece(start, cut))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        pieces.append(Piece(start, end))


def words(plain: str) -> list[str]:
    """Return the words of normalised text; an apostrophe inside a word belongs to it.

    Examples
    --------
    >>> words("that's 2 o'clock, ok?")
    ["that's", '2', "o'clock", 'ok']
    """
    return (_ASCII_WORD if plain.isascii() else _WORD).findall(plain)
