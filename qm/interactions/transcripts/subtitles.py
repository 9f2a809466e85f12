"""Reads WebVTT and SubRip subtitles; a cue may hold several voices."""

import re
from collections.abc import Iterator

from qm.interactions.text_extraction.html_text import resolve_references
from qm.interactions.transcripts.labelled_lines import labelled_utterances
from qm.interactions.transcripts.utterances import (
    Utterance,
    clock_seconds,
    from_the_first,
    joined_sentences,
)

# Teams once wrote "0:0:3.420".
_CLOCK = r"(?:\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,3}|(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)"
_TIMING = re.compile(rf"\s*({_CLOCK})\s*-->\s*({_CLOCK})(?![\d:.,])(?!\w)")
# "00:05.00x --> 00:06", "00:07 -> 00:09": what was meant to be one.
_BROKEN_TIMING = re.compile(r"\s*\d{1,3}:\d{1,2}[\w:.,]*\s*(?:[-\u2013\u2014]+>|\u2192)")
_TOO_MANY = re.compile(r":[6-9]\d")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_FACT = re.compile(r"[A-Za-z-]+\s?[:=]\s?\S+$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]*)>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z0-9:][^<>]*>")
_ONE_DIGIT = re.compile(r"(?<!\d)(?=\d[:.])(?<![.,])")
# A name by itself: few words, none in small letters, and no sign of a sentence.
_WORD = r"[^\W\d_a-z\u00e0-\u00f6\u00f8-\u00ff][\w'\u2019.-]*"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,3}}(?: \([\w ]+\))?$")
_MIN_NAMED_CUES = 3
_START = re.compile("\ufeff?WEBVTT(?:[ \\t\\r\\n]|$)")


def is_subtitles(text: str) -> bool:
    """Whether a text is WebVTT or SubRip."""
    if _START.match(text):
        return True
    first = [line for line in text[:2000].splitlines() if line.strip()][:3]
    return any(_TIMING.match(line) for line in first[:2]) and "-->" in text[:2000]


def subtitle_utterances(text: str) -> list[Utterance]:
    """Return the utterances of subtitles, sentences that are cut into cues put together."""
    return list(joined_sentences(from_the_first(list(_cues(_with_voices(text))))))


def _with_voices(text: str) -> str:
    """Return subtitles with names as voices where each stands on a line above what was said, as in Teams."""
    lines = text.splitlines()
    heads = [place + 1 for place, line in enumerate(lines[:-2]) if _TIMING.match(line)]
    names = {lines[place].strip() for place in heads}
    is_named = _MIN_NAMED_CUES <= len(heads) > len(names) and all(
        _NAME.match(lines[place].strip()) and lines[place + 1].strip() for place in heads
    )
    for place in heads if is_named else ():
        lines[place] = f"<v {lines[place].strip()}>"
    return "\n".join(lines) if is_named else text


def _cues(text: str) -> Iterator[Utterance]:
    """Yield what is said in each cue; words whose times cannot be read are kept without a time."""
    block: list[str] = []
    is_header = _START.match(text) is not None
    for line in [*text.splitlines(), ""]:
        if line.strip():
            block.append(line.strip())
            continue
        if block and not is_header:
            yield from _block(block)
        # The first block names the form.
        is_header = is_header and not block
        block = []


def _block(lines: list[str]) -> Iterator[Utterance]:
    """Yield what is said in lines without an empty one between: a cue, or several."""
    places = [place for place, line in enumerate(lines) if _is_timing(line)]
    if not places:
        if _NO_CUE.match(lines[0]) is None and not all(_FACT.match(line) or line.isdigit() for line in lines):
            yield from _voices(lines, None, is_bad=True)
        return
    for place, following in zip(places, [*places[1:], None], strict=True):
        # Without an empty line between, what stands above a timing is the name of its cue.
        end = len(lines) if following is None else max(place + 1, following - 1)
        start, is_bad = _start(lines[place])
        yield from _voices(lines[place + 1 : end], start, is_bad=is_bad)


def _is_timing(line: str) -> bool:
    return _TIMING.match(line) is not None or "-->" in line or _BROKEN_TIMING.match(line) is not None


def _start(line: str) -> tuple[float | None, bool]:
    """Return when a cue starts, and whether its times cannot be right."""
    timing = _TIMING.match(line)
    if timing is None:
        return None, True
    start, end = (clock_seconds(_ONE_DIGIT.sub("0", time)) for time in timing.groups())
    is_right = start is not None and end is not None and start <= end and _TOO_MANY.search(timing[0]) is None
    return start, not is_right


def _voices(lines: list[str], start: float | None, *, is_bad: bool) -> Iterator[Utterance]:
    whole = "\n".join(lines)
    before, *voiced = _VOICE.split(whole)
    if _plain(before):
        for said in labelled_utterances(_plain(before)):
            yield Utterance(" ".join(said.text.split()), said.speaker, start, is_bad)
    for name, words in zip(voiced[::2], voiced[1::2], strict=True):
        if _plain(words):
            yield Utterance(" ".join(_plain(words).split()), _plain(name) or None, start, is_bad)


def _plain(text: str) -> str:
    return resolve_references(_TAG.sub("", text)).strip()
