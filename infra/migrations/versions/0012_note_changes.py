"""Note when interactions and evaluations changed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# A worker's claim, and its end without a result, change nothing that anybody reads.
WHEN = {
    "interactions": "when (new.state <> 'claimed' and (old.state, new.state, new.revision)"
    " is distinct from ('claimed', 'pending', old.revision))",
    "evaluations": "",
}


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "evaluations",
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.execute(
        "create function qm_note_update() returns trigger language plpgsql set search_path = pg_catalog as"
        " $$ begin new.updated_at := clock_timestamp(); return new; end $$"
    )
    op.execute("revoke execute on function qm_note_update() from public")
    for table, when in WHEN.items():
        op.execute(
            f"create trigger note_update before update on {table}"
            f" for each row {when} execute function qm_note_update()"
        )
        key = ["tenant_id", "client_id", "updated_at", f"{table[:-1]}_id"]
        op.create_index(f"ix_{table}_updated", table, key, unique=False)


def downgrade() -> None:
    """Go back."""
    for table in WHEN:
        op.drop_index(f"ix_{table}_updated", table_name=table)
        op.execute(f"drop trigger note_update on {table}")
    op.execute("drop function qm_note_update()")
    op.drop_column("evaluations", "updated_at")
