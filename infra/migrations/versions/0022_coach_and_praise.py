"""Coaching plans and what they cite, kudos, and language libraries"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants.isolation import isolate

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("coaching_plans", "coaching_evidence", "kudos", "library_entries")


def upgrade() -> None:
    """Go forward."""
    _create_plans()
    _create_evidence()
    _create_kudos()
    _create_library()
    for table in _TABLES:
        for statement in isolate(table, client="required"):
            op.execute(statement)
        op.execute(f"grant select, insert, update, delete on {table} to qm_app")


def _create_plans() -> None:
    op.create_table(
        "coaching_plans",
        *_owner("plan_id"),
        *_texts("agent", "agent_name"),
        *_texts("team", nullable=True),
        *_ids("user_id", "author_id", nullable=True),
        *_texts("scorecard"),
        sa.Column("questions", postgresql.JSONB(), nullable=False),
        *_texts("goal"),
        sa.Column("actions", postgresql.JSONB(), nullable=False),
        sa.Column("evidence_cited", sa.Integer(), nullable=False),
        sa.Column("follow_up_after", sa.Integer(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        *_texts("outcome", "closing_note", nullable=True),
        sa.Column("measured", postgresql.JSONB(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "outcome in ('reached', 'not_reached', 'stopped', 'left')",
            name=op.f("ck_coaching_plans_outcome_known"),
        ),
        sa.CheckConstraint(
            "(outcome is null) = (closed_at is null)", name=op.f("ck_coaching_plans_closed_with_outcome")
        ),
        _points_at("coaching_plans", "client_id", "clients", key=("tenant_id", "client_id")),
        _points_at("coaching_plans", "user_id", "users", key=("tenant_id", "user_id")),
        _points_at("coaching_plans", "author_id", "users", key=("tenant_id", "user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "plan_id", "client_id", name=op.f("pk_coaching_plans")),
    )
    op.create_index(
        "ix_coaching_plans_client", "coaching_plans", ["tenant_id", "client_id", "created_at", "plan_id"]
    )
    op.create_index("ix_coaching_plans_agent", "coaching_plans", ["tenant_id", "agent"])


def _create_evidence() -> None:
    op.create_table(
        "coaching_evidence",
        *_owner("plan_id", "interaction_id", "evaluation_id"),
        _of("coaching_evidence", "coaching_plans", "plan_id"),
        _of("coaching_evidence", "interactions", "interaction_id"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "plan_id", "interaction_id", "evaluation_id", name=op.f("pk_coaching_evidence")
        ),
    )
    op.create_index(
        "ix_coaching_evidence_interaction_id", "coaching_evidence", ["tenant_id", "interaction_id"]
    )


def _create_kudos() -> None:
    op.create_table(
        "kudos",
        *_owner("kudos_id"),
        *_ids("interaction_id"),
        *_texts("agent", "agent_name"),
        *_texts("team", nullable=True),
        *_texts("source", "state"),
        sa.Column("quote", postgresql.JSONB(), nullable=True),
        *_texts("note", nullable=True),
        *_ids("author_id", nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("source in ('machine', 'hand')", name=op.f("ck_kudos_source_known")),
        sa.CheckConstraint("state in ('confirmed', 'declined')", name=op.f("ck_kudos_state_known")),
        _of("kudos", "interactions", "interaction_id"),
        _points_at("kudos", "author_id", "users", key=("tenant_id", "user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "kudos_id", "client_id", name=op.f("pk_kudos")),
    )
    op.create_index("uq_kudos_interaction", "kudos", ["tenant_id", "interaction_id"], unique=True)
    op.create_index("ix_kudos_client", "kudos", ["tenant_id", "client_id", "created_at", "kudos_id"])
    op.create_index("ix_kudos_agent", "kudos", ["tenant_id", "agent"])


def _create_library() -> None:
    op.create_table(
        "library_entries",
        *_owner("entry_id"),
        *_ids("interaction_id", "evaluation_id"),
        *_texts("kind", "state", "question"),
        *_texts("emotion", nullable=True),
        sa.Column("place", postgresql.JSONB(), nullable=False),
        *_texts("digest"),
        *_texts("note", nullable=True),
        *_ids("author_id", nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("kind in ('phrase', 'scenario')", name=op.f("ck_library_entries_kind_known")),
        sa.CheckConstraint("state in ('confirmed', 'declined')", name=op.f("ck_library_entries_state_known")),
        sa.CheckConstraint(
            "emotion in ('anger', 'frustration', 'worry', 'disappointment', 'confusion', 'sadness', 'relief',"
            " 'other')",
            name=op.f("ck_library_entries_emotion_known"),
        ),
        _of("library_entries", "interactions", "interaction_id"),
        _points_at("library_entries", "author_id", "users", key=("tenant_id", "user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", "client_id", name=op.f("pk_library_entries")),
    )
    op.create_index(
        "uq_library_entries_digest", "library_entries", ["tenant_id", "client_id", "digest"], unique=True
    )
    op.create_index(
        "ix_library_entries_client", "library_entries", ["tenant_id", "client_id", "created_at", "entry_id"]
    )
    op.create_index("ix_library_entries_interaction_id", "library_entries", ["tenant_id", "interaction_id"])


def _owner(*ids: str) -> list[sa.Column[uuid.UUID]]:
    return _ids("tenant_id", "client_id", *ids)


def _ids(*names: str, nullable: bool = False) -> list[sa.Column[uuid.UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=nullable) for name in names]


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _points_at(table: str, column: str, other: str, *, key: tuple[str, str]) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.{name}" for name in key],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _of(table: str, other: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column, "client_id"],
        [f"{other}.tenant_id", f"{other}.{column}", f"{other}.client_id"],
        name=op.f(f"fk_{table}_tenant_id_{column}_client_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    """Go back; plans, kudos and libraries are lost, and nothing else rests on them."""
    for table in reversed(_TABLES):
        op.drop_table(table)
