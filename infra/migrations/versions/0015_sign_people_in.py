"""Sign people in: passwords, invitations, browser sessions, and what a person can do"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from tenants.isolation import isolate

revision: str = "0015"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    words = sa.ARRAY(sa.Text())
    for column in (
        sa.Column("languages", words, server_default="{}", nullable=False),
        sa.Column("skills", words, server_default="{}", nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("weekly_capacity", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("signed_in_at", _MOMENT, nullable=True),
    ):
        op.add_column("users", column)
    op.add_column("credentials", sa.Column("kind", sa.Text(), server_default="key", nullable=False))
    op.create_check_constraint("kind_known", "credentials", "kind in ('key', 'session')")
    op.create_index("ix_credentials_tenant_id_user_id", "credentials", ["tenant_id", "user_id"])
    op.create_table(
        "passwords",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        _of_user("passwords"),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_passwords")),
    )
    op.create_table(
        "sign_in_tokens",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.CheckConstraint("purpose in ('invitation', 'recovery')", name=op.f("ck_sign_in_tokens_purpose_known")),
        _of_user("sign_in_tokens"),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_sign_in_tokens")),
    )
    for table in ("passwords", "sign_in_tokens"):
        for statement in isolate(table, client=None):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "user_id"],
        ["users.tenant_id", "users.user_id"],
        name=op.f(f"fk_{table}_tenant_id_user_id"),
    )


def downgrade() -> None:
    """Go back; whoever is signed in is signed out."""
    op.drop_table("sign_in_tokens")
    op.drop_table("passwords")
    op.execute("delete from credentials where kind = 'session'")
    op.drop_index("ix_credentials_tenant_id_user_id", "credentials")
    op.drop_constraint(op.f("ck_credentials_kind_known"), "credentials")
    op.drop_column("credentials", "kind")
    for column in (
        "signed_in_at",
        "locale",
        "time_zone",
        "weekly_capacity",
        "agent",
        "team",
        "skills",
        "languages",
    ):
        op.drop_column("users", column)
