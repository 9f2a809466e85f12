"""Tables of coaching plans and of the evaluations they cite."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

STATES = ("open", "closed")
OUTCOMES = ("reached", "not_reached", "stopped", "left")
"""How a plan ended: as wanted, not, without an end of its own, or because the agent left."""


class CoachingPlan(ClientOwned, Base):
    """What an agent works on: questions of one scorecard, with actions, measured by later evaluations.

    What the agent does from `created_at` on counts as after it. `follow_up_after` is the number of reviewed
    answers after which the follow-up is told; it never changes. `evidence_cited` is how many evaluations were
    cited: those whose interactions were erased since are missing in `coaching_evidence`. `actions` are texts
    with a due date and when they were done. `measured` holds what was measured when the plan was closed.
    `user_id` is the person who the agent was then; when they leave, the plan is closed and named no more.
    """

    __tablename__ = "coaching_plans"

    plan_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    agent: Mapped[str] = mapped_column(Text)
    agent_name: Mapped[str] = mapped_column(Text)
    team: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    scorecard: Mapped[str] = mapped_column(Text)
    questions: Mapped[list[str]] = mapped_column(JSONB)
    goal: Mapped[str] = mapped_column(Text)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    evidence_cited: Mapped[int] = mapped_column()
    follow_up_after: Mapped[int] = mapped_column()
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(Text)
    closing_note: Mapped[str | None] = mapped_column(Text)
    measured: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["users.tenant_id", "users.user_id"]),
        Index("ix_coaching_plans_client", "tenant_id", "client_id", "created_at", "plan_id"),
        Index("ix_coaching_plans_agent", "tenant_id", "agent"),
        CheckConstraint(f"outcome in {OUTCOMES}", name="outcome_known"),
        CheckConstraint("(outcome is null) = (closed_at is null)", name="closed_with_outcome"),
    )

    @property
    def state(self) -> str:
        """Whether it is open or closed."""
        return "open" if self.closed_at is None else "closed"


class CoachingEvidence(ClientOwned, Base):
    """An evaluation that a plan cites; it goes with its interaction."""

    __tablename__ = "coaching_evidence"

    plan_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "plan_id", "client_id"],
            ["coaching_plans.tenant_id", "coaching_plans.plan_id", "coaching_plans.client_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        Index("ix_coaching_evidence_interaction_id", "tenant_id", "interaction_id"),
    )
