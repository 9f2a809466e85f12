"""Make every table and its walls"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from importlib import resources

from tenants.isolation import isolate
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Which wall stands before each table: by tenant always, by client where rows belong to one.
WALLS = {
    "tenants": None,
    "clients": "required",
    "users": None,
    "memberships": "required",
    "credentials": None,
    "credential_clients": "required",
    "access_tokens": None,
    "audit_heads": None,
    "audit_entries": "optional",
    "idempotency_keys": None,
    "definitions": "required",
    "interactions": "required",
    "interaction_events": "required",
    "evaluations": "required",
    "reviews": "required",
    "interaction_facts": "required",
    "daily_rollups": "required",
}

# The audit chain only ever grows: the application cannot change or delete what it wrote there.
RIGHTS = {"audit_entries": "select, insert", "audit_heads": "select, insert, update"}

# What the look-up role may read, column by column, across tenants.
LOOK_UPS = {
    "tenants": "tenant_id, slug",
    "clients": "tenant_id, client_id",
    "credentials": "tenant_id, credential_id, key_hash, bound, user_id",
    "credential_clients": "tenant_id, credential_id, client_id",
    "memberships": "tenant_id, user_id, client_id",
    "access_tokens": "tenant_id, credential_id, token_hash",
    "interactions": "tenant_id, client_id, state, lease_until, updated_at",
}

KEEP_PUBLISHED = """
create function qm_keep_published() returns trigger language plpgsql set search_path = pg_catalog, public
as $$
begin
    if old.state = 'draft' then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    if tg_op = 'DELETE' then
        raise exception 'a published definition is kept';
    end if;
    if (new.body, new.digest, new.kind, new.key, new.version, new.effective_from, new.client_id)
       is distinct from
       (old.body, old.digest, old.kind, old.key, old.version, old.effective_from, old.client_id)
       or new.state = 'draft' then
        raise exception 'a published definition does not change';
    end if;
    return new;
