"""SLA clocks as they are stored: plain JSON and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from scorecards.sla import Clock, Pause

_MOMENTS = ("started_at", "due_at", "stopped_at")
_FIELDS = tuple(field.name for field in fields(Clock))


def to_json(clocks: Sequence[Clock]) -> list[dict[str, Any]]:
    """Return clocks with their moments as RFC 3339 text."""
    return [_plain(clock) for clock in clocks]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Clock, ...]:
    """Return stored clocks, to judge again without changing what was settled."""
    return tuple(_clock(entry) for entry in stored)


def _plain(clock: Clock) -> dict[str, Any]:
    entry: dict[str, Any] = {name: getattr(clock, name) for name in _FIELDS}
    for name in _MOMENTS:
        entry[name] = _text(entry[name])
    entry["pauses"] = [[_text(pause.start), _text(pause.end)] for pause in clock.pauses]
    return entry


def _clock(entry: Mapping[str, Any]) -> Clock:
    known = dict(entry)
    for name in _MOMENTS:
        known[name] = _moment(known[name])
    known["pauses"] = tuple(
        Pause(datetime.fromisoformat(start), _moment(end)) for start, end in known["pauses"]
    )
    return Clock(**known)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
