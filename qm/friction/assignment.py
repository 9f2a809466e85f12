"""Gives each scored interaction its theme, in batches, in the order in which interactions change.

Nothing of an evaluation is read or written here: friction is the product's, not the agent's.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ARRAY, Date, Select, Text, any_, cast, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.friction.empowerment import discretion_fact, playbook_findings
from qm.friction.models import OUTCOMES, REPEAT_DAYS, FrictionFact, FrictionSum
from qm.friction.outcomes import left_at, outcome_numbers
from qm.friction.retention import days_before_leaving
from qm.interactions.events import events_by_interaction, merge_events
from qm.interactions.models import WHOLE, Interaction
from scorecards.authoring import versions
from scorecards.definitions import friction_themes
from scorecards.definitions.conversation import Turn
from scorecards.definitions.friction_themes import FrictionThemes
from scorecards.definitions.theme_phrases import problem_statement
from scorecards.friction.apologies import apologised
from tenants.bulk_sql import id_array, insert_rows
from tenants.isolation import scope_of

BATCH = 500
_SETTLED = timedelta(seconds=30)
"""Younger changes wait: an older one may still be committed."""
_TURNS = msgspec.json.Decoder(list[Turn])
_COLUMNS = (
    Interaction.interaction_id,
    Interaction.intent,
    Interaction.updated_at,
    *(Interaction.started_at, Interaction.ended_at, Interaction.source_updated_at),
    *(Interaction.outcome, Interaction.status, Interaction.customer),
    Interaction.details["tags"].label("tags"),
    Interaction.details["handling"]["handle_seconds"].astext.label("handle_seconds"),
    Interaction.details["handling"]["concurrency"].astext.label("concurrency"),
    cast(Interaction.turns, Text).label("turns"),
    InteractionFacts.day,
)
_REPLACED = (
    *("theme", "apologised", "handle_seconds", "concurrency", *OUTCOMES, "churned_at", "discretion"),
    *("version", "seen_at"),
)
_REPLACE = "on conflict (tenant_id, interaction_id) do update set " + ", ".join(
    f"{name} = excluded.{name}" for name in _REPLACED
)


def themes_in_force(session: Session, client_id: uuid.UUID, now: datetime) -> tuple[FrictionThemes, int]:
    """Return the client's themes and the number of their version; none, and 0, without any."""
    found = versions.in_force(session, client_id=client_id, at=now, kinds=("friction_themes",))
    return (friction_themes.from_body(found[0].body), found[0].version) if found else (FrictionThemes(), 0)


def assign_changed(
    session: Session, client_id: uuid.UUID, themes: FrictionThemes, version: int, now: datetime
) -> int:
    """Assign the next interactions that changed since the last one; returns how many there were.

    Under a new version of the themes it begins again at the first.
    """
    tenant_id = scope_of(session).tenant_id
    last = session.execute(
        select(FrictionFact.seen_at, FrictionFact.interaction_id)
        .where(
            FrictionFact.tenant_id == tenant_id,
            FrictionFact.client_id == client_id,
            FrictionFact.version == version,
        )
        .order_by(FrictionFact.seen_at.desc(), FrictionFact.interaction_id.desc())
        .limit(1)
    ).one_or_none()
    place = (Interaction.updated_at, Interaction.interaction_id)
    statement = _scored(tenant_id, client_id).where(Interaction.updated_at < now - _SETTLED)
    if last is not None:
        statement = statement.where(
            tuple_(*place) > tuple_(literal(last.seen_at), literal(last.interaction_id))
        )
    rows = session.execute(statement.order_by(*place).limit(BATCH)).all()
    return _assign(session, client_id, rows, themes, version)


def assign_missing(
    session: Session, client_id: uuid.UUID, days: Sequence[date], themes: FrictionThemes, version: int
) -> int:
    """Assign the interactions of days that have no theme yet; returns how many there were."""
    missing = FrictionFact.interaction_id.is_(None)
    statement = (
        _scored(scope_of(session).tenant_id, client_id)
        .outerjoin(
            FrictionFact,
            (FrictionFact.tenant_id == Interaction.tenant_id)
            & (FrictionFact.interaction_id == Interaction.interaction_id),
        )
        .where(InteractionFacts.day == any_(literal(list(days), ARRAY(Date))), missing)
    )
    rows = session.execute(statement.limit(BATCH)).all()
    return _assign(session, client_id, rows, themes, version)


