"""Third-party apps: registered by an admin, public clients with exact redirect addresses.

An app is a credential of the kind `app` that opens nothing itself; what a person lets it do is another one of
the kind `grant`, which ends with the person, with the app, or by itself.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.clients import check_name
from tenants.credentials import KEY_BYTES, hashed, revoke
from tenants.http.deferred_faults import FaultCollector
from tenants.http.faults import Fault, NotFound
from tenants.isolation import scope_of
from tenants.models import Credential, new_id
from tenants.roles import SCOPES
from tenants.sso.configuration import is_safe_address

MAX_REDIRECTS = 20
NEVER_GRANTED = "admin"
_ADDRESS = re.compile(r"https?://(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[\x21\x23-\x3a\x3c-\x7e]*)?")


def create_app(
    session: Session, *, name: str, redirect_uris: Sequence[str], scopes: Sequence[str]
) -> Credential:
    """Register an app.

    Raises
    ------
    Invalid
        For an invalid name or address, or scopes that no app may have.
    """
    _check(name, redirect_uris, scopes)
    app = Credential(
        tenant_id=scope_of(session).tenant_id,
        credential_id=new_id(),
        kind="app",
        name=name,
        prefix="app",
        key_hash=hashed(secrets.token_urlsafe(KEY_BYTES)),  # nobody knows it: an app has no key
        secret_hash=b"",
        scopes=sorted(set(scopes)),
        redirect_uris=list(dict.fromkeys(redirect_uris)),
        bound=False,
    )
    session.add(app)
    session.flush()
    told: dict[str, Any] = {"name": name, "redirect_uris": app.redirect_uris, "scopes": app.scopes}
    audit.record(session, "app.created", f"credential:{app.credential_id}", **told)
    return app


def _check(name: str, redirect_uris: Sequence[str], scopes: Sequence[str]) -> None:
    faults = FaultCollector()
    with faults:
        check_name(name)
    if not 1 <= len(redirect_uris) <= MAX_REDIRECTS:
        faults.add(
            Fault("/redirect_uris", "required", f"An app has 1 to {MAX_REDIRECTS} redirect addresses.")
        )
    for index, address in enumerate(redirect_uris):
        if not _ADDRESS.fullmatch(address) or not is_safe_address(address):
            detail = "Expected https://..., or http:// with localhost, without a fragment."
            faults.add(Fault(f"/redirect_uris/{index}", "bad_address", detail))
    if not scopes:
        faults.add(Fault("/scopes", "required", "At least one scope is needed."))
    for index, scope in enumerate(scopes):
        if scope not in SCOPES or scope == NEVER_GRANTED:
            faults.add(Fault(f"/scopes/{index}", "unknown_scope", f"No app may have the scope {scope!r}."))
    faults.raise_all()


def origin_of(redirect_uri: str) -> str:
    """Return the origin of a registered redirect address, for the policy of the page that leads there.

    >>> origin_of("http://127.0.0.1:9000/callback?x=1")
    'http://127.0.0.1:9000'
    """
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}"


def registered_apps(session: Session) -> Sequence[Credential]:
    """Return the apps that are not removed, by name."""
    statement = select(Credential).where(Credential.kind == "app", Credential.revoked_at.is_(None))
    return session.scalars(statement.order_by(Credential.name, Credential.credential_id)).all()


def load_app(session: Session, app_id: UUID) -> Credential:
    """Return an app of the tenant that is not removed; raise NotFound for any other."""
    statement = select(Credential).where(
        Credential.credential_id == app_id, Credential.kind == "app", Credential.revoked_at.is_(None)
    )
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("app")
    return found


def remove_app(session: Session, app: Credential) -> Credential:
    """Remove an app; all that people granted to it ends at once."""
    granted = Credential.app_id == app.credential_id, Credential.revoked_at.is_(None)
    for credential_id in session.scalars(select(Credential.credential_id).where(*granted)).all():
        revoke(session, credential_id=credential_id)
    return revoke(session, credential_id=app.credential_id)
