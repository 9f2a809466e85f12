"""The table of how reports look."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, TenantOwned
from tenants.models import Moment, utc_now

LOGO_TYPES = ("image/png", "image/jpeg")


class Branding(TenantOwned, Base):
    """One version of the name, logo and colours that a provider's reports carry; the newest is in force.

    Without a row they carry the provider's name and QM's colours.
    """

    __tablename__ = "branding"

    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    background: Mapped[str] = mapped_column(Text)
    foreground: Mapped[str] = mapped_column(Text)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[str | None] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["users.tenant_id", "users.user_id"]),
        CheckConstraint(f"logo_type in {LOGO_TYPES}", name="logo_type_known"),
        CheckConstraint("(logo is null) = (logo_type is null)", name="logo_has_type"),
    )
