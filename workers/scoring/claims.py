"""Claims of interactions: exclusive to one worker, bounded by a lease, retried after a loss or an error.

A claim is a token and a lease on the row itself, on the database's clock. Results are stored only while the
token is valid: a worker whose lease expired finds its claim gone and changes nothing.
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

# An interaction that failed before is retried in a small batch, then alone, so that one that kills its worker
# interrupts few others and is found.
_RETRY_BATCH = 25
_ALONE = 1
_LOST = "the worker was lost while it judged this"

_CLAIMABLE = "(state = 'pending' or (state = 'claimed' and lease_until < now()))"

# The order is that of the partial index of what is not scored: only this index keeps both statements from
# reading scored rows, whatever the planner's statistics. A mere `exists` would read the whole backlog.
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

# Rows are selected and locked first and updated by their ids after: an update that joins the locked rows is
# planned as a nested loop while the planner has no statistics of a new client.
_CHOOSE = text(
    f"""
    select interaction_id, external_id, part_agent, channel, language, program, queue, priority, intent,
           agent, started_at, ended_at, received_at, source_updated_at, turns::text, status::text,
           outcome::text, priorities::text, revision
    from interactions
    where tenant_id = :tenant and client_id = :client and state <> 'scored' and {_CLAIMABLE}
      and attempts >= :min_attempts and attempts <= :max_attempts
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
          and attempts >= :max_attempts
        for update skip locked
    )
    returning interaction_id
    """
)

# Rows are locked in the order in which intake locks them, so that the two never deadlock.
_LOCK_CLAIMED = text(
    f"""
    select interaction_id from interactions {_OF_LOCKED} and claim_token = :token
    order by external_id, part_agent
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
    set state = case when attempts - :forgiven >= :max_attempts then 'dead' else 'pending' end,
        attempts = attempts - :forgiven, claim_token = null, lease_until = null, error = :error
    {_OF_LOCKED}
    returning interaction_id, state
    """  # noqa: S608 - built from the constant above
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch of one client's interactions, claimed under one token; `more` tells whether others wait."""

    token: uuid.UUID
    tenant_id: uuid.UUID
    client_id: uuid.UUID
    rows: Sequence[Any]
    more: bool

    @property
    def ids(self) -> list[uuid.UUID]:
        """The claimed interactions."""
        return [row.interaction_id for row in self.rows]


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """Limits of a claim: interactions at once, seconds of the lease, and attempts of each interaction."""

    size: int
    lease_seconds: int
    max_attempts: int


@dataclass(frozen=True, slots=True)
class _BatchSize:
    """How many interactions are claimed at once of those with this many attempts."""

    min_attempts: int
    max_attempts: int
    size: int


def claim(session: Session, tenant_id: uuid.UUID, round_robin: RoundRobin, terms: ClaimTerms) -> Claim | None:
    """Claim a batch of one client that has any waiting; None when nothing waits.

    Clients are served in turn, so that none waits behind another's backlog.
    """
    waiting = round_robin.in_order(session.scalars(_CLIENTS_WITH_WORK))
    for client_id in waiting:
        failed_first = round_robin.take(client_id)
        claimed = _claim_of(session, tenant_id, client_id, terms, failed_first=failed_first)
        if claimed is not None:
            token, rows, more = claimed
            return Claim(token, tenant_id, client_id, rows, more=more or len(waiting) > 1)
    return None


def _claim_of(
    session: Session, tenant_id: uuid.UUID, client_id: uuid.UUID, terms: ClaimTerms, *, failed_first: bool
) -> tuple[uuid.UUID, Sequence[Any], bool] | None:
    fresh = _BatchSize(0, 0, terms.size)
    failed = (_BatchSize(1, 1, min(terms.size, _RETRY_BATCH)), _BatchSize(2, 1_000_000, _ALONE))
    token = new_id()
    owner = {"tenant": tenant_id, "client": client_id}
    for batch in (*failed, fresh) if failed_first else (fresh, *failed):
        if batch is failed[0]:
            _mark_lost_dead(session, client_id, {**owner, "max_attempts": terms.max_attempts})
        bounds = {
            "min_attempts": batch.min_attempts,
            "max_attempts": batch.max_attempts,
            "size": batch.size,
        }
        rows = session.execute(_CHOOSE, {**owner, **bounds}).all()
        if rows:
            claimed = {"ids": [row.interaction_id for row in rows], "lease": terms.lease_seconds}
            session.execute(_CLAIM, {**owner, **claimed, "token": token})
            return token, rows, batch is not fresh or len(rows) == batch.size
    return None


def _mark_lost_dead(session: Session, client_id: uuid.UUID, parameters: dict[str, Any]) -> None:
    """Mark interactions dead that lost their worker too often."""
    lost = session.scalars(_MARK_LOST_DEAD, {**parameters, "lost": _LOST}).all()
    for interaction_id in lost:
        _record_death(session, client_id, interaction_id, _LOST)


def finish(session: Session, claim: Claim, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Mark as scored the interactions that are still claimed under the token, and return these."""
    kept = _lock_claimed(session, claim, ids)
    session.execute(_FINISH, {**_owner(claim), "ids": kept})
    return set(kept)


def give_back(
    session: Session,
    claim: Claim,
    ids: Sequence[uuid.UUID],
    *,
    error: str,
    max_attempts: int,
    forgiven: bool = False,
) -> None:
    """Return interactions to the queue with their error; after too many attempts they are dead.

    With `forgiven` the attempt does not count, because the database was at fault.
    """
    failure = {"error": error, "max_attempts": max_attempts, "forgiven": int(forgiven)}
    claimed_ids = _lock_claimed(session, claim, ids)
    found = session.execute(_GIVE_BACK, {**_owner(claim), **failure, "ids": claimed_ids})
    for interaction_id, state in found:
        if state == "dead":
            _record_death(session, claim.client_id, interaction_id, error)


def _lock_claimed(session: Session, claim: Claim, ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Lock the interactions that are still claimed under the token, and return these."""
    return list(session.scalars(_LOCK_CLAIMED, {**_owner(claim), "token": claim.token, "ids": list(ids)}))


def _owner(claim: Claim) -> dict[str, Any]:
    return {"tenant": claim.tenant_id, "client": claim.client_id}


def _record_death(session: Session, client_id: uuid.UUID, interaction_id: uuid.UUID, error: str) -> None:
    audit.record(
        session, "interaction.set_aside", f"interaction:{interaction_id}", client_id=client_id, error=error
    )
