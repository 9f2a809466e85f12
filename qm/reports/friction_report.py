"""The friction report: what customers keep coming back with, what it costs, and since when there is more.

It reads daily sums by theme, which a periodic job keeps (`qm.friction`). Friction is the product's, not the
agent's: no score is read or changed.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from qm.friction.assignment import themes_in_force
from qm.friction.models import EVERY_CHANNEL, SUMS, FrictionSum
from qm.interactions.conversations import turns_of
from qm.interactions.models import Interaction
from qm.reports.friction_figures import ThemeSums, theme_rows
from qm.reports.report_request import NOTHING_SCORED, ReportRequest, noted
from qm.reviews.client_reading import reads_for_client, redactor_of_speech, select_published_to_client
from qm.reviews.models import Evaluation
from scorecards.definitions.friction_themes import NO_THEME
from scorecards.definitions.theme_phrases import MAX_STATEMENT, problem_statement
from tenants.bulk_sql import id_array
from tenants.credentials import Actor

QUOTED_THEMES, QUOTES = 10, 2
_EXAMPLE_ROWS = 5
METHOD_NOTE = (
    "A theme is the sender's own contact reason or tag; where there is none, the phrase of the list that the "
    "customer mentions first. Apologies are what the machine finds in agents' words. A repeat contact is the "
    "same customer's next one within 7 days, about anything. A change of a theme's daily share is told by "
    "Pettitt's test, an accumulation of apologies by Fisher's exact test; both are corrected for the number "
    "of themes by Holm's method. Intervals are Wilson's, and Student's t for the shift. No agent's score "
    "rests on any of this."
)


def report(session: Session, request: ReportRequest, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/friction`."""
    found = _load(session, request)
    counts = {each.theme: each.interactions for each in found}
    total, without = sum(counts.values()), counts.get(NO_THEME, 0)
    shown = not request.suppresses(total)
    rows = theme_rows(request, found) if shown else []
    names = themes_in_force(session, request.client.client_id, request.now)[0].names
    quoted = [row["theme"] for row in rows if not row["suppressed"]][:QUOTED_THEMES]
    quotes = _quotes(session, request, actor, quoted)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "interactions": total if shown else None,
        "without_theme": request.visible_count(without, total) if shown else None,
        "suppressed": not shown,
        "themes": [
            {**row, "name": names.get(row["theme"], row["theme"]), "quotes": quotes.get(row["theme"], [])}
            for row in rows
        ],
        "method_note": noted(total, NOTHING_SCORED, METHOD_NOTE),
    }


def _load(session: Session, request: ReportRequest) -> list[ThemeSums]:
    sums = [func.sum(getattr(FrictionSum, name)) for name in SUMS]
    statement = (
        select(FrictionSum.theme, FrictionSum.day, *sums)
        .where(*_of_period(request))
        .group_by(FrictionSum.theme, FrictionSum.day)
    )
    days: dict[str, dict[Any, dict[str, float]]] = {}
    for theme, day, *values in session.execute(statement):
        days.setdefault(theme, {})[day] = {
            name: float(value) for name, value in zip(SUMS, values, strict=True)
        }
    return [ThemeSums(theme, own) for theme, own in days.items()]


def _of_period(request: ReportRequest) -> Sequence[ColumnElement[bool]]:
    client, period = request.client, request.period
    return (
        FrictionSum.tenant_id == client.tenant_id,
        FrictionSum.client_id == client.client_id,
        FrictionSum.day.between(period.first, period.last),
        *(getattr(FrictionSum, name) == value for name, value in request.filters.items()),
        FrictionSum.channel != EVERY_CHANNEL if request.filters else FrictionSum.channel == EVERY_CHANNEL,
    )


def _quotes(
    session: Session, request: ReportRequest, actor: Actor, themes: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return by theme what the most distressed customers said first, of the newest days that have some.

    A client's own people read it of interactions whose evaluation is published to them, without its id.
    """
    for_client = reads_for_client(actor)
    if not themes or not (for_client or "interactions:read" in actor.scopes):
        return {}
    examples = _examples(session, request, themes)
    wanted = {each for ids in examples.values() for each in ids}
    if for_client:
        published = select_published_to_client(actor).where(
            Evaluation.interaction_id == id_array(list(wanted))
        )
        wanted = {each.interaction_id for each in session.scalars(published)}
    chosen = {theme: [each for each in ids if each in wanted][:QUOTES] for theme, ids in examples.items()}
    said = _statements(session, {each for ids in chosen.values() for each in ids}, masked=for_client)
    return {
        theme: [
            {"interaction": None if for_client else each, "text": said[each]}
            for each in ids
            if said.get(each)
        ]
        for theme, ids in chosen.items()
    }


def _examples(
    session: Session, request: ReportRequest, themes: Sequence[str]
) -> Mapping[str, list[uuid.UUID]]:
    place = func.row_number().over(partition_by=FrictionSum.theme, order_by=FrictionSum.day.desc())
    newest = (
        select(FrictionSum.theme, FrictionSum.examples, place.label("place"))
        .where(*_of_period(request), FrictionSum.theme.in_(themes))
        .subquery()
    )
    found: dict[str, list[uuid.UUID]] = {theme: [] for theme in themes}
    statement = select(newest).where(newest.c.place <= _EXAMPLE_ROWS).order_by(newest.c.theme, newest.c.place)
    for row in session.execute(statement):
        found[row.theme] += row.examples
    return found


def _quoted(statement: str) -> str:
    """Return a statement that was cut without its last, perhaps broken, word."""
    return f"{statement.rpartition(' ')[0]} …" if len(statement) == MAX_STATEMENT else statement


def _statements(session: Session, ids: Collection[uuid.UUID], *, masked: bool) -> dict[uuid.UUID, str]:
    """Return what customers said first; `masked` without the names of the provider's people."""
    rows = session.scalars(select(Interaction).where(Interaction.interaction_id == id_array(list(ids)))).all()
    said = {row.interaction_id: _quoted(problem_statement(turns_of(row))) for row in rows}
    if not masked:
        return said
    redactor = redactor_of_speech(session, rows)
    return {key: redactor.redact(statement)[0] for key, statement in said.items()}
