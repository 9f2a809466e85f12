"""Publish, edit and void evaluations; due dates, kinds and flags of reviews, and what nobody may review"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_KINDS = ("automatic", "human", "self", "peer")
_OF_EVALUATIONS: Sequence[sa.Column[Any]] = (
    sa.Column("published_at", _MOMENT, nullable=True),
    sa.Column("voided_at", _MOMENT, nullable=True),
    sa.Column("void_reason", sa.Text(), nullable=True),
    sa.Column("author_id", sa.Uuid(), nullable=True),
    sa.Column("replaces", sa.Uuid(), nullable=True),
    sa.Column("edit_reason", sa.Text(), nullable=True),
    sa.Column("override_reasons", JSONB(), server_default=sa.text("'{}'"), nullable=False),
)
_OF_REVIEWS: Sequence[sa.Column[Any]] = (
    sa.Column("kind", sa.Text(), server_default="standard", nullable=False),
    sa.Column("due_at", _MOMENT, nullable=True),
    sa.Column("flagged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    sa.Column("nobody", sa.Text(), nullable=True),
)


def upgrade() -> None:
    """Go forward; evaluations of before are submitted, and published once somebody publishes them."""
    for column in _OF_EVALUATIONS:
        op.add_column("evaluations", column)
    for column in _OF_REVIEWS:
        op.add_column("reviews", column)
    op.create_check_constraint(op.f("ck_reviews_kind_known"), "reviews", "kind in ('standard', 'self', 'peer')")
    op.create_check_constraint(op.f("ck_reviews_nobody_known"), "reviews", "nobody in ('language', 'skill', 'own')")
    op.drop_constraint(op.f("ck_evaluations_kind_known"), "evaluations")
    op.create_check_constraint(op.f("ck_evaluations_kind_known"), "evaluations", f"kind in {_KINDS}")
    op.create_foreign_key(
        op.f("fk_evaluations_tenant_id_author_id"),
        *("evaluations", "users", ["tenant_id", "author_id"], ["tenant_id", "user_id"]),
    )
    op.create_index(
        "ix_evaluations_published",
        "evaluations",
        ["tenant_id", "client_id", "published_at"],
        postgresql_where=sa.text("published_at is not null and superseded_at is null"),
    )


def downgrade() -> None:
    """Go back; refuses where agents have reviewed; who edited or voided what stays in the audit log only."""
    op.drop_index("ix_evaluations_published", "evaluations")
    op.drop_constraint(op.f("fk_evaluations_tenant_id_author_id"), "evaluations")
    op.drop_constraint(op.f("ck_reviews_nobody_known"), "reviews")
    op.drop_constraint(op.f("ck_evaluations_kind_known"), "evaluations")
    op.create_check_constraint(op.f("ck_evaluations_kind_known"), "evaluations", "kind in ('automatic', 'human')")
    op.drop_constraint(op.f("ck_reviews_kind_known"), "reviews")
    for column in reversed(_OF_REVIEWS):
        op.drop_column("reviews", column.name)
    for column in reversed(_OF_EVALUATIONS):
        op.drop_column("evaluations", column.name)