def _scored(tenant_id: uuid.UUID, client_id: uuid.UUID) -> Select[Any]:
    """Return the statement of the whole interactions of a client that are scored."""
    return (
        select(*_COLUMNS)
        .join(
            InteractionFacts,
            (InteractionFacts.tenant_id == Interaction.tenant_id)
            & (InteractionFacts.interaction_id == Interaction.interaction_id),
        )
        .where(
            Interaction.tenant_id == tenant_id,
            Interaction.client_id == client_id,
            Interaction.part_agent == WHOLE,
            InteractionFacts.scored == 1,
        )
    )


def _assign(
    session: Session, client_id: uuid.UUID, rows: Sequence[Any], themes: FrictionThemes, version: int
) -> int:
    owner = {"tenant_id": scope_of(session).tenant_id, "client_id": client_id, "version": version}
    events = events_by_interaction(session, [row.interaction_id for row in rows])
    findings = playbook_findings(session, [row.interaction_id for row in rows])
    facts = [
        {
            **owner,
            **_fact(row, themes, events.get(row.interaction_id, ()), findings.get(row.interaction_id, ())),
        }
        for row in rows
    ]
    left = _changed_leaving(session, rows, facts)
    insert_rows(session, FrictionFact, facts, _REPLACE)
    if rows:
        mark_stale(session, client_id, {row.day for row in rows})
    if left:
        _mark(session, client_id, days_before_leaving(session, client_id, left))
    return len(rows)


def _changed_leaving(
    session: Session, rows: Sequence[Any], facts: Sequence[Mapping[str, Any]]
) -> list[tuple[str, datetime]]:
    """Return customers of whom something new is said on when they left, with the moments old and new."""
    ids = [row.interaction_id for row in rows]
    columns = (FrictionFact.interaction_id, FrictionFact.churned_at)
    stored = select(*columns).where(
        FrictionFact.interaction_id == id_array(ids), FrictionFact.churned_at.is_not(None)
    )
    known = {row.interaction_id: row.churned_at for row in session.execute(stored)}
    pairs = [
        (row.customer, known.get(row.interaction_id), fact["churned_at"])
        for row, fact in zip(rows, facts, strict=True)
    ]
    return [
        (customer, at)
        for customer, old, new in pairs
        if customer is not None and old != new
        for at in (old, new)
        if at is not None
    ]


def _fact(
    row: Any,
    themes: FrictionThemes,
    events: Iterable[Any],
    findings: Sequence[Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:
    turns, events = _TURNS.decode(row.turns), list(events)
    outcome, status = merge_events(row, row.outcome, row.status, events)
    return {
        "interaction_id": row.interaction_id,
        "theme": themes.theme_of(row.intent, row.tags or (), problem_statement(turns)),
        "apologised": int(apologised(turns)),
        "handle_seconds": None if row.handle_seconds is None else float(row.handle_seconds),
        "concurrency": None if row.concurrency is None else float(row.concurrency),
        **outcome_numbers(outcome, status),
        "churned_at": left_at(row, row.outcome, events),
        "discretion": discretion_fact(findings, outcome),
        "seen_at": row.updated_at,
    }


def mark_stale(session: Session, client_id: uuid.UUID, days: set[date]) -> None:
    """Have the sums of these days be made anew, and of those before, whose customers may have come back."""
    _mark(session, client_id, {day - timedelta(days=back) for day in days for back in range(REPEAT_DAYS + 1)})


def _mark(session: Session, client_id: uuid.UUID, days: Iterable[date]) -> None:
    session.execute(
        update(FrictionSum)
        .where(
            FrictionSum.tenant_id == scope_of(session).tenant_id,
            FrictionSum.client_id == client_id,
            FrictionSum.day == func.any(literal(sorted(days), ARRAY(Date))),
        )
        .values(stale=True)
    )
