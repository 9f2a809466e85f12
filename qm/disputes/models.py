"""Tables of disputes, of what they are about and what was decided, and of acknowledged evaluations."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

STATES = ("open", "decided", "appealed", "settled", "withdrawn")
WAITING = ("open", "appealed")
"""States in which somebody has to decide."""
SIDES = ("agent", "client")
OUTCOMES = ("keep", "as_proposed", "other")


class Dispute(ClientOwned, Base):
    """A dispute of answers of a published evaluation.

    `evaluation_id` is the version that was disputed; `reviewer_id` whose evaluation it is: what is in force
    of the same reviewer and interaction is what a decision changes. `score_before` and `score_after` are
    those of the version that was decided on first and of the one in force after the last decision. One that
    was taken back before it was decided is `withdrawn`; where its appeal was taken back it stays `decided`.
    `withdrawn_at` says when.
    """

    __tablename__ = "disputes"

    dispute_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    reviewer_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    initiator_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    side: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
    score_before: Mapped[float | None] = mapped_column(Double)
    score_after: Mapped[float | None] = mapped_column(Double)
    opened_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    appealed_at: Mapped[datetime | None] = mapped_column(Moment)
    appeal: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "evaluation_id"],
            ["evaluations.tenant_id", "evaluations.interaction_id", "evaluations.evaluation_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "reviewer_id"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id", "initiator_id"], ["users.tenant_id", "users.user_id"]),
        Index("ix_disputes_opened", "tenant_id", "client_id", "opened_at", "dispute_id"),
        Index("ix_disputes_interaction_id", "tenant_id", "interaction_id"),
        Index("ix_disputes_initiator_id", "tenant_id", "initiator_id"),
        Index(
            "ix_disputes_waiting",
            "tenant_id",
            "client_id",
            postgresql_where=text("state in ('open', 'appealed')"),
        ),
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(f"side in {SIDES}", name="side_known"),
    )


def _of_dispute() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "dispute_id", "client_id"],
        ["disputes.tenant_id", "disputes.dispute_id", "disputes.client_id"],
        ondelete="CASCADE",
    )


class DisputeAnswer(ClientOwned, Base):
    """One disputed answer: what was said, what should stand instead, and what became of it in the end."""

    __tablename__ = "dispute_answers"

    dispute_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    question: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column()
    disputed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    proposed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    comment: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    decided: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        _of_dispute(),
        CheckConstraint(f"outcome in {OUTCOMES}", name="outcome_known"),
    )


class DisputeDecision(ClientOwned, Base):
    """A decision: the first of a dispute, or the second, of its appeal.

    `evaluation_id` is the version that it made; null where it kept every answer. `answers` holds the outcome,
    the answer and the comment by question. `only_one` says that who decided had made the evaluation, and that
    nobody else was there to decide.
    """

    __tablename__ = "dispute_decisions"

    dispute_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    decider_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    decided_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    comment: Mapped[str] = mapped_column(Text)
    evaluation_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    only_one: Mapped[bool] = mapped_column(default=False)
    score_before: Mapped[float | None] = mapped_column(Double)
    score_after: Mapped[float | None] = mapped_column(Double)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    __table_args__ = (
        _of_dispute(),
        ForeignKeyConstraint(["tenant_id", "decider_id"], ["users.tenant_id", "users.user_id"]),
        CheckConstraint("level in (1, 2)", name="level_known"),
    )


class Acknowledgement(ClientOwned, Base):
    """That an agent has read one version of a published evaluation of their work, and when they said so."""

    __tablename__ = "acknowledgements"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    acknowledged_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "evaluation_id"],
            ["evaluations.tenant_id", "evaluations.interaction_id", "evaluations.evaluation_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
    )
