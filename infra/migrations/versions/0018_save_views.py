"""Save views of lists; find interactions by their customer, and what was done to a thing"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "saved_views",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "list in ('interactions', 'evaluations', 'reviews', 'trainings', 'audit')",
            name=op.f("ck_saved_views_list_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_saved_views_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_saved_views_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "view_id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint(
            "tenant_id",
            "user_id",
            "list",
            "client_id",
            "name",
            name=op.f("uq_saved_views_tenant_id_user_id_list_client_id_name"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_saved_views_list", "saved_views", ["tenant_id", "list"])
    for statement in isolate("saved_views", client="optional"):
        op.execute(statement)
    op.execute("grant select, insert, update, delete on saved_views to qm_app")
    op.create_index(
        "ix_interactions_customer",
        "interactions",
        ["tenant_id", "client_id", "customer", "started_at", "interaction_id"],
        postgresql_where=sa.text("customer is not null"),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["tenant_id", "subject", "number"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_audit_entries_subject", "audit_entries")
    op.drop_index("ix_interactions_customer", "interactions")
    op.drop_table("saved_views")
