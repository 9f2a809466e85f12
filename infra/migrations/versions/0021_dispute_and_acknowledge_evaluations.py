"""Disputes of evaluations, what was decided on them, and evaluations that agents acknowledged"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_LISTS = ("interactions", "evaluations", "reviews", "trainings", "audit")
_TABLES = ("disputes", "dispute_answers", "dispute_decisions", "acknowledgements")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "disputes",
        *_ids("tenant_id", "dispute_id", "client_id", "interaction_id", "evaluation_id"),
        *_ids("reviewer_id", "initiator_id"),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("score_before", sa.Double(), nullable=True),
        sa.Column("score_after", sa.Double(), nullable=True),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("appealed_at", _MOMENT, nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'decided', 'appealed', 'settled')", name=op.f("ck_disputes_state_known")
        ),
        sa.CheckConstraint("side in ('agent', 'client')", name=op.f("ck_disputes_side_known")),
        _of_interaction("disputes"),
        _of_evaluation("disputes"),
        _person("disputes", "reviewer_id"),
        _person("disputes", "initiator_id"),
        sa.PrimaryKeyConstraint("tenant_id", "dispute_id", "client_id", name=op.f("pk_disputes")),
    )
    op.create_index("ix_disputes_opened", "disputes", ["tenant_id", "client_id", "opened_at", "dispute_id"])
    op.create_index("ix_disputes_interaction_id", "disputes", ["tenant_id", "interaction_id"])
    op.create_index("ix_disputes_initiator_id", "disputes", ["tenant_id", "initiator_id"])
    op.create_index(
        "ix_disputes_waiting",
        "disputes",
        ["tenant_id", "client_id"],
        postgresql_where=sa.text("state in ('open', 'appealed')"),
    )
    op.create_table(
        "dispute_answers",
        *_ids("tenant_id", "dispute_id"),
        sa.Column("question", sa.Text(), nullable=False),
        *_ids("client_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("disputed", postgresql.JSONB(), nullable=False),
        sa.Column("proposed", postgresql.JSONB(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "outcome in ('keep', 'as_proposed', 'other')", name=op.f("ck_dispute_answers_outcome_known")
        ),
        _of_dispute("dispute_answers"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "dispute_id", "question", "client_id", name=op.f("pk_dispute_answers")
        ),
    )
    op.create_table(
        "dispute_decisions",
        *_ids("tenant_id", "dispute_id"),
        sa.Column("level", sa.Integer(), nullable=False),
        *_ids("client_id", "decider_id"),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=True),
        sa.Column("only_one", sa.Boolean(), nullable=False),
        sa.Column("score_before", sa.Double(), nullable=True),
        sa.Column("score_after", sa.Double(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("level in (1, 2)", name=op.f("ck_dispute_decisions_level_known")),
        _of_dispute("dispute_decisions"),
        _person("dispute_decisions", "decider_id"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "dispute_id", "level", "client_id", name=op.f("pk_dispute_decisions")
        ),
    )
    op.create_table(
        "acknowledgements",
        *_ids("tenant_id", "interaction_id", "evaluation_id", "user_id", "client_id"),
        sa.Column("acknowledged_at", _MOMENT, nullable=False),
        _of_interaction("acknowledgements"),
        _of_evaluation("acknowledgements"),
        _person("acknowledgements", "user_id"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "interaction_id", "evaluation_id", "user_id", name=op.f("pk_acknowledgements")
        ),
    )
    for table in _TABLES:
        for statement in isolate(table, client="required"):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")
    _list_views_of((*_LISTS, "disputes"))


def _list_views_of(lists: Sequence[str]) -> None:
    """Say of which lists there may be saved views."""
    op.drop_constraint(op.f("ck_saved_views_list_known"), "saved_views", type_="check")
    op.create_check_constraint(op.f("ck_saved_views_list_known"), "saved_views", f"list in {tuple(lists)}")


def _ids(*names: str) -> list[sa.Column[uuid.UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in names]


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        ["users.tenant_id", "users.user_id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _of_interaction(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "interaction_id", "client_id"],
        ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
        name=op.f(f"fk_{table}_tenant_id_interaction_id_client_id"),
        ondelete="CASCADE",
    )


def _of_evaluation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "interaction_id", "evaluation_id"],
        ["evaluations.tenant_id", "evaluations.interaction_id", "evaluations.evaluation_id"],
        name=op.f(f"fk_{table}_tenant_id_interaction_id_evaluation_id"),
    )


def _of_dispute(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "dispute_id", "client_id"],
        ["disputes.tenant_id", "disputes.dispute_id", "disputes.client_id"],
        name=op.f(f"fk_{table}_tenant_id_dispute_id_client_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Go back; disputes, their decisions and acknowledgements are lost, the versions they made stay."""
    op.execute("delete from saved_views where list = 'disputes'")
    _list_views_of(_LISTS)
    for table in reversed(_TABLES):
        op.drop_table(table)
