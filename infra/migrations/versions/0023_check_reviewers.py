"""Golden items, quality checks, active time of reviews, reopened sessions, and what is recognised"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_TABLES = {
    "golden_items": "required",
    "quality_checks": "required",
    "team_goals": "required",
    "recognition_switches": None,
}


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "golden_items",
        *_owner("golden_item_id", "client_id"),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.Column("retire_reason", sa.Text(), nullable=True),
        _of_interaction("golden_items"),
        _points_at("golden_items", ("scorecard_id", "client_id"), "definitions", ("definition_id", "client_id")),
        _points_at("golden_items", ("set_by",), "users", ("user_id",)),
        sa.PrimaryKeyConstraint("tenant_id", "golden_item_id", "client_id", name=op.f("pk_golden_items")),
    )
    op.create_index(
        "uq_golden_items_one_in_use",
        "golden_items",
        ["tenant_id", "interaction_id"],
        unique=True,
        postgresql_where=sa.text("retired_at is null"),
    )
    op.create_table(
        "quality_checks",
        *_owner("review_id", "client_id"),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("golden_item_id", sa.Uuid(), nullable=True),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("offered_to", sa.Uuid(), nullable=False),
        sa.Column("before_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("scorecard_id", sa.Uuid(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.CheckConstraint("kind in ('golden', 're_review')", name=op.f("ck_quality_checks_kind_known")),
        sa.CheckConstraint(
            "(answers is null) = (answered_at is null)", name=op.f("ck_quality_checks_answered_at_a_time")
        ),
        _of_interaction("quality_checks"),
        _points_at("quality_checks", ("offered_to",), "users", ("user_id",)),
        _points_at("quality_checks", ("user_id",), "users", ("user_id",)),
        sa.PrimaryKeyConstraint("tenant_id", "review_id", "client_id", name=op.f("pk_quality_checks")),
    )
    op.create_index(
        "uq_quality_checks_one_offer", "quality_checks", ["tenant_id", "offered_to", "before_id"], unique=True
    )
    op.create_index("ix_quality_checks_interaction_id", "quality_checks", ["tenant_id", "interaction_id"])
    op.create_index("ix_quality_checks_answered_at", "quality_checks", ["tenant_id", "answered_at"])
    op.create_table(
        "team_goals",
        *_owner("goal_id", "client_id"),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_team_goals_days_in_order")),
        _points_at("team_goals", ("client_id",), "clients", ("client_id",)),
        sa.PrimaryKeyConstraint("tenant_id", "goal_id", "client_id", name=op.f("pk_team_goals")),
    )
    op.create_table(
        "recognition_switches",
        *_owner(),
        sa.Column("switch_id", sa.Uuid(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("switched_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_recognition_switches_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "switch_id", name=op.f("pk_recognition_switches")),
    )
    op.add_column("reviews", sa.Column("quality_check", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_reviews_quality_check_known"), "reviews", "quality_check in ('golden', 're_review')"
    )
    op.add_column("reviews", sa.Column("active_seconds", sa.Double(), server_default="0", nullable=False))
    op.add_column("reviews", sa.Column("active_at", _MOMENT, nullable=True))
    op.add_column("calibrations", sa.Column("reopened_at", _MOMENT, nullable=True))
    op.add_column("calibration_participants", sa.Column("results_seen_at", _MOMENT, nullable=True))
    for table, client in _TABLES.items():
        for statement in isolate(table, client=client):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")


def _owner(*ids: str) -> list[sa.Column[uuid.UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", *ids)]


def _of_interaction(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "interaction_id", "client_id"],
        ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
        name=op.f(f"fk_{table}_tenant_id_interaction_id_client_id"),
        ondelete="CASCADE",
    )


def _points_at(
    table: str, columns: Sequence[str], other: str, key: Sequence[str]
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", *columns],
        [f"{other}.{name}" for name in ("tenant_id", *key)],
        name=op.f("_".join(["fk", table, "tenant_id", *columns])),
    )


def downgrade() -> None:
    """Go back; golden items, checks and goals are lost, and no estimate rests on them."""
    op.execute("delete from reviews where quality_check is not null")
    op.drop_column("calibration_participants", "results_seen_at")
    op.drop_column("calibrations", "reopened_at")
    for column in ("active_at", "active_seconds", "quality_check"):
        op.drop_column("reviews", column)
    for table in _TABLES:
        op.drop_table(table)
