"""Judge each agent's part of an interaction in which several spoke"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

UNIQUE = ("tenant_id", "client_id", "external_id")
TABLES = ("interaction_facts", "daily_rollups")
# Interactions in which several agents spoke; a turn that names no agent is by that of the interaction.
SHARED = """
    update interactions set state = 'pending', attempts = 0, claim_token = null, lease_until = null,
                            revision = revision + 1
    where state in ('scored', 'claimed') and jsonb_array_length(turn_agents) > 0 and 1 < (
        select count(distinct coalesce(turn ->> 'agent', agent)) from jsonb_array_elements(turns) as turn
        where turn ->> 'speaker' = 'agent'
    )
"""


def upgrade() -> None:
    """Go forward."""
    op.add_column("interactions", sa.Column("part_agent", sa.Text(), server_default="", nullable=False))
    op.drop_constraint("uq_interactions_tenant_id_client_id_external_id", "interactions", type_="unique")
    op.create_unique_constraint(None, "interactions", [*UNIQUE, "part_agent"])
    for table, kind in zip(TABLES, (sa.Integer(), sa.BigInteger()), strict=True):
        op.add_column(table, sa.Column("judged", kind, server_default=sa.text("0"), nullable=False))
        op.alter_column(table, "judged", server_default=None)
        _of_every_tenant(table, f"update {table} set judged = scored")  # noqa: S608 - names of tables above
    # Their parts are made when they are scored again; so is what is counted under `several agents`.
    _of_every_tenant("interactions", SHARED)


def downgrade() -> None:
    """Refuse: parts would be lost, and their reviews."""
    raise RuntimeError("This version cannot be taken back; restore a backup instead.")


def _of_every_tenant(table: str, statement: str) -> None:
    """Run a statement on the rows of all tenants, which their policies hide even from the owner."""
    op.execute(f"alter table {table} no force row level security")
    op.execute(statement)
    op.execute(f"alter table {table} force row level security")
