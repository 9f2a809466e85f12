"""Brand reports, and commit to the keys of draws before their months begin"""

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
        sa.Column("version", sa.Integer(), nullable=False),
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
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_branding")),
    )
    op.create_table(
        "draw_commitments",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "client_id")),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_number", sa.Text(), nullable=True),
        sa.Column("client_number_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_draw_commitments_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "month", name=op.f("pk_draw_commitments")),
    )
    for statement in (*isolate("branding", client=None), *isolate("draw_commitments", client="required")):
        op.execute(statement)
    op.execute("grant select, insert on branding to qm_app")
    op.execute("grant select, insert, update on draw_commitments to qm_app")


def downgrade() -> None:
    """Go back, unless draws rest on keys that were committed to."""
    if op.get_bind().execute(sa.text("select exists (select from draw_commitments)")).scalar():
        raise RuntimeError("Draws rest on these commitments; without them they could not be verified.")
    op.drop_table("draw_commitments")
    op.drop_table("branding")
