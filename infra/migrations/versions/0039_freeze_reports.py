"""Freeze reports: snapshots, schedules, share links and deliveries"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_RIGHTS = {
    "report_schedules": "select, insert, update",
    "report_snapshots": "select, insert",
    "snapshot_voids": "select, insert",
    "report_shares": "select, insert, update",
    "report_deliveries": "select, insert, update",
}


def _uuids(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in names]


def _author(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f(f"fk_{table}_tenant_id_author_id"),
        ),
    ]


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "client_id"],
        ["clients.tenant_id", "clients.client_id"],
        name=op.f(f"fk_{table}_tenant_id_client_id"),
    )


def _of_snapshot(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "snapshot_id", "client_id"],
        [f"report_snapshots.{name}" for name in ("tenant_id", "snapshot_id", "client_id")],
        name=op.f(f"fk_{table}_tenant_id_snapshot_id_client_id"),
    )


def upgrade() -> None:
    """Go forward."""
    _make_schedules()
    _make_snapshots()
    _make_shares()
    _make_deliveries()
    for table, rights in _RIGHTS.items():
        for statement in isolate(table, client="required"):
            op.execute(statement)
        op.execute(f"grant {rights} on {table} to qm_app")


def _make_schedules() -> None:
    op.create_table(
        "report_schedules",
        *_uuids("tenant_id", "schedule_id", "client_id"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("days_after", sa.Integer(), nullable=False),
        sa.Column("addresses", sa.ARRAY(sa.Text()), nullable=False),
        *_author("report_schedules"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("unit in ('week', 'month')", name=op.f("ck_report_schedules_unit_known")),
        _of_client("report_schedules"),
        sa.PrimaryKeyConstraint("tenant_id", "schedule_id", "client_id", name=op.f("pk_report_schedules")),
    )
    op.create_index(
        "uq_report_schedules_one_of_a_unit",
        "report_schedules",
        ["tenant_id", "client_id", "unit"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def _make_snapshots() -> None:
    op.create_table(
        "report_snapshots",
        *_uuids("tenant_id", "snapshot_id", "client_id"),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first_day", "last_day")),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("frozen_at", _MOMENT, nullable=False),
        *_author("report_snapshots"),
        sa.Column("for_client", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "frozen_by in ('calendar', 'hand')", name=op.f("ck_report_snapshots_frozen_by_known")
        ),
        sa.CheckConstraint(
            "(frozen_by = 'calendar') = (schedule_id is not null and due_at is not null)",
            name=op.f("ck_report_snapshots_calendar_has_schedule"),
        ),
        _of_client("report_snapshots"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "schedule_id", "client_id"],
            [f"report_schedules.{name}" for name in ("tenant_id", "schedule_id", "client_id")],
            name=op.f("fk_report_snapshots_tenant_id_schedule_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "snapshot_id", "client_id", name=op.f("pk_report_snapshots")),
        sa.UniqueConstraint(
            *("tenant_id", "client_id", "schedule_id", "first_day"),
            name=op.f("uq_report_snapshots_tenant_id_client_id_schedule_id_first_day"),
        ),
    )
    op.create_index(
        "ix_report_snapshots_newest", "report_snapshots", ["tenant_id", "client_id", "frozen_at", "snapshot_id"]
    )
    op.create_table(
        "snapshot_voids",
        *_uuids("tenant_id", "snapshot_id", "client_id"),
        sa.Column("reason", sa.Text(), nullable=False),
        *_author("snapshot_voids"),
        sa.Column("voided_at", _MOMENT, nullable=False),
        _of_snapshot("snapshot_voids"),
        sa.PrimaryKeyConstraint("tenant_id", "snapshot_id", "client_id", name=op.f("pk_snapshot_voids")),
    )


def _make_shares() -> None:
    op.create_table(
        "report_shares",
        *_uuids("tenant_id", "share_id", "client_id", "snapshot_id"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        *_author("report_shares"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        _of_snapshot("report_shares"),
        sa.PrimaryKeyConstraint("tenant_id", "share_id", "client_id", name=op.f("pk_report_shares")),
    )
    op.create_index("ix_report_shares_token_hash", "report_shares", ["tenant_id", "token_hash"])
    op.create_index("ix_report_shares_snapshot", "report_shares", ["tenant_id", "snapshot_id"])


def _make_deliveries() -> None:
    op.create_table(
        "report_deliveries",
        *_uuids("tenant_id", "delivery_id", "client_id", "snapshot_id"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'sent', 'failed')", name=op.f("ck_report_deliveries_state_known")
        ),
        _of_snapshot("report_deliveries"),
        sa.PrimaryKeyConstraint("tenant_id", "delivery_id", "client_id", name=op.f("pk_report_deliveries")),
        sa.UniqueConstraint(
            *("tenant_id", "snapshot_id", "address"),
            name=op.f("uq_report_deliveries_tenant_id_snapshot_id_address"),
        ),
    )
    op.create_index(
        "ix_report_deliveries_waiting",
        "report_deliveries",
        ["tenant_id", "client_id", "next_attempt_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    """Go back, unless something is frozen."""
    if op.get_bind().execute(sa.text("select exists (select from report_snapshots)")).scalar():
        raise RuntimeError("Frozen reports would be lost; keep them elsewhere first.")
    for table in ("report_deliveries", "report_shares", "snapshot_voids", "report_snapshots", "report_schedules"):
        op.drop_table(table)
