"""Close the windows of quotas"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "sampling_windows",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("drawn_threshold", sa.Double(), nullable=False),
        sa.Column("other_threshold", sa.Double(), nullable=False),
        sa.Column("interactions", sa.BigInteger(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
            name=op.f("fk_sampling_windows_tenant_id_policy_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "window_id", name=op.f("pk_sampling_windows")),
        sa.UniqueConstraint(
            *("tenant_id", "client_id", "policy_id", "first_day", "agent"),
            name=op.f("uq_sampling_windows_tenant_id_client_id_policy_id_first_day_agent"),
        ),
    )
    for statement in isolate("sampling_windows", client="required"):
        op.execute(statement)
    # What a closed window decided is never rewritten.
    op.execute("grant select, insert on sampling_windows to qm_app")
    op.add_column(
        "interaction_facts", sa.Column("threshold", sa.Double(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "interaction_facts", sa.Column("settled", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.create_index(
        "ix_interaction_facts_unsettled",
        "interaction_facts",
        ["tenant_id", "client_id", "policy_id", "day", "agent"],
        unique=False,
        postgresql_where=sa.text("not settled"),
    )
    _keep_arrivals()


def _keep_arrivals() -> None:
    op.add_column(
        "reviews",
        sa.Column(
            "arrived_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    # The owner is bound by row-level security too; without FORCE, it sees the rows of all tenants.
    op.execute("alter table reviews no force row level security")
    op.execute("update reviews set arrived_at = created_at")
    op.execute("alter table reviews force row level security")


def downgrade() -> None:
    """Refuse: what was drawn under quotas has no place in the old tables."""
    raise RuntimeError("This version cannot be taken back; restore a copy of the database instead.")
