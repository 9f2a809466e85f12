"""Find interactions by every agent who spoke in them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

AGENTS = "jsonb_path_query_array(turns, '$[*].agent ? (@ != null)')"


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "interactions",
        sa.Column(
            "turn_agents",
            postgresql.JSONB(astext_type=sa.Text()),
            sa.Computed(AGENTS, persisted=True),
            nullable=False,
        ),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_column("interactions", "turn_agents")
