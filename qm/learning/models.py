"""Tables of models, the trainings that produced them, and the gates of each question."""

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
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from tenants.isolation import Base, ClientOwned, TenantOwned
from tenants.models import Moment, new_id, utc_now

MODEL_KINDS = ANSWERS, SENTIMENT, CANNED = ("answers", "sentiment", "canned")
MODEL_STATES = ("candidate", "in_force", "retired")
TRAINING_STATES = ("queued", "running", "finished", "refused", "failed")
GATE_STATES = ("human_only", "assisted", "automatic")


def _client_foreign_keys() -> tuple[ForeignKeyConstraint, ForeignKeyConstraint]:
    """Return the foreign keys of a row of a client, or of the provider itself where `client_id` is null."""
    return (
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )


class Training(TenantOwned, Base):
    """One training run on reviewers' labels; at most one is queued or running per client and kind.

    `client_id` is null for a model trained on all clients (kind `sentiment`). `labels` counts the labelled
    interactions that were read at `read_at`. `claim_token` and `lease_until` belong to the worker that runs
    it: after the lease expires, another worker may claim it.
    """

    __tablename__ = "trainings"

    client_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, sort_order=-10)
    training_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="queued")
    asked_by: Mapped[str] = mapped_column(Text)
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    labels: Mapped[int] = mapped_column(default=0)
    model_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    error: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    claim_token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        *_client_foreign_keys(),
        UniqueConstraint("tenant_id", "client_id", "training_id"),
        Index(
            "uq_trainings_one_under_way",
            "tenant_id",
            "client_id",
            "kind",
            unique=True,
            postgresql_where=text("state in ('queued', 'running')"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_trainings_of_client", "tenant_id", "client_id", "kind", "training_id"),
        CheckConstraint(f"kind in {MODEL_KINDS}", name="kind_known"),
        CheckConstraint(f"state in {TRAINING_STATES}", name="state_known"),
    )


class Model(TenantOwned, Base):
    """One model version: its artefact, and its model card with training data and quality measures.

    `lessons` lists each automatic answer that a reviewer corrected, with this model's answer now. `fault`
    says why the artefact is unreadable; such a model is not used. Old versions keep only their card.
    """

    __tablename__ = "models"

    client_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, sort_order=-10)
    model_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    card: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lessons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, deferred=True)
    artefact: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    kept_bytes: Mapped[int | None] = column_property(func.octet_length(artefact))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    fault: Mapped[str | None] = mapped_column(Text)
    training_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    in_force_since: Mapped[datetime | None] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        *_client_foreign_keys(),
        ForeignKeyConstraint(
            ["tenant_id", "client_id", "training_id"],
            ["trainings.tenant_id", "trainings.client_id", "trainings.training_id"],
        ),
        UniqueConstraint("tenant_id", "client_id", "model_id"),
        UniqueConstraint("tenant_id", "client_id", "kind", "version", postgresql_nulls_not_distinct=True),
        Index(
            "uq_models_one_in_force",
            "tenant_id",
            "client_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(f"kind in {MODEL_KINDS}", name="kind_known"),
        CheckConstraint(f"state in {MODEL_STATES}", name="state_known"),
    )


def _model_foreign_keys() -> tuple[ForeignKeyConstraint, ForeignKeyConstraint]:
    return (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        ForeignKeyConstraint(
            ["tenant_id", "client_id", "model_id"],
            ["models.tenant_id", "models.client_id", "models.model_id"],
        ),
    )


class GateState(ClientOwned, Base):
    """The gate of one question of one client: its automation level, and the evidence for it.

    `highest` is the manager's cap and `reason` why it was set; `threshold` is the minimum confidence at which
    an automatic answer is accepted, valid for the model `model_id` only.
    """

    __tablename__ = "gates"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    scorecard: Mapped[str] = mapped_column(Text, primary_key=True)
    question: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    highest: Mapped[str] = mapped_column(Text, default="automatic")
    reason: Mapped[str | None] = mapped_column(Text)
    threshold: Mapped[float | None] = mapped_column(Double)
    model_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        *_model_foreign_keys(),
        CheckConstraint(f"state in {GATE_STATES}", name="state_known"),
        CheckConstraint(f"highest in {GATE_STATES}", name="highest_known"),
    )


class GateMove(ClientOwned, Base):
    """One state transition of a gate, numbered from 1 within it, with its cause and evidence."""

    __tablename__ = "gate_moves"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    scorecard: Mapped[str] = mapped_column(Text, primary_key=True)
    question: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_state: Mapped[str] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    model_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "client_id", "scorecard", "question"],
            ["gates.tenant_id", "gates.client_id", "gates.scorecard", "gates.question"],
        ),
        *_model_foreign_keys(),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint(f"from_state in {GATE_STATES}", name="from_known"),
        CheckConstraint(f"to_state in {GATE_STATES}", name="to_known"),
    )
