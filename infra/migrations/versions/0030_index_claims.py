"""Indexes for claims: what is assigned or picked by hand, and what a person has had this week"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "ix_reviews_assigned_or_picked",
        "reviews",
        ["tenant_id", "client_id"],
        postgresql_where=sa.text("state = 'queued' and (targeted or reviewer_id is not null)"),
    )
    op.create_index(
        "ix_reviews_reviewer",
        "reviews",
        ["tenant_id", "reviewer_id", "claimed_at"],
        postgresql_where=sa.text("reviewer_id is not null"),
    )


def downgrade() -> None:
    """Go back; nothing is lost."""
    op.drop_index("ix_reviews_reviewer", table_name="reviews")
    op.drop_index("ix_reviews_assigned_or_picked", table_name="reviews")
