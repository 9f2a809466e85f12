"""Outcomes: what came of each interaction, and daily sums of it among interactions that are alike"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_OUTCOMES = ("csat", "nps", "first_contact", "reopened")
_CELL = ("channel", "program", "queue", "priority", "language", "theme")
_AMOUNTS = ("y", "yy", "paired_x", "paired_xx", "paired_y", "paired_yy", "paired_xy")


def upgrade() -> None:
    """Go forward; what is sorted already is sorted again, with its outcomes."""
    op.execute("delete from friction_facts")
    op.execute("delete from friction_sums")
    for name in _OUTCOMES:
        op.add_column("friction_facts", sa.Column(name, sa.Double(), nullable=True))
    op.create_table(
        "outcome_sums",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _CELL),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("answered", "paired")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in _AMOUNTS),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_outcome_sums_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            *("tenant_id", "client_id", "measure", "day", *_CELL), name=op.f("pk_outcome_sums")
        ),
    )
    for statement in isolate("outcome_sums", client="required"):
        op.execute(statement)
    op.execute("grant select, insert, update, delete on outcome_sums to qm_app")


def downgrade() -> None:
    """Go back; nothing is lost that is not in the interactions."""
    op.drop_table("outcome_sums")
    for name in _OUTCOMES:
        op.drop_column("friction_facts", name)
