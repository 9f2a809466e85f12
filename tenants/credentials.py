"""API keys and access tokens: issued once, stored as digests, authenticated, revoked."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.isolation import Scope, enter_tenant_scope, scope_of
from tenants.models import AccessToken, Client, Credential, CredentialClient, Membership, User, utc_now
from tenants.roles import ROLES, SCOPES, SEES_AGENTS

KEY_BYTES = 32
PREFIX_LENGTH = 16

# Runs before every request, and therefore is one round trip.
_LOCATE = """
    select located.*, array(
        select client_id from qm_credential_client_ids(located.tenant_id, located.credential_id)
    ) as client_ids
    from qm_locate_credential(:wanted) as located
"""

_ENDS = ("revoked_at", "expires_at")


def _of(model: Any, *names: str) -> list[Any]:
    return [getattr(model, name) for name in names]


# Runs before every request too: columns are made faster than objects.
_SELECT_ACTOR = (
    select(
        *_of(Credential, "credential_id", "kind", "name", "scopes", "bound", "user_id", *_ENDS),
        *_of(User, "role", "disabled_at"),
        User.name.label("person"),
        AccessToken.scopes.label("token_scopes"),
        *(getattr(AccessToken, name).label(f"token_{name}") for name in _ENDS),
        exists()
        .where(Membership.tenant_id == Credential.tenant_id, Membership.user_id == Credential.user_id)
        .label("is_member"),
    )
    .outerjoin(User, and_(User.tenant_id == Credential.tenant_id, User.user_id == Credential.user_id))
    .outerjoin(
        AccessToken,
        and_(AccessToken.tenant_id == Credential.tenant_id, AccessToken.token_hash == bindparam("token")),
    )
    .where(
        Credential.tenant_id == bindparam("tenant_id"), Credential.credential_id == bindparam("credential_id")
    )
)


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated caller: the credential, its user if any, their OAuth scopes and tenant scope."""

    credential_id: uuid.UUID
    user_id: uuid.UUID | None
    role: str | None
    name: str
    scopes: frozenset[str]
    scope: Scope
    bound: bool

    @property
    def label(self) -> str:
        """Name of the actor in the audit log."""
        return actor_label(self.credential_id, self.user_id)

    @property
    def sees_agents(self) -> bool:
        """Whether the caller may see who handled an interaction."""
        return self.role is None or self.role in SEES_AGENTS


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new credential with its secrets, which cannot be retrieved later."""

    credential: Credential
    key: str
    client_secret: str

    @property
    def client_id(self) -> str:
        """The OAuth client id."""
        return str(self.credential.credential_id)


def actor_label(credential_id: uuid.UUID, user_id: uuid.UUID | None) -> str:
    """Return who acts, for the audit log: the person, if it is one, and always the credential they used.

    A key may be issued for a person by somebody else, who then holds it.
    """
    credential = f"credential:{credential_id}"
    return credential if user_id is None else f"user:{user_id} {credential}"


def hashed(secret: str) -> bytes:
    """Return the SHA-256 of a secret (32 bytes); secrets of 256 random bits need no slow password hash."""
    return hashlib.sha256(secret.encode()).digest()


def issue_key(
    session: Session,
    *,
    name: str,
    scopes: Sequence[str],
    clients: Sequence[Client] = (),
    user: User | None = None,
    live: bool = True,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Create a credential, bound to `clients` if there are any.

    Raises
    ------
    Invalid
        For unknown scopes, scopes beyond the user's role, `admin` on a bound credential, or an expiry in the
        past.
    """
    check_credential(scopes=scopes, user=user, bound=bool(clients), expires_at=expires_at)
    key = f"qm_{'live' if live else 'test'}_{secrets.token_urlsafe(KEY_BYTES)}"
    secret = f"qm_secret_{secrets.token_urlsafe(KEY_BYTES)}"
    credential = Credential(
        tenant_id=scope_of(session).tenant_id,
        name=name,
        prefix=key[:PREFIX_LENGTH],
        key_hash=hashed(key),
        secret_hash=hashed(secret),
        scopes=sorted(set(scopes)),
        bound=bool(clients),
        user_id=user.user_id if user else None,
        expires_at=expires_at,
    )
    _store(session, credential, clients)
    return IssuedKey(credential, key, secret)


def _store(session: Session, credential: Credential, clients: Sequence[Client]) -> None:
    session.add(credential)
    session.flush()
    own = {"tenant_id": credential.tenant_id, "credential_id": credential.credential_id}
    session.add_all([CredentialClient(**own, client_id=client.client_id) for client in clients])
    session.flush()
    audit.record(
        session,
        "credential.issued",
        f"credential:{credential.credential_id}",
        name=credential.name,
        scopes=credential.scopes,
        clients=[client.slug for client in clients],
        user=credential.user_id,
    )


