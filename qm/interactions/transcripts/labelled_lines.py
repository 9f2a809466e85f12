"""Reads transcripts written as lines with speakers, and often with times."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from qm.interactions.transcripts.utterances import Utterance, clock_seconds, from_the_first

_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\.?)?"
_BEFORE = rf"[\[(<]?\s*(?P<before>{_CLOCK})(?:\s*(?:-->|-|\u2013|\u2192)\s*{_CLOCK})?\s*[\])>]?"
_NAME = r"(?P<name>[^\W\d_][\w .,'&-]{0,40}?)"
# "[00:01:02] Agent: Hi", "Agent (00:01:02): Hi", "[Agent] 00:01:02: Hi" and the same without times.
_LINE = re.compile(
    rf"\s*(?:{_BEFORE}\s*[-\u2013|]?\s*)?(?:[\[(][^\])\n]{{0,20}}[\])]\s*)?{_NAME}"
    rf"\s*(?:[\[(<]\s*(?P<after>{_CLOCK})[^\])>\n]{{0,20}}[\])>]\s*)?[:\uff1a](?:\s+|(?<=\uff1a))(?=\S)"
)
# A line of its own above the words: "Ana Silva  0:12", "[Ana Silva] 10:02:33", "0:12 Ana Silva".
_HEADING = re.compile(
    rf"\s*(?:\[?{_NAME}\]?\s*(?:[-\u2013|,]\s*)?[\[(]?(?P<after>{_CLOCK})[\])]?"
    rf"|{_BEFORE}\s*[-\u2013|]?\s*(?P<other>[^\W\d_][\w .,'&-]{{0,40}}?))\s*:?\s*$"
)
# Of a chat beside a call: "10:02:33 From Ana Silva to Everyone: Hi", and the words may stand below.
_CHAT = re.compile(
    rf"\s*(?P<before>{_CLOCK})\s+(?:from|von|de|da|van|od|fra|från|от|від)\s+(?P<name>[^:\n]{{1,80}}?)"
    rf"(?:\s+(?:to|an|à|a|para|aan|do|til|till|для|кому)\s+[^:\n]{{1,80}}?)?\s*[:\uff1a](?:\s+|$)",
    re.IGNORECASE,
)
# "Agent - Hi", where every line begins so.
_DASHED = re.compile(r"\s*(?P<name>[^\W\d_][\w.'&]{0,30}(?: [\w.'&]{1,30}){0,2})\s+[-\u2013\u2014]\s+(?=\S)")
_MIN_DASHED = 3
# What stands before a colon without being who speaks.
_NOTES = """
note notes nb ps n.b. p.s. info tip hint warning important attention reminder remark remarks summary todo
e.g. i.e. hinweis anmerkung achtung wichtig notiz zusammenfassung remarque nota notas aviso importante
atención observación observaciones obs avviso attenzione opmerking uwaga notatka poznámka dikkat önemli
anmärkning bemærk merk huomio megjegyzés notă atenție примечание внимание важно заметка примітка увага
σημείωση προσοχή הערה ملاحظة تنبيه catatan
"""
_NO_SPEAKERS = frozenset(_NOTES.split())
_TIMED = re.compile(rf"\s*[\[(<]\s*(?P<before>{_CLOCK})(?:\s*(?:-->|-|\u2013)\s*{_CLOCK})?\s*[\])>]\s*(?=\S)")


def labelled_utterances(text: str) -> list[Utterance]:
    """
    Return the utterances of lines such as "Agent (00:00:12): Good morning".

    A line without a label continues the one before; without any label the text is one utterance.
    """
    return from_the_first(list(_utterances(text)))


def _utterances(text: str) -> Iterator[Utterance]:
    speaker: str | None = None
    start: float | None = None
    lines: list[str] = []
    is_chat = False
    given = [line for line in text.splitlines() if line.strip()]
    is_dashed = _are_dashed(given)
    for line, following in zip_longest(given, given[1:]):
        chat = _CHAT.match(line)
        # In a chat the lines of a message are indented.
        is_continued = is_chat and not chat and line[0] in " \t"
        found = (
            _DASHED.match(line) if is_dashed else None if is_continued else chat or _label(line, following)
        )
        if found and lines:
            yield Utterance("\n".join(lines), speaker, start)
            lines = []
        if found:
            is_chat = chat is not None
            said = found.groupdict()
            speaker = said.get("name") or said.get("other") or None
            start = clock_seconds(said.get("before") or said.get("after") or "")
        words = line[found.end() if found else 0 :].strip()
        if words:
            lines.append(words)
    if lines:
        yield Utterance("\n".join(lines), speaker, start)


def _are_dashed(lines: Sequence[str]) -> bool:
    """Whether every line begins with a label and a dash, at least two labels come, and one comes again."""
    if len(lines) < _MIN_DASHED or not all(map(_DASHED.match, lines)):
        return False
    names = {found["name"].casefold() for found in map(_DASHED.match, lines) if found}
    return 1 < len(names) < len(lines)


def _label(line: str, following: str | None) -> re.Match[str] | None:
    found = _LINE.match(line)
    if found and found["name"].casefold() in _NO_SPEAKERS:
        return _TIMED.match(line)
    return found or _heading(line, following) or _TIMED.match(line)


def _heading(line: str, following: str | None) -> re.Match[str] | None:
    """Return the match of a heading: a name, not words that end with a time, above a line of words."""
    found = _HEADING.match(line)
    if found is None or following is None or _HEADING.match(following) or _TIMED.match(line):
        return None
    words = (found["name"] or found["other"]).split()
    is_name = len(words) == 1 or not any(word[0].islower() for word in words)
    return found if is_name else None
