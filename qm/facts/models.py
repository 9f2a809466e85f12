"""Tables of facts, one row per scored interaction, and of daily rollups, which are sums of facts.

`qm/facts/rollups.py` keeps rollups equal to the sums of their facts and can verify it. Numbers are decimals
with four places, so that adding and subtracting is exact.
"""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Double, ForeignKeyConstraint, Index, Numeric, Text, Uuid, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scorecards.definitions.form import AREAS, PILLARS
from scorecards.sla.clocks import UNANSWERED
from scorecards.sla.policy import TARGETS
from tenants.isolation import Base, ClientOwned
from tenants.models import Moment

DIMENSIONS = ("day", "channel", "program", "queue", "priority", "agent", "rate", "sla_rule", "sla_version")

# Of clocks that stopped, in which state; of open ones, those that stand still with time left.
CLOCK_COUNTS = tuple(
    f"{clock}_{state}"
    for clock in TARGETS
    for state in ("met", "breached", UNANSWERED, "paused")
    if (clock, state) != ("resolution", UNANSWERED)
)

NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)
"""The day of arrival of what cannot be drawn before its window closes."""

# Measures with a sum, and a count of the interactions where they are defined.
CRITICAL_MEASURES = tuple(f"critical_{area}" for area in AREAS)
MEASURED = (
    *("score", "empathy", *PILLARS, "pass_rate", *CRITICAL_MEASURES),
    *("shift", "sentiment_start", "sentiment_end"),
)
COUNTED = (
    "scored",
    "judged",
    "passed",
    "charged",
    "sampled",
    "started_negative",
    "recovered",
    *CLOCK_COUNTS,
)

OPEN_CLOCKS = " or ".join(
    (*(f"{clock}_due is not null" for clock in TARGETS), *(f"{clock}_paused > 0" for clock in TARGETS))
)
"""Which facts have a clock that has not stopped, in SQL."""

_Points = Numeric(9, 4, asdecimal=False)
_Sum = Numeric(20, 4, asdecimal=False)


class _Dimensions(ClientOwned):
    """The dimensions of reports, and the sampling rate, by which estimates are stratified.

    An unknown program, queue or agent is an empty string. The rate is the inclusion probability by the
    sampling policy, before quotas; 0 where no policy applied: such interactions are in no sample and no
    estimate. `sla_rule` and `sla_version` say which promise an interaction's clocks measure: the rule, and
    the version of the SLA policy that it stands in; without clocks '' and 0.
    """

    day: Mapped[date] = mapped_column(Date, sort_order=1)
    channel: Mapped[str] = mapped_column(Text, sort_order=1)
    program: Mapped[str] = mapped_column(Text, sort_order=1)
    queue: Mapped[str] = mapped_column(Text, sort_order=1)
    priority: Mapped[str] = mapped_column(Text, sort_order=1)
    agent: Mapped[str] = mapped_column(Text, sort_order=1)
    rate: Mapped[float] = mapped_column(Double, sort_order=1)
    sla_rule: Mapped[str] = mapped_column(Text, sort_order=1)
    sla_version: Mapped[int] = mapped_column(sort_order=1)


class InteractionFacts(_Dimensions, Base):
    """The facts of one scored interaction, with its inclusion probability and random draw.

    The inclusion probability is the rate times the `threshold` of a quota, at most 1; without a quota the
    threshold is 1. It is final when `settled`: until then the window of its quota is open. `drawable_since`
    says since when it has this probability: since its arrival, or since the probability rose; `NOT_YET` for
    one that cannot be drawn before its window closes.

    `scored` counts interactions, `judged` what a scorecard judges and the sample is drawn from: where several
    agents spoke, the whole has SLA clocks and the customer's feelings and is not judged, and each agent's
    part is judged and counts as no interaction. For all others both are 1.

    Rates of passing and of critical errors are 100 or 0 for one interaction, and null where the scorecard
    has no pass mark, or no critical question of that area.
    """

    __tablename__ = "interaction_facts"

    interaction_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    drawable_since: Mapped[datetime] = mapped_column(Moment)
    score: Mapped[float | None] = mapped_column(_Points)
    empathy: Mapped[float | None] = mapped_column(_Points)
    listen_validate: Mapped[float | None] = mapped_column(_Points)
    acknowledge_own: Mapped[float | None] = mapped_column(_Points)
    resolve_personalize: Mapped[float | None] = mapped_column(_Points)
    follow_up_reassure: Mapped[float | None] = mapped_column(_Points)
    pass_rate: Mapped[float | None] = mapped_column(_Points)
    critical_customer: Mapped[float | None] = mapped_column(_Points)
    critical_business: Mapped[float | None] = mapped_column(_Points)
    critical_compliance: Mapped[float | None] = mapped_column(_Points)
    shift: Mapped[float | None] = mapped_column(_Points)
    sentiment_start: Mapped[float | None] = mapped_column(_Points)
    sentiment_end: Mapped[float | None] = mapped_column(_Points)
    peak_distress: Mapped[float] = mapped_column(_Points)
    scored: Mapped[int] = mapped_column()
    judged: Mapped[int] = mapped_column()
    passed: Mapped[int] = mapped_column()
    charged: Mapped[int] = mapped_column()
    sampled: Mapped[int] = mapped_column()
    started_negative: Mapped[int] = mapped_column()
    recovered: Mapped[int] = mapped_column()
    first_response_met: Mapped[int] = mapped_column()
    first_response_breached: Mapped[int] = mapped_column()
    first_response_closed_unanswered: Mapped[int] = mapped_column()
    first_response_paused: Mapped[int] = mapped_column()
    next_response_met: Mapped[int] = mapped_column()
    next_response_breached: Mapped[int] = mapped_column()
    next_response_closed_unanswered: Mapped[int] = mapped_column()
    next_response_paused: Mapped[int] = mapped_column()
    resolution_met: Mapped[int] = mapped_column()
    resolution_breached: Mapped[int] = mapped_column()
    resolution_paused: Mapped[int] = mapped_column()
    first_response_due: Mapped[datetime | None] = mapped_column(Moment)
    next_response_due: Mapped[datetime | None] = mapped_column(Moment)
    resolution_due: Mapped[datetime | None] = mapped_column(Moment)
    clocks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    inclusion_probability: Mapped[float | None] = mapped_column(Double)
    threshold: Mapped[float] = mapped_column(Double, server_default=text("1"))
    settled: Mapped[bool] = mapped_column(server_default=true())
    draw: Mapped[float | None] = mapped_column(Double)
    policy_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "interaction_id", "client_id"],
            ["interactions.tenant_id", "interactions.interaction_id", "interactions.client_id"],
            ondelete="CASCADE",
        ),
        Index(
            "ix_interaction_facts_unsettled",
            "tenant_id",
            "client_id",
            "policy_id",
            "day",
            "agent",
            postgresql_where=text("not settled"),
        ),
        Index("ix_interaction_facts_day", "tenant_id", "client_id", "day"),
        Index("ix_interaction_facts_drawable", "tenant_id", "client_id", "drawable_since"),
        Index(
            "ix_interaction_facts_open",
            "tenant_id",
            "client_id",
            "day",
            postgresql_where=text(OPEN_CLOCKS),
        ),
    )


