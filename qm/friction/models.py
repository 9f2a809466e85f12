"""Tables of friction: the theme of each interaction, and the sums of each day by theme."""

import uuid
from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Date, Double, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment

REPEAT_DAYS = 7
"""A customer who comes back within so many days has a repeat contact."""
KEYS = ("day", "channel", "program", "queue", "theme")
SUMS = (
    *("interactions", "apologised", "followed", "repeated"),
    *("handled", "handle_seconds", "apologised_handled", "apologised_seconds"),
    *("shift_count", "shift_sum", "shift_squares"),
)


class FrictionFact(ClientOwned, Base):
    """The theme of one scored interaction, and whether an agent apologised in it.

    `version` is that of the client's friction themes by which the theme was found, 0 without any;
    `seen_at` is when the interaction that was read had changed last.
    """

    __tablename__ = "friction_facts"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    theme: Mapped[str] = mapped_column(Text)
    apologised: Mapped[int] = mapped_column()
    handle_seconds: Mapped[float | None] = mapped_column(Double)
    version: Mapped[int] = mapped_column()
    seen_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        Index(
            "ix_friction_facts_seen",
            *("tenant_id", "client_id", "version", "seen_at", "interaction_id"),
        ),
    )


class FrictionSum(ClientOwned, Base):
    """The sums of one day's interactions of one theme, by what reports are filtered by.

    `followed` counts those whose customer is known and whose next `REPEAT_DAYS` days have passed, `repeated`
    those of them after which the customer came back; `handled` those whose handling time is known. The
    `examples` are a few, of the most distressed customers. What is `stale` is summed again.
    """

    __tablename__ = "friction_sums"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    program: Mapped[str] = mapped_column(Text, primary_key=True)
    queue: Mapped[str] = mapped_column(Text, primary_key=True)
    theme: Mapped[str] = mapped_column(Text, primary_key=True)
    interactions: Mapped[int] = mapped_column(BigInteger)
    apologised: Mapped[int] = mapped_column(BigInteger)
    followed: Mapped[int] = mapped_column(BigInteger)
    repeated: Mapped[int] = mapped_column(BigInteger)
    handled: Mapped[int] = mapped_column(BigInteger)
    handle_seconds: Mapped[float] = mapped_column(Double)
    apologised_handled: Mapped[int] = mapped_column(BigInteger)
    apologised_seconds: Mapped[float] = mapped_column(Double)
    shift_count: Mapped[int] = mapped_column(BigInteger)
    shift_sum: Mapped[float] = mapped_column(Double)
    shift_squares: Mapped[float] = mapped_column(Double)
    examples: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    summed_at: Mapped[datetime] = mapped_column(Moment)
    stale: Mapped[bool] = mapped_column()

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )
