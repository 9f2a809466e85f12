"""Note who has seen an evaluation"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0011"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "evaluation_readings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_evaluation_readings_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_evaluation_readings_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "interaction_id", "user_id", name=op.f("pk_evaluation_readings")
        ),
    )
    for statement in isolate("evaluation_readings", client="required"):
        op.execute(statement)
    # Who has seen something has seen it: nobody takes that back.
    op.execute("grant select, insert on evaluation_readings to qm_app")


def downgrade() -> None:
    """Go back."""
    op.drop_table("evaluation_readings")
