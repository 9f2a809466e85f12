"""Tables of single sign-on."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, LargeBinary, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, TenantOwned
from tenants.models import Moment, new_id, utc_now


class IdentityProvider(TenantOwned, Base):
    """Where a tenant's people sign in: an OpenID Connect provider, and what its groups come to here.

    `groups` are objects with `group`, `role` and `clients`, in order: the first that somebody is in decides.
    """

    __tablename__ = "identity_providers"

    identity_provider_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    oidc_client_id: Mapped[str] = mapped_column(Text)
    oidc_client_secret: Mapped[bytes] = mapped_column(LargeBinary)
    groups_claim: Mapped[str] = mapped_column(Text, default="groups")
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=utc_now, onupdate=utc_now)

    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),)


class UserIdentity(TenantOwned, Base):
    """Who a user is at an identity provider; from then on their address there decides nothing any more."""

    __tablename__ = "user_identities"

    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        UniqueConstraint("tenant_id", "issuer", "subject"),
    )
