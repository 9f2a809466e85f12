"""Trainings requested by users or by schedule; at most one is queued or running per client and kind."""

import uuid
from collections.abc import Mapping
from typing import Any

from redis import Redis
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from qm import jobs
from qm.learning.models import SENTIMENT, Model, Training
from tenants import audit
from tenants.access import Forbidden
from tenants.clients import client_named
from tenants.credentials import Actor
from tenants.http.faults import NotFound
from tenants.isolation import scope_of
from tenants.models import Client, new_id, utc_now

SCHEDULE = "schedule"


def request_training(
    session: Session, actor: Actor, redis: Redis, *, kind: str, client: str | None
) -> Training:
    """Queue the training that an API caller requests, and return it.

    Raises
    ------
    Forbidden
        When a credential bound to clients requests a model trained on all clients.
    """
    if kind == SENTIMENT and actor.bound:
        raise Forbidden("definitions:write", "Sentiment is learned from all clients together.")
    owner = None if client is None else client_named(session, client)
    return queue_training(session, redis, kind=kind, client=owner, asked_by=actor.label)


def queue_training(
    session: Session, redis: Redis, *, kind: str, client: Client | None, asked_by: str
) -> Training:
    """Queue a training and wake the learner; if one is queued or running already, return that one."""
    owner = client.client_id if client else None
    created_id = session.scalar(
        insert(Training)
        .values(
            tenant_id=scope_of(session).tenant_id,
            client_id=owner,
            training_id=new_id(),
            kind=kind,
            state="queued",
            asked_by=asked_by,
            refusals=[],
            labels=0,
            attempts=0,
            created_at=utc_now(),
        )
        .on_conflict_do_nothing()
        .returning(Training.training_id)
    )
    jobs.wake_after_commit(session, redis, jobs.TRAININGS)
    if created_id is None:
        newest: Training = session.scalars(
            select_by_owner(Training, owner, kind).order_by(Training.training_id.desc()).limit(1)
        ).one()
        return newest
    audit.record(
        session, "training.asked_for", f"training:{created_id}", client_id=owner, kind=kind, asked_by=asked_by
    )
    return session.scalars(select(Training).where(Training.training_id == created_id)).one()


def select_by_owner(
    table: type[Training] | type[Model], client_id: uuid.UUID | None, kind: str
) -> Select[Any]:
    """Return the statement of a client's rows of a kind, or of the provider's if `client_id` is None."""
    return select(table).where(table.client_id.is_not_distinct_from(client_id), table.kind == kind)


def select_visible(
    session: Session,
    actor: Actor,
    table: type[Training] | type[Model],
    *,
    filters: Mapping[str, str | None],
) -> Select[Any]:
    """Return the statement of the trainings or models that the caller may see, by client, kind and state.

    A model of the provider itself is trained on the conversations of all its clients, so a caller who is
    bound to some clients does not see it.
    """
    statement = select(table)
    if actor.bound:
        statement = statement.where(table.client_id.is_not(None))
    if filters.get("client"):
        client = client_named(session, str(filters["client"]))
        statement = statement.where(table.client_id == client.client_id)
    for name in ("kind", "state"):
        if filters.get(name):
            statement = statement.where(getattr(table, name) == filters[name])
    return statement


def get_training(session: Session, actor: Actor, training_id: uuid.UUID) -> Training:
    """Return a training that the caller may see."""
    statement = select_visible(session, actor, Training, filters={}).where(
        Training.training_id == training_id
    )
    found: Training | None = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("training")
    return found
