"""What callers ask for about people, checked against what they may do themselves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from tenants import clients, leavers, users
from tenants.credentials import Actor
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.models import User
from tenants.roles import ROLES


def check_own_scopes(caller: Actor, scopes: Sequence[str], pointer: str) -> None:
    """Raise `Invalid` for scopes that the caller would give and does not have."""
    beyond = sorted(set(scopes) - caller.scopes)
    if beyond:
        raise Invalid([Fault(pointer, "beyond_own", f"You cannot give what you lack: {', '.join(beyond)}.")])


def create_person(session: Session, caller: Actor, body: dict[str, Any], faults: FaultCollector) -> User:
    """Make the person of a body known, or raise with these faults and all others."""
    wanted = body.pop("clients", None)
    known = {name: body.get(name) for name in ("email", "name", "role")}
    with faults:
        check_own_scopes(caller, ROLES[body["role"]] if "role" in body else (), "/role")
    with faults:
        named = clients.clients_named(session, wanted or ())
    with faults:
        users.check_user(**known, bound=None if wanted is None else bool(wanted))
    faults.raise_all()
    profile = users.take_profile(body)
    return users.create_user(session, clients=named, profile=profile, **body)


def change_person(session: Session, caller: Actor, user: User, body: dict[str, Any]) -> User:
    """Change a person as a body says; nobody changes what they may do themselves."""
    if user.user_id == caller.user_id and body.keys() & {"role", "clients", "disabled"}:
        raise Conflict("Ask another admin to change what you may do.", "own_account")
    if "role" in body:
        check_own_scopes(caller, ROLES[body["role"]], "/role")
    if "clients" in body:
        body["clients"] = clients.clients_named(session, body["clients"])
    profile = users.take_profile(body)
    return users.change_user(session, user, profile=profile, **body)


def remove_person(session: Session, caller: Actor, user: User) -> User:
    """Remove a person who leaves; nobody removes themselves."""
    if user.user_id == caller.user_id:
        raise Conflict("Ask another admin to remove you.", "own_account")
    return leavers.remove_user(session, user)
