"""Keep each later fact once, and order pushes by the sender's own moments"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


# Of facts that came several times at once the first one stays, and what they were counted in is judged again.
KEEP_FIRST = """
with gone as (
    delete from interaction_events where ctid in (
        select ctid from (
            select ctid, row_number() over (
                partition by tenant_id, interaction_id, at, kind, value order by received_at, event_id
            ) as place
            from interaction_events
        ) as numbered
        where place > 1
    )
    returning tenant_id, interaction_id
)
update interactions i
set state = 'pending', attempts = 0, claim_token = null, lease_until = null, error = null,
    revision = revision + 1
from (select distinct tenant_id, interaction_id from gone) as counted
where i.tenant_id = counted.tenant_id and i.interaction_id = counted.interaction_id
"""


def upgrade() -> None:
    """Go forward."""
    op.add_column("interactions", sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True))
    # The policies hold for the owner too, who has no tenant.
    for table in ("interactions", "interaction_events"):
        op.execute(f"alter table {table} no force row level security")
    op.execute(KEEP_FIRST)
    for table in ("interactions", "interaction_events"):
        op.execute(f"alter table {table} force row level security")
    op.create_unique_constraint(
        op.f("uq_interaction_events_tenant_id_interaction_id_at_kind_value"),
        "interaction_events",
        ["tenant_id", "interaction_id", "at", "kind", "value"],
    )


def downgrade() -> None:
    """Go back."""
    op.drop_constraint(
        op.f("uq_interaction_events_tenant_id_interaction_id_at_kind_value"), "interaction_events"
    )
    op.drop_column("interactions", "source_updated_at")
