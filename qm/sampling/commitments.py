"""Commitments to the keys of draws: made before each month, with the client's number, told afterwards."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from qm.sampling.models import DrawCommitment
from scorecards.sampling.draw_keys import (
    DrawKeys,
    begin_of,
    commitment_to,
    following,
    installation_keys,
    month_key,
)
from tenants import audit
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound
from tenants.models import Client
from tenants.roles import CLIENT_ROLE

MONTHS_AHEAD = 2
CLOSED_BEFORE = timedelta(hours=1)
"""So long before a month begins its number is fixed: clocks of several machines differ."""


def commit_ahead(session: Session, client: Client, key: bytes, now: datetime) -> int:
    """Commit to the keys of the coming months, as far as that is not done; return to how many."""
    month, made = date(now.year, now.month, 1), 0
    for _ in range(MONTHS_AHEAD):
        month = following(month)
        if begin_of(month) - now <= CLOSED_BEFORE:
            continue
        made += _commit(session, client, key, month, now)
    return made


def _commit(session: Session, client: Client, key: bytes, month: date, now: datetime) -> int:
    commitment = commitment_to(month_key(key, client.client_id, month))
    done = session.scalar(
        insert(DrawCommitment)
        .values(
            tenant_id=client.tenant_id,
            client_id=client.client_id,
            month=month,
            commitment=commitment,
            committed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(DrawCommitment.month)
    )
    if done is None:
        return 0
    said = {"month": f"{month:%Y-%m}", "commitment": commitment}
    audit.record(session, "draw.committed", f"client:{client.client_id}", client_id=client.client_id, **said)
    return 1


def add_client_number(
    session: Session, actor: Actor, client: Client, *, month: date, number: str, now: datetime
) -> None:
    """Mix a number of the client's own into the draws of a month, in place of an earlier one.

    Raises
    ------
    Forbidden
        For everybody but the client's own people: who holds the key must not choose it.
    NotFound
        For a month that nothing is committed to.
    Conflict
        When the month has begun, or does within the hour.
    """
    if actor.role != CLIENT_ROLE:
        raise Forbidden("disputes:write", "Only the client's own people add a number to the draw.")
    wanted = select(DrawCommitment).where(
        DrawCommitment.client_id == client.client_id,
        DrawCommitment.month == month,
    )
    found = session.scalars(wanted.with_for_update()).one_or_none()
    if found is None:
        raise NotFound("commitment to this month")
    if begin_of(found.month) - now <= CLOSED_BEFORE:
        detail = f"The draws of {month:%Y-%m} rest on their key by now; add a number to a later month."
        raise Conflict(detail, "month_has_begun")
    found.client_number, found.client_number_at = number, now
    session.flush()
    said = {"month": f"{month:%Y-%m}", "number": number}
    audit.record(
        session, "draw.number_added", f"client:{client.client_id}", client_id=client.client_id, **said
    )


def month_of(text: str) -> date:
    """Return the first day of a month such as 2026-07; raise `NotFound` for what is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise NotFound("commitment to this month") from error


def commitments_of(session: Session, tenant_id: uuid.UUID, client_id: uuid.UUID) -> Sequence[DrawCommitment]:
    """Return the commitments to a client's months, the newest month first."""
    theirs = select(DrawCommitment).where(
        DrawCommitment.tenant_id == tenant_id, DrawCommitment.client_id == client_id
    )
    return session.scalars(theirs.order_by(DrawCommitment.month.desc())).all()


def draw_keys(session: Session, tenant_id: uuid.UUID, client_id: uuid.UUID, key: bytes) -> DrawKeys:
    """Return the keys by which a client's interactions are drawn."""
    return installation_keys(key, client_id, list(map(plain, commitments_of(session, tenant_id, client_id))))


def revealed(session: Session, client: Client, key: bytes, now: datetime) -> list[dict[str, Any]]:
    """Return the commitments, the newest month first, with the keys of months that are over."""
    return [
        {
            **plain(each),
            "commitment": each.commitment,
            "committed_at": each.committed_at,
            "client_number_at": each.client_number_at,
            "key": month_key(key, client.client_id, each.month).hex()
            if begin_of(following(each.month)) <= now
            else None,
        }
        for each in commitments_of(session, client.tenant_id, client.client_id)
    ]


def plain(each: DrawCommitment) -> dict[str, Any]:
    """Return what a commitment says of a month: which it is, and the client's number."""
    return {"month": f"{each.month:%Y-%m}", "client_number": each.client_number}
