"""Tables of golden items and of quality checks: reviews that measure their reviewer."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKeyConstraint, Index, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from qm.reviews.models import QUALITY_CHECKS
from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now


def _of_interaction() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "interaction_id", "client_id"],
        ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
        ondelete="CASCADE",
    )


class GoldenItem(ClientOwned, Base):
    """An interaction with a known answer, which a manager set from an evaluation.

    The answers are a copy: what becomes of the evaluation changes nothing here. One that is retired is
    offered to nobody any more, and its results stay.
    """

    __tablename__ = "golden_items"

    golden_item_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    scorecard_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    score: Mapped[float | None] = mapped_column(Double)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    retire_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        _of_interaction(),
        ForeignKeyConstraint(
            ["tenant_id", "scorecard_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "set_by"], ["users.tenant_id", "users.user_id"]),
        Index(
            "uq_golden_items_one_in_use",
            "tenant_id",
            "interaction_id",
            unique=True,
            postgresql_where=text("retired_at is null"),
        ),
    )


class QualityCheck(ClientOwned, Base):
    """What a review measures that looks like a drawn one: a golden item, or a second look at a review.

    `evaluation_id` is what its answers are compared with: the one that the golden item was set from, or that
    of the first review, made of these `words`. It was offered in place of the review `before_id`, which waits
    on. The answers are in no score, estimate, gate or training.
    """

    __tablename__ = "quality_checks"

    review_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    golden_item_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    offered_to: Mapped[uuid.UUID] = mapped_column(Uuid)
    before_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    user_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    scorecard_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    answers: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    score: Mapped[float | None] = mapped_column(Double)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        _of_interaction(),
        ForeignKeyConstraint(["tenant_id", "offered_to"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        Index("uq_quality_checks_one_offer", "tenant_id", "offered_to", "before_id", unique=True),
        Index("ix_quality_checks_interaction_id", "tenant_id", "interaction_id"),
        Index("ix_quality_checks_answered_at", "tenant_id", "answered_at"),
        CheckConstraint(f"kind in {QUALITY_CHECKS}", name="kind_known"),
        CheckConstraint("(answers is null) = (answered_at is null)", name="answered_at_a_time"),
    )
