"""Whom an identity provider lets in, and as what."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit, users
from tenants.clients import MAX_NAME_LENGTH, client_named
from tenants.http.faults import Conflict, Invalid, NotFound
from tenants.models import Client, User
from tenants.sso.models import IdentityProvider, UserIdentity


class NotLetIn(Exception):
    """The identity provider vouches for somebody who is nobody here, or is disabled."""


def person_of_claims(session: Session, provider: IdentityProvider, claims: Mapping[str, Any]) -> User:
    """Return who these claims are, made known or brought up to date by their groups.

    Who is linked is found by subject. Others need an address that the provider has verified: it finds who was
    invited by it, or makes somebody known who is in a mapped group. Groups decide role and clients each time.

    Raises
    ------
    NotLetIn
        For everybody else, and for who is disabled.
    """
    mapped = _mapped(provider, claims)
    user = _linked(session, provider, claims) or _by_address(session, provider, claims)
    if user is None:
        if mapped is None or _verified_address(claims) is None:
            raise NotLetIn(_why_not(provider, claims))
        return _create(session, provider, claims, mapped)
    if user.disabled_at is not None:
        raise NotLetIn("You are disabled here.")
    if mapped is not None:
        _bring_up_to_date(session, user, mapped)
    return user


def _why_not(provider: IdentityProvider, claims: Mapping[str, Any]) -> str:
    """Say why somebody whom nobody has invited is not made known."""
    if _verified_address(claims) is None:
        return "The identity provider says no e-mail address of yours that it has verified."
    if provider.groups and provider.groups_claim not in claims:
        return (
            f"The identity provider says no groups of yours: the claim '{provider.groups_claim}' is missing."
            " Whoever looks after it has to add it; or have your address invited here."
        )
    return "No group of yours is let in here, and nobody has invited your address."


def _mapped(provider: IdentityProvider, claims: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first entry of the mapping of whose group they are."""
    said = claims.get(provider.groups_claim)
    listed = said if isinstance(said, list) else [said]
    groups = {each for each in listed if isinstance(each, str)}
    return next((entry for entry in provider.groups if entry["group"] in groups), None)


def _linked(session: Session, provider: IdentityProvider, claims: Mapping[str, Any]) -> User | None:
    statement = (
        select(User)
        .join(UserIdentity, UserIdentity.user_id == User.user_id)
        .where(UserIdentity.issuer == provider.issuer, UserIdentity.subject == claims["sub"])
    )
    return session.scalars(statement).one_or_none()


def _verified_address(claims: Mapping[str, Any]) -> str | None:
    email = claims.get("email")
    return email.strip().lower() if claims.get("email_verified") is True and isinstance(email, str) else None


def _by_address(session: Session, provider: IdentityProvider, claims: Mapping[str, Any]) -> User | None:
    """Return who has this verified address and is linked to nobody yet, and link them."""
    address = _verified_address(claims)
    if address is None:
        return None
    user = session.scalars(select(User).where(User.email == address)).one_or_none()
    if user is None:
        return None
    if session.get(UserIdentity, (user.tenant_id, user.user_id)) is not None:
        raise NotLetIn("This address belongs to somebody else at the identity provider.")
    _link(session, provider, user, claims)
    return user


def _link(session: Session, provider: IdentityProvider, user: User, claims: Mapping[str, Any]) -> None:
    linked = {"tenant_id": user.tenant_id, "user_id": user.user_id}
    session.add(UserIdentity(**linked, issuer=provider.issuer, subject=claims["sub"]))
    session.flush()
    audit.record(session, "user.linked", f"user:{user.user_id}", issuer=provider.issuer)


def _create(
    session: Session, provider: IdentityProvider, claims: Mapping[str, Any], mapped: Mapping[str, Any]
) -> User:
    address = _verified_address(claims) or ""
    said = claims.get("name")
    name = said.strip()[:MAX_NAME_LENGTH] if isinstance(said, str) and said.strip() else address
    try:
        bound = _clients(session, mapped)
        user = users.create_user(session, email=address, name=name, role=mapped["role"], clients=bound)
    except (Invalid, Conflict) as error:
        raise NotLetIn("What the identity provider says of you cannot be used here.") from error
    _link(session, provider, user, claims)
    return user


def _bring_up_to_date(session: Session, user: User, mapped: Mapping[str, Any]) -> None:
    bound = _clients(session, mapped)
    present = users.clients_by_user(session, [user.user_id]).get(user.user_id, [])
    if user.role != mapped["role"] or sorted(client.slug for client in bound) != present:
        users.change_user(session, user, role=mapped["role"], clients=bound)


def _clients(session: Session, mapped: Mapping[str, Any]) -> Sequence[Client]:
    """Return the clients of an entry; one that was removed meanwhile must not widen what somebody sees."""
    try:
        return [client_named(session, slug) for slug in mapped.get("clients", ())]
    except NotFound:
        raise NotLetIn("A client that your group is for is there no more.") from None
