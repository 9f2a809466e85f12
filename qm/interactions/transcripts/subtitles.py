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

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_TIMING = re.compile(rf"\s*({_CLOCK})\s*-->\s*{_CLOCK}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]*)>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z0-9:][^<>]*>")
_START = re.compile("\ufeff?WEBVTT(?:[ \\t\\r\\n]|$)")


def is_subtitles(text: str) -> bool:
    """Whether a text is WebVTT or SubRip."""
    if _START.match(text):
        return True
    first = [line for line in text[:2000].splitlines() if line.strip()][:3]
    return any(_TIMING.match(line) for line in first[:2]) and "-->" in text[:2000]


def subtitle_utterances(text: str) -> list[Utterance]:
    """Return the utterances of subtitles, sentences that are cut into cues put together."""
    return list(joined_sentences(from_the_first(list(_cues(text)))))


def _cues(text: str) -> Iterator[Utterance]:
    start: float | None = None
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        timing = _TIMING.match(line)
        if timing and lines and start is not None:
            # Without a blank line between, what stands above a timing is the name of its cue.
            lines.pop()
            yield from _voices(lines, start)
        if timing:
            start, lines = clock_seconds(timing[1]), []
        elif line.strip():
            lines.append(line.strip())
        else:
            if start is not None:
                yield from _voices(lines, start)
            start, lines = None, []


def _voices(lines: list[str], start: float) -> Iterator[Utterance]:
    whole = "\n".join(lines)
    before, *voiced = _VOICE.split(whole)
    if _plain(before):
        for said in labelled_utterances(_plain(before)):
            yield Utterance(" ".join(said.text.split()), said.speaker, start)
    for name, words in zip(voiced[::2], voiced[1::2], strict=True):
        if _plain(words):
            yield Utterance(" ".join(_plain(words).split()), _plain(name) or None, start)


def _plain(text: str) -> str:
    return resolve_references(_TAG.sub("", text)).strip()
