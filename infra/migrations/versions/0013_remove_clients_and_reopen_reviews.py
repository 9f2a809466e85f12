"""Remove clients, and reopen reviews"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_HEAD = "language sql stable security definer set search_path = pg_catalog, public, pg_temp as"
# What asks across tenants passes over removed clients: so they are in nobody's scope.
LOOK_UPS: Mapping[str, str] = {
    "qm_credential_client_ids(uuid, uuid)": """
        create or replace function qm_credential_client_ids(of_tenant uuid, of_credential uuid)
        returns table (client_id uuid)
        {head} $$
            select c.client_id
            from public.credentials k
            join public.clients c on c.tenant_id = k.tenant_id {present}
            where k.tenant_id = of_tenant
              and k.credential_id = of_credential
              and (
                not k.bound
                or exists (
                    select from public.credential_clients b
                    where b.tenant_id = k.tenant_id
                      and b.credential_id = k.credential_id and b.client_id = c.client_id
                )
              )
              and (
                k.user_id is null
                or not exists (
                    select from public.memberships m where m.tenant_id = k.tenant_id and m.user_id = k.user_id
                )
                or exists (
                    select from public.memberships m
                    where m.tenant_id = k.tenant_id and m.user_id = k.user_id and m.client_id = c.client_id
                )
              )
        $$
    """,
    "qm_backlog()": """
        create or replace function qm_backlog()
        returns table (tenant_id uuid, client_id uuid, state text, interactions bigint, oldest timestamptz)
        {head} $$
            select i.tenant_id, i.client_id,
                   case when i.state = 'claimed' and i.lease_until < now() then 'pending' else i.state end,
                   count(*), min(i.updated_at)
            from public.interactions i
            join public.clients c on c.tenant_id = i.tenant_id and c.client_id = i.client_id {present}
            where i.state <> 'scored'
            group by 1, 2, 3
        $$
    """,
}
PRESENT_IDS = """
    create function qm_present_client_ids(of_tenant uuid)
    returns table (client_id uuid)
    {head} $$ select c.client_id from public.clients c where c.tenant_id = of_tenant {present} $$
"""


def upgrade() -> None:
    """Go forward."""
    op.add_column("clients", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("grant select (removed_at) on clients to qm_lookup")
    _make(LOOK_UPS, "and c.removed_at is null")
    _make({"qm_present_client_ids(uuid)": PRESENT_IDS}, "and c.removed_at is null")
    op.add_column(
        "reviews", sa.Column("reopened", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    """Go back."""
    _make(LOOK_UPS, "")
    op.execute("set local role qm_lookup")
    op.execute("drop function qm_present_client_ids(uuid)")
    op.execute("reset role")
    op.drop_column("clients", "removed_at")
    op.drop_column("reviews", "reopened")


def _make(look_ups: Mapping[str, str], present: str) -> None:
    op.execute("grant create on schema public to qm_lookup")
    op.execute("set local role qm_lookup")
    for name, statement in look_ups.items():
        op.execute(statement.format(head=_HEAD, present=present))
        op.execute(f"revoke execute on function {name} from public")
        op.execute(f"grant execute on function {name} to qm_app, qm_owner")
    op.execute("reset role")
    op.execute("revoke create on schema public from qm_lookup")
