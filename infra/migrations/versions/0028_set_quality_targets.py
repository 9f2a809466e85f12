"""Quality targets are a kind of definition"""

from collections.abc import Sequence

from alembic import op

revision: str = "0028"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_BEFORE = ("brand_voice", "playbook", "scorecard", "sla_policy", "sampling_policy")


def upgrade() -> None:
    """Go forward."""
    op.drop_constraint(op.f("ck_definitions_kind_known"), "definitions")
    op.create_check_constraint(
        op.f("ck_definitions_kind_known"), "definitions", f"kind in {(*_BEFORE, 'quality_targets')}"
    )


def downgrade() -> None:
    """Go back; PostgreSQL refuses it where quality targets are stored."""
    op.drop_constraint(op.f("ck_definitions_kind_known"), "definitions")
    op.create_check_constraint(op.f("ck_definitions_kind_known"), "definitions", f"kind in {_BEFORE}")
