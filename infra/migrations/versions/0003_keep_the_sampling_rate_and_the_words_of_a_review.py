"""Keep the sampling rate, and the words of a review"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NEW_MEASURES = ("pass_rate", "critical_customer", "critical_business", "critical_compliance")
KEY = ("tenant_id", "client_id", "day", "channel", "program", "queue", "priority", "agent", "rate")
MEASURES = (
    *("score", "empathy", "listen_validate", "acknowledge_own", "resolve_personalize", "follow_up_reassure"),
    *(*NEW_MEASURES, "shift", "sentiment_start", "sentiment_end"),
)
COUNTED = (
    *("scored", "passed", "charged", "sampled", "started_negative", "recovered"),
    *("first_response_met", "first_response_breached", "next_response_met", "next_response_breached"),
    *("resolution_met", "resolution_breached"),
)
# The owner is bound by row-level security too; without FORCE, it sees the rows of all tenants.
FILLED = ("interaction_facts", "daily_rollups", "reviews", "interactions")


def upgrade() -> None:
    """Go forward."""
    for table in FILLED:
        op.execute(f"alter table {table} no force row level security")
    _extend_facts()
    _extend_rollups()
    _extend_reviews()
    for table in FILLED:
        op.execute(f"alter table {table} force row level security")


def _extend_facts() -> None:
    op.add_column("interaction_facts", sa.Column("rate", sa.Double(), nullable=True))
    op.add_column("interaction_facts", sa.Column("drawable_since", sa.DateTime(timezone=True), nullable=True))
    for measure in NEW_MEASURES:
        op.add_column(
            "interaction_facts",
            sa.Column(measure, sa.Numeric(precision=9, scale=4, asdecimal=False), nullable=True),
        )
    op.execute(
        """
        update interaction_facts f
        set rate = coalesce(f.inclusion_probability, 0),
            drawable_since = i.received_at
        from interactions i
        where i.tenant_id = f.tenant_id and i.interaction_id = f.interaction_id
        """
    )
    op.alter_column("interaction_facts", "rate", nullable=False)
    op.alter_column("interaction_facts", "drawable_since", nullable=False)
    op.create_index(
        "ix_interaction_facts_drawable",
        "interaction_facts",
        ["tenant_id", "client_id", "drawable_since"],
        unique=False,
    )


def _extend_rollups() -> None:
    """Sum the facts again: the rate is one more dimension."""
    op.execute("delete from daily_rollups")
    op.add_column("daily_rollups", sa.Column("rate", sa.Double(), nullable=False))
    for measure in NEW_MEASURES:
        op.add_column("daily_rollups", sa.Column(f"{measure}_count", sa.BigInteger(), nullable=False))
        op.add_column(
            "daily_rollups",
            sa.Column(f"{measure}_sum", sa.Numeric(precision=20, scale=4, asdecimal=False), nullable=False),
        )
    op.drop_constraint(op.f("pk_daily_rollups"), "daily_rollups", type_="primary")
    op.create_primary_key(op.f("pk_daily_rollups"), "daily_rollups", list(KEY))
    columns = [*KEY, *COUNTED, *(f"{name}_{part}" for name in MEASURES for part in ("count", "sum"))]
    sums = [f"sum({name})" for name in COUNTED]
    for name in MEASURES:
        sums += [f"count({name})", f"coalesce(sum({name}), 0)"]
    op.execute(
        f"insert into daily_rollups ({', '.join(columns)})"  # noqa: S608 - built from the constants above
        f" select {', '.join((*KEY, *sums))} from interaction_facts group by {', '.join(KEY)}"
    )


def _extend_reviews() -> None:
    op.add_column(
        "reviews",
        sa.Column("hand_picked_answer", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("reviews", sa.Column("words", sa.LargeBinary(), nullable=True))
    op.execute(
        """
        update reviews r set words = sha256(convert_to(regexp_replace((
            jsonb_path_query_array(i.turns, '$[*] ? (@.speaker != "system").speaker')
            || jsonb_path_query_array(i.turns, '$[*] ? (@.speaker != "system").text')
        )::text, '\\s+', '', 'g'), 'UTF8'))
        from interactions i
        where i.tenant_id = r.tenant_id and i.interaction_id = r.interaction_id
          and r.state in ('claimed', 'submitted', 'skipped')
        """
    )
    op.execute(
        """
        update reviews r set draw = coalesce(f.draw, 0) from interaction_facts f
        where not r.targeted and r.draw is null
          and f.tenant_id = r.tenant_id and f.interaction_id = r.interaction_id
        """
    )
    op.drop_constraint(op.f("ck_reviews_state_known"), "reviews", type_="check")
    op.create_check_constraint(
        op.f("ck_reviews_state_known"),
        "reviews",
        "state in ('queued', 'claimed', 'submitted', 'skipped', 'outdated', 'cancelled')",
    )
    op.drop_constraint(op.f("ck_reviews_drawn_with_probability"), "reviews", type_="check")
    op.create_check_constraint(
        op.f("ck_reviews_drawn_with_probability"),
        "reviews",
        "targeted or (inclusion_probability > 0 and draw is not null)",
    )
    op.drop_index("uq_reviews_one_drawn", "reviews")
    op.create_index(
        "uq_reviews_one_drawn",
        "reviews",
        ["tenant_id", "interaction_id"],
        unique=True,
        postgresql_where=sa.text("not targeted and state <> 'outdated'"),
    )
    op.drop_index("ix_reviews_queue", "reviews")
    op.create_index(
        "ix_reviews_claimed",
        "reviews",
        ["tenant_id", "claimed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_reviews_state", "reviews", ["tenant_id", "client_id", "state", "created_at"], unique=False
    )
    op.create_index(
        "ix_reviews_rank",
        "reviews",
        ["tenant_id", sa.text("(draw / inclusion_probability)")],
        unique=False,
        postgresql_where=sa.text("state = 'queued' and not targeted"),
    )


def downgrade() -> None:
    """Refuse: what was reviewed under the new states has no place in the old ones."""
    raise RuntimeError("This version cannot be taken back; restore a copy of the database instead.")
