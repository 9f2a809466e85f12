"""Users of a tenant and of its clients."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.changes import AccessChange, announce
from tenants.clients import check_name, every_client
from tenants.credentials import end_credentials, lock_user
from tenants.http.contract import Page, page_of
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.http.strict_fields import LANGUAGE
from tenants.isolation import scope_of
from tenants.models import Client, Membership, User, id_for, utc_now
from tenants.roles import ROLES

# A minimal check for the command line; the API schema is stricter.
_ADDRESS = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")
_LANGUAGE = re.compile(LANGUAGE)
PROFILE = ("languages", "skills", "team", "agent", "weekly_capacity", "time_zone", "locale")
"""What is known of a user beside who they are and what they may do."""


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    role: str,
    clients: Sequence[Client] = (),
    profile: Mapping[str, Any] | None = None,
) -> User:
    """Create a user, limited to `clients` if there are any; `profile` has names of `PROFILE`.

    Raises
    ------
    Invalid
        For an invalid name or address, an unknown role, a stakeholder without client, or a limited admin.
    Conflict
        When a user with the address exists.
    """
    check_user(email=email, name=name, role=role, bound=bool(clients), profile=profile)
    address = _free_address(session, email)
    tenant_id = scope_of(session).tenant_id
    user_id = id_for("user", tenant_id, address)
    user = User(tenant_id=tenant_id, user_id=user_id, email=address, name=name, role=role, **(profile or {}))
    session.add(user)
    session.flush()
    _limit(session, user, clients)
    slugs = [client.slug for client in clients]
    given = {"role": role, "clients": slugs, **(profile or {})}
    audit.record(session, "user.created", f"user:{user.user_id}", **given)
    return user


def _free_address(session: Session, email: str, user: User | None = None) -> str:
    address = email.strip().lower()
    other = session.scalars(select(User).where(User.email == address)).one_or_none()
    if other is not None and other is not user:
        raise Conflict(f"There is a person with the address {address} already.", "user_exists")
    return address


def check_user(
    *,
    email: str | None = None,
    name: str | None = None,
    role: str | None = None,
    bound: bool | None = None,
    profile: Mapping[str, Any] | None = None,
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
    for index, tag in enumerate((profile or {}).get("languages", ())):
        if not _LANGUAGE.fullmatch(tag):
            faults.add(Fault(f"/languages/{index}", "bad_language", "Expected a tag such as en or pt-BR."))
    faults.raise_all()


def _limit(session: Session, user: User, clients: Iterable[Client]) -> None:
    """Limit a user to these clients; to none in particular if there are none."""
    owner = {"tenant_id": user.tenant_id, "user_id": user.user_id}
    session.execute(delete(Membership).where(*(getattr(Membership, name) == owner[name] for name in owner)))
    session.add_all(Membership(**owner, client_id=client.client_id) for client in clients)
    session.flush()


def change_user(
    session: Session,
    user: User,
    *,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    clients: Sequence[Client] | None = None,
    disabled: bool | None = None,
    profile: Mapping[str, Any] | None = None,
) -> User:
    """Change a user; what they may no longer do ends at once, and with it what they hold of the queue.

    `profile` has those names of `PROFILE` that change.

    Raises
    ------
    Invalid
        As for a new user.
    Conflict
        When another user has the address.
    """
    lock_user(session, user)
    before = _access(session, user)
    check_user(email=email, name=name, role=role, profile=profile)
    for field, value in (profile or {}).items():
        setattr(user, field, value)
    user.name = user.name if name is None else name
    user.email = user.email if email is None else _free_address(session, email, user)
    user.role = user.role if role is None else role
    if clients is not None:
        with every_client(session):
            _limit(session, user, clients)
    if disabled is not None and disabled != (user.disabled_at is not None):
        user.disabled_at = utc_now() if disabled else None
    session.flush()
    after = _access(session, user)
    check_user(role=user.role, bound=bool(after["clients"]))
    if user.disabled_at is not None:
        end_credentials(session, user)
    changed = [field for field, value in (("name", name), ("email", email)) if value is not None]
    audit.record(session, "user.changed", f"user:{user.user_id}", before=before, after=after, fields=changed)
    announce(session, AccessChange(user.user_id))
    return user


def _access(session: Session, user: User) -> dict[str, Any]:
    clients = clients_by_user(session, [user.user_id]).get(user.user_id, [])
    known = {field: getattr(user, field) for field in PROFILE}
    return {"role": user.role, "clients": clients, "disabled": user.disabled_at is not None, **known}


def take_profile(body: dict[str, Any]) -> dict[str, Any]:
    """Take what belongs to the profile out of a body."""
    return {field: body.pop(field) for field in PROFILE if field in body}


def shown_people(session: Session, found: Sequence[User]) -> list[dict[str, Any]]:
    """Return users as the API shows them."""
    limits = clients_by_user(session, [user.user_id for user in found])
    columns = ("user_id", "email", "name", "role", *PROFILE, "created_at", "signed_in_at", "disabled_at")
    return [
        {**{name: getattr(user, name) for name in columns}, "clients": limits.get(user.user_id, [])}
        for user in found
    ]


def clients_by_user(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the slugs of the clients that users are limited to; those without any are left out."""
    found = session.execute(
        select(Membership.user_id, Client.slug)
        .join(Client, Client.client_id == Membership.client_id)
        .where(Membership.user_id.in_(list(user_ids)))
        .order_by(Client.slug)
    )
    slugs: dict[UUID, list[str]] = {}
    for row in found:
        slugs.setdefault(row.user_id, []).append(row.slug)
    return slugs


def page_of_users(session: Session, *, role: str | None, disabled: bool | None, **paging: Any) -> Page:
    """Return a page of users, those made first on top."""
    statement = select(User)
    if role is not None:
        statement = statement.where(User.role == role)
    if disabled is not None:
        statement = statement.where(User.disabled_at.is_not(None) if disabled else User.disabled_at.is_(None))
    return page_of(session, statement, [User.user_id], **paging)


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