class DailyRollup(_Dimensions, Base):
    """The sums of one day's facts for one combination of dimensions."""

    __tablename__ = "daily_rollups"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    day: Mapped[date] = mapped_column(Date, primary_key=True, sort_order=1)
    channel: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=1)
    program: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=1)
    queue: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=1)
    priority: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=1)
    agent: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=1)
    rate: Mapped[float] = mapped_column(Double, primary_key=True, sort_order=1)
    sla_rule: Mapped[str] = mapped_column(Text, primary_key=True, sort_order=1)
    sla_version: Mapped[int] = mapped_column(primary_key=True, sort_order=1, autoincrement=False)
    scored: Mapped[int] = mapped_column(BigInteger)
    judged: Mapped[int] = mapped_column(BigInteger)
    passed: Mapped[int] = mapped_column(BigInteger)
    charged: Mapped[int] = mapped_column(BigInteger)
    sampled: Mapped[int] = mapped_column(BigInteger)
    started_negative: Mapped[int] = mapped_column(BigInteger)
    recovered: Mapped[int] = mapped_column(BigInteger)
    first_response_met: Mapped[int] = mapped_column(BigInteger)
    first_response_breached: Mapped[int] = mapped_column(BigInteger)
    first_response_closed_unanswered: Mapped[int] = mapped_column(BigInteger)
    first_response_paused: Mapped[int] = mapped_column(BigInteger)
    next_response_met: Mapped[int] = mapped_column(BigInteger)
    next_response_breached: Mapped[int] = mapped_column(BigInteger)
    next_response_closed_unanswered: Mapped[int] = mapped_column(BigInteger)
    next_response_paused: Mapped[int] = mapped_column(BigInteger)
    resolution_met: Mapped[int] = mapped_column(BigInteger)
    resolution_breached: Mapped[int] = mapped_column(BigInteger)
    resolution_paused: Mapped[int] = mapped_column(BigInteger)
    score_count: Mapped[int] = mapped_column(BigInteger)
    score_sum: Mapped[float] = mapped_column(_Sum)
    empathy_count: Mapped[int] = mapped_column(BigInteger)
    empathy_sum: Mapped[float] = mapped_column(_Sum)
    listen_validate_count: Mapped[int] = mapped_column(BigInteger)
    listen_validate_sum: Mapped[float] = mapped_column(_Sum)
    acknowledge_own_count: Mapped[int] = mapped_column(BigInteger)
    acknowledge_own_sum: Mapped[float] = mapped_column(_Sum)
    resolve_personalize_count: Mapped[int] = mapped_column(BigInteger)
    resolve_personalize_sum: Mapped[float] = mapped_column(_Sum)
    follow_up_reassure_count: Mapped[int] = mapped_column(BigInteger)
    follow_up_reassure_sum: Mapped[float] = mapped_column(_Sum)
    pass_rate_count: Mapped[int] = mapped_column(BigInteger)
    pass_rate_sum: Mapped[float] = mapped_column(_Sum)
    critical_customer_count: Mapped[int] = mapped_column(BigInteger)
    critical_customer_sum: Mapped[float] = mapped_column(_Sum)
    critical_business_count: Mapped[int] = mapped_column(BigInteger)
    critical_business_sum: Mapped[float] = mapped_column(_Sum)
    critical_compliance_count: Mapped[int] = mapped_column(BigInteger)
    critical_compliance_sum: Mapped[float] = mapped_column(_Sum)
    shift_count: Mapped[int] = mapped_column(BigInteger)
    shift_sum: Mapped[float] = mapped_column(_Sum)
    sentiment_start_count: Mapped[int] = mapped_column(BigInteger)
    sentiment_start_sum: Mapped[float] = mapped_column(_Sum)
    sentiment_end_count: Mapped[int] = mapped_column(BigInteger)
    sentiment_end_sum: Mapped[float] = mapped_column(_Sum)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )
