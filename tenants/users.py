"""Users of a tenant and of its clients."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.clients import check_name
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.isolation import scope_of
from tenants.models import Client, Membership, User
from tenants.roles import ROLES

# A minimal check for the command line; the API schema is stricter.
_ADDRESS = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")


def create_user(
    session: Session, *, email: str, name: str, role: str, clients: Sequence[Client] = ()
) -> User:
    """Create a user, limited to `clients` if there are any.

    Raises
    ------
    Invalid
        For an invalid name or address, an unknown role, a stakeholder without client, or a limited admin.
    Conflict
        When a user with the address exists.
    """
    address = email.strip().lower()
    check_user(email=address, name=name, role=role, bound=bool(clients))
    if session.scalars(select(User).where(User.email == address)).one_or_none() is not None:
        raise Conflict(f"There is a person with the address {address} already.", "user_exists")
    tenant_id = scope_of(session).tenant_id
    user = User(tenant_id=tenant_id, email=address, name=name, role=role)
    session.add(user)
    session.flush()
    for client in clients:
        session.add(Membership(tenant_id=tenant_id, user_id=user.user_id, client_id=client.client_id))
    session.flush()
    slugs = [client.slug for client in clients]
    audit.record(session, "user.created", f"user:{user.user_id}", role=role, clients=slugs)
    return user


def check_user(
    *, email: str | None = None, name: str | None = None, role: str | None = None, bound: bool | None = None
) -> None:
    """Validate what is known of a user to create; None is not known.

    Raises
    ------
    Invalid
        With every fault.
    """
    faults = FaultCollector()
    if name is not None:
        with faults:
            check_name(name)
    if email is not None and not _ADDRESS.fullmatch(email.strip()):
        faults.add(Fault("/email", "bad_address", f"'{email}' is no e-mail address."))
    if role is not None and role not in ROLES:
        faults.add(Fault("/role", "unknown_role", f"Roles are: {', '.join(sorted(ROLES))}."))
    if role == "client_stakeholder" and bound is False:
        faults.add(Fault("/clients", "required", "A client's stakeholder belongs to a client."))
    if role == "admin" and bound:
        faults.add(Fault("/clients", "admin_is_unbound", "An admin cannot be bound to clients."))
    faults.raise_all()


def load_user(session: Session, user_id: UUID) -> User:
    """Return the user with this id; raise NotFound outside the caller's tenant."""
    user = session.scalars(select(User).where(User.user_id == user_id)).one_or_none()
    if user is None:
        raise NotFound("person")
    return user


def user_from_body(session: Session, user_id: UUID | None) -> User | None:
    """Return the user given under `/user` of a request body, or None when there is none.

    Raises
    ------
    Invalid
        When there is no such user in the caller's tenant.
    """
    try:
        return None if user_id is None else load_user(session, user_id)
    except NotFound as error:
        raise Invalid([Fault("/user", "unknown_person", str(error))]) from error


def people_by_id(session: Session, user_ids: Iterable[UUID | None]) -> dict[UUID | None, dict[str, Any]]:
    """Return id and name of users by id; unknown ids are left out."""
    wanted = {each for each in user_ids if each is not None}
    if not wanted:
        return {}
    found = session.execute(select(User.user_id, User.name).where(User.user_id.in_(wanted)))
    return {row.user_id: {"id": row.user_id, "name": row.name} for row in found}
