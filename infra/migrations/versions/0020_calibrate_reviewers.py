"""Calibration sessions: their interactions, participants and answers"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0020"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("calibrations", "calibration_items", "calibration_participants", "calibration_answers")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "calibrations",
        *_owner("calibration_id"),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("draw", postgresql.JSONB(), nullable=True),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=True),
        sa.Column("covert", sa.Boolean(), nullable=False),
        sa.Column("opens_at", _MOMENT, nullable=False),
        sa.Column("deadline", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.CheckConstraint("source in ('drawn', 'picked', 'past')", name=op.f("ck_calibrations_source_known")),
        sa.CheckConstraint(
            "reference in ('expert', 'consensus', 'none')", name=op.f("ck_calibrations_reference_known")
        ),
        sa.CheckConstraint(
            "(reference = 'expert') = (expert_id is not null)", name=op.f("ck_calibrations_expert_named")
        ),
        _points_at("calibrations", "client_id", "clients", key=("tenant_id", "client_id")),
        _points_at("calibrations", "expert_id", "users", key=("tenant_id", "user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "calibration_id", "client_id", name=op.f("pk_calibrations")),
    )
    op.create_index(
        "ix_calibrations_client", "calibrations", ["tenant_id", "client_id", "created_at", "calibration_id"]
    )
    op.create_table(
        "calibration_items",
        *_owner("calibration_id", "interaction_id"),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        _of("calibration_items", "calibrations", "calibration_id"),
        _of("calibration_items", "interactions", "interaction_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "scorecard_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
            name=op.f("fk_calibration_items_tenant_id_scorecard_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "calibration_id", "interaction_id", "client_id", name=op.f("pk_calibration_items")
        ),
    )
    op.create_index(
        "ix_calibration_items_interaction_id", "calibration_items", ["tenant_id", "interaction_id"]
    )
    op.create_table(
        "calibration_participants",
        *_owner("calibration_id", "user_id"),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "side in ('provider', 'client')", name=op.f("ck_calibration_participants_side_known")
        ),
        _of("calibration_participants", "calibrations", "calibration_id"),
        _points_at("calibration_participants", "user_id", "users", key=("tenant_id", "user_id")),
        sa.PrimaryKeyConstraint(
            "tenant_id", "calibration_id", "user_id", "client_id", name=op.f("pk_calibration_participants")
        ),
    )
    op.create_index(
        "ix_calibration_participants_user_id", "calibration_participants", ["tenant_id", "user_id"]
    )
    op.create_table(
        "calibration_answers",
        *_owner("calibration_id", "interaction_id", "user_id"),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("scores", postgresql.JSONB(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calibration_id", "interaction_id", "client_id"],
            [
                "calibration_items.tenant_id",
                "calibration_items.calibration_id",
                "calibration_items.interaction_id",
                "calibration_items.client_id",
            ],
            name=op.f("fk_calibration_answers_item"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calibration_id", "user_id", "client_id"],
            [
                "calibration_participants.tenant_id",
                "calibration_participants.calibration_id",
                "calibration_participants.user_id",
                "calibration_participants.client_id",
            ],
            name=op.f("fk_calibration_answers_participant"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "calibration_id", "interaction_id", "user_id", name=op.f("pk_calibration_answers")
        ),
    )
    op.add_column("reviews", sa.Column("calibration_id", sa.Uuid(), nullable=True))
    for table in _TABLES:
        for statement in isolate(table, client="required"):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")


def _owner(*ids: str) -> list[sa.Column[uuid.UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", *ids)]


def _points_at(table: str, column: str, other: str, *, key: tuple[str, str]) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.{name}" for name in key],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _of(table: str, other: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column, "client_id"],
        [f"{other}.tenant_id", f"{other}.{column}", f"{other}.client_id"],
        name=op.f(f"fk_{table}_tenant_id_{column}_client_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Go back; sessions and what was answered in them are lost, and nothing else rests on them."""
    op.execute("delete from reviews where calibration_id is not null")
    op.drop_column("reviews", "calibration_id")
    for table in reversed(_TABLES):
        op.drop_table(table)
