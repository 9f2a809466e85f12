"""Webhooks: endpoints that want events, and the outbox of deliveries to them"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_TABLES = {"webhooks": None, "webhook_deliveries": "optional"}

# What the look-up role may read, column by column, across tenants: neither addresses nor secrets nor content.
READABLE = {
    "webhooks": "tenant_id, webhook_id, kind, state, events, resting_until, succeeded, failed",
    "webhook_deliveries": "tenant_id, client_id, webhook_id, state, due_at, lease_until",
}

_HEAD = "language sql stable security definer set search_path = pg_catalog, public, pg_temp as"

# Whose deliveries are due, for the sweep; how many there were, for the metrics; and who wants to know what
# comes by the clock.
LOOK_UPS: Mapping[str, str] = {
    "qm_webhooks_due()": f"""
create function qm_webhooks_due()
returns table (tenant_id uuid)
{_HEAD} $$
    select distinct w.tenant_id
    from public.webhooks w
    where w.kind = 'http' and w.state = 'enabled' and (w.resting_until is null or w.resting_until <= now())
      and exists (
        select from public.webhook_deliveries d
        left join public.clients c on c.tenant_id = d.tenant_id and c.client_id = d.client_id
        where d.tenant_id = w.tenant_id and d.webhook_id = w.webhook_id and d.state = 'pending'
          and d.due_at <= now() and (d.lease_until is null or d.lease_until < now()) and c.removed_at is null
      )
$$
""",
    "qm_webhook_totals()": f"""
create function qm_webhook_totals()
returns table (tenant_id uuid, state text, deliveries bigint)
{_HEAD} $$
    select w.tenant_id, 'succeeded', sum(w.succeeded)::bigint from public.webhooks w group by 1
    union all
    select w.tenant_id, 'failed', sum(w.failed)::bigint from public.webhooks w group by 1
    union all
    select d.tenant_id, 'pending', count(*) from public.webhook_deliveries d where d.state = 'pending' group by 1
$$
""",
    "qm_webhooks_watching()": f"""
create function qm_webhooks_watching()
returns table (tenant_id uuid)
{_HEAD} $$
    select distinct w.tenant_id
    from public.webhooks w
    where w.state = 'enabled' and w.events && array['sla.breached', 'evaluation.published']
$$
""",
}


def upgrade() -> None:
    """Go forward."""
    _create_webhooks()
    _create_deliveries()
    for table, client in _TABLES.items():
        for statement in isolate(table, client=client):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")
    for table, columns in READABLE.items():
        op.execute(f"grant select ({columns}) on {table} to qm_lookup")
        op.execute(f"create policy look_up on {table} as permissive for select to qm_lookup using (true)")
    _create_look_ups()


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("clients", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", _MOMENT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("resting_until", _MOMENT, nullable=True),
        sa.Column("polled_at", _MOMENT, nullable=True),
        sa.Column("succeeded", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("watched_until", _MOMENT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("kind in ('http', 'listen')", name=op.f("ck_webhooks_kind_known")),
        sa.CheckConstraint("state in ('enabled', 'disabled')", name=op.f("ck_webhooks_state_known")),
        sa.CheckConstraint(
            "disabled_because in ('by_hand', 'failing', 'gone')",
            name=op.f("ck_webhooks_disabled_because_known"),
        ),
        sa.CheckConstraint("(kind = 'http') = (url is not null)", name=op.f("ck_webhooks_url_of_http")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_webhooks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "webhook_id", name=op.f("pk_webhooks")),
    )


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("attempted_at", _MOMENT, nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state in ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "webhook_id"],
            ["webhooks.tenant_id", "webhooks.webhook_id"],
            name=op.f("fk_webhook_deliveries_tenant_id_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_webhook_deliveries_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            name=op.f("fk_webhook_deliveries_tenant_id_interaction_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "webhook_id", "event_id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["tenant_id", "webhook_id", "due_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_webhook_deliveries_newest",
        "webhook_deliveries",
        ["tenant_id", "webhook_id", "created_at", "event_id"],
    )
    op.create_index(
        "ix_webhook_deliveries_interaction",
        "webhook_deliveries",
        ["tenant_id", "interaction_id"],
        postgresql_where=sa.text("interaction_id is not null"),
    )


def _create_look_ups() -> None:
    op.execute("grant create on schema public to qm_lookup")
    for name, statement in LOOK_UPS.items():
        op.execute(sa.text(statement.replace(":", "\\:")))
        op.execute(f"alter function {name} owner to qm_lookup")
        # Only as its owner: for anybody else PostgreSQL warns, and leaves the function open to everybody.
        op.execute("set local role qm_lookup")
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to qm_app, qm_owner")
        op.execute("reset role")
    op.execute("revoke create on schema public from qm_lookup")


def downgrade() -> None:
    """Go back; endpoints have to be made again, with other secrets."""
    op.execute("set local role qm_lookup")
    for name in LOOK_UPS:
        op.execute(f"drop function {name}")
    op.execute("reset role")
    for table in reversed(_TABLES):
        op.drop_table(table)
