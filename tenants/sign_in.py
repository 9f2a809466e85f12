"""Signing in: passwords, the tokens that set one, and browser sessions.

A browser session is a credential of the kind `session`: it ends with its person, is rate-limited and named in
the audit log like a key. Its secret is in the browser's cookie alone, its digest in the database.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.credentials import KEY_BYTES, PREFIX_LENGTH, actor_label, hashed, revoke
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.isolation import scope_of
from tenants.models import (
    Credential,
    Password,
    SignInToken,
    Tenant,
    User,
    ids_are_seeded,
    new_id,
    utc_now,
)
from tenants.roles import SCOPES

SESSION_LASTS = timedelta(hours=12)
TOKEN_LASTS = {"invitation": timedelta(days=7), "recovery": timedelta(hours=1), "demo": timedelta(days=365)}
MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 200
_MAX_DEVICE_LENGTH = 100

# argon2id with the parameters of RFC 9106 for memory-constrained environments (64 MiB, 3 passes, 4 lanes).
_hasher = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """What is verified where there is no password: an unknown address takes as long as a known one."""
    return _hasher.hash(secrets.token_urlsafe())


def set_password(session: Session, user: User, password: str, *, keep: uuid.UUID | None = None) -> None:
    """Set a person's password, and end their browser sessions but the one to `keep`.

    Raises
    ------
    Invalid
        When it is too short, too long, or holds the person's name or address.
    """
    check_password(user, password)
    session.merge(
        Password(
            tenant_id=user.tenant_id,
            user_id=user.user_id,
            hash=_hasher.hash(password),
            changed_at=utc_now(),
        )
    )
    session.execute(delete(SignInToken).where(SignInToken.user_id == user.user_id))
    end_sessions(session, user, keep=keep)
    session.flush()
    audit.record(session, "password.set", f"user:{user.user_id}")


def check_password(user: User, password: str) -> None:
    """Raise `Invalid` for a password that is easy to guess, or longer than anybody types."""
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        detail = f"A password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters."
        raise Invalid([Fault("/password", "bad_password", detail)])
    known = (user.email.partition("@")[0], *user.name.lower().split())
    plain = password.lower()
    for word in known:
        if len(word) > 2:
            plain = plain.replace(word.lower(), "")
    if len(set(plain)) < 5:
        detail = "This password is easy to guess: it is mostly your name, your address or one letter."
        raise Invalid([Fault("/password", "bad_password", detail)])


def sign_in(session: Session, *, email: str, password: str, device: str) -> str | None:
    """Begin a browser session for whoever has this address and password; return its secret, or None."""
    user = session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
    stored = session.get(Password, (user.tenant_id, user.user_id)) if user else None
    nobodys = _nobodys_hash()  # also for a known address: the first of a process takes longer for all alike
    matches = _matches(stored.hash if stored else nobodys, password)
    if user is None or stored is None or not matches or user.disabled_at is not None:
        return None
    if _hasher.check_needs_rehash(stored.hash):
        stored.hash = _hasher.hash(password)
    return begin_session(session, user, device=device)


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:MAX_PASSWORD_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


def password_hash(password: str) -> str:
    """Return the argon2id hash of a password that opens something else than a person's session."""
    return _hasher.hash(password)


def password_matches(stored: str, password: str) -> bool:
    """Tell whether a password is the one that was hashed."""
    return _matches(stored, password)


def begin_session(session: Session, user: User, *, device: str) -> str:
    """Begin a browser session of a person and return its secret; what they may do is up to their role."""
    secret = f"qm_session_{secrets.token_urlsafe(KEY_BYTES)}"
    now = utc_now()
    credential = Credential(
        tenant_id=scope_of(session).tenant_id,
        credential_id=new_id(),
        kind="session",
        name=device[:_MAX_DEVICE_LENGTH] or "browser",
        prefix=secret[:PREFIX_LENGTH],
        key_hash=hashed(secret),
        secret_hash=b"",
        scopes=sorted(SCOPES),
        bound=False,
        user_id=user.user_id,
        expires_at=now + SESSION_LASTS,
    )
    session.add(credential)
    user.signed_in_at = now
    session.flush()
    audit.act_as(session, actor_label(credential.credential_id, user.user_id))
    audit.record(session, "session.begun", f"credential:{credential.credential_id}", user=user.user_id)
    return secret


