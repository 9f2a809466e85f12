"""Tables of calibration sessions, their interactions, participants and answers."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now

STATES = ("planned", "open", "closed")
SOURCES = ("drawn", "picked", "past")
VERSIONS = ("then", "now")
"""Under which version of the scorecard: of when an interaction took place, or of when the session is made."""
REFERENCES = ("expert", "consensus", "none")
SIDES = ("provider", "client")


class Calibration(ClientOwned, Base):
    """A calibration session; what it is at a moment follows from its times.

    `draw` holds how its interactions were drawn, the seed included; `drawn` how many there were then: those
    that were erased since are missing. A `covert` session looks to its participants like reviews assigned to
    them.
    """

    __tablename__ = "calibrations"

    calibration_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    draw: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    drawn: Mapped[int] = mapped_column()
    reference: Mapped[str] = mapped_column(Text)
    expert_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    covert: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    deadline: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    reopened_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        ForeignKeyConstraint(["tenant_id", "expert_id"], ["users.tenant_id", "users.user_id"]),
        Index("ix_calibrations_client", "tenant_id", "client_id", "created_at", "calibration_id"),
        CheckConstraint(f"source in {SOURCES}", name="source_known"),
        CheckConstraint(f"reference in {REFERENCES}", name="reference_known"),
        CheckConstraint("(reference = 'expert') = (expert_id is not null)", name="expert_named"),
    )

    def state(self, now: datetime) -> str:
        """Return what the session is at a moment: one of `STATES`."""
        if self.ended_at(now) is not None:
            return "closed"
        return "planned" if now < self.opens_at else "open"

    def ended_at(self, now: datetime) -> datetime | None:
        """Return when it ended: by hand or by its deadline, whichever came first; None before."""
        ends = [each for each in (self.closed_at, self.deadline) if each is not None and each <= now]
        return min(ends, default=None)


def _of_calibration() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "calibration_id", "client_id"],
        ["calibrations.tenant_id", "calibrations.calibration_id", "calibrations.client_id"],
        ondelete="CASCADE",
    )


class CalibrationItem(ClientOwned, Base):
    """An interaction of a session, with the scorecard version and the words that its answers are about."""

    __tablename__ = "calibration_items"

    calibration_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column()
    scorecard_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    words: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        _of_calibration(),
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "scorecard_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
        ),
        Index("ix_calibration_items_interaction_id", "tenant_id", "interaction_id"),
    )


class CalibrationParticipant(ClientOwned, Base):
    """A person who takes part in a session, for the provider or for the client.

    Who has been shown its results, at `results_seen_at`, answers nothing of it any more.
    """

    __tablename__ = "calibration_participants"

    calibration_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column()
    side: Mapped[str] = mapped_column(Text)
    results_seen_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        _of_calibration(),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        Index("ix_calibration_participants_user_id", "tenant_id", "user_id"),
        CheckConstraint(f"side in {SIDES}", name="side_known"),
    )


class CalibrationAnswer(ClientOwned, Base):
    """A participant's answers to one interaction and what they score.

    They belong to the session alone: no score, estimate, gate or training ever reads them. `blind` says
    that the participant had neither reviewed the interaction nor been shown an evaluation of it.
    """

    __tablename__ = "calibration_answers"

    calibration_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    scores: Mapped[dict[str, float | None]] = mapped_column(JSONB)
    blind: Mapped[bool] = mapped_column()
    answered_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "calibration_id", "interaction_id", "client_id"],
            [
                "calibration_items.tenant_id",
                "calibration_items.calibration_id",
                "calibration_items.interaction_id",
                "calibration_items.client_id",
            ],
            name="fk_calibration_answers_item",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "calibration_id", "user_id", "client_id"],
            [
                "calibration_participants.tenant_id",
                "calibration_participants.calibration_id",
                "calibration_participants.user_id",
                "calibration_participants.client_id",
            ],
            name="fk_calibration_answers_participant",
        ),
    )
