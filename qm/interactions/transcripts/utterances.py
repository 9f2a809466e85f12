"""Utterances, what every form of a transcript is read to."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?(?:\s?([ap])\.?m\.?)?", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f\"')\]]\s*$")
# Subtitles of one speaker that follow within this time, in the middle of a sentence, belong together.
_SAME_BREATH_SECONDS = 5.0
_ONE_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """
    One utterance with a speaker label or index, and its start as seconds from the beginning or a time.

    `is_bad_cue` says that it comes from subtitles whose times cannot be right.
    """

    text: str
    speaker: str | int | None = None
    start: float | str | None = None
    is_bad_cue: bool = False


def clock_seconds(written: str) -> float | None:
    """
    Return a position such as 1:02:03.5 or 2:03, or a time such as 2:03 PM, in seconds; None if it is none.

    Examples
    --------
    >>> clock_seconds("01:02:03.5"), clock_seconds("2:03"), clock_seconds("2:3")
    (3723.5, 123.0, None)
    >>> clock_seconds("2:03 PM")
    50580.0
    """
    found = _CLOCK.fullmatch(written.strip())
    if found is None:
        return None
    hours, minutes, seconds, fraction, half = found.groups(default="")
    if half:
        hours, minutes, seconds = (hours, minutes, seconds) if hours else (minutes, seconds, "0")
        hours = str(int(hours) % 12 + (12 if half.lower() == "p" else 0))
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + (float(f"0.{fraction}") if fraction else 0.0)


def joined_sentences(utterances: Iterable[Utterance]) -> Iterator[Utterance]:
    """Yield utterances with the pieces of sentences put together that subtitles are cut into."""
    last, latest = None, None
    for each in utterances:
        if last is not None and _is_same(last, each) and _continues(last.text, latest, each.start):
            last = replace(last, text=f"{last.text} {each.text}")
        else:
            if last is not None:
                yield last
            last = each
        latest = each.start
    if last is not None:
        yield last


def _is_same(last: Utterance, each: Utterance) -> bool:
    return last.speaker == each.speaker and not last.is_bad_cue and not each.is_bad_cue


def _continues(text: str, before: float | str | None, start: float | str | None) -> bool:
    if not isinstance(before, float) or not isinstance(start, float):
        return False
    return start - before <= _SAME_BREATH_SECONDS and _ENDS_SENTENCE.search(text[-3:]) is None


def from_the_first(utterances: list[Utterance]) -> list[Utterance]:
    """Return utterances whose positions are times of day or of a broadcast, counted from the first one."""
    first = next((each.start for each in utterances if isinstance(each.start, float)), 0.0)
    if first < _ONE_HOUR:
        return utterances
    return [
        replace(each, start=max(0.0, each.start - first)) if isinstance(each.start, float) else each
        for each in utterances
    ]
