"""Tables of interactions and of the events that arrive after them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

TURN_AGENTS = "jsonb_path_query_array(turns, '$[*].agent ? (@ != null)')"
STATES = ("pending", "claimed", "scored", "dead")


class Interaction(ClientOwned, Base):
    """One redacted conversation, with the state of its scoring.

    `updated_at` is set by a trigger: when anything but a worker's claim changed.
    `source_updated_at` is the newest `updated_at` that its sender pushed: of what is older only the priority
    is kept. `priorities` holds every priority that was pushed by its `updated_at`, which is empty where there
    was none: that one counts from the start.

    Where several agents spoke, each has a part of it in a row of its own, with the same external id: made
    from the whole by `qm/interactions/parts.py`, and judged, drawn and reviewed in its place. `part_agent`
    is the agent whose part it is, and empty for a whole interaction.

    The table is the scoring queue: a worker claims a row with a token and a lease, and only the holder of
    the token may finish it. Every change of content sets it back to `pending` under a new revision.
    """

    __tablename__ = "interactions"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    external_id: Mapped[str] = mapped_column(Text)
    part_agent: Mapped[str] = mapped_column(Text, server_default="")
    channel: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    program: Mapped[str | None] = mapped_column(Text)
    queue: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[str] = mapped_column(Text)
    intent: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(Text)
    agent_details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    customer: Mapped[str | None] = mapped_column(Text)
    segment: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    turns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    turn_agents: Mapped[list[str]] = mapped_column(JSONB, Computed(TURN_AGENTS, persisted=True))
    status: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    source_updated_at: Mapped[datetime | None] = mapped_column(Moment)
    priorities: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    revision: Mapped[int] = mapped_column(server_default="1")
    received_at: Mapped[datetime] = mapped_column(Moment, default=utc_now, server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=text("now()"))
    state: Mapped[str] = mapped_column(Text, server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    claim_token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("tenant_id", "client_id", "external_id", "part_agent"),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        Index("ix_interactions_recent", "tenant_id", "client_id", "started_at", "interaction_id"),
        Index("ix_interactions_updated", "tenant_id", "client_id", "updated_at", "interaction_id"),
        Index(
            "ix_interactions_customer",
            *("tenant_id", "client_id", "customer", "started_at", "interaction_id"),
            postgresql_where=text("customer is not null"),
        ),
        Index(
            "ix_interactions_unscored",
            "tenant_id",
            "client_id",
            "attempts",
            "interaction_id",
            postgresql_where=text("state <> 'scored'"),
        ),
        Index(
            "ix_interactions_parts",
            *("tenant_id", "client_id", "external_id"),
            postgresql_where=text("part_agent <> ''"),
        ),
        CheckConstraint(f"state in {STATES}", name="state_known"),
    )


WHOLE: ColumnElement[str] = literal_column("''")
"""The `part_agent` of a whole interaction, in the text of a statement: so the index of parts is used."""
LOCK_ORDER = (Interaction.external_id, Interaction.part_agent)
"""The order in which every statement locks several interactions, so that nobody deadlocks."""


class InteractionEvent(ClientOwned, Base):
    """One event after an interaction, stored once; events are merged when the interaction is read."""

    __tablename__ = "interaction_events"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[Any] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        # As JSON, 20 and 20.0 are the same.
        UniqueConstraint("tenant_id", "interaction_id", "at", "kind", "value"),
    )
