"""An index of the parts of interactions, which are few: what has none is known without a search"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "ix_interactions_parts",
        "interactions",
        ["tenant_id", "client_id", "external_id"],
        postgresql_where=sa.text("part_agent <> ''"),
    )


def downgrade() -> None:
    """Go back; nothing is lost."""
    op.drop_index("ix_interactions_parts", table_name="interactions")
