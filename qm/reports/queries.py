"""Queries of reports: sums of daily rollups, the reviewed sample, unscored interactions and running clocks.

Each query filters by tenant, client and days, so that it reads one short range of one index. Results are by
group; without a breakdown there is the single group "".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Date, Select, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qm.facts.models import DailyRollup, InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.report_request import ReportRequest
from qm.reviews.models import Evaluation, Review
from scorecards.arrays import FloatArray
from scorecards.authoring import versions
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS
from scorecards.sla.policy import TARGETS

REVIEWED_MEASURES = ("empathy", *PILLARS)
STOPPED_CLOCKS = tuple(f"{clock}_{state}" for clock in TARGETS for state in ("met", "breached"))
Sums = Mapping[str, float]


def count_and_sum_names(*measures: str) -> tuple[str, ...]:
    """Return the names of the count and sum columns of measures.

    >>> count_and_sum_names("score")
    ('score_count', 'score_sum')
    """
    return tuple(f"{name}_{part}" for name in measures for part in ("count", "sum"))


@dataclass(frozen=True, slots=True)
class ReviewedSample:
    """The reviewed random sample: group, human and automatic scores, and inclusion probability.

    `human` and `machine` have a row for each measure; nan where the score is not applicable.
    """

    groups: NDArray[np.object_]
    human: FloatArray
    machine: FloatArray
    probability: FloatArray

    @property
    def n(self) -> int:
        """The sample size."""
        return int(self.probability.size)

    def of_group(self, group: str) -> "ReviewedSample":
        """Return the part of one group."""
        in_group = self.groups == group
        return ReviewedSample(
            self.groups[in_group],
            self.human[:, in_group],
            self.machine[:, in_group],
            self.probability[in_group],
        )


def rollup_sums(
    session: Session, request: ReportRequest, *dimensions: str, names: Sequence[str]
) -> Mapping[tuple[str, ...], Sums]:
    """Return the named rollup sums by the given dimensions; days are grouped by the period of the request."""
    columns = [getattr(DailyRollup, name) for name in names]
    aggregates = [
        cast(func.sum(column), BigInteger) if isinstance(column.type, BigInteger) else func.sum(column)
        for column in columns
    ]
    keys = [getattr(DailyRollup, name) for name in dimensions]
    statement = _filtered(select(*keys, *aggregates), request, DailyRollup).group_by(*keys)
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement.having(func.count() > 0)):
        key = tuple(request.group_of(value) for value in row[: len(keys)])
        groups.setdefault(key, Counter()).update(dict(zip(names, row[len(keys) :], strict=True)))
    return groups


def count_unscored(session: Session, request: ReportRequest, dimension: str | None = None) -> Counter[str]:
    """Count interactions of the period that have no facts yet: pending, claimed or dead."""
    day = cast(func.timezone("UTC", Interaction.started_at), Date)
    key = day if dimension == "day" else func.coalesce(getattr(Interaction, dimension or "channel"), "")
    has_facts = (
        select(1)
        .where(
            InteractionFacts.tenant_id == Interaction.tenant_id,
            InteractionFacts.interaction_id == Interaction.interaction_id,
        )
        .exists()
    )
    statement = (
        select(key.label("part"))
        .where(
            Interaction.tenant_id == request.client.tenant_id,
            Interaction.client_id == request.client.client_id,
            Interaction.state != "scored",
            Interaction.started_at >= request.period.start,
            Interaction.started_at < request.period.end,
            *(
                func.coalesce(getattr(Interaction, name), "") == value
                for name, value in request.filters.items()
            ),
            ~has_facts,
        )
        .subquery()
    )
    counted: Counter[str] = Counter()
    for value, count in session.execute(select(statement.c.part, func.count()).group_by(statement.c.part)):
        counted["" if dimension is None else request.group_of(value)] += count
    return counted


def load_reviewed_sample(
    session: Session,
    request: ReportRequest,
    dimension: str | None = None,
    measures: Sequence[str] = REVIEWED_MEASURES,
) -> ReviewedSample:
    """Return the human and automatic scores of the reviewed random sample.

    `measures` is a prefix of `REVIEWED_MEASURES`.
    """
    key = [getattr(InteractionFacts, dimension)] if dimension else []
    human = [getattr(Evaluation, name) for name in measures]
    machine = [getattr(InteractionFacts, name) for name in measures]
    statement = _reviewed(request, (Review.inclusion_probability, *human, *machine, *key))
    rows = [tuple(row) for row in session.execute(statement)]
    numbers = np.array([row[: 1 + 2 * len(measures)] for row in rows], dtype=np.float64)
    numbers = numbers.reshape(len(rows), 1 + 2 * len(measures)).T
    groups = np.array([request.group_of(row[-1]) if dimension else "" for row in rows], dtype=np.object_)
    return ReviewedSample(groups, numbers[1 : 1 + len(measures)], numbers[1 + len(measures) :], numbers[0])


def _reviewed(request: ReportRequest, columns: Sequence[Any]) -> Select[Any]:
    """Return the statement of the submitted reviews of the random sample, with facts and evaluation."""
    return (
        _filtered(select(*columns), request, InteractionFacts)
        .select_from(Review)
        .join(
            InteractionFacts,
            and_(
                InteractionFacts.tenant_id == Review.tenant_id,
                InteractionFacts.interaction_id == Review.interaction_id,
            ),
        )
        .join(
            Evaluation,
            and_(
                Evaluation.tenant_id == Review.tenant_id,
                Evaluation.interaction_id == Review.interaction_id,
                Evaluation.evaluation_id == Review.evaluation_id,
            ),
        )
        .where(
            Review.tenant_id == request.client.tenant_id,
            Review.client_id == request.client.client_id,
            Review.started_at >= request.period.start,
            Review.started_at < request.period.end,
            Review.state == "submitted",
            ~Review.targeted,
        )
        .order_by(Review.review_id)
    )


def count_running_clocks(
    session: Session, request: ReportRequest, *dimensions: str
) -> Mapping[tuple[str, ...], Counter[str]]:
    """Count running clocks: `<clock>_running` before they are due, `<clock>_late` after."""
    due = {clock: _due_column(clock) for clock in TARGETS}
    keys = [getattr(InteractionFacts, name) for name in dimensions]
    counts = [
        func.count().filter(condition).label(f"{clock}_{state}")
        for clock in TARGETS
        for state, condition in (("running", due[clock] >= request.now), ("late", due[clock] < request.now))
    ]
    statement = (
        _filtered(select(*keys, *counts), request, InteractionFacts)
        .where(or_(*(each.is_not(None) for each in due.values())))
        .group_by(*keys)
    )
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement.having(func.count() > 0)):
        key = tuple(request.group_of(value) for value in row[: len(keys)])
        counted = {count.name: value for count, value in zip(counts, row[len(keys) :], strict=True)}
        groups.setdefault(key, Counter()).update(counted)
    return groups


def sla_policy(session: Session, request: ReportRequest) -> Definition | None:
    """Return the SLA policy in force at the end of the period, or now if the period has not ended."""
    moment = min(request.now, request.period.end)
    found = versions.in_force(session, client_id=request.client.client_id, at=moment, kinds=("sla_policy",))
    return next(iter(found), None)


def _due_column(clock: str) -> InstrumentedAttribute[datetime | None]:
    column: InstrumentedAttribute[datetime | None] = getattr(InteractionFacts, f"{clock}_due")
    return column


def _filtered(
    statement: Select[Any], request: ReportRequest, table: type[DailyRollup] | type[InteractionFacts]
) -> Select[Any]:
    client, period = request.client, request.period
    return statement.where(
        table.tenant_id == client.tenant_id,
        table.client_id == client.client_id,
        table.day.between(period.first, period.last),
        *(getattr(table, name) == value for name, value in request.filters.items()),
    )


def add_sums(parts: Sequence[Sums]) -> Counter[str]:
    """Add up the sums of several groups."""
    added: Counter[str] = Counter()
    for part in parts:
        added.update(part)
    return added
