"""Tables of automatic and human evaluations, and of reviews."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

EVALUATION_KINDS = ("automatic", "human", "self", "peer")
REVIEW_KINDS = ("standard", "self", "peer")
QUALITY_CHECKS = ("golden", "re_review")
AGENT_KINDS = ("self", "peer")
NOBODY = ("language", "skill", "own")
"""Why nobody may review what waits: nobody speaks the language, has the skill, or is of another team."""
REVIEW_STATES = ("queued", "claimed", "submitted", "skipped", "outdated", "cancelled")


def _interaction_foreign_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "interaction_id", "client_id"],
        ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
        ondelete="CASCADE",
    )


class Evaluation(ClientOwned, Base):
    """One evaluation of an interaction with a scorecard; pins every definition version it was made under.

    Scores are from 0 to 100; null if nothing was scored (no opportunity, or a scorecard without answers).
    `updated_at` is set by a trigger: when it was made or changed. What a person said is never changed: an
    edit by `author_id` is a new one that `replaces` it. The agent sees it from `published_at` on, which may
    lie ahead. One that is void is superseded too. `override_reasons` holds, by question, why the reviewer
    answered other than the machine.
    """

    __tablename__ = "evaluations"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text)
    reviewer_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    scorecard_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    versions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sections: Mapped[dict[str, float | None]] = mapped_column(JSONB)
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    critical: Mapped[list[str]] = mapped_column(JSONB)
    score: Mapped[float | None] = mapped_column(Double)
    outcome: Mapped[str | None] = mapped_column(Text)
    band: Mapped[str | None] = mapped_column(Text)
    empathy: Mapped[float | None] = mapped_column(Double)
    listen_validate: Mapped[float | None] = mapped_column(Double)
    acknowledge_own: Mapped[float | None] = mapped_column(Double)
    resolve_personalize: Mapped[float | None] = mapped_column(Double)
    follow_up_reassure: Mapped[float | None] = mapped_column(Double)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment, server_default=text("now()"))
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    void_reason: Mapped[str | None] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    replaces: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    edit_reason: Mapped[str | None] = mapped_column(Text)
    override_reasons: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))

    __table_args__ = (
        _interaction_foreign_key(),
        ForeignKeyConstraint(
            ["tenant_id", "scorecard_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "reviewer_id"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["users.tenant_id", "users.user_id"]),
        Index(
            "ix_evaluations_published",
            "tenant_id",
            "client_id",
            "published_at",
            postgresql_where=text("published_at is not null and superseded_at is null"),
        ),
        Index(
            "uq_evaluations_one_automatic",
            "tenant_id",
            "interaction_id",
            unique=True,
            postgresql_where=text("kind = 'automatic' and superseded_at is null"),
        ),
        Index("ix_evaluations_updated", "tenant_id", "client_id", "updated_at", "evaluation_id"),
        Index("ix_evaluations_evaluation_id", "tenant_id", "evaluation_id"),
        CheckConstraint(f"kind in {EVALUATION_KINDS}", name="kind_known"),
    )


class Review(ClientOwned, Base):
    """One review of an interaction: its state, its reviewer, and how it was sampled.

    A sampled review waits in the order of its rank `draw` / `inclusion_probability`; `arrived_at` is
    since when it has this probability. It is in the sample while the draw is below the probability: where
    a quota lowers it, a review that nobody has begun is `cancelled`, and queued again if the probability
    rises. A `targeted` review was picked by hand, has neither, and is in no estimate; where the
    interaction is sampled too, its answers serve the sampled review when that one's turn comes, which
    then has `hand_picked_answer`. A `queued` review with a reviewer is assigned to that person;
    `given_back_by` holds the ids of reviewers who released it, and `note` the reason for picking it by
    hand. A `reopened` review was taken back by the person who had submitted it, who has seen the machine's
    answers since. `words` is the SHA-256 of the turns that the reviewer read; when the turns change, the
    review is `outdated`, and a sampled interaction waits again under its old draw. Of the `kind` `self` or
    `peer` are reviews that an agent was asked for: they are targeted, and never stand for a sampled one.
    `nobody` says why nobody may review what waits. A `flagged` one is wanted for calibration.
    One with a `calibration_id` belongs to a covert calibration session: it is its participant's alone, and
    its answers go to the session instead of an evaluation. A `quality_check` looks like a drawn review to
    whoever answers it (`quality_checks.py`), and is in nothing else either. `active_seconds` is the time that
    its reviewer spent on it, up to `active_at`.
    """

    __tablename__ = "reviews"

    review_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    state: Mapped[str] = mapped_column(Text, default="queued")
    kind: Mapped[str] = mapped_column(Text, default="standard", server_default="standard")
    targeted: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    inclusion_probability: Mapped[float | None] = mapped_column(Double)
    draw: Mapped[float | None] = mapped_column(Double)
    policy_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    started_at: Mapped[datetime] = mapped_column(Moment)
    reviewer_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    draft: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    draft_sentiment: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'")
    )
    revision: Mapped[int] = mapped_column(default=1)
    given_back_by: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    note: Mapped[str | None] = mapped_column(Text)
    skip_reason: Mapped[str | None] = mapped_column(Text)
    evaluation_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    hand_picked_answer: Mapped[bool] = mapped_column(default=False, server_default=false())
    reopened: Mapped[bool] = mapped_column(default=False, server_default=false())
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    calibration_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    quality_check: Mapped[str | None] = mapped_column(Text)
    active_seconds: Mapped[float] = mapped_column(Double, default=0.0, server_default="0")
    active_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    arrived_at: Mapped[datetime] = mapped_column(Moment, default=utc_now, server_default=text("now()"))
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    flagged: Mapped[bool] = mapped_column(default=False, server_default=false())
    nobody: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        _interaction_foreign_key(),
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "evaluation_id"],
            ["evaluations.tenant_id", "evaluations.interaction_id", "evaluations.evaluation_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "reviewer_id"], ["users.tenant_id", "users.user_id"]),
        Index(
            "uq_reviews_one_drawn",
            "tenant_id",
            "interaction_id",
            unique=True,
            postgresql_where=text("not targeted and state <> 'outdated'"),
        ),
        Index("ix_reviews_interaction_id", "tenant_id", "interaction_id"),
        Index("ix_reviews_state", "tenant_id", "client_id", "state", "created_at"),
        Index(
            "ix_reviews_rank",
            "tenant_id",
            text("(draw / inclusion_probability)"),
            postgresql_where=text("state = 'queued' and not targeted"),
        ),
        Index("ix_reviews_sample", "tenant_id", "client_id", "started_at"),
        Index(
            "ix_reviews_submitted",
            "tenant_id",
            "client_id",
            "finished_at",
            postgresql_where=text("state = 'submitted'"),
        ),
        Index("ix_reviews_claimed", "tenant_id", "claimed_at", postgresql_where=text("state = 'claimed'")),
        Index(
            "ix_reviews_assigned_or_picked",
            "tenant_id",
            "client_id",
            postgresql_where=text("state = 'queued' and (targeted or reviewer_id is not null)"),
        ),
        Index(
            "ix_reviews_reviewer",
            "tenant_id",
            "reviewer_id",
            "claimed_at",
            postgresql_where=text("reviewer_id is not null"),
        ),
        CheckConstraint(f"state in {REVIEW_STATES}", name="state_known"),
        CheckConstraint(f"kind in {REVIEW_KINDS}", name="kind_known"),
        CheckConstraint(f"nobody in {NOBODY}", name="nobody_known"),
        CheckConstraint(f"quality_check in {QUALITY_CHECKS}", name="quality_check_known"),
        CheckConstraint(
            "targeted or (inclusion_probability > 0 and draw is not null)", name="drawn_with_probability"
        ),
    )
