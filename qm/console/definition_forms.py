"""Forms of definitions: which version a form was opened with, from when on it shall hold, and its changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import get_timezone
from flask_babel import lazy_gettext as _

from scorecards.authoring.differences import Difference, differences
from scorecards.authoring.models import Definition
from scorecards.authoring.route_schemas import LAST_MOMENT
from tenants.changes import ALWAYS
from tenants.http.contract import StaleVersion, tag_of
from tenants.http.faults import Fault, Invalid

NEW = "new"


def tag_in_form(present: Definition | None) -> str:
    """Return what a form carries to tell which version it was opened with."""
    return NEW if present is None else tag_of(present.definition_id, present.revision)


def check_opened_version(present: Definition | None) -> None:
    """Raise StaleVersion when somebody else has changed the definition since the form was opened.

    The definitions have to be locked.
    """
    if request.form.get("opened") != tag_in_form(present):
        raise StaleVersion


def check_confirmed() -> None:
    """Refuse what puts something in force without the tick that says it is meant."""
    if request.form.get("confirmed") != "on":
        raise Invalid([Fault("/confirmed", "required", str(_("Tick this to say that you mean it.")))])


def typed_moment() -> datetime | None:
    """Return the moment that was typed in the reader's time zone, None for now."""
    typed = request.form.get("effective_from", "").strip()
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(str(get_timezone())))
        in_range = ALWAYS <= aware <= LAST_MOMENT
    except (ValueError, OverflowError):
        in_range = False
    if not in_range:
        detail = str(_("Expected a day and a time, such as 2026-12-01 09:00."))
        raise Invalid([Fault("/effective_from", "not_a_moment", detail)])
    return aware


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """What changes in one part of a definition: its names, and the differences below it."""

    names: Sequence[str]
    differences: Sequence[tuple[str, Difference]]


def changed_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ChangedPart]:
    """Group what differs by the question, rule or other named group that it belongs to."""
    parts: dict[tuple[str, ...], list[tuple[str, Difference]]] = {}
    for each in differences(before, after):
        owner, rest = _owner(each.path)
        parts.setdefault(owner, []).append((rest, each))
    return [ChangedPart(names, found) for names, found in parts.items()]


def _owner(path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the names of the group that a part belongs to, and the name of the part in it.

    >>> _owner(("sections", "listen", "questions", "names_it", "options", "no", "value"))
    (('listen', 'names_it'), 'options / no / value')
    >>> _owner(("rules", "chat", "targets", "resolution"))
    (('chat',), 'targets / resolution')
    >>> _owner(("pass_mark",))
    ((), 'pass_mark')
    """
    if len(path) > 3 and path[0] == "sections" and path[2] == "questions":
        return (path[1], path[3]), " / ".join(path[4:])
    if len(path) > 1 and path[0] in {"sections", "rules", "calendars", "steps", "discretion", "terms"}:
        return (path[1],), " / ".join(path[2:])
    return (), " / ".join(path)
