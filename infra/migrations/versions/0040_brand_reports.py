"""Branding: name, logo and colours of a provider's reports"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "branding",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("foreground", sa.Text(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", sa.Text(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "logo_type in ('image/png', 'image/jpeg')", name=op.f("ck_branding_logo_type_known")
        ),
        sa.CheckConstraint("(logo is null) = (logo_type is null)", name=op.f("ck_branding_logo_has_type")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_branding_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_branding_tenant_id_author_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_branding")),
    )
    for statement in isolate("branding", client=None):
        op.execute(statement)
    op.execute("grant select, insert, update on branding to qm_app")


def downgrade() -> None:
    """Go back; reports look as they did before."""
    op.drop_table("branding")
