"""Table of definitions: every version of what a client wants, promises and aims at."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

JUDGING_KINDS = ("brand_voice", "playbook", "scorecard", "sla_policy", "sampling_policy")
"""The kinds that an interaction is judged, timed and drawn by."""
KINDS = (*JUDGING_KINDS, "quality_targets", "friction_themes")
SINGLE = "default"


class Definition(ClientOwned, Base):
    """One version of a definition; a trigger forbids changes of published bodies."""

    __tablename__ = "definitions"

    definition_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    effective_from: Mapped[datetime | None] = mapped_column(Moment)
    effective_to: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("tenant_id", "client_id", "kind", "key", "version"),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        Index(
            "uq_definitions_one_draft",
            "tenant_id",
            "client_id",
            "kind",
            "key",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
        CheckConstraint("state in ('draft', 'published', 'retired')", name="state_known"),
        CheckConstraint(f"kind in {KINDS}", name="kind_known"),
        CheckConstraint("(state = 'draft') = (effective_from is null)", name="effective_when_published"),
    )
