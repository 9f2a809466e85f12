"""Sign in elsewhere, and let apps in: identity providers, apps and what people grant them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_WORDS = sa.ARRAY(sa.Text())
_TABLES = ("authorization_codes", "refresh_tokens", "identity_providers", "user_identities")


def upgrade() -> None:
    """Go forward."""
    op.add_column("credentials", sa.Column("app_id", sa.Uuid(), nullable=True))
    op.add_column(
        "credentials", sa.Column("redirect_uris", _WORDS, server_default="{}", nullable=False)
    )
    _known("credentials", "kind", "('key', 'session', 'app', 'grant')")
    _known("sign_in_tokens", "purpose", "('invitation', 'recovery', 'demo')")
    op.create_check_constraint(op.f("ck_credentials_grant_has_app"), "credentials", "(app_id is not null) = (kind = 'grant')")
    op.create_index("ix_credentials_tenant_id_app_id", "credentials", ["tenant_id", "app_id"])
    _create_oauth_tables()
    _create_sso_tables()
    for table in _TABLES:
        for statement in isolate(table, client=None):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")


def _known(table: str, column: str, words: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{column}_known"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{column}_known"), table, f"{column} in {words}")


def _create_oauth_tables() -> None:
    op.create_table(
        "authorization_codes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", _WORDS, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        _reference("authorization_codes", "app_id", "credentials", "credential_id"),
        _reference("authorization_codes", "user_id", "users", "user_id"),
        sa.PrimaryKeyConstraint("tenant_id", "code_hash", name=op.f("pk_authorization_codes")),
    )
    op.create_index("ix_authorization_codes_expires_at", "authorization_codes", ["expires_at"])
    op.create_table(
        "refresh_tokens",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", _WORDS, nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        _reference("refresh_tokens", "credential_id", "credentials", "credential_id"),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index("ix_refresh_tokens_expires_at", "refresh_tokens", ["expires_at"])


def _create_sso_tables() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("identity_provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("oidc_client_id", sa.Text(), nullable=False),
        sa.Column("oidc_client_secret", sa.LargeBinary(), nullable=False),
        sa.Column("groups_claim", sa.Text(), nullable=False),
        sa.Column("groups", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_identity_providers_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "identity_provider_id", name=op.f("pk_identity_providers")
        ),
    )
    op.create_table(
        "user_identities",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", _MOMENT, nullable=False),
        _reference("user_identities", "user_id", "users", "user_id"),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_user_identities")),
        sa.UniqueConstraint(
            "tenant_id", "issuer", "subject", name=op.f("uq_user_identities_tenant_id_issuer_subject")
        ),
    )


def _reference(table: str, column: str, target: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.{key}"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def downgrade() -> None:
    """Go back; apps lose their access, and who signed in elsewhere needs a password."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute(
        "delete from access_tokens where (tenant_id, credential_id) in"
        " (select tenant_id, credential_id from credentials where kind in ('app', 'grant'))"
    )
    op.execute("delete from credentials where kind in ('app', 'grant')")
    op.execute("delete from sign_in_tokens where purpose = 'demo'")
    op.drop_index("ix_credentials_tenant_id_app_id", "credentials")
    op.drop_constraint(op.f("ck_credentials_grant_has_app"), "credentials")
    op.drop_column("credentials", "redirect_uris")
    op.drop_column("credentials", "app_id")
    _known("credentials", "kind", "('key', 'session')")
    _known("sign_in_tokens", "purpose", "('invitation', 'recovery')")
