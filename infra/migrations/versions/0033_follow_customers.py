"""Retention: when a customer left, and daily sums of the cases after which customers left or stayed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEY = ("channel", "program", "queue")
_COUNTS = ("cases", "unknown", "left_30", "left_60", "left_90")


def upgrade() -> None:
    """Go forward; what is sorted already is sorted again, with the moment at which its customer left."""
    op.execute("delete from friction_facts")
    op.execute("delete from friction_sums")
    op.add_column("friction_facts", sa.Column("churned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_friction_facts_churned",
        "friction_facts",
        ["tenant_id", "client_id", "churned_at"],
        postgresql_where=sa.text("churned_at is not null"),
    )
    op.create_table(
        "retention_sums",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("charged", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_retention_sums_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "client_id", "day", *_KEY, "charged"), name=op.f("pk_retention_sums")
        ),
    )
    for statement in isolate("retention_sums", client="required"):
        op.execute(statement)
    op.execute("grant select, insert, update, delete on retention_sums to qm_app")


def downgrade() -> None:
    """Go back; nothing is lost that is not in the interactions."""
    op.drop_table("retention_sums")
    op.drop_index("ix_friction_facts_churned", "friction_facts")
    op.drop_column("friction_facts", "churned_at")
