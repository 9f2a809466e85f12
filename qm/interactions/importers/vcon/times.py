"""Reads the times of foreign documents, which are not always what their format demands."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from qm.interactions.fields import EARLIEST, LATEST
from qm.interactions.importers.imported import Notes

MAX_SECONDS = 366 * 24 * 3600.0
_FRACTION = re.compile(r"([.,]\d{6})\d+")


def read_time(value: Any, pointer: str, notes: Notes) -> datetime | None:
    """Return a time as aware UTC; nothing, and a note, where it cannot be told."""
    if value is None:
        return None
    at = _from_number(value) if isinstance(value, (int, float)) else _from_text(value)
    if at is None:
        notes.say(pointer, "not_a_time", "This time cannot be read; it was left out.")
        return None
    if not isinstance(value, str):
        notes.say(pointer, "epoch_time", "The time is a number; it was taken for seconds since 1970.")
    if at.tzinfo is None:
        notes.say(pointer, "naive_time", "The time has no offset; it was taken for UTC.")
        at = at.replace(tzinfo=UTC)
    if not EARLIEST + timedelta(days=2) <= at < LATEST - timedelta(days=2):
        notes.say(pointer, "not_a_time", "This time is out of range; it was left out.")
        return None
    return at.astimezone(UTC)


def _from_number(value: float) -> datetime | None:
    try:
        if isinstance(value, bool) or not isfinite(value):
            return None
        # Whoever counts milliseconds is told by the size: seconds reach that far only in the year 5138.
        return datetime.fromtimestamp(value / 1000 if abs(value) >= 1e11 else value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _from_text(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 100:
        return None
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_seconds(value: Any) -> float | None:
    """Return a length of time in seconds, nothing for what is none or cannot be."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= MAX_SECONDS else None


def after(start: datetime | None, seconds: float | None) -> datetime | None:
    """Return the time so many seconds after a start, where both are known."""
    return None if start is None or seconds is None else start + timedelta(seconds=seconds)
