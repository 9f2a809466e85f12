"""Find the facts of a period by its days"""

from collections.abc import Sequence

from alembic import op

revision: str = "0042"
down_revision: str | None = "0040"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_interaction_facts_day", "interaction_facts", ["tenant_id", "client_id", "day"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_interaction_facts_day", "interaction_facts")
