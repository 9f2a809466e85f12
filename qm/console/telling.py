"""Sentences of the API, which are English, in the language of whoever reads the page."""

import re
from collections.abc import Mapping

from flask_babel import get_locale, gettext

from qm.console.formatting import dates, localised
from qm.console.machine_sentences import MACHINE_SENTENCES
from qm.console.report_sentences import REPORT_SENTENCES
from qm.console.sentence import NUMBERS, Sentence

# The longest first: of two that fit, the longer one says more.
_SENTENCES = sorted(
    (Sentence(text) for text in (*REPORT_SENTENCES, *MACHINE_SENTENCES)), key=lambda each: -len(each.text)
)
# Also days, and words that are quoted.
_BETWEEN = re.compile(r"(?:[\s.,;:()]|\d{4}-\d{2}-\d{2}|'[^'\n]*')+")
_UNKNOWN = re.compile(r".+?(?:[.;](?=\s|$)|$)", re.DOTALL)
_ENGLISH = "en"


def told(text: str | None) -> str:
    """Return a text of the API in the reader's language; what nobody has translated stays as it is."""
    locale = get_locale()
    if not text or locale is None or locale.language == _ENGLISH:
        return text or ""
    return _told(text)


def _told(text: str) -> str:
    written, place = "", 0
    while place < len(text):
        piece, place = _piece(text, place)
        written += piece
    return written


def _piece(text: str, place: int) -> tuple[str, int]:
    """Return what stands at a place in the reader's language, and where the text goes on."""
    for sentence in _SENTENCES:
        found = sentence.at(text, place)
        if found is not None:
            return gettext(sentence.text, **_values(found.groupdict())), found.end()
    between = _BETWEEN.match(text, place)
    if between is not None:
        return dates(between[0]), between.end()
    unknown = _UNKNOWN.match(text, place)
    end = len(text) if unknown is None else unknown.end()
    return text[place:end], end


def _values(values: Mapping[str, str]) -> dict[str, str]:
    return {name: localised(value) if name in NUMBERS else _told(value) for name, value in values.items()}
