"""Keep the earlier priorities of interactions"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# What is stored has one known priority, that of the newest push.
STATED = """
    update interactions set priorities = jsonb_build_object(
        coalesce(to_char(source_updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ''), priority)
"""


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "interactions",
        sa.Column(
            "priorities",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    # The policies hold for the owner too, who has no tenant.
    op.execute("alter table interactions no force row level security")
    op.execute(STATED)
    op.execute("alter table interactions force row level security")


def downgrade() -> None:
    """Go back."""
    op.drop_column("interactions", "priorities")