def sessions_of(session: Session, user: User) -> Sequence[Credential]:
    """Return a person's browser sessions that have not ended, newest first."""
    statement = select(Credential).where(
        Credential.user_id == user.user_id,
        Credential.kind == "session",
        Credential.revoked_at.is_(None),
        Credential.expires_at > utc_now(),
    )
    return session.scalars(statement.order_by(Credential.created_at.desc())).all()


def end_sessions(session: Session, user: User, *, keep: uuid.UUID | None = None) -> None:
    """End the browser sessions of a person but the one to `keep`."""
    for each in sessions_of(session, user):
        if each.credential_id != keep:
            revoke(session, credential_id=each.credential_id)


def end_session(session: Session, user_id: uuid.UUID | None, credential_id: uuid.UUID) -> None:
    """End one browser session of a person; raise NotFound for anybody else's."""
    statement = select(Credential.credential_id).where(
        Credential.credential_id == credential_id,
        Credential.user_id == user_id,
        Credential.kind == "session",
    )
    if session.scalar(statement) is None:
        raise NotFound("session")
    revoke(session, credential_id=credential_id)


def issue_sign_in_token(session: Session, user: User, purpose: str, *, beside: bool = False) -> str:
    """Return a token that sets the person's password once; an earlier one ends, unless this is `beside` it.

    `purpose` is `invitation` (a week) or `recovery` (an hour); `demo` sets no password.
    """
    if purpose == "demo" and not ids_are_seeded():
        raise ValueError("such a link exists in the demo alone")
    now = utc_now()
    ended = SignInToken.expires_at <= now if beside else SignInToken.user_id == user.user_id
    session.execute(delete(SignInToken).where(SignInToken.user_id == user.user_id, ended))
    token = secrets.token_urlsafe(KEY_BYTES)
    session.add(
        SignInToken(
            tenant_id=user.tenant_id,
            token_hash=hashed(token),
            user_id=user.user_id,
            purpose=purpose,
            issued_at=now,
            expires_at=now + TOKEN_LASTS[purpose],
        )
    )
    session.flush()
    audit.record(session, "sign_in_token.issued", f"user:{user.user_id}", purpose=purpose)
    return token


def has_password(session: Session, user: User) -> bool:
    """Tell whether somebody has set a password."""
    return session.get(Password, (user.tenant_id, user.user_id)) is not None


def password_link(
    session: Session, user: User, address: str, purpose: str | None = None, *, beside: bool = False
) -> Mapping[str, Any]:
    """Return a link at this address by which a person sets a password once, and until when.

    Without a `purpose` it is an invitation for who has no password yet, and a recovery for all others.

    Raises
    ------
    Conflict
        When the person is disabled.
    """
    if user.disabled_at is not None:
        raise Conflict("This person is disabled; enable them first.", "user_disabled")
    purpose = purpose or ("recovery" if has_password(session, user) else "invitation")
    token = issue_sign_in_token(session, user, purpose, beside=beside)
    slug = session.scalars(select(Tenant.slug)).one()
    link = f"{address.rstrip('/')}/sign-in/{slug}/password/{token}"
    return {"purpose": purpose, "link": link, "expires_at": utc_now() + TOKEN_LASTS[purpose]}


def change_password(
    session: Session, user: User, *, present: str, password: str, keep: uuid.UUID | None = None
) -> None:
    """Set another password for who knows the present one; all their sessions but `keep` end.

    Raises
    ------
    Invalid
        When the present one is wrong, or the new one is easy to guess.
    """
    stored = session.get(Password, (user.tenant_id, user.user_id))
    if stored is None or not _matches(stored.hash, present):
        raise Invalid([Fault("/present", "wrong_password", "This is not your present password.")])
    set_password(session, user, password, keep=keep)


def user_of_token(session: Session, token: str, purposes: Sequence[str] = ("invitation", "recovery")) -> User:
    """Return whose password this token sets; raise NotFound when it is unknown, used or too old."""
    statement = (
        select(User)
        .join(SignInToken, SignInToken.user_id == User.user_id)
        .where(SignInToken.token_hash == hashed(token), SignInToken.expires_at > utc_now())
        .where(User.disabled_at.is_(None), SignInToken.purpose.in_(purposes))
    )
    user = session.scalars(statement).one_or_none()
    if user is None:
        raise NotFound("invitation")
    return user
