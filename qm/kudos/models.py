"""Table of kudos, given and declined."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

SOURCES = ("machine", "hand")
STATES = ("confirmed", "declined")


class Kudos(ClientOwned, Base):
    """Praise for one interaction that a person has confirmed, or a proposal that one has declined.

    `quote` is the place of what is praised: a turn, from where to where. Its words are read from the
    interaction, so they go with it, and so does the praise.
    """

    __tablename__ = "kudos"

    kudos_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    agent: Mapped[str] = mapped_column(Text)
    agent_name: Mapped[str] = mapped_column(Text)
    team: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    quote: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    note: Mapped[str | None] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["users.tenant_id", "users.user_id"]),
        Index("uq_kudos_interaction", "tenant_id", "interaction_id", unique=True),
        Index("ix_kudos_client", "tenant_id", "client_id", "created_at", "kudos_id"),
        Index("ix_kudos_agent", "tenant_id", "agent"),
        CheckConstraint(f"source in {SOURCES}", name="source_known"),
        CheckConstraint(f"state in {STATES}", name="state_known"),
    )
