"""Queries of reports: sums of daily rollups, unscored interactions and running clocks.

Each query filters by tenant, client and days, so that it reads one short range of one index. Results are by
group; without a breakdown there is the single group "".
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Select, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qm.facts.models import CLOCK_COUNTS, DailyRollup, InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.report_request import ReportRequest
from scorecards.authoring.models import Definition
from scorecards.sla.policy import TARGETS
from tenants.models import Moment

Sums = Mapping[str, float]
ANY_TARGET = "any"


def count_and_sum_names(*measures: str) -> tuple[str, ...]:
    """Return the names of the count and sum columns of measures.

    >>> count_and_sum_names("score")
    ('score_count', 'score_sum')
    """
    return tuple(f"{name}_{part}" for name in measures for part in ("count", "sum"))


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
    statement = filter_period(select(*keys, *aggregates), request, DailyRollup).group_by(*keys)
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement.having(func.count() > 0)):
        key = tuple(request.group_of(value) for value in row[: len(keys)])
        groups.setdefault(key, Counter()).update(dict(zip(names, row[len(keys) :], strict=True)))
    # A rollup of which everything has moved away stays until the next check of rollups.
    return {key: sums for key, sums in groups.items() if any(sums.values())}


def count_scored(session: Session, request: ReportRequest) -> int:
    """Count the scored interactions of the period."""
    found = rollup_sums(session, request, names=("scored",))
    return sum(int(each["scored"]) for each in found.values())


def count_unscored(session: Session, request: ReportRequest, dimension: str | None = None) -> Counter[str]:
    """Count whole interactions of the period that have no facts yet: pending, claimed or dead."""
    if dimension == "day":
        starts = literal(request.period.day_starts, ARRAY(Moment))
        key = literal(request.period.first, Date) + func.width_bucket(Interaction.started_at, starts) - 1
    else:
        key = func.coalesce(getattr(Interaction, dimension or "channel"), "")
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
            Interaction.part_agent == "",
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
        filter_period(select(*keys, *counts), request, InteractionFacts)
        .where(or_(*(each.is_not(None) for each in due.values())))
        .group_by(*keys)
    )
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement.having(func.count() > 0)):
        key = tuple(request.group_of(value) for value in row[: len(keys)])
        counted = {count.name: value for count, value in zip(counts, row[len(keys) :], strict=True)}
        groups.setdefault(key, Counter()).update(counted)
    return groups


def count_timed(
    session: Session, request: ReportRequest, *dimensions: str
) -> Mapping[tuple[str, ...], Counter[str]]:
    """Count the interactions that have a clock of each target, and of any: one may have many clocks."""
    keys = [getattr(InteractionFacts, name) for name in dimensions]
    has_clock = {
        clock: or_(
            _due_column(clock).is_not(None),
            *(getattr(InteractionFacts, name) > 0 for name in CLOCK_COUNTS if name.startswith(clock)),
        )
        for clock in TARGETS
    }
    has_clock[ANY_TARGET] = or_(*has_clock.values())
    counts = [func.count().filter(has).label(clock) for clock, has in has_clock.items()]
    statement = filter_period(select(*keys, *counts), request, InteractionFacts).group_by(*keys)
    groups: dict[tuple[str, ...], Counter[str]] = {}
    for row in session.execute(statement):
        key = tuple(request.group_of(value) for value in row[: len(keys)])
        groups.setdefault(key, Counter()).update(dict(zip(has_clock, row[len(keys) :], strict=True)))
    return groups


def sla_policies(
    session: Session, request: ReportRequest, numbers: Collection[int]
) -> dict[int, Mapping[str, Any]]:
    """Return the bodies of these published versions of the client's SLA policy, by number."""
    found = session.execute(
        select(Definition.version, Definition.body).where(
            Definition.client_id == request.client.client_id,
            Definition.kind == "sla_policy",
            Definition.state != "draft",
            Definition.version.in_(numbers),
        )
    )
    return {row.version: row.body for row in found}


def sla_days(session: Session, request: ReportRequest) -> dict[tuple[str, int], tuple[date, date]]:
    """Return the first and the last day of interactions under each rule of each version of the SLA policy."""
    key = (DailyRollup.sla_rule, DailyRollup.sla_version)
    days: Select[Any] = select(func.min(DailyRollup.day), func.max(DailyRollup.day)).add_columns(*key)
    statement = filter_period(days, request, DailyRollup).where(DailyRollup.scored > 0).group_by(*key)
    return {(rule, version): (first, last) for first, last, rule, version in session.execute(statement)}


def _due_column(clock: str) -> InstrumentedAttribute[datetime | None]:
    column: InstrumentedAttribute[datetime | None] = getattr(InteractionFacts, f"{clock}_due")
    return column


def filter_period(
    statement: Select[Any], request: ReportRequest, table: type[DailyRollup] | type[InteractionFacts]
) -> Select[Any]:
    """Filter a statement by client, days and the filters of the request."""
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