def check_credential(
    *, scopes: Sequence[str] | None, user: User | None, bound: bool, expires_at: datetime | None
) -> None:
    """Validate what is known of a credential to create; None is not known or not wanted.

    Raises
    ------
    Invalid
        With every fault.
    """
    faults = [] if scopes is None else _scope_faults(scopes, user, bound=bound)
    if expires_at is not None and expires_at <= utc_now():
        faults.append(Fault("/expires_at", "in_the_past", "The credential would have ended already."))
    if faults:
        raise Invalid(faults)


def _scope_faults(scopes: Sequence[str], user: User | None, *, bound: bool) -> list[Fault]:
    allowed = set(ROLES[user.role]) if user else set(SCOPES)
    faults = [
        Fault(f"/scopes/{index}", "unknown_scope", f"There is no scope {scope!r}.")
        if scope not in SCOPES
        else Fault(f"/scopes/{index}", "scope_beyond_role", f"The person's role does not carry {scope!r}.")
        for index, scope in enumerate(scopes)
        if scope not in allowed
    ]
    if not scopes:
        faults.append(Fault("/scopes", "required", "At least one scope is needed."))
    if bound and "admin" in scopes:
        faults.append(Fault("/scopes", "admin_is_unbound", "The scope 'admin' cannot be bound to clients."))
    return faults


def revoke(session: Session, *, credential_id: uuid.UUID) -> Credential:
    """Revoke a credential and delete its tokens, effective from the next request on."""
    credential = session.scalars(
        select(Credential).where(Credential.credential_id == credential_id)
    ).one_or_none()
    if credential is None:
        raise NotFound("credential")
    if credential.revoked_at is None:
        credential.revoked_at = utc_now()
        session.execute(delete(AccessToken).where(AccessToken.credential_id == credential_id))
        audit.record(
            session,
            "credential.revoked",
            f"credential:{credential_id}",
            name=credential.name,
            user=credential.user_id,
        )
    return credential


def lock_user(session: Session, user: User) -> None:
    """Lock a user, as whoever claims a review does: nothing is claimed that would not be given back."""
    session.refresh(user, with_for_update={"key_share": True})


def end_credentials(session: Session, user: User) -> None:
    """Revoke every credential of a person."""
    own = Credential.user_id == user.user_id, Credential.revoked_at.is_(None)
    for credential_id in session.scalars(select(Credential.credential_id).where(*own)).all():
        revoke(session, credential_id=credential_id)


def issue_token(
    session: Session, *, credential: Credential, scopes: Sequence[str], token: str, seconds: int
) -> None:
    """Store the digest of a new access token, and delete those that expired more than a day ago."""
    now = utc_now()
    session.execute(delete(AccessToken).where(AccessToken.expires_at < now - timedelta(days=1)))
    session.add(
        AccessToken(
            tenant_id=credential.tenant_id,
            token_hash=hashed(token),
            credential_id=credential.credential_id,
            scopes=sorted(scopes),
            issued_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
    )


def authenticate(session: Session, secret: str, kind: str = "key") -> Actor | None:
    """Return the owner of this key, token or session and enter its scope; None if it is unknown or ended.

    A credential of another kind is unknown: no key opens a page, and no page's session the API.
    """
    located = enter_tenant_scope(session, _LOCATE, wanted=hashed(secret))
    if located is None:
        return None
    return _actor(session, located.credential_id, kind, hashed(secret) if located.by_token else None)


def _actor(session: Session, credential_id: uuid.UUID, kind: str, token: bytes | None) -> Actor | None:
    now, scope = utc_now(), scope_of(session)
    found = session.execute(
        _SELECT_ACTOR, {"tenant_id": scope.tenant_id, "credential_id": credential_id, "token": token}
    ).one()
    opens = found.kind == kind or (kind == "key" and found.kind == "grant" and token is not None)
    if not opens or _is_over(found.revoked_at, found.expires_at, found.disabled_at, now):
        return None
    scopes = set(found.scopes)
    if found.user_id is not None:
        scopes &= set(ROLES[found.role])  # the role may have changed since the credential was issued
    if token is not None:
        if found.token_scopes is None or _is_over(found.token_revoked_at, found.token_expires_at, None, now):
            return None
        scopes &= set(found.token_scopes)
    return Actor(
        credential_id=found.credential_id,
        user_id=found.user_id,
        role=found.role,
        name=found.name if found.user_id is None else found.person,
        scopes=frozenset(scopes),
        scope=scope,
        bound=found.bound or found.is_member,
    )


def is_ended(credential: Credential, user: User | None, now: datetime) -> bool:
    """Tell whether a credential is revoked or expired, or its user disabled."""
    return _is_over(credential.revoked_at, credential.expires_at, user.disabled_at if user else None, now)


def _is_over(
    revoked_at: datetime | None, expires_at: datetime | None, disabled_at: datetime | None, now: datetime
) -> bool:
    expired = expires_at is not None and expires_at <= now
    return revoked_at is not None or expired or disabled_at is not None
