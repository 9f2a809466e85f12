"""Claims of trainings: a token and a lease on the database's clock, and an end for those that are lost."""

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
"""So often a training is begun; one whose process was lost each time has failed."""
LOST = "the process was lost while it trained"

_CLAIM = text(
    """
    with oldest as materialized (
        select tenant_id, training_id from trainings
        where (state = 'queued' or (state = 'running' and lease_until < now())) and attempts < :most
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
_GIVE_UP_LOST = text(
    """
    update trainings
    set state = 'failed', claim_token = null, lease_until = null, finished_at = now(),
        error = coalesce(error, :lost)
    where (state = 'queued' or (state = 'running' and lease_until < now())) and attempts >= :most
    returning training_id, client_id
    """
)
_HOLDING = "where training_id = :training and claim_token = :token and state = 'running'"
_RENEW = text(
    f"update trainings set lease_until = now() + make_interval(secs => :lease) {_HOLDING} returning 1"  # noqa: S608
)
_GIVE_BACK = text(
    f"""
    update trainings
    set state = 'queued', claim_token = null, lease_until = null, error = :error,
        attempts = attempts - :forgiven
    {_HOLDING}
    """  # noqa: S608 - built from the constant above
)
_FAIL = text(
    f"""
    update trainings
    set state = 'failed', claim_token = null, lease_until = null, error = :error, finished_at = now()
    {_HOLDING}
    returning training_id, client_id
    """  # noqa: S608 - built from the constant above
)


@dataclass(frozen=True, slots=True)
class ClaimedTraining:
    """A training that this process has under its token."""

    tenant_id: uuid.UUID
    training_id: uuid.UUID
    token: uuid.UUID


def claim(engine: Engine, tenant_id: uuid.UUID, *, lease: int) -> ClaimedTraining | None:
    """Take the provider's oldest waiting training; those that were lost too often have failed."""
    token = new_id()
    with as_learner(engine, tenant_id) as session:
        for lost in session.execute(_GIVE_UP_LOST, {"most": MAX_ATTEMPTS, "lost": LOST}):
            _note_failure(session, lost, LOST)
        terms = {"token": token, "lease": lease, "most": MAX_ATTEMPTS}
        row = session.execute(_CLAIM, terms).one_or_none()
        return ClaimedTraining(tenant_id, row.training_id, token) if row else None


def renew(engine: Engine, held: ClaimedTraining, *, lease: int) -> bool:
    """Lengthen the lease; False when the training is no longer ours."""
    with as_learner(engine, held.tenant_id) as session:
        return session.execute(_RENEW, {**_names(held), "lease": lease}).one_or_none() is not None


def give_back(engine: Engine, held: ClaimedTraining, *, error: str | None, forgiven: bool) -> None:
    """Let a training that was broken off be taken up again; `forgiven`: the attempt does not count."""
    with as_learner(engine, held.tenant_id) as session:
        session.execute(_GIVE_BACK, {**_names(held), "error": error, "forgiven": int(forgiven)})


def fail(engine: Engine, held: ClaimedTraining, *, error: str) -> None:
    """Say that a training has failed, and why; one that is no longer ours is left alone."""
    with as_learner(engine, held.tenant_id) as session:
        row = session.execute(_FAIL, {**_names(held), "error": error}).one_or_none()
        if row is not None:
            _note_failure(session, row, error)


@contextmanager
def as_learner(engine: Engine, tenant_id: uuid.UUID) -> Iterator[Session]:
    """Open a transaction as the learner, inside one provider."""
    with transaction(engine) as session:
        set_scope(session, tenant_scope(session, tenant_id))
        audit.act_as(session, "learner")
        yield session


def _note_failure(session: Session, row: Any, error: str) -> None:
    subject = f"training:{row.training_id}"
    audit.record(session, "training.failed", subject, client_id=row.client_id, error=error)


def _names(held: ClaimedTraining) -> dict[str, uuid.UUID]:
    return {"training": held.training_id, "token": held.token}
