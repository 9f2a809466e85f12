"""Add what the machine learns"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WALLS = {"trainings": "optional", "models": "optional", "gates": "required", "gate_moves": "required"}

# How a gate came to stand where it does is never rewritten.
RIGHTS = {"gate_moves": "select, insert"}

# Which trainings wait, for the sweep (one whose worker is gone waits again), and which models in force cannot
# be read, for the metrics.
LOOK_UPS = {
    "qm_training_backlog()": """
create function qm_training_backlog()
returns table (tenant_id uuid, client_id uuid, state text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select t.tenant_id, t.client_id,
           case when t.state = 'running' and t.lease_until < now() then 'queued' else t.state end
    from public.trainings t
    where t.state in ('queued', 'running')
$$
""",
    "qm_models_at_fault()": """
create function qm_models_at_fault()
returns table (tenant_id uuid, client_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select m.tenant_id, m.client_id from public.models m where m.state = 'in_force' and m.fault is not null
$$
""",
}

# What the look-up role may read, column by column, across tenants.
READABLE = {
    "trainings": "tenant_id, client_id, state, lease_until",
    "models": "tenant_id, client_id, state, fault",
}


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "trainings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("refusals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('answers', 'sentiment', 'canned')", name=op.f("ck_trainings_kind_known")),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'finished', 'refused', 'failed')",
            name=op.f("ck_trainings_state_known"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_trainings_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_trainings_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "training_id", name=op.f("pk_trainings")),
        sa.UniqueConstraint(
            "tenant_id", "client_id", "training_id", name=op.f("uq_trainings_tenant_id_client_id_training_id")
        ),
    )
    op.create_index(
        "uq_trainings_one_under_way",
        "trainings",
        ["tenant_id", "client_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'running')"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "ix_trainings_of_client", "trainings", ["tenant_id", "client_id", "kind", "training_id"], unique=False
    )
    op.create_table(
        "models",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("card", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lessons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("artefact", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("training_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('answers', 'sentiment', 'canned')", name=op.f("ck_models_kind_known")),
        sa.CheckConstraint(
            "state in ('candidate', 'in_force', 'retired')", name=op.f("ck_models_state_known")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_models_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_models_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id", "training_id"],
            ["trainings.tenant_id", "trainings.client_id", "trainings.training_id"],
            name=op.f("fk_models_tenant_id_client_id_training_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "model_id", name=op.f("pk_models")),
        sa.UniqueConstraint(
            "tenant_id", "client_id", "model_id", name=op.f("uq_models_tenant_id_client_id_model_id")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "client_id",
            "kind",
            "version",
            name=op.f("uq_models_tenant_id_client_id_kind_version"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    # An artefact is compressed already.
    op.execute("alter table models alter column artefact set storage external")
    op.create_index(
        "uq_models_one_in_force",
        "models",
        ["tenant_id", "client_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'in_force'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "gates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scorecard", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("highest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('human_only', 'assisted', 'automatic')", name=op.f("ck_gates_state_known")
        ),
        sa.CheckConstraint(
            "highest in ('human_only', 'assisted', 'automatic')", name=op.f("ck_gates_highest_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_gates_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id", "model_id"],
            ["models.tenant_id", "models.client_id", "models.model_id"],
            name=op.f("fk_gates_tenant_id_client_id_model_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "scorecard", "question", name=op.f("pk_gates")),
    )
    op.create_table(
        "gate_moves",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scorecard", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_gate_moves_number_positive")),
        sa.CheckConstraint(
            "from_state in ('human_only', 'assisted', 'automatic')", name=op.f("ck_gate_moves_from_known")
        ),
        sa.CheckConstraint(
            "to_state in ('human_only', 'assisted', 'automatic')", name=op.f("ck_gate_moves_to_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id", "scorecard", "question"],
            ["gates.tenant_id", "gates.client_id", "gates.scorecard", "gates.question"],
            name=op.f("fk_gate_moves_tenant_id_client_id_scorecard_question"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.client_id"],
            name=op.f("fk_gate_moves_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id", "model_id"],
            ["models.tenant_id", "models.client_id", "models.model_id"],
            name=op.f("fk_gate_moves_tenant_id_client_id_model_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "client_id", "scorecard", "question", "number", name=op.f("pk_gate_moves")
        ),
    )
    op.add_column(
        "reviews",
        sa.Column(
            "draft_sentiment",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    # What people answered since the last training, and what was double-scored lately.
    op.create_index(
        "ix_reviews_submitted",
        "reviews",
        ["tenant_id", "client_id", "finished_at"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted'"),
    )
    _raise_walls()
    _make_look_ups()


def downgrade() -> None:
    """Refuse: what was learned would be lost."""
    raise RuntimeError("This version cannot be taken back; restore a backup instead.")


def _raise_walls() -> None:
    for table, client in WALLS.items():
        for statement in isolate(table, client=client):
            op.execute(statement)
        rights = RIGHTS.get(table, "select, insert, update, delete")
        op.execute(f"grant {rights} on {table} to qm_app")


def _make_look_ups() -> None:
    for table, columns in READABLE.items():
        op.execute(f"grant select ({columns}) on {table} to qm_lookup")
        op.execute(f"create policy look_up on {table} as permissive for select to qm_lookup using (true)")
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
