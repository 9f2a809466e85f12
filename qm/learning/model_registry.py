"""The model registry: puts versions in force, retires and restores them, and records unreadable ones."""

import uuid
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import UnreadableModel, read_artefact
from qm.learning.gate_transitions import refresh_gates
from qm.learning.models import Model
from qm.learning.trainings import select_by_owner, select_visible
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound

MAX_ARTEFACTS = 10
"""How many of the newest versions per client and kind keep their artefacts, besides the one in force."""

_MAX_FAULT_LENGTH = 500
_ADVISORY_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


def get_model(session: Session, actor: Actor, model_id: uuid.UUID, *, lock: bool = False) -> Model:
    """Return a model that the caller may see."""
    statement = select_visible(session, actor, Model, filters={}).where(Model.model_id == model_id)
    found: Model | None = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("model")
    return found


def model_in_force(
    session: Session, client_id: uuid.UUID | None, kind: str, *, lock: bool = False
) -> Model | None:
    """Return the model in force of a client, or of the provider where `client_id` is None."""
    statement = select_by_owner(Model, client_id, kind).where(Model.state == "in_force")
    found: Model | None = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    return found


def next_version(session: Session, client_id: uuid.UUID | None, kind: str) -> int:
    """Return the number of the next version."""
    newest = select_by_owner(Model, client_id, kind).with_only_columns(func.max(Model.version))
    return int(session.scalar(newest) or 0) + 1


def put_in_force(session: Session, model: Model, *, now: datetime) -> Model | None:
    """Put a model in force in place of the current one, which is retired and returned.

    An advisory lock serializes concurrent calls, as from a training and a manual restore.
    """
    session.execute(_ADVISORY_LOCK, {"name": f"{model.tenant_id} {model.client_id} {model.kind}"})
    previous = model_in_force(session, model.client_id, model.kind, lock=True)
    if previous is not None:
        previous.state, previous.retired_at = "retired", now
        previous.revision += 1
        session.flush()
    model.state, model.in_force_since, model.retired_at = "in_force", now, None
    session.flush()
    return previous


def get_model_version(session: Session, client_id: uuid.UUID | None, kind: str, version: int) -> Model | None:
    """Return a version of a client's model, or of the provider's, locked."""
    statement = select_by_owner(Model, client_id, kind).where(Model.version == version)
    found: Model | None = session.scalars(statement.with_for_update()).one_or_none()
    return found


def restore(session: Session, model: Model, *, now: datetime) -> Model:
    """Put an old version, or a rejected candidate, in force; the model must be locked already.

    Raises
    ------
    Conflict
        When it is in force without a fault, when its artefact was deleted, or when it is unreadable.
    """
    if model.state == "in_force" and model.fault is None:
        raise Conflict("This model is in force already.", "already_in_force")
    artefact = artefact_bytes(session, model.model_id)
    if artefact is None:
        raise Conflict("Of this version only the card is kept, not the artefact.", "artefact_not_kept")
    try:
        read_artefact(model.kind, artefact, model.digest)
    except UnreadableModel as error:
        raise Conflict(f"This model cannot be read: {error}", "unreadable_model") from error
    previous = put_in_force(session, model, now=now) if model.state != "in_force" else None
    model.fault = None
    model.revision += 1
    session.flush()
    refresh_gates(session, model)
    audit.record(
        session,
        "model.restored",
        f"model:{model.model_id}",
        client_id=model.client_id,
        version=model.version,
        instead_of=previous.version if previous else None,
    )
    return model


def artefact_bytes(session: Session, model_id: uuid.UUID) -> bytes | None:
    """Return a model's serialized artefact; None if it was deleted."""
    return session.scalar(select(Model.artefact).where(Model.model_id == model_id))


def record_fault(session: Session, model_id: uuid.UUID, *, client_id: uuid.UUID | None, fault: str) -> None:
    """Record that a model is unreadable; it is not used until it is restored or replaced."""
    recorded = session.execute(
        update(Model)
        .where(Model.model_id == model_id, Model.fault.is_(None))
        .values(fault=fault[:_MAX_FAULT_LENGTH], revision=Model.revision + 1)
        .returning(Model.model_id)
        .execution_options(synchronize_session=False)
    ).all()
    if recorded:
        audit.record(session, "model.unreadable", f"model:{model_id}", client_id=client_id, fault=fault)


def drop_old_artefacts(session: Session, client_id: uuid.UUID | None, kind: str) -> None:
    """Delete the artefacts of all but the newest versions and the one in force; cards are kept."""
    every_version = select_by_owner(Model, client_id, kind).with_only_columns(Model.model_id)
    newest = every_version.order_by(Model.version.desc()).limit(MAX_ARTEFACTS).subquery()
    session.execute(
        update(Model)
        .where(
            Model.model_id.in_(every_version),
            Model.model_id.not_in(select(newest.c.model_id)),
            Model.state != "in_force",
            Model.artefact.is_not(None),
        )
        .values(artefact=None)
        .execution_options(synchronize_session=False)
    )
