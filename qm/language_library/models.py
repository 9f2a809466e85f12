"""Table of the phrases and scenarios of language libraries."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

KINDS = ("phrase", "scenario")
STATES = ("confirmed", "declined")
EMOTIONS = ("anger", "frustration", "worry", "disappointment", "confusion", "sadness", "relief", "other")


class LibraryEntry(ClientOwned, Base):
    """A phrase, or a scenario of several turns, that a person has confirmed for the library, or declined.

    `place` says which turns of the interaction it is, and of a phrase from where to where. The words are read
    from the interaction, masked as they are stored: erasing it withdraws them.
    """

    __tablename__ = "library_entries"

    entry_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    emotion: Mapped[str | None] = mapped_column(Text)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
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
        Index("uq_library_entries_digest", "tenant_id", "client_id", "digest", unique=True),
        Index("ix_library_entries_client", "tenant_id", "client_id", "created_at", "entry_id"),
        Index("ix_library_entries_interaction_id", "tenant_id", "interaction_id"),
        CheckConstraint(f"kind in {KINDS}", name="kind_known"),
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(f"emotion in {EMOTIONS}", name="emotion_known"),
    )
