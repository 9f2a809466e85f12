"""A dispute, or its appeal, may be taken back"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_STATES = ("open", "decided", "appealed", "settled")
_NAME = "ck_disputes_state_known"


def upgrade() -> None:
    """Go forward."""
    op.add_column("disputes", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    _allow((*_STATES, "withdrawn"))


def downgrade() -> None:
    """Go back; the older check refuses where a dispute was withdrawn, and nothing is lost then."""
    _allow(_STATES)
    op.drop_column("disputes", "withdrawn_at")


def _allow(states: Sequence[str]) -> None:
    op.drop_constraint(op.f(_NAME), "disputes", type_="check")
    op.create_check_constraint(op.f(_NAME), "disputes", f"state in {tuple(states)}")
