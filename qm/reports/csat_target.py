"""Satisfaction as a quality target: the mean that customers give, judged by its interval."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.friction.models import OutcomeSum
from qm.reports.number_health import PACE_WEEKS
from qm.reports.report_request import Period, ReportRequest
from qm.reports.sentiment_report import mean_interval
from scorecards.definitions.quality_targets import CSAT
from scorecards.statistics.confidence_intervals import Interval
from tenants.days import day_of

MIN_ANSWERS = 10
"""With fewer answers, or with answers that are all the same, satisfaction meets and misses nothing."""


def csat(session: Session, request: ReportRequest, *, of: int, level: float) -> tuple[Interval, int | None]:
    """Return the mean satisfaction of the period with its limits, and the number of answers, out of `of`.

    Both are None where there are too few answers to judge by, or so few that they are kept back.
    """
    answered, total, squares = _sums(session, request)
    if request.visible_count(answered, of) is None:
        return Interval(), None
    found = Interval(*mean_interval(answered, total, squares, level))
    return (found if answered >= MIN_ANSWERS and found.width > 0 else Interval()), answered


def answers_per_week(session: Session, request: ReportRequest) -> float:
    """Return how many customers answered in a week, of late."""
    today = day_of(request.now, request.period.time_zone)
    lately = Period(today - timedelta(weeks=PACE_WEEKS), today - timedelta(days=1), request.period.time_zone)
    return _sums(session, replace(request, period=lately))[0] / PACE_WEEKS


def _sums(session: Session, request: ReportRequest) -> tuple[int, float, float]:
    """Return the number of answers, their sum and the sum of their squares."""
    columns = (OutcomeSum.answered, OutcomeSum.y, OutcomeSum.yy)
    row = session.execute(
        select(*(func.coalesce(func.sum(each), 0) for each in columns)).where(
            OutcomeSum.tenant_id == request.client.tenant_id,
            OutcomeSum.client_id == request.client.client_id,
            OutcomeSum.measure == CSAT,
            OutcomeSum.day.between(request.period.first, request.period.last),
            *(getattr(OutcomeSum, name) == value for name, value in request.filters.items()),
        )
    ).one()
    return int(row[0]), float(row[1]), float(row[2])
