"""Checks whether the artefact of every model in force can be read, for every provider."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import UnreadableModel, read_artefact
from qm.learning.model_registry import artefact_bytes
from qm.learning.models import ANSWERS, Model
from qm.learning.trainings import select_by_owner
from tenants.clients import tenant_scope
from tenants.isolation import lookup, make_engine, set_scope, transaction
from tenants.models import Client, Tenant


@dataclass(frozen=True, slots=True)
class ModelFault:
    """A model in force that cannot be used: whose it is and why, and how to repair it."""

    detail: str
    mend: str


def check_models_in_force(url: str) -> tuple[int, list[ModelFault]]:
    """Return how many models are in force, and the faults of those that cannot be read."""
    engine = make_engine(url, pool_size=1)
    count, faults = 0, list[ModelFault]()
    try:
        with transaction(engine) as session:
            for row in lookup(session, "select tenant_id from qm_tenants()"):
                set_scope(session, tenant_scope(session, row.tenant_id))
                found = _models_in_force(session)
                count += len(found)
                faults += _faults(session, found)
    finally:
        engine.dispose()
    return count, faults


def _models_in_force(session: Session) -> Sequence[tuple[Model, str, str | None]]:
    """Return the models in force of the provider in scope, with its slug and the client's."""
    statement = (
        select(Model, Tenant.slug, Client.slug)
        .join(Tenant, Tenant.tenant_id == Model.tenant_id)
        .outerjoin(Client, and_(Client.tenant_id == Model.tenant_id, Client.client_id == Model.client_id))
        .where(Model.state == "in_force")
        .order_by(Client.slug, Model.kind)
    )
    return [(model, tenant, client) for model, tenant, client in session.execute(statement)]


def _faults(session: Session, found: Sequence[tuple[Model, str, str | None]]) -> Iterator[ModelFault]:
    for model, tenant, client in found:
        present_fault = _read_fault(session, model)
        fault = model.fault or present_fault
        if fault is not None:
            owner = f"{tenant}, {client or 'all clients'}, {model.kind} version {model.version}"
            remedy = _remedy(session, model, tenant, client, readable_again=present_fault is None)
            yield ModelFault(f"{owner}: {fault}", remedy)


def _read_fault(session: Session, model: Model) -> str | None:
    """Return why a model's artefact cannot be read now; None: it can."""
    artefact = artefact_bytes(session, model.model_id)
    if artefact is None:
        return "The artefact is not kept."
    try:
        read_artefact(model.kind, artefact, model.digest)
    except UnreadableModel as error:
        return error.reason
    return None


def _remedy(session: Session, model: Model, tenant: str, client: str | None, *, readable_again: bool) -> str:
    """Suggest the same version if it is readable again, else the newest other that is, else training."""
    client_argument = f" {client}" if client else ""
    options = (f" --kind {model.kind}" if model.kind != ANSWERS else "") + f" --tenant {tenant}"
    train = f"`qm train{client_argument}{options}`"
    version = model.version if readable_again else _newest_readable(session, model)
    if version is None:
        return f"No other version can be read. Train again: {train}."
    restore = f"`qm models restore{client_argument} --version {version}{options}`"
    if readable_again:
        return f"It can be read again. Put it back: {restore}."
    return f"Put version {version} back: {restore}, or train again: {train}."


def _newest_readable(session: Session, model: Model) -> int | None:
    others = select_by_owner(Model, model.client_id, model.kind).where(
        Model.model_id != model.model_id, Model.state == "retired", Model.artefact.is_not(None)
    )
    newest_first = session.scalars(others.order_by(Model.version.desc()))
    return next((each.version for each in newest_first if _read_fault(session, each) is None), None)
