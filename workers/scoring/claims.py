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
from workers.round_robin import RoundRobin

# An interaction that failed before is tried in small company, then alone, so that one that kills its
# worker takes few others with it and is found.
_RETRY_BATCH = 25
_ALONE = 1
_LOST = "the worker was lost while it judged this"

_CLAIMABLE = "(state = 'pending' or (state = 'claimed' and lease_until < now()))"

# The order is that of the index of what is not scored: only that one keeps these two from reading what is
# scored already, whatever the planner knows of it. A mere `exists` would read all that waits.
_FIRST_IN_QUEUE = "order by attempts, interaction_id"

_CLIENTS_WITH_WORK = text(
    f"""
    select c.client_id from clients c cross join lateral (
        select from interactions i
        where i.tenant_id = c.tenant_id and i.client_id = c.client_id and i.state <> 'scored' and {_CLAIMABLE}
        {_FIRST_IN_QUEUE} limit 1
    ) as first_in_line
    order by random()
    """  # noqa: S608 - built from the constants above
)

# Rows are found and locked first and changed by their ids after: an update that joins what it has locked
# compares every row with every other where the planner does not yet know how much a new client sent.
_CHOOSE = text(
    f"""
    select interaction_id, external_id, channel, language, program, queue, priority, intent, agent,
           started_at, ended_at, turns::text, status::text, outcome::text, revision
    from interactions
    where tenant_id = :tenant and client_id = :client and state <> 'scored' and {_CLAIMABLE}
      and attempts >= :fewest and attempts <= :most
    {_FIRST_IN_QUEUE}
    limit :size
    for no key update skip locked
    """  # noqa: S608 - built from the constants above
)

_OF_LOCKED = "where tenant_id = :tenant and client_id = :client and interaction_id = any(:ids)"

_CLAIM = text(
    f"""
    update interactions
    set state = 'claimed', claim_token = :token, lease_until = now() + make_interval(secs => :lease),
        attempts = attempts + 1
    {_OF_LOCKED}
    """  # noqa: S608 - built from the constant above
)

_MARK_LOST_DEAD = text(
    """
    update interactions
    set state = 'dead', claim_token = null, lease_until = null,
        error = coalesce(error, :lost)
    where (tenant_id, client_id, interaction_id) in (
        select tenant_id, client_id, interaction_id from interactions
        where tenant_id = :tenant and client_id = :client and state = 'claimed' and lease_until < now()
          and attempts >= :most
        for update skip locked
    )
    returning interaction_id
    """
)

# Rows are locked in the order in which intake locks them, so that the two never wait in a circle.
_LOCK_HELD = text(
    f"""
    select interaction_id from interactions {_OF_LOCKED} and claim_token = :token
    order by external_id
    for no key update
    """  # noqa: S608 - built from the constant above
)

_FINISH = text(
    f"""
    update interactions
    set state = 'scored', claim_token = null, lease_until = null, error = null, attempts = 0
    {_OF_LOCKED}
    """  # noqa: S608 - built from the constant above
)

_GIVE_BACK = text(
    f"""
    update interactions
    set state = case when attempts - :forgiven >= :most then 'dead' else 'pending' end,
        attempts = attempts - :forgiven, claim_token = null, lease_until = null, error = :error
    {_OF_LOCKED}
    returning interaction_id, state
    """  # noqa: S608 - built from the constant above
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A slice of one client's work, held under one token; `more` tells whether other work waits."""

    token: uuid.UUID
    tenant_id: uuid.UUID
    client_id: uuid.UUID
    rows: Sequence[Any]
    more: bool

    @property
    def ids(self) -> list[uuid.UUID]:
        """Return what is held."""
        return [row.interaction_id for row in self.rows]


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """On which terms work is claimed: how much at once, for how long, and how often at most."""

    size: int
    lease_seconds: int
    max_attempts: int


@dataclass(frozen=True, slots=True)
class _BatchSize:
    """How many are claimed at once of those that were tried `fewest` to `most` times."""

    fewest: int
    most: int
    size: int


def claim(session: Session, tenant_id: uuid.UUID, turns: RoundRobin, terms: ClaimTerms) -> Claim | None:
    """Claim up to a slice of one client that has any waiting; None when nothing waits.

    Clients take turns, so that none waits behind another's flood.
    """
    waiting = turns.in_order(session.scalars(_CLIENTS_WITH_WORK))
    for client_id in waiting:
        failed_first = turns.take(client_id)
        held = _claim_of(session, tenant_id, client_id, terms, failed_first=failed_first)
        if held is not None:
            token, rows, more = held
            return Claim(token, tenant_id, client_id, rows, more=more or len(waiting) > 1)
    return None


def _claim_of(
    session: Session, tenant_id: uuid.UUID, client_id: uuid.UUID, terms: ClaimTerms, *, failed_first: bool
) -> tuple[uuid.UUID, Sequence[Any], bool] | None:
    fresh = _BatchSize(0, 0, terms.size)
    failed = (_BatchSize(1, 1, min(terms.size, _RETRY_BATCH)), _BatchSize(2, 1_000_000, _ALONE))
    token = new_id()
    owner = {"tenant": tenant_id, "client": client_id}
    for company in (*failed, fresh) if failed_first else (fresh, *failed):
        if company is failed[0]:
            _mark_lost_dead(session, client_id, {**owner, "most": terms.max_attempts})
        bounds = {"fewest": company.fewest, "most": company.most, "size": company.size}
        rows = session.execute(_CHOOSE, {**owner, **bounds}).all()
        if rows:
            facts = {"ids": [row.interaction_id for row in rows], "lease": terms.lease_seconds}
            session.execute(_CLAIM, {**owner, **facts, "token": token})
            return token, rows, company is not fresh or len(rows) == company.size
    return None


def _mark_lost_dead(session: Session, client_id: uuid.UUID, facts: dict[str, Any]) -> None:
    """Set aside what lost its worker too often."""
    lost = session.scalars(_MARK_LOST_DEAD, {**facts, "lost": _LOST}).all()
    for interaction_id in lost:
        _note_dead(session, client_id, interaction_id, _LOST)


def finish(session: Session, held: Claim, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Mark as scored what is still held under the token, and return which that is."""
    kept = _locked(session, held, ids)
    session.execute(_FINISH, {**_owner(held), "ids": kept})
    return set(kept)


def give_back(
    session: Session,
    held: Claim,
    ids: Sequence[uuid.UUID],
    *,
    error: str,
    max_attempts: int,
    forgiven: bool = False,
) -> None:
    """Give interactions back with what went wrong; after too many attempts they are set aside.

    With `forgiven` the attempt does not count, because the cause lay elsewhere.
    """
    facts = {"error": error, "most": max_attempts, "forgiven": int(forgiven)}
    found = session.execute(_GIVE_BACK, {**_owner(held), **facts, "ids": _locked(session, held, ids)})
    for interaction_id, state in found:
        if state == "dead":
            _note_dead(session, held.client_id, interaction_id, error)


def _locked(session: Session, held: Claim, ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Lock what is still held under the token, and return which that is."""
    return list(session.scalars(_LOCK_HELD, {**_owner(held), "token": held.token, "ids": list(ids)}))


def _owner(held: Claim) -> dict[str, Any]:
    return {"tenant": held.tenant_id, "client": held.client_id}


def _note_dead(session: Session, client_id: uuid.UUID, interaction_id: uuid.UUID, error: str) -> None:
    audit.record(
        session, "interaction.set_aside", f"interaction:{interaction_id}", client_id=client_id, error=error
    )
