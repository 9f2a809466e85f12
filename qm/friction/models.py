"""Tables of friction, outcomes and retention: themes and what came of interactions, and daily sums."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Double, ForeignKeyConstraint, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment

EVERY_CHANNEL = "*"
"""The channel of the sums over all channels, programs and queues of a day, which no interaction has."""
REPEAT_DAYS = 7
"""A customer who comes back within so many days has a repeat contact."""
HORIZONS = (30, 60, 90)
"""Days within which a customer who left counts as lost after a case."""
OUTCOMES = ("csat", "nps", "first_contact", "reopened")
CELL = ("channel", "program", "queue", "priority", "language", "theme")
"""Interactions that are the same in these are alike: outcomes are compared among them."""
OUTCOME_SUMS = (
    "answered",
    "y",
    "yy",
    "paired",
    "paired_x",
    "paired_xx",
    "paired_y",
    "paired_yy",
    "paired_xy",
)
KEYS = ("day", "channel", "program", "queue", "theme")
EMPOWERMENT_SUMS = ("applied", "within", "over_limit", "unclear", "unasked", "unasked_over")
ANY_CLAUSE = ""
"""The clause of the sums over interactions, whatever discretion applied in them."""
LOADS = {"concurrency": (1, 2, 3, 4, 5, 6, 7, 8), "handle_time": (0, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60)}
"""Lowest value of each class of load: conversations at once, and minutes of handling time."""
RETENTION_SUMS = ("cases", "unknown", *(f"left_{days}" for days in HORIZONS))
SUMS = (
    *("interactions", "apologised", "followed", "repeated"),
    *("handled", "handle_seconds", "apologised_handled", "apologised_seconds"),
    *("shift_count", "shift_sum", "shift_squares"),
)


class FrictionFact(ClientOwned, Base):
    """The theme of one scored interaction, whether an agent apologised in it, and what came of it.

    Of outcomes, `csat` is from 1 to 5, `nps` 100 for promoters, -100 for detractors and 0 for others,
    `first_contact` and `reopened` 100 or 0; None where it is not known. `churned_at` is since when its
    customer is said to have left. `discretion` lists the clauses of playbooks that leave agents a choice and
    applied or were used: each with whether the customer needed it, and how it was used.

    `version` is that of the client's friction themes by which the theme was found, 0 without any;
    `seen_at` is when the interaction that was read had changed last.
    """

    __tablename__ = "friction_facts"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    theme: Mapped[str] = mapped_column(Text)
    apologised: Mapped[int] = mapped_column()
    handle_seconds: Mapped[float | None] = mapped_column(Double)
    concurrency: Mapped[float | None] = mapped_column(Double)
    csat: Mapped[float | None] = mapped_column(Double)
    nps: Mapped[float | None] = mapped_column(Double)
    first_contact: Mapped[float | None] = mapped_column(Double)
    reopened: Mapped[float | None] = mapped_column(Double)
    churned_at: Mapped[datetime | None] = mapped_column(Moment)
    discretion: Mapped[list[Any]] = mapped_column(JSONB)
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
        Index(
            "ix_friction_facts_churned",
            *("tenant_id", "client_id", "churned_at"),
            postgresql_where=text("churned_at is not null"),
        ),
    )


class FrictionSum(ClientOwned, Base):
    """The sums of one day's interactions of one theme, by what reports are filtered by, and over all of it.

    The row with the channel `EVERY_CHANNEL` is the sum of all others of its day and theme.

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


class OutcomeSum(ClientOwned, Base):
    """The sums of one outcome over one day's interactions that are alike, beside the machine's empathy.

    Of the `answered`, y is the outcome; `paired` counts those of them with an empathy score x.
    """

    __tablename__ = "outcome_sums"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    measure: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    program: Mapped[str] = mapped_column(Text, primary_key=True)
    queue: Mapped[str] = mapped_column(Text, primary_key=True)
    priority: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    theme: Mapped[str] = mapped_column(Text, primary_key=True)
    answered: Mapped[int] = mapped_column(BigInteger)
    y: Mapped[float] = mapped_column(Double)
    yy: Mapped[float] = mapped_column(Double)
    paired: Mapped[int] = mapped_column(BigInteger)
    paired_x: Mapped[float] = mapped_column(Double)
    paired_xx: Mapped[float] = mapped_column(Double)
    paired_y: Mapped[float] = mapped_column(Double)
    paired_yy: Mapped[float] = mapped_column(Double)
    paired_xy: Mapped[float] = mapped_column(Double)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )


class DailySum(ClientOwned):
    """Sums of one day's interactions of a channel, a program and a queue; tables add what else is apart."""

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    day: Mapped[date] = mapped_column(Date, primary_key=True, sort_order=-9)
    channel: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=-8)
    program: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=-7)
    queue: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=-6)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[ForeignKeyConstraint]:  # noqa: N805 - called with the class
        return (ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),)


class RetentionSum(DailySum, Base):
    """The sums of one day's cases, emotionally charged ones apart, after which customers left or stayed.

    `cases` counts those whose customer is known, `unknown` the others; `left_30` the cases whose customer is
    said to have left within 30 days after them.
    """

    __tablename__ = "retention_sums"

    charged: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cases: Mapped[int] = mapped_column(BigInteger)
    unknown: Mapped[int] = mapped_column(BigInteger)
    left_30: Mapped[int] = mapped_column(BigInteger)
    left_60: Mapped[int] = mapped_column(BigInteger)
    left_90: Mapped[int] = mapped_column(BigInteger)


class EmpowermentSum(DailySum, Base):
    """The sums of one day's interactions in which a playbook's discretion applied, or was used, by clause.

    The row with the clause `ANY_CLAUSE` counts interactions, whichever of them applied. `within`,
    `over_limit` and `unclear` are of the `applied`, in which the customer needed it; `unasked` counts uses
    without that, `unasked_over` those of them over the limit.
    """

    __tablename__ = "empowerment_sums"

    clause: Mapped[str] = mapped_column(Text, primary_key=True)
    applied: Mapped[int] = mapped_column(BigInteger)
    within: Mapped[int] = mapped_column(BigInteger)
    over_limit: Mapped[int] = mapped_column(BigInteger)
    unclear: Mapped[int] = mapped_column(BigInteger)
    unasked: Mapped[int] = mapped_column(BigInteger)
    unasked_over: Mapped[int] = mapped_column(BigInteger)


class WorkloadSum(DailySum, Base):
    """The sums of the machine's empathy over one day's alike interactions with the same load of the agent.

    `load` is the lowest value of a class of `LOADS`; y is empathy.
    """

    __tablename__ = "workload_sums"

    theme: Mapped[str] = mapped_column(Text, primary_key=True)
    measure: Mapped[str] = mapped_column(Text, primary_key=True)
    load: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    interactions: Mapped[int] = mapped_column(BigInteger)
    y: Mapped[float] = mapped_column(Double)
    yy: Mapped[float] = mapped_column(Double)
