"""Empowerment: where a playbook's discretion applied and how it was used, with daily sums"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEY = ("channel", "program", "queue", "clause")
_COUNTS = ("applied", "within", "over_limit", "unclear", "unasked", "unasked_over")


def upgrade() -> None:
    """Go forward; what is sorted already is sorted again, with the use of discretion."""
    op.execute("delete from friction_facts")
    op.execute("delete from friction_sums")
    op.add_column("friction_facts", sa.Column("discretion", postgresql.JSONB(), nullable=False))
    op.create_table(
        "empowerment_sums",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_empowerment_sums_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "client_id", "day", *_KEY), name=op.f("pk_empowerment_sums")
        ),
    )
    for statement in isolate("empowerment_sums", client="required"):
        op.execute(statement)
    op.execute("grant select, insert, update, delete on empowerment_sums to qm_app")


def downgrade() -> None:
    """Go back; nothing is lost that is not in the evaluations and events."""
    op.drop_table("empowerment_sums")
    op.drop_column("friction_facts", "discretion")
