"""Claims of trainings: a token and a lease on the database's clock; lost trainings are retried or failed."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tenants import audit
from tenants.clients import tenant_scope
from tenants.isolation import set_scope, transaction
from tenants.models import new_id

MAX_ATTEMPTS = 3
"""Attempts of a training; one whose process was lost each time has failed."""
LOST = "the process was lost while it trained"

_CLAIM = text(
    """
    with oldest as materialized (
        select tenant_id, training_id from trainings
        where (state = 'queued' or (state = 'running' and lease_until < now())) and attempts < :max_attempts
        order by created_at
        limit 1
        for update skip locked
    )
    update trainings
    set state = 'running', claim_token = :token, lease_until = now() + make_interval(secs => :lease),
        attempts = attempts + 1, started_at = now(), error = null
    from oldest
    where (trainings.tenant_id, trainings.training_id) = (oldest.tenant_id, oldest.training_id)
    returning trainings.training_id
    """
)
_FAIL_LOST = text(
    """
    update trainings
    set state = 'failed', claim_token = null, lease_until = null, finished_at = now(),
        error = coalesce(error, :lost)
    where (state = 'queued' or (state = 'running' and lease_until < now())) and attempts >= :max_attempts
    returning training_id, client_id
    """
)
_CLAIMED = "where training_id = :training and claim_token = :token and state = 'running'"
_RENEW = text(
    f"update trainings set lease_until = now() + make_interval(secs => :lease) {_CLAIMED} returning 1"  # noqa: S608
)
_GIVE_BACK = text(
    f"""
    update trainings
    set state = 'queued', claim_token = null, lease_until = null, error = :error,
        attempts = attempts - :forgiven
    {_CLAIMED}
    """  # noqa: S608 - built from the constant above
)
_FAIL = text(
    f"""
    update trainings
    set state = 'failed', claim_token = null, lease_until = null, error = :error, finished_at = now()
    {_CLAIMED}
    returning training_id, client_id
    """  # noqa: S608 - built from the constant above
)


@dataclass(frozen=True, slots=True)
class ClaimedTraining:
    """A training claimed under a token."""

    tenant_id: uuid.UUID
    training_id: uuid.UUID
    token: uuid.UUID


def claim(engine: Engine, tenant_id: uuid.UUID, *, lease: int) -> ClaimedTraining | None:
    """Claim the provider's oldest waiting training; those lost too often are marked failed."""
    token = new_id()
    with as_learner(engine, tenant_id) as session:
        for lost in session.execute(_FAIL_LOST, {"max_attempts": MAX_ATTEMPTS, "lost": LOST}):
            _record_failure(session, lost, LOST)
        parameters = {"token": token, "lease": lease, "max_attempts": MAX_ATTEMPTS}
        row = session.execute(_CLAIM, parameters).one_or_none()
        return ClaimedTraining(tenant_id, row.training_id, token) if row else None


def renew(engine: Engine, claim: ClaimedTraining, *, lease: int) -> bool:
    """Extend the lease; False when the claim no longer holds."""
    with as_learner(engine, claim.tenant_id) as session:
        return session.execute(_RENEW, {**_ids(claim), "lease": lease}).one_or_none() is not None


def give_back(engine: Engine, claim: ClaimedTraining, *, error: str | None, forgiven: bool) -> None:
    """Return an interrupted training to the queue; with `forgiven` the attempt does not count."""
    with as_learner(engine, claim.tenant_id) as session:
        session.execute(_GIVE_BACK, {**_ids(claim), "error": error, "forgiven": int(forgiven)})


def fail(engine: Engine, claim: ClaimedTraining, *, error: str) -> None:
    """Mark a training as failed, with its error, if the claim still holds."""
    with as_learner(engine, claim.tenant_id) as session:
        row = session.execute(_FAIL, {**_ids(claim), "error": error}).one_or_none()
        if row is not None:
            _record_failure(session, row, error)


@contextmanager
def as_learner(engine: Engine, tenant_id: uuid.UUID) -> Iterator[Session]:
    """Open a transaction as the learner, in the scope of one provider."""
    with transaction(engine) as session:
        set_scope(session, tenant_scope(session, tenant_id))
        audit.act_as(session, "learner")
        yield session


def _record_failure(session: Session, row: Any, error: str) -> None:
    subject = f"training:{row.training_id}"
    audit.record(session, "training.failed", subject, client_id=row.client_id, error=error)


def _ids(claim: ClaimedTraining) -> dict[str, uuid.UUID]:
    return {"training": claim.training_id, "token": claim.token}
