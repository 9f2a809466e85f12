"""Corrective actions: what the provider does about a report, every version kept"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0038"
down_revision: str | None = "0036"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "corrective_actions",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first_day", "last_day")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_corrective_actions_days_in_order")),
        sa.CheckConstraint("version > 0", name=op.f("ck_corrective_actions_version_counts")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_corrective_actions_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_corrective_actions_tenant_id_author_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "client_id", "first_day", "last_day", "version"), name=op.f("pk_corrective_actions")
        ),
    )
    for statement in isolate("corrective_actions", client="required"):
        op.execute(statement)
    op.execute("grant select, insert on corrective_actions to qm_app")


def downgrade() -> None:
    """Go back, unless something is written."""
    if op.get_bind().execute(sa.text("select exists (select from corrective_actions)")).scalar():
        raise RuntimeError("What providers wrote about reports would be lost; export it first.")
    op.drop_table("corrective_actions")
