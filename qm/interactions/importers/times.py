"""Parses times of imported documents, including those that violate their format."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from qm.interactions.fields import CLOCK_SKEW, EARLIEST, LATEST, latest_moment
from qm.interactions.importers.imported import DeviationLog

MAX_SECONDS = 366 * 24 * 3600.0
_FRACTION = re.compile(r"([.,]\d{6})\d+")


def read_time(value: Any, pointer: str, notes: DeviationLog) -> datetime | None:
    """Return a time as aware UTC; None and a deviation if it cannot be read."""
    if value is None:
        return None
    at = _from_number(value) if isinstance(value, (int, float)) else _from_text(value)
    if at is None:
        notes.add(pointer, "not_a_time", "This time cannot be read; it was left out.")
        return None
    if not isinstance(value, str):
        notes.add(pointer, "epoch_time", "The time is a number; it was taken for seconds since 1970.")
    if at.tzinfo is None:
        notes.add(pointer, "naive_time", "The time has no offset; it was taken for UTC.")
        at = at.replace(tzinfo=UTC)
    if not EARLIEST + timedelta(days=2) <= at < LATEST - timedelta(days=2):
        notes.add(pointer, "not_a_time", "This time is out of range; it was left out.")
        return None
    return without_future(at.astimezone(UTC), pointer, notes)


def without_future(at: datetime | None, pointer: str, notes: DeviationLog) -> datetime | None:
    """Return a time; None and a deviation if it lies in the future."""
    if at is not None and at > latest_moment():
        notes.add(pointer, "in_future", "This time lies in the future; it was left out.")
        return None
    return at


def not_before(
    at: datetime | None, started_at: datetime | None, pointer: str, notes: DeviationLog
) -> datetime | None:
    """Return a time; None and a deviation if it lies before the start, if that is known."""
    if at is not None and started_at is not None and at < started_at - CLOCK_SKEW:
        notes.add(pointer, "before_start", "This time lies before the start; it was left out.")
        return None
    return at


def _from_number(value: float) -> datetime | None:
    try:
        if isinstance(value, bool) or not isfinite(value):
            return None
        # Values from 1e11 are milliseconds: as seconds they would lie after the year 5138.
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
    """Return a duration in seconds; None if it is not a number or out of range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= MAX_SECONDS else None


def add_seconds(start: datetime | None, seconds: float | None) -> datetime | None:
    """Return the time `seconds` after `start`; None if either is unknown."""
    return None if start is None or seconds is None else start + timedelta(seconds=seconds)
