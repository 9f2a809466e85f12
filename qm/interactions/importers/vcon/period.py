"""When the conversation of a vCon took place, and which version of it the document is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from qm.interactions.importers.imported import DeviationLog
from qm.interactions.importers.times import add_seconds, not_before, read_time, without_future
from qm.interactions.importers.vcon.dialogs import Dialog, ImportedTurn
from tenants.http.faults import Fault, Invalid

_MAX_GAP = timedelta(days=30)


def period(
    vcon: Mapping[str, Any], dialogs: Mapping[int, Dialog], turns: list[ImportedTurn], notes: DeviationLog
) -> tuple[datetime, datetime | None]:
    """Return when the conversation began and, if that is known, when it ended."""
    starts = [dialog.start for dialog in dialogs.values() if dialog.start]
    times = [each.at for each in turns if each.at]
    started_at = min([*starts, *times], default=None)
    if started_at is None:
        for key in ("created_at", "updated_at"):
            started_at = read_time(vcon.get(key), f"/{key}", notes)
            if started_at:
                notes.add("/dialog", "start_assumed", f"No dialog says when it began; {key} was taken.")
                break
    if started_at is None:
        detail = "Nothing in this vCon says when the conversation took place."
        raise Invalid([Fault("/dialog", "no_time", detail)])
    _note_gap([*starts, *times], notes)
    ends = [_end(dialog, notes) for dialog in dialogs.values()]
    return started_at, max([*filter(None, ends), *times], default=None)


def _end(dialog: Dialog, notes: DeviationLog) -> datetime | None:
    return without_future(add_seconds(dialog.start, dialog.seconds), f"{dialog.pointer}/duration", notes)


def _note_gap(times: list[datetime], notes: DeviationLog) -> None:
    if any(later - earlier > _MAX_GAP for earlier, later in pairwise(sorted(times))):
        detail = f"More than {_MAX_GAP.days} days lie between two parts of this conversation."
        notes.add("/dialog", "far_apart", detail)


def version_moment(vcon: Mapping[str, Any], started_at: datetime, notes: DeviationLog) -> str | None:
    """Return which version of the document this is: its last change; unchanged, when it was made."""
    updated_at = not_before(
        read_time(vcon.get("updated_at"), "/updated_at", notes), started_at, "/updated_at", notes
    )
    if updated_at is None:
        created_at = read_time(vcon.get("created_at"), "/created_at", DeviationLog())
        updated_at = not_before(created_at, started_at, "/created_at", DeviationLog())
    return updated_at.isoformat() if updated_at else None
