"""Reads chats as messengers export them: a date and a time before each message, and who wrote it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from qm.interactions.transcripts.utterances import Utterance

_DATE = r"(?P<first>\d{1,4})[./-] ?(?P<second>\d{1,2})[./-] ?(?P<third>\d{1,4})"
_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<seconds>\d{2})(?:[.,]\d{1,6})?)?"
    r"(?:[ \u00a0\u202f]?(?P<half>[AaPp])\.?[ \u00a0]?[Mm]\.?)?(?:Z| ?[+-]\d{2}:?\d{2})?"
)
_STAMP = rf"{_DATE}(?:,? ?T?| at | um | à | a las ){_TIME}"
_NAME = r"(?P<name>[^:\[\]\n]{1,60}?)"
# "[03/11/2026, 10:02:33] Ana: Hi", "03/11/2026, 10:02 - Ana: Hi", "2026-11-03 10:02:33 Ana: Hi".
_IN_ROUND, _BARE = _STAMP.replace("?P<", "?P<b_"), _STAMP.replace("?P<", "?P<c_")
_MESSAGE = re.compile(
    rf"\s*(?:\[{_STAMP}\]|\({_IN_ROUND}\)|{_BARE}(?=[\s,|\u2013-]))"
    r"\s*[-\u2013|,]?\s*"
)
_WRITER = re.compile(rf"{_NAME}\s*[:\uff1a](?:\s+|$)")
# Above the words: "Ana Silva, [03.11.2026 10:02]".
_HEADING = re.compile(rf"\s*{_NAME},?\s+\[{_STAMP}\]\s*:?\s*$")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_PREFIXES, _MIN_STAMPS, _MONTHS, _DAYS, _CENTURY = ("", "b_", "c_"), 2, 12, 31, 100


@dataclass(frozen=True, slots=True)
class _Message:
    name: str | None
    stamp: tuple[int, int, int, int, int, int]
    is_american_clock: bool
    text: str


def chat_utterances(text: str) -> list[Utterance]:
    """Return the messages of an exported chat, their times counted from the first; empty if it is none."""
    lines = _DIRECTIONS.sub("", text).splitlines()
    first = next((line for line in lines if line.strip()), "")
    if _stamp_of(first) is None:
        return []
    messages = list(_messages(lines))
    if len(messages) < _MIN_STAMPS or not any(each.name for each in messages):
        return []
    starts = _starts(messages)
    return [
        Utterance(each.text, each.name or "system", start)
        for each, start in zip(messages, starts, strict=True)
        if each.text.strip()
    ]


def _messages(lines: Sequence[str]) -> Iterator[_Message]:
    last: _Message | None = None
    for line in lines:
        found = _stamp_of(line)
        if found is None:
            if last is not None:
                last = _Message(last.name, last.stamp, last.is_american_clock, f"{last.text}\n{line}".strip())
            continue
        if last is not None:
            yield last
        match, prefix = found
        name, words = match.groupdict().get("name"), line[match.end() :]
        writer = _WRITER.match(words) if name is None else None
        if writer:
            name, words = writer["name"], words[writer.end() :]
        last = _Message(name, _numbers(match, prefix), bool(match[f"{prefix}half"]), words.strip())
    if last is not None:
        yield last


def _stamp_of(line: str) -> tuple[re.Match[str], str] | None:
    """Return the match of the date and time before a message, and the prefix of its groups."""
    heading = _HEADING.match(line)
    if heading:
        return heading, ""
    found = _MESSAGE.match(line)
    if found is None:
        return None
    return found, next(prefix for prefix in _PREFIXES if found[f"{prefix}hour"] is not None)


def _numbers(found: re.Match[str], prefix: str) -> tuple[int, int, int, int, int, int]:
    names = ("first", "second", "third", "hour", "minute", "seconds")
    numbers = [int(found[f"{prefix}{name}"] or 0) for name in names]
    half = (found[f"{prefix}half"] or "").lower()
    if half:
        numbers[3] = numbers[3] % 12 + (12 if half == "p" else 0)
    return tuple(numbers)  # type: ignore[return-value]


def _starts(messages: Sequence[_Message]) -> list[float | None]:
    """Return the times of all messages in seconds from the first; none at all if one of them cannot be."""
    stamps = [each.stamp for each in messages]
    # Where no day is above 12, those who write AM and PM write the month first.
    is_month_first = any(stamp[1] > _MONTHS for stamp in stamps) or (
        all(stamp[0] <= _MONTHS for stamp in stamps) and any(each.is_american_clock for each in messages)
    )
    try:
        moments = [_moment(stamp, is_month_first=is_month_first) for stamp in stamps]
    except ValueError:
        return [None] * len(stamps)
    return [(moment - moments[0]).total_seconds() for moment in moments]


def _moment(stamp: tuple[int, int, int, int, int, int], *, is_month_first: bool) -> datetime:
    first, second, third, hour, minute, seconds = stamp
    if first > _DAYS:
        year, month, day = first, second, third
    else:
        day, month, year = (second, first, third) if is_month_first else (first, second, third)
    century = 0 if year >= _CENTURY else 2000
    # Local times, which are only compared among themselves.
    return datetime(century + year, month, day, hour, minute, seconds, tzinfo=UTC)
