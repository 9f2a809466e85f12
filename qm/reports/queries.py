"""What reports read: sums from the daily rollups, the reviewed sample, what still waits or runs.

Each query names the provider, the client and the days, so that one short range of one index answers it
however much is stored. Numbers come back by group; a question without a breakdown has the one group "".
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
from qm.reports.request import ReportRequest
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS
from scorecards.sla.policy import TARGETS

JUDGED = ("empathy", *PILLARS)
SETTLED = tuple(f"{clock}_{state}" for clock in TARGETS for state in ("met", "breached"))
Sums = Mapping[str, float]
Array = NDArray[np.float64]


def both(*measures: str) -> tuple[str, ...]:
    """Return the names of the count and the sum of measures.

    >>> both("score")
    ('score_count', 'score_sum')
    """
    return tuple(f"{name}_{part}" for name in measures for part in ("count", "sum"))


@dataclass(frozen=True, slots=True)
class ReviewedSample:
    """The reviewed interactions that were drawn by chance: group, human and machine scores, probability.

    `human` and `machine` have a row for each measure; nan where the score is not applicable.
    """

    groups: NDArray[np.object_]
    human: Array
    machine: Array
    probability: Array

    @property
    def n(self) -> int:
        """How many there are."""
        return int(self.probability.size)

    def of(self, group: str) -> "ReviewedSample":
        """Return the part of one group."""
        chosen = self.groups == group
        return ReviewedSample(
            self.groups[chosen], self.human[:, chosen], self.machine[:, chosen], self.probability[chosen]
        )


def sums(
    session: Session, question: ReportRequest, *dimensions: str, names: Sequence[str]
) -> Mapping[tuple[str, ...], Sums]:
    """Return the named sums by the given dimensions; days are named as the question groups."""
    columns = [getattr(DailyRollup, name) for name in names]
    added = [
        cast(func.sum(column), BigInteger) if isinstance(column.type, BigInteger) else func.sum(column)
        for column in columns
    ]
    keys = [getattr(DailyRollup, name) for name in dimensions]
    statement = _about(select(*keys, *added), question, DailyRollup).group_by(*keys)
    found: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement.having(func.count() > 0)):
        key = tuple(question.group_of(value) for value in row[: len(keys)])
        found.setdefault(key, Counter()).update(dict(zip(names, row[len(keys) :], strict=True)))
    return found


def unscored(session: Session, question: ReportRequest, dimension: str | None = None) -> Counter[str]:
    """Count interactions of the period that have no facts yet: waiting, in work, or given up."""
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
            Interaction.tenant_id == question.client.tenant_id,
            Interaction.client_id == question.client.client_id,
            Interaction.state != "scored",
            Interaction.started_at >= question.period.start,
            Interaction.started_at < question.period.end,
            *(
                func.coalesce(getattr(Interaction, name), "") == value
                for name, value in question.filters.items()
            ),
            ~has_facts,
        )
        .subquery()
    )
    counted: Counter[str] = Counter()
    for value, count in session.execute(select(statement.c.part, func.count()).group_by(statement.c.part)):
        counted["" if dimension is None else question.group_of(value)] += count
    return counted


def sample(
    session: Session, question: ReportRequest, dimension: str | None = None, measures: Sequence[str] = JUDGED
) -> ReviewedSample:
    """Return what human reviewers said of the interactions that chance had drawn.

    `measures` are the first so many of `JUDGED`.
    """
    key = [getattr(InteractionFacts, dimension)] if dimension else []
    human = [getattr(Evaluation, name) for name in measures]
    machine = [getattr(InteractionFacts, name) for name in measures]
    statement = _reviewed(question, (Review.inclusion_probability, *human, *machine, *key))
    rows = [tuple(row) for row in session.execute(statement)]
    numbers = np.array([row[: 1 + 2 * len(measures)] for row in rows], dtype=np.float64)
    numbers = numbers.reshape(len(rows), 1 + 2 * len(measures)).T
    groups = np.array([question.group_of(row[-1]) if dimension else "" for row in rows], dtype=np.object_)
    return ReviewedSample(groups, numbers[1 : 1 + len(measures)], numbers[1 + len(measures) :], numbers[0])


def _reviewed(question: ReportRequest, columns: Sequence[Any]) -> Select[Any]:
    """Return the statement of the submitted reviews that chance had drawn, with facts and evaluation."""
    return (
        _about(select(*columns), question, InteractionFacts)
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
            Review.tenant_id == question.client.tenant_id,
            Review.client_id == question.client.client_id,
            Review.started_at >= question.period.start,
            Review.started_at < question.period.end,
            Review.state == "submitted",
            ~Review.targeted,
        )
        .order_by(Review.review_id)
    )


def running(
    session: Session, question: ReportRequest, *dimensions: str
) -> Mapping[tuple[str, ...], Counter[str]]:
    """Count clocks that still run, apart by whether they are past due: `<clock>_running`, `<clock>_late`."""
    due = {clock: _due(clock) for clock in TARGETS}
    keys = [getattr(InteractionFacts, name) for name in dimensions]
    counts = [
        func.count().filter(condition).label(f"{clock}_{state}")
        for clock in TARGETS
        for state, condition in (("running", due[clock] >= question.now), ("late", due[clock] < question.now))
    ]
    statement = (
        _about(select(*keys, *counts), question, InteractionFacts)
        .where(or_(*(each.is_not(None) for each in due.values())))
        .group_by(*keys)
    )
    found: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement.having(func.count() > 0)):
        key = tuple(question.group_of(value) for value in row[: len(keys)])
        counted = {count.name: value for count, value in zip(counts, row[len(keys) :], strict=True)}
        found.setdefault(key, Counter()).update(counted)
    return found


def sla_policy(session: Session, question: ReportRequest) -> Definition | None:
    """Return the SLA policy in force at the end of the period, or now if that is earlier."""
    moment = min(question.now, question.period.end)
    found = versions.in_force(session, client_id=question.client.client_id, at=moment, kinds=("sla_policy",))
    return next(iter(found), None)


def _due(clock: str) -> InstrumentedAttribute[datetime | None]:
    column: InstrumentedAttribute[datetime | None] = getattr(InteractionFacts, f"{clock}_due")
    return column


def _about(
    statement: Select[Any], question: ReportRequest, table: type[DailyRollup] | type[InteractionFacts]
) -> Select[Any]:
    client, period = question.client, question.period
    return statement.where(
        table.tenant_id == client.tenant_id,
        table.client_id == client.client_id,
        table.day.between(period.first, period.last),
        *(getattr(table, name) == value for name, value in question.filters.items()),
    )


def total(parts: Sequence[Sums]) -> Counter[str]:
    """Add up the sums of several groups."""
    added: Counter[str] = Counter()
    for part in parts:
        added.update(part)
    return added
