"""Queries of stored interactions."""

import uuid

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from tenants.http.faults import NotFound
from tenants.http.strict_fields import NEVER_IN_TEXT
from tenants.isolation import scope_of
from tenants.models import Client


def get_interaction(session: Session, interaction_id: uuid.UUID) -> Interaction:
    """Return the interaction with this id, if the caller may see it."""
    return _only(session, _by_id(session, interaction_id))


def get_interaction_by_external_id(session: Session, client: Client, external_id: str) -> Interaction:
    """Return the interaction of a client that its sender calls so."""
    if NEVER_IN_TEXT.search(external_id):
        raise NotFound("interaction")
    wanted = select(Interaction).where(
        Interaction.tenant_id == client.tenant_id,
        Interaction.client_id == client.client_id,
        Interaction.external_id == external_id,
        Interaction.part_agent == "",
    )
    return _only(session, wanted)


def get_whole(session: Session, interaction_id: uuid.UUID) -> Interaction:
    """Return the whole interaction with this id: a part has no events, and is not erased, by itself."""
    return _only(session, _by_id(session, interaction_id).where(Interaction.part_agent == ""))


def lock_whole(session: Session, interaction_id: uuid.UUID) -> Interaction:
    """Return the whole interaction with this id, locked as by `lock_interaction`."""
    get_whole(session, interaction_id)
    return lock_interaction(session, interaction_id)


def lock_interaction(session: Session, interaction_id: uuid.UUID) -> Interaction:
    """Return the interaction with this id as it is once no other transaction changes it, and lock it.

    Whatever changes an interaction or what belongs to it (events, reviews, evaluations, facts) locks its row
    first, several rows by their external ids, and only then anything else. So nobody deadlocks.
    """
    locked = _by_id(session, interaction_id).with_for_update(key_share=True)
    return _only(session, locked.execution_options(populate_existing=True))


def lock_interaction_found(session: Session, interaction_id: ScalarSelect[uuid.UUID]) -> bool:
    """Lock the interaction whose id a statement finds, as `lock_interaction` does; tell if it did."""
    tenant_id = scope_of(session).tenant_id
    wanted = select(Interaction.interaction_id).where(
        Interaction.tenant_id == tenant_id, Interaction.interaction_id == interaction_id
    )
    return session.scalar(wanted.with_for_update(key_share=True)) is not None


def _by_id(session: Session, interaction_id: uuid.UUID) -> Select[Interaction]:
    return select(Interaction).where(
        Interaction.tenant_id == scope_of(session).tenant_id, Interaction.interaction_id == interaction_id
    )


def _only(session: Session, statement: Select[Interaction]) -> Interaction:
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("interaction")
    return found
