"""Models as they are kept: put in force, retired, put back, and found unreadable."""

import uuid
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import UnreadableModel, read_artefact
from qm.learning.gate_transitions import refresh_gates
from qm.learning.models import Model
from qm.learning.trainings import of_owner, visible
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, NotFound

ARTEFACTS_KEPT = 10
"""Versions of a client and kind whose artefacts are kept, the newest and the one in force; cards stay."""

_LONGEST_FAULT = 500
_TAKE_TURNS = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


def model_with(session: Session, actor: Actor, model_id: uuid.UUID, *, lock: bool = False) -> Model:
    """Return a model that one may see."""
    statement = visible(session, actor, Model, filters={}).where(Model.model_id == model_id)
    found: Model | None = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound("model")
    return found


def in_force(session: Session, client_id: uuid.UUID | None, kind: str, *, lock: bool = False) -> Model | None:
    """Return the model in force of a client, or of the provider where `client_id` is None."""
    statement = of_owner(Model, client_id, kind).where(Model.state == "in_force")
    found: Model | None = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    return found


def next_version(session: Session, client_id: uuid.UUID | None, kind: str) -> int:
    """Return the number of the next version."""
    newest = of_owner(Model, client_id, kind).with_only_columns(func.max(Model.version))
    return int(session.scalar(newest) or 0) + 1


def put_in_force(session: Session, model: Model, *, now: datetime) -> Model | None:
    """Put a model in force in place of the present one, which is returned.

    Two at once, as a training and somebody who puts an old version back, take their turns.
    """
    session.execute(_TAKE_TURNS, {"name": f"{model.tenant_id} {model.client_id} {model.kind}"})
    before = in_force(session, model.client_id, model.kind, lock=True)
    if before is not None:
        before.state, before.retired_at = "retired", now
        before.revision += 1
        session.flush()
    model.state, model.in_force_since, model.retired_at = "in_force", now, None
    session.flush()
    return before


def version_of(session: Session, client_id: uuid.UUID | None, kind: str, version: int) -> Model | None:
    """Return a version of a client's model, or of the provider's, locked."""
    statement = of_owner(Model, client_id, kind).where(Model.version == version)
    found: Model | None = session.scalars(statement.with_for_update()).one_or_none()
    return found


def restore(session: Session, model: Model, *, now: datetime) -> Model:
    """Put an old version, or one that was held back, in force again; the model is locked already.

    Raises
    ------
    Conflict
        When it is in force and sound, when its artefact is no longer kept, or when it cannot be read.
    """
    if model.state == "in_force" and model.fault is None:
        raise Conflict("This model is in force already.", "already_in_force")
    artefact = artefact_of(session, model.model_id)
    if artefact is None:
        raise Conflict("Of this version only the card is kept, not the artefact.", "artefact_not_kept")
    try:
        read_artefact(model.kind, artefact, model.digest)
    except UnreadableModel as error:
        raise Conflict(f"This model cannot be read: {error}", "unreadable_model") from error
    before = put_in_force(session, model, now=now) if model.state != "in_force" else None
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
        instead_of=before.version if before else None,
    )
    return model


def artefact_of(session: Session, model_id: uuid.UUID) -> bytes | None:
    """Return a model's artefact as it is kept."""
    return session.scalar(select(Model.artefact).where(Model.model_id == model_id))


def note_fault(session: Session, model_id: uuid.UUID, *, client_id: uuid.UUID | None, fault: str) -> None:
    """Note that a model cannot be read; it judges nothing until another one, or it again, is put in force."""
    noted = session.execute(
        update(Model)
        .where(Model.model_id == model_id, Model.fault.is_(None))
        .values(fault=fault[:_LONGEST_FAULT], revision=Model.revision + 1)
        .returning(Model.model_id)
        .execution_options(synchronize_session=False)
    ).all()
    if noted:
        audit.record(session, "model.unreadable", f"model:{model_id}", client_id=client_id, fault=fault)


def drop_old_artefacts(session: Session, client_id: uuid.UUID | None, kind: str) -> None:
    """Keep the artefacts of the newest versions and of the one in force; of the others only the cards."""
    of_all = of_owner(Model, client_id, kind).with_only_columns(Model.model_id)
    kept = of_all.order_by(Model.version.desc()).limit(ARTEFACTS_KEPT).subquery()
    session.execute(
        update(Model)
        .where(
            Model.model_id.in_(of_all),
            Model.model_id.not_in(select(kept.c.model_id)),
            Model.state != "in_force",
            Model.artefact.is_not(None),
        )
        .values(artefact=None)
        .execution_options(synchronize_session=False)
    )
