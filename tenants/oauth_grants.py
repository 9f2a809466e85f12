"""What people grant to apps: codes, and the tokens they are exchanged for; all stored as digests."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.credentials import KEY_BYTES, hashed, is_ended, issue_token, revoke
from tenants.http.faults import NotFound
from tenants.isolation import scope_of
from tenants.models import AuthorizationCode, Credential, RefreshToken, User, new_id, utc_now

CODE_LASTS = timedelta(minutes=1)
REFRESH_LASTS = timedelta(days=30)
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or a refresh token stands for, in the words of Authlib."""

    user: User
    scopes: Sequence[str]
    redirect_uri: str = ""
    code: AuthorizationCode | None = None
    credential: Credential | None = None

    @property
    def code_challenge(self) -> str:
        """The challenge that the exchange has to solve."""
        return self.code.challenge if self.code else ""

    @property
    def code_challenge_method(self) -> str:
        """S256, and no other."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Return where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted."""
        return " ".join(self.scopes)

    def check_client(self, _client: object) -> bool:
        """Accept: grants are looked up by their app."""
        return True


def issue_code(
    session: Session, app: Credential, user: User, *, scopes: Sequence[str], redirect_uri: str, challenge: str
) -> str:
    """Return a code that the app exchanges once, within a minute; those long over are deleted."""
    now = utc_now()
    session.execute(delete(AuthorizationCode).where(AuthorizationCode.expires_at < now - _KEPT))
    code = secrets.token_urlsafe(KEY_BYTES)
    session.add(
        AuthorizationCode(
            tenant_id=scope_of(session).tenant_id,
            code_hash=hashed(code),
            app_id=app.credential_id,
            user_id=user.user_id,
            scopes=sorted(scopes),
            redirect_uri=redirect_uri,
            challenge=challenge,
            issued_at=now,
            expires_at=now + CODE_LASTS,
        )
    )
    session.flush()
    subject = f"credential:{app.credential_id}"
    audit.record(session, "app.allowed", subject, user=user.user_id, scopes=sorted(scopes))
    return code


def grant_of_code(session: Session, app: Credential, code: str) -> Grant | None:
    """Return what an unused code stands for, locked; one that is used again ends what it was used for."""
    statement = select(AuthorizationCode).where(
        AuthorizationCode.code_hash == hashed(code), AuthorizationCode.app_id == app.credential_id
    )
    found = session.scalars(statement.with_for_update()).one_or_none()
    if found is None:
        return None
    if found.grant_id is not None:
        revoke(session, credential_id=found.grant_id)
        return None
    user = _able(session, found.user_id)
    if user is None or found.expires_at <= utc_now():
        return None
    return Grant(user, found.scopes, found.redirect_uri, code=found)


def grant_of_refresh(session: Session, app: Credential, token: str) -> Grant | None:
    """Return what an unused refresh token stands for, locked; used again, it ends its whole family."""
    statement = (
        select(RefreshToken, Credential)
        .join(Credential, Credential.credential_id == RefreshToken.credential_id)
        .where(RefreshToken.token_hash == hashed(token), Credential.app_id == app.credential_id)
    )
    row = session.execute(statement.with_for_update()).one_or_none()
    if row is None:
        return None
    found, credential = row
    user = _able(session, credential.user_id)
    if found.used_at is not None:
        revoke(session, credential_id=credential.credential_id)
        return None
    if user is None or found.expires_at <= utc_now() or is_ended(credential, user, utc_now()):
        return None
    found.used_at = utc_now()
    return Grant(user, found.scopes, credential=credential)


def _able(session: Session, user_id: UUID | None) -> User | None:
    return session.scalars(
        select(User).where(User.user_id == user_id, User.disabled_at.is_(None))
    ).one_or_none()


def store_tokens(
    session: Session,
    app: Credential,
    grant: Grant,
    *,
    scopes: Sequence[str],
    token: str,
    refresh_token: str,
    seconds: int,
) -> Credential:
    """Store what an app was given, as digests, and mark the code as used."""
    credential = grant.credential or _new_credential(session, app, grant)
    if grant.code is not None:
        grant.code.grant_id = credential.credential_id
    issue_token(session, credential=credential, scopes=scopes, token=token, seconds=seconds)
    now = utc_now()
    session.execute(delete(RefreshToken).where(RefreshToken.expires_at < now - _KEPT))
    session.add(
        RefreshToken(
            tenant_id=credential.tenant_id,
            token_hash=hashed(refresh_token),
            credential_id=credential.credential_id,
            scopes=list(grant.scopes),
            issued_at=now,
            expires_at=now + REFRESH_LASTS,
        )
    )
    session.flush()
    return credential


def _new_credential(session: Session, app: Credential, grant: Grant) -> Credential:
    credential = Credential(
        tenant_id=app.tenant_id,
        credential_id=new_id(),
        kind="grant",
        name=app.name,
        prefix="grant",
        key_hash=hashed(secrets.token_urlsafe(KEY_BYTES)),  # nobody knows it: tokens alone open anything
        secret_hash=b"",
        scopes=sorted(grant.scopes),
        redirect_uris=[],
        bound=False,
        user_id=grant.user.user_id,
        app_id=app.credential_id,
    )
    session.add(credential)
    session.flush()
    return credential


def refresh_token_of(session: Session, app: Credential, token: str) -> RefreshToken | None:
    """Return a refresh token of this app, used or not."""
    statement = (
        select(RefreshToken)
        .join(Credential, Credential.credential_id == RefreshToken.credential_id)
        .where(RefreshToken.token_hash == hashed(token), Credential.app_id == app.credential_id)
    )
    return session.scalars(statement).one_or_none()


def granted_apps(session: Session, user: User) -> Sequence[Credential]:
    """Return what a person granted to apps and has not ended, newest first."""
    own = Credential.user_id == user.user_id, Credential.kind == "grant", Credential.revoked_at.is_(None)
    return session.scalars(select(Credential).where(*own).order_by(Credential.created_at.desc())).all()


def end_grant(session: Session, user: User, credential_id: UUID) -> None:
    """End what a person granted to an app; raise NotFound for anybody else's."""
    if credential_id not in {each.credential_id for each in granted_apps(session, user)}:
        raise NotFound("app")
    revoke(session, credential_id=credential_id)
