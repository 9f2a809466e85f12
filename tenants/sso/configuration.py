"""Which identity providers a tenant has: made, changed, removed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.clients import check_name, clients_named
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.isolation import scope_of
from tenants.models import new_id
from tenants.sso.encryption import encrypted
from tenants.sso.models import IdentityProvider
from tenants.users import check_user

MAX_GROUPS = 200
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CLAIM = re.compile(r"[^\x00-\x20\ud800-\udfff]{1,200}")


def is_safe_address(address: str) -> bool:
    """Tell whether an address is one of https, or of this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.fragment or parts.username or parts.password:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def identity_providers(session: Session) -> Sequence[IdentityProvider]:
    """Return the identity providers of the tenant, by name."""
    return session.scalars(select(IdentityProvider).order_by(IdentityProvider.name)).all()


def load_identity_provider(session: Session, identity_provider_id: UUID) -> IdentityProvider:
    """Return an identity provider of the tenant; raise NotFound for any other."""
    wanted = select(IdentityProvider).where(IdentityProvider.identity_provider_id == identity_provider_id)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound("identity provider")
    return found


def save_identity_provider(
    session: Session, secret_key: str, body: Mapping[str, Any], present: IdentityProvider | None = None
) -> IdentityProvider:
    """Make an identity provider, or change the present one; a secret that is not given stays.

    Raises
    ------
    Invalid
        With every fault.
    """
    _check(session, body, needs_secret=present is None)
    provider = present or IdentityProvider(
        tenant_id=scope_of(session).tenant_id, identity_provider_id=new_id(), groups=[], groups_claim="groups"
    )
    for name in ("name", "issuer", "groups_claim", "groups"):
        if name in body:
            setattr(provider, name, body[name])
    if "client_id" in body:
        provider.oidc_client_id = body["client_id"]
    if body.get("client_secret"):
        provider.oidc_client_secret = encrypted(secret_key, body["client_secret"])
    session.add(provider)
    session.flush()
    renamed = {"client_id": "oidc_client_id"}
    told = {renamed.get(name, name): value for name, value in body.items() if name != "client_secret"}
    _record(session, provider, "created" if present is None else "changed", **told)
    return provider


def _check(session: Session, body: Mapping[str, Any], *, needs_secret: bool) -> None:
    faults = FaultCollector()
    if needs_secret:
        for name in ("name", "issuer", "client_id", "client_secret"):
            if not body.get(name):
                faults.add(Fault(f"/{name}", "required", "This is needed."))
    if body.get("name"):
        with faults:
            check_name(body["name"])
    if body.get("issuer") and not is_safe_address(body["issuer"]):
        faults.add(Fault("/issuer", "bad_address", "Expected an address such as https://id.example.com."))
    if "groups_claim" in body and not _CLAIM.fullmatch(body["groups_claim"]):
        faults.add(Fault("/groups_claim", "bad_claim", "Expected the name of a claim, such as groups."))
    for index, entry in enumerate(body.get("groups", ())):
        with faults:
            _check_group(session, entry, f"/groups/{index}")
    faults.raise_all()


def _check_group(session: Session, entry: Mapping[str, Any], pointer: str) -> None:
    try:
        named = clients_named(session, entry.get("clients", ()))
        check_user(role=entry["role"], bound=bool(named))
    except Invalid as error:
        raise Invalid([fault.under(pointer) for fault in error.faults]) from error


def remove_identity_provider(session: Session, provider: IdentityProvider) -> None:
    """Remove an identity provider; who signed in with it needs another way."""
    session.delete(provider)
    session.flush()
    _record(session, provider, "removed", name=provider.name)


def _record(session: Session, provider: IdentityProvider, deed: str, **details: Any) -> None:
    subject = f"identity_provider:{provider.identity_provider_id}"
    audit.record(session, f"identity_provider.{deed}", subject, **details)