end
$$
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_entries_number_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_audit_entries_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_audit_entries")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_audit_heads_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "clients",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_clients_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", name=op.f("pk_clients")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_clients_tenant_id_slug")),
    )
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_users_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("tenant_id", "email", name=op.f("uq_users_tenant_id_email")),
    )
    op.create_table(
        "credentials",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("bound", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_credentials_tenant_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_credentials_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "credential_id", name=op.f("pk_credentials")),
    )
    op.create_index("ix_credentials_credential_id", "credentials", ["credential_id"], unique=False)
    op.create_index("ix_credentials_key_hash", "credentials", ["key_hash"], unique=False)
    op.create_table(
        "daily_rollups",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scored", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("sampled", sa.BigInteger(), nullable=False),
        sa.Column("started_negative", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("first_response_met", sa.BigInteger(), nullable=False),
        sa.Column("first_response_breached", sa.BigInteger(), nullable=False),
        sa.Column("next_response_met", sa.BigInteger(), nullable=False),
        sa.Column("next_response_breached", sa.BigInteger(), nullable=False),
        sa.Column("resolution_met", sa.BigInteger(), nullable=False),
        sa.Column("resolution_breached", sa.BigInteger(), nullable=False),
        sa.Column("score_count", sa.BigInteger(), nullable=False),
        sa.Column("score_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("empathy_count", sa.BigInteger(), nullable=False),
        sa.Column("empathy_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("listen_validate_count", sa.BigInteger(), nullable=False),
        sa.Column("listen_validate_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("acknowledge_own_count", sa.BigInteger(), nullable=False),
        sa.Column("acknowledge_own_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("resolve_personalize_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "resolve_personalize_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False
        ),
        sa.Column("follow_up_reassure_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "follow_up_reassure_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False
        ),
        sa.Column("shift_count", sa.BigInteger(), nullable=False),
        sa.Column("shift_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("sentiment_start_count", sa.BigInteger(), nullable=False),
        sa.Column("sentiment_start_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("sentiment_end_count", sa.BigInteger(), nullable=False),
        sa.Column("sentiment_end_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_daily_rollups_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "client_id",
            "day",
            "channel",
            "program",
            "queue",
            "priority",
            "agent",
            name=op.f("pk_daily_rollups"),
        ),
    )
    op.create_table(
        "definitions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (effective_from is null)",
            name=op.f("ck_definitions_effective_when_published"),
        ),
        sa.CheckConstraint(
            "kind in ('brand_voice', 'playbook', 'scorecard', 'sla_policy', 'sampling_policy')",
            name=op.f("ck_definitions_kind_known"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'published', 'retired')", name=op.f("ck_definitions_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_definitions_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "definition_id", "client_id", name=op.f("pk_definitions")),
        sa.UniqueConstraint(
            "tenant_id",
            "client_id",
            "kind",
            "key",
            "version",
            name=op.f("uq_definitions_tenant_id_client_id_kind_key_version"),
        ),
    )
    op.create_index(
        "uq_definitions_one_draft",
        "definitions",
        ["tenant_id", "client_id", "kind", "key"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "interactions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("agent_details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('pending', 'claimed', 'scored', 'dead')", name=op.f("ck_interactions_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_interactions_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "interaction_id", "client_id", name=op.f("pk_interactions")),
        sa.UniqueConstraint(
            "tenant_id",
            "client_id",
            "external_id",
            name=op.f("uq_interactions_tenant_id_client_id_external_id"),
        ),
    )
    op.create_index(
        "ix_interactions_recent",
        "interactions",
        ["tenant_id", "client_id", "started_at", "interaction_id"],
        unique=False,
    )
    op.create_index(
        "ix_interactions_unscored",
        "interactions",
        ["tenant_id", "client_id", "attempts", "interaction_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'scored'"),
    )
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_memberships_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_memberships_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "client_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credential_id"],
            ["credentials.tenant_id", "credentials.credential_id"],
            name=op.f("fk_access_tokens_tenant_id_credential_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_access_tokens")),
    )
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"], unique=False)
    op.create_index("ix_access_tokens_token_hash", "access_tokens", ["token_hash"], unique=False)
    op.create_table(
        "credential_clients",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_credential_clients_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credential_id"],
            ["credentials.tenant_id", "credentials.credential_id"],
            name=op.f("fk_credential_clients_tenant_id_credential_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "credential_id", "client_id", name=op.f("pk_credential_clients")
        ),
    )
    op.create_table(
        "evaluations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("scorecard_id", sa.Uuid(), nullable=True),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("critical", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("band", sa.Text(), nullable=True),
        sa.Column("empathy", sa.Double(), nullable=True),
        sa.Column("listen_validate", sa.Double(), nullable=True),
        sa.Column("acknowledge_own", sa.Double(), nullable=True),
        sa.Column("resolve_personalize", sa.Double(), nullable=True),
        sa.Column("follow_up_reassure", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('automatic', 'human')", name=op.f("ck_evaluations_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_evaluations_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reviewer_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_evaluations_tenant_id_reviewer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "scorecard_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
            name=op.f("fk_evaluations_tenant_id_scorecard_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "interaction_id", "evaluation_id", name=op.f("pk_evaluations")),
    )
    # Compressing findings took as long as all else about storing them, and halved them only.
    op.execute("alter table evaluations alter column findings set storage external")
    op.create_index(
        "ix_evaluations_evaluation_id", "evaluations", ["tenant_id", "evaluation_id"], unique=False
    )
    op.create_index(
        "uq_evaluations_one_automatic",
        "evaluations",
        ["tenant_id", "interaction_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'automatic' and superseded_at is null"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credential_id"],
            ["credentials.tenant_id", "credentials.credential_id"],
            name=op.f("fk_idempotency_keys_tenant_id_credential_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "credential_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "interaction_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_interaction_events_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "interaction_id", "event_id", name=op.f("pk_interaction_events")
        ),
    )
    op.create_table(
        "interaction_facts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("empathy", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("listen_validate", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("acknowledge_own", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("resolve_personalize", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("follow_up_reassure", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("shift", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("sentiment_start", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("sentiment_end", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        sa.Column("peak_distress", sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("charged", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("started_negative", sa.Integer(), nullable=False),
        sa.Column("recovered", sa.Integer(), nullable=False),
        sa.Column("first_response_met", sa.Integer(), nullable=False),
        sa.Column("first_response_breached", sa.Integer(), nullable=False),
        sa.Column("next_response_met", sa.Integer(), nullable=False),
        sa.Column("next_response_breached", sa.Integer(), nullable=False),
        sa.Column("resolution_met", sa.Integer(), nullable=False),
        sa.Column("resolution_breached", sa.Integer(), nullable=False),
        sa.Column("first_response_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_response_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sla_rule", sa.Text(), nullable=True),
        sa.Column('clocks', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inclusion_probability", sa.Double(), nullable=True),
        sa.Column("draw", sa.Double(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_interaction_facts_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "interaction_id", name=op.f("pk_interaction_facts")),
    )
    op.create_index(
        "ix_interaction_facts_running",
        "interaction_facts",
        ["tenant_id", "client_id", "day"],
        unique=False,
        postgresql_where=sa.text(
            "first_response_due is not null or next_response_due is not null or resolution_due is not null"
        ),
    )
    op.create_table(
        "reviews",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("targeted", sa.Boolean(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inclusion_probability", sa.Double(), nullable=True),
        sa.Column("draw", sa.Double(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "given_back_by",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("skip_reason", sa.Text(), nullable=True),
        sa.Column("evaluation_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('queued', 'claimed', 'submitted', 'skipped', 'cancelled')",
            name=op.f("ck_reviews_state_known"),
        ),
        sa.CheckConstraint(
            "targeted or inclusion_probability > 0", name=op.f("ck_reviews_drawn_with_probability")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_reviews_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "evaluation_id"],
            ["evaluations.tenant_id", "evaluations.interaction_id", "evaluations.evaluation_id"],
            name=op.f("fk_reviews_tenant_id_interaction_id_evaluation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reviewer_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_reviews_tenant_id_reviewer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "review_id", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_interaction_id", "reviews", ["tenant_id", "interaction_id"], unique=False)
    op.create_index(
        "ix_reviews_queue", "reviews", ["tenant_id", "client_id", "state", "created_at"], unique=False
    )
    op.create_index("ix_reviews_sample", "reviews", ["tenant_id", "client_id", "started_at"], unique=False)
    op.create_index(
        "uq_reviews_one_drawn",
        "reviews",
        ["tenant_id", "interaction_id"],
        unique=True,
        postgresql_where=sa.text("not targeted"),
    )
    _raise_walls()
    _make_look_ups()
    _keep_published()


def downgrade() -> None:
    """Refuse: the first version has nothing before it."""
    raise RuntimeError("The first version cannot be taken back; drop the database instead.")


def _raise_walls() -> None:
    for table, client in WALLS.items():
        for statement in isolate(table, client=client):
            op.execute(statement)
        rights = RIGHTS.get(table, "select, insert, update, delete")
        op.execute(f"grant {rights} on {table} to qm_app")
    op.execute("grant select on alembic_version to qm_app")


def _make_look_ups() -> None:
    for table, columns in LOOK_UPS.items():
        op.execute(f"grant select ({columns}) on {table} to qm_lookup")
        op.execute(f"create policy look_up on {table} as permissive for select to qm_lookup using (true)")
    script = resources.files("infra").joinpath("migrations/functions.sql").read_text()
    op.execute("grant create on schema public to qm_lookup")
    for statement in script.split("create function ")[1:]:
        name = statement[: statement.index(")") + 1]
        op.execute(sa.text("create function " + statement.strip().rstrip(";").replace(":", "\\:")))
        op.execute(f"alter function {name} owner to qm_lookup")
        # Only as its owner: for anybody else PostgreSQL warns, and leaves the function open to everybody.
        op.execute("set local role qm_lookup")
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to qm_app, qm_owner")
        op.execute("reset role")
    op.execute("revoke create on schema public from qm_lookup")


def _keep_published() -> None:
    op.execute(sa.text(KEEP_PUBLISHED.replace(":", "\\:")))
    op.execute("revoke execute on function qm_keep_published() from public")
    op.execute(
        "create trigger keep_published before update or delete on definitions"
        " for each row execute function qm_keep_published()"
    )
