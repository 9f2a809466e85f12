"""Tables of tenants, clients, users, credentials, the audit log and idempotency keys."""

import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from tenants.isolation import Base, ClientOwned, TenantOwned


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique, and sorted by time."""
    value: uuid.UUID = uuid7()
    return value


_seed: bytes | None = None


def seed_ids(seed: str) -> None:
    """Have `id_for` return the same ids in every process that is seeded so: for demonstrations."""
    global _seed  # noqa: PLW0603 - of the whole process, once, where it is put together
    _seed = seed.encode()


def ids_are_seeded() -> bool:
    """Tell whether this process belongs to a demonstration."""
    return _seed is not None


def id_for(*named: object) -> uuid.UUID:
    """Return the id of what is named so: a new one, or where ids are seeded one that follows from the name.

    Sampling draws and the holdout follow from ids, and so repeat where these do.
    """
    if _seed is None:
        return new_id()
    digest = hmac.digest(_seed, "\n".join(map(str, named)).encode(), hashlib.sha256)
    return uuid.UUID(bytes=digest[:16], version=5)


def utc_now() -> datetime:
    """Return the present time, aware and in UTC."""
    return datetime.now(UTC)


Moment = DateTime(timezone=True)


class Tenant(TenantOwned, Base):
    """An outsourcing provider; owns everything below it."""

    __tablename__ = "tenants"

    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (UniqueConstraint("slug"),)


class Client(ClientOwned, Base):
    """A brand that the provider serves; the unit of reporting and of stakeholder access.

    One that was removed is in nobody's scope: the policies hide all that belongs to it.
    """

    __tablename__ = "clients"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-10)
    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    revision: Mapped[int] = mapped_column(BigInteger, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=utc_now, onupdate=utc_now)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    )


class User(TenantOwned, Base):
    """A user of the provider or of one of its clients."""

    __tablename__ = "users"

    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    team: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(Text)
    weekly_capacity: Mapped[int | None] = mapped_column()
    time_zone: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    signed_in_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("tenant_id", "email"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    )


class Membership(ClientOwned, Base):
    """Binds a user to one client; a user without any sees every client of the provider."""

    __tablename__ = "memberships"

    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )


CREDENTIAL_KINDS = ("key", "session", "app", "grant")
TOKEN_PURPOSES = ("invitation", "recovery", "demo")


class Password(TenantOwned, Base):
    """The hash of a user's password (argon2id, in the PHC format); who signs in elsewhere has none."""

    __tablename__ = "passwords"

    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),)


class SignInToken(TenantOwned, Base):
    """The digest of what a person may set a password with, once: an invitation, or a recovery.

    Those of the purpose `demo` open the pages of the demo's people, and exist nowhere else.
    """

    __tablename__ = "sign_in_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    purpose: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        CheckConstraint(f"purpose in {TOKEN_PURPOSES}", name="purpose_known"),
    )


class Credential(TenantOwned, Base):
    """A credential of a machine or user.

    An API key that is also an OAuth client, a browser session, a third-party app (which opens nothing by
    itself), or what a person granted to an app.
    """

    __tablename__ = "credentials"

    credential_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text, default="key")
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    bound: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    app_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    redirect_uris: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
        CheckConstraint("(app_id is not null) = (kind = 'grant')", name="grant_has_app"),
        Index("ix_credentials_tenant_id_app_id", "tenant_id", "app_id"),
        Index("ix_credentials_key_hash", "key_hash"),
        Index("ix_credentials_credential_id", "credential_id"),
        Index("ix_credentials_tenant_id_user_id", "tenant_id", "user_id"),
        CheckConstraint(f"kind in {CREDENTIAL_KINDS}", name="kind_known"),
    )


class CredentialClient(ClientOwned, Base):
    """Binds a credential to one client."""

    __tablename__ = "credential_clients"

    credential_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "credential_id"], ["credentials.tenant_id", "credentials.credential_id"]
        ),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )


class AccessToken(TenantOwned, Base):
    """A short-lived OAuth access token; only its hash is stored."""

    __tablename__ = "access_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    credential_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    issued_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "credential_id"], ["credentials.tenant_id", "credentials.credential_id"]
        ),
        Index("ix_access_tokens_token_hash", "token_hash"),
        Index("ix_access_tokens_expires_at", "expires_at"),
    )


class AuthorizationCode(TenantOwned, Base):
    """The digest of a code that an app exchanges for tokens, once and within a minute."""

    __tablename__ = "authorization_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    app_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    redirect_uri: Mapped[str] = mapped_column(Text)
    challenge: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    grant_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "app_id"], ["credentials.tenant_id", "credentials.credential_id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        Index("ix_authorization_codes_expires_at", "expires_at"),
    )


class RefreshToken(TenantOwned, Base):
    """The digest of what an app renews its access with, once; used twice, the whole grant ends."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    credential_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    issued_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "credential_id"], ["credentials.tenant_id", "credentials.credential_id"]
        ),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
    )


class AuditHead(TenantOwned, Base):
    """The head of a provider's audit chain; locked while entries are appended."""

    __tablename__ = "audit_heads"

    number: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[bytes] = mapped_column(LargeBinary, default=b"")

    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),)


class AuditEntry(TenantOwned, Base):
    """One change: who did what to which thing; each entry's digest covers the one before it."""

    __tablename__ = "audit_entries"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    client_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
        Index("ix_audit_entries_subject", "tenant_id", "subject", "number"),
        CheckConstraint("number > 0", name="number_positive"),
    )


class IdempotencyKey(TenantOwned, Base):
    """The stored response to an idempotent request."""

    __tablename__ = "idempotency_keys"

    credential_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column()
    headers: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "credential_id"], ["credentials.tenant_id", "credentials.credential_id"]
        ),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )
