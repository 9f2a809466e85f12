"""Tables of webhook endpoints and of the deliveries to them."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, TenantOwned
from tenants.models import Moment, new_id, utc_now

KINDS = ("http", "listen")
STATES = ("enabled", "disabled")
DISABLED_BECAUSE = ("by_hand", "failing", "gone")
DELIVERY_STATES = ("pending", "delivered", "failed")


class Webhook(TenantOwned, Base):
    """An endpoint that events are delivered to: sent to its address, or fetched by `qm listen`.

    Without `clients` it gets the events of every client. Secrets are encrypted; the previous one signs beside
    the present one until `previous_until`. After a failure nothing is sent before `resting_until`; one that
    has failed without a success since `failing_since` is disabled in the end. One of the kind `listen` is
    given events while somebody fetches them, which they last did at `polled_at`. `succeeded` and `failed`
    count attempts. Up to `watched_until` it was looked for what comes by the clock.
    """

    __tablename__ = "webhooks"

    webhook_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text, default="http")
    url: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    clients: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(Text, default="enabled")
    disabled_because: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[datetime | None] = mapped_column(Moment)
    resting_until: Mapped[datetime | None] = mapped_column(Moment)
    polled_at: Mapped[datetime | None] = mapped_column(Moment)
    succeeded: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[int] = mapped_column(BigInteger, default=0)
    watched_until: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    revision: Mapped[int] = mapped_column(BigInteger, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    @property
    def name(self) -> str:
        """What the audit log calls it: the host alone, because paths may hold secrets of the receiver."""
        return (urlsplit(self.url).hostname if self.url else None) or self.description

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
        CheckConstraint(f"kind in {KINDS}", name="kind_known"),
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(f"disabled_because in {DISABLED_BECAUSE}", name="disabled_because_known"),
        CheckConstraint("(kind = 'http') = (url is not null)", name="url_of_http"),
    )


class WebhookDelivery(TenantOwned, Base):
    """One event for one endpoint: the outbox, written in the transaction of what it tells of.

    The id of the event is the `webhook-id` that receivers see, the same at every attempt. What is `pending`
    waits until `due_at`, and belongs to whoever holds its token until `lease_until`. `attempts` counts those
    since it was made or replayed; of the last one, `status_code` is what the receiver answered, or `error`
    says why there was no answer. It goes with its interaction.
    """

    __tablename__ = "webhook_deliveries"

    client_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, sort_order=-10)
    webhook_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    type: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(Text, default="pending", server_default="pending")
    due_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    claim_token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    attempted_at: Mapped[datetime | None] = mapped_column(Moment)
    status_code: Mapped[int | None] = mapped_column()
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now, server_default=text("now()"))

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "webhook_id"], ["webhooks.tenant_id", "webhooks.webhook_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        Index(
            "ix_webhook_deliveries_pending",
            "tenant_id",
            "webhook_id",
            "due_at",
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_webhook_deliveries_newest", "tenant_id", "webhook_id", "created_at", "event_id"),
        Index(
            "ix_webhook_deliveries_interaction",
            "tenant_id",
            "interaction_id",
            postgresql_where=text("interaction_id is not null"),
        ),
        CheckConstraint(f"state in {DELIVERY_STATES}", name="state_known"),
    )
