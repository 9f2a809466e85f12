"""Measure each SLA promise, paused clocks and those closed unanswered"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COUNTS = (
    "first_response_closed_unanswered",
    "first_response_paused",
    "next_response_closed_unanswered",
    "next_response_paused",
    "resolution_paused",
)
OPEN = (
    "first_response_due is not null or next_response_due is not null or resolution_due is not null"
    " or first_response_paused > 0 or next_response_paused > 0 or resolution_paused > 0"
)


def upgrade() -> None:
    """Go forward."""
    for table, kind in (("interaction_facts", sa.Integer()), ("daily_rollups", sa.BigInteger())):
        for name in COUNTS:
            _add(table, name, kind, "0")
        _add(table, "sla_version", sa.Integer(), "0")
    _add("daily_rollups", "sla_rule", sa.Text(), "''")
    op.drop_constraint("pk_daily_rollups", "daily_rollups", type_="primary")
    op.create_primary_key(
        "pk_daily_rollups",
        "daily_rollups",
        [
            *("tenant_id", "client_id", "day", "channel", "program", "queue", "priority", "agent"),
            *("rate", "sla_rule", "sla_version"),
        ],
    )
    op.drop_index("ix_interaction_facts_running", "interaction_facts")
    # Until it is scored again an interaction counts under no rule, in facts as in sums.
    _of_every_tenant("interaction_facts", "update interaction_facts set sla_rule = ''")
    op.alter_column("interaction_facts", "sla_rule", nullable=False)
    op.create_index(
        "ix_interaction_facts_open",
        "interaction_facts",
        ["tenant_id", "client_id", "day"],
        unique=False,
        postgresql_where=sa.text(OPEN),
    )
    # Clocks are reckoned from the facts alone from now on: what was kept of earlier states is given up.
    op.execute("alter table interaction_facts no force row level security")
    _of_every_tenant(
        "interactions",
        "update interactions i set state = 'pending', attempts = 0, claim_token = null, lease_until = null,"
        " revision = i.revision + 1"
        " from interaction_facts f where f.tenant_id = i.tenant_id and f.interaction_id = i.interaction_id"
        " and f.clocks <> '[]'::jsonb and i.state in ('scored', 'claimed')",
    )
    op.execute("alter table interaction_facts force row level security")


def downgrade() -> None:
    """Refuse: what was counted would be lost."""
    raise RuntimeError("This version cannot be taken back; restore a backup instead.")


def _add(table: str, name: str, kind: sa.Integer | sa.Text, value: str) -> None:
    """Add a column that is filled in what is there, and has no default afterwards."""
    op.add_column(table, sa.Column(name, kind, server_default=sa.text(value), nullable=False))
    op.alter_column(table, name, server_default=None)


def _of_every_tenant(table: str, statement: str) -> None:
    """Run a statement on the rows of all tenants, which their policies hide even from the owner."""
    op.execute(f"alter table {table} no force row level security")
    op.execute(statement)
    op.execute(f"alter table {table} force row level security")
