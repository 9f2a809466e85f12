"""Claims: who works on which interaction, until when, and what happens when they never come back.

A claim is a token and a lease on the row itself, on the database's clock. Whoever finishes must still hold
the token: a worker that was thought dead and comes back finds its claim gone and changes nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants import audit
from tenants.models import new_id

# An interaction that failed before is tried in small company, then alone, so that one that kills its
# worker takes few others with it and is found.
_SMALL_COMPANY = 25
_ALONE = 1

_CLAIMABLE = "(state = 'pending' or (state = 'claimed' and lease_until < now()))"

_CLIENT_WITH_WORK = text(
    f"""
    select c.client_id from clients c
    where exists (
        select from interactions i
        where i.tenant_id = c.tenant_id and i.client_id = c.client_id and i.state <> 'scored' and {_CLAIMABLE}
    )
    order by random() limit 1
    """  # noqa: S608 - built from the constant above
)

_CLAIM = text(
    f"""
    with chosen as (
        select tenant_id, client_id, interaction_id from interactions
        where tenant_id = :tenant and client_id = :client and state <> 'scored' and {_CLAIMABLE}
          and attempts >= :fewest and attempts <= :most
        order by interaction_id
        limit :size
        for update skip locked
    )
    update interactions i
    set state = 'claimed', claim_token = :token, lease_until = now() + make_interval(secs => :lease),
        attempts = attempts + 1
    from chosen
    where i.tenant_id = chosen.tenant_id and i.interaction_id = chosen.interaction_id
      and i.client_id = chosen.client_id
    returning i.interaction_id, i.external_id, i.channel, i.language, i.program, i.queue, i.priority,
              i.intent, i.agent, i.started_at, i.ended_at, i.turns, i.status, i.outcome, i.revision,
              i.attempts
    """  # noqa: S608 - built from the constant above
)

_BURY_LOST = text(
    """
    update interactions
    set state = 'dead', claim_token = null, lease_until = null,
        error = coalesce(error, 'the worker was lost while it judged this')
    where tenant_id = :tenant and state = 'claimed' and lease_until < now() and attempts >= :most
    returning interaction_id
    """
)

_FINISH = text(
    """
    update interactions
    set state = 'scored', claim_token = null, lease_until = null, error = null, attempts = 0
    where tenant_id = :tenant and client_id = :client and claim_token = :token
      and interaction_id = any(:ids)
    returning interaction_id
    """
)

_FAIL = text(
    """
    update interactions
    set state = case when attempts >= :most then 'dead' else 'pending' end,
        claim_token = null, lease_until = null, error = :error
    where tenant_id = :tenant and client_id = :client and claim_token = :token and interaction_id = :id
    returning state
    """
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A slice of one client's work, held under one token."""

    token: uuid.UUID
    tenant_id: uuid.UUID
    client_id: uuid.UUID
    rows: Sequence[Any]
    full: bool


def claim(
    session: Session, *, tenant_id: uuid.UUID, size: int, lease_seconds: int, most_attempts: int
) -> Claim | None:
    """Claim up to `size` interactions of one client that has any waiting; None when nothing waits.

    The client is drawn at random among those with work, so that none waits behind another's flood.
    """
    lost = session.execute(_BURY_LOST, {"tenant": tenant_id, "most": most_attempts}).scalars().all()
    if lost:
        audit.record(session, "interactions.set_aside", f"tenant:{tenant_id}", ids=[str(each) for each in lost])
    client_id = session.execute(_CLIENT_WITH_WORK).scalar()
    if client_id is None:
        return None
    token = new_id()
    for fewest, most, company in ((0, 0, size), (1, 1, min(size, _SMALL_COMPANY)), (2, 1_000_000, _ALONE)):
        rows = session.execute(
            _CLAIM,
            {
                "tenant": tenant_id,
                "client": client_id,
                "fewest": fewest,
                "most": most,
                "size": company,
                "token": token,
                "lease": lease_seconds,
            },
        ).all()
        if rows:
            return Claim(token, tenant_id, client_id, rows, full=fewest > 0 or len(rows) == company)
    return None


def finish(session: Session, held: Claim, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Mark as scored what is still held under the token, and return which that is."""
    found = session.execute(
        _FINISH,
        {"tenant": held.tenant_id, "client": held.client_id, "token": held.token, "ids": list(ids)},
    )
    return set(found.scalars())


def fail(
    session: Session, held: Claim, interaction_id: uuid.UUID, *, error: str, most_attempts: int
) -> str | None:
    """Give an interaction back with what went wrong; returns `pending`, `dead`, or None if not held."""
    state: str | None = session.execute(
        _FAIL,
        {
            "tenant": held.tenant_id,
            "client": held.client_id,
            "token": held.token,
            "id": interaction_id,
            "error": error,
            "most": most_attempts,
        },
    ).scalar()
    if state == "dead":
        audit.record(
            session,
            "interaction.set_aside",
            f"interaction:{interaction_id}",
            client_id=held.client_id,
            error=error,
        )
    return state
