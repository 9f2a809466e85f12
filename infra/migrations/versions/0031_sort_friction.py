"""Friction: themes as a kind of definition, the theme of each interaction, and daily sums by theme"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_BEFORE = ("brand_voice", "playbook", "scorecard", "sla_policy", "sampling_policy", "quality_targets")
_TABLES = ("friction_facts", "friction_sums")
_COUNTS = ("interactions", "apologised", "followed", "repeated", "handled", "apologised_handled", "shift_count")
_AMOUNTS = ("handle_seconds", "apologised_seconds", "shift_sum", "shift_squares")


def upgrade() -> None:
    """Go forward."""
    op.drop_constraint(op.f("ck_definitions_kind_known"), "definitions")
    op.create_check_constraint(
        op.f("ck_definitions_kind_known"), "definitions", f"kind in {(*_BEFORE, 'friction_themes')}"
    )
    op.create_table(
        "friction_facts",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id", "interaction_id")),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("apologised", sa.Integer(), nullable=False),
        sa.Column("handle_seconds", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_friction_facts_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "interaction_id", name=op.f("pk_friction_facts")),
    )
    op.create_index(
        "ix_friction_facts_seen",
        "friction_facts",
        ["tenant_id", "client_id", "version", "seen_at", "interaction_id"],
    )
    op.create_table(
        "friction_sums",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("channel", "program", "queue", "theme")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        *(sa.Column(name, sa.Double(), nullable=False) for name in _AMOUNTS),
        sa.Column("examples", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("summed_at", _MOMENT, nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_friction_sums_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "client_id", "day", "channel", "program", "queue", "theme"),
            name=op.f("pk_friction_sums"),
        ),
    )
    for table in _TABLES:
        for statement in isolate(table, client="required"):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")


def downgrade() -> None:
    """Go back; PostgreSQL refuses it where themes are stored. The tables are made again from interactions."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_definitions_kind_known"), "definitions")
    op.create_check_constraint(op.f("ck_definitions_kind_known"), "definitions", f"kind in {_BEFORE}")
