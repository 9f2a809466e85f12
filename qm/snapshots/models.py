"""Tables of frozen reports: snapshots, what was voided, schedules, share links and deliveries."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

FROZEN_BY = ("calendar", "hand")
UNITS = ("week", "month")
DELIVERY_STATES = ("waiting", "sent", "failed")


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"])


def _of_author() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "author_id"], ["users.tenant_id", "users.user_id"])


def _of_snapshot() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "snapshot_id", "client_id"],
        [f"report_snapshots.{name}" for name in ("tenant_id", "snapshot_id", "client_id")],
    )


class ReportSchedule(ClientOwned, Base):
    """When a client's reports are frozen, fixed before the periods end, and who gets them by mail.

    A change is another schedule: this one gets its end, so that what was fixed stays to be seen.
    """

    __tablename__ = "report_schedules"

    schedule_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    unit: Mapped[str] = mapped_column(Text)
    days_after: Mapped[int] = mapped_column()
    addresses: Mapped[list[str]] = mapped_column(ARRAY(Text))
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        _of_client(),
        _of_author(),
        Index(
            "uq_report_schedules_one_of_a_unit",
            "tenant_id",
            "client_id",
            "unit",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        CheckConstraint(f"unit in {UNITS}", name="unit_known"),
    )


class ReportSnapshot(ClientOwned, Base):
    """All reports of a period as they were, in canonical JSON; the database lets nobody change or delete it.

    It is what the client's own people may read: figures of few interactions are kept back, and nobody is
    named. `for_client` is false where it would tell them of few interactions beside other periods.
    """

    __tablename__ = "report_snapshots"

    snapshot_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    frozen_by: Mapped[str] = mapped_column(Text)
    schedule_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    for_client: Mapped[bool] = mapped_column()
    content: Mapped[str] = mapped_column(Text, deferred=True)
    content_hash: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        _of_client(),
        _of_author(),
        ForeignKeyConstraint(
            ["tenant_id", "schedule_id", "client_id"],
            [f"report_schedules.{name}" for name in ("tenant_id", "schedule_id", "client_id")],
        ),
        UniqueConstraint("tenant_id", "client_id", "schedule_id", "first_day"),
        Index("ix_report_snapshots_newest", "tenant_id", "client_id", "frozen_at", "snapshot_id"),
        CheckConstraint(f"frozen_by in {FROZEN_BY}", name="frozen_by_known"),
        CheckConstraint(
            "(frozen_by = 'calendar') = (schedule_id is not null and due_at is not null)",
            name="calendar_has_schedule",
        ),
    )


class SnapshotVoid(ClientOwned, Base):
    """That a snapshot holds no longer, and why; the snapshot itself stays as it is."""

    __tablename__ = "snapshot_voids"

    snapshot_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    voided_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (_of_snapshot(), _of_author())


class ReportShare(ClientOwned, Base):
    """A link that opens one snapshot without signing in, until it expires or is revoked.

    Only the digest of its token is kept, and of its password an argon2 hash.
    """

    __tablename__ = "report_shares"

    share_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    snapshot_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    password_hash: Mapped[str | None] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        _of_snapshot(),
        _of_author(),
        Index("ix_report_shares_token_hash", "tenant_id", "token_hash"),
        Index("ix_report_shares_snapshot", "tenant_id", "snapshot_id"),
    )


class ReportDelivery(ClientOwned, Base):
    """A frozen report that is to be mailed to one address, and what became of that."""

    __tablename__ = "report_deliveries"

    delivery_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    snapshot_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    address: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        _of_snapshot(),
        UniqueConstraint("tenant_id", "snapshot_id", "address"),
        Index(
            "ix_report_deliveries_waiting",
            "tenant_id",
            "client_id",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        CheckConstraint(f"state in {DELIVERY_STATES}", name="state_known"),
    )
