"""Workload: how many conversations an agent had at once, and daily sums of empathy by load"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEY = ("channel", "program", "queue", "theme", "measure")


def upgrade() -> None:
    """Go forward; what is sorted already is sorted again, with the load of its agent."""
    op.execute("delete from friction_facts")
    op.execute("delete from friction_sums")
    op.add_column("friction_facts", sa.Column("concurrency", sa.Double(), nullable=True))
    op.create_table(
        "workload_sums",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("load", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("interactions", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("y", "yy")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_workload_sums_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "client_id", "day", *_KEY, "load"), name=op.f("pk_workload_sums")
        ),
    )
    for statement in isolate("workload_sums", client="required"):
        op.execute(statement)
    op.execute("grant select, insert, update, delete on workload_sums to qm_app")


def downgrade() -> None:
    """Go back; nothing is lost that is not in the interactions."""
    op.drop_table("workload_sums")
    op.drop_column("friction_facts", "concurrency")
