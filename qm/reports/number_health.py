"""How good a client's number is now, what is missing until it is good enough, and how fast that comes."""

import math
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.reports.differences import total_population
from qm.reports.estimates import estimate_measure, interval_limit, sample_figures
from qm.reports.populations import load_populations
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import EMPATHY_MEASURES, load_reviewed_sample
from qm.reviews.models import Review
from scorecards.statistics.confidence_intervals import normal_quantile
from scorecards.statistics.difference_estimator import EXPECTED_DEVIATION

PACE_WEEKS = 4
"""The pace of reviewing is that of so many weeks."""


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the empathy of the period with what it rests on, and when it will be good enough."""
    reviewed = load_reviewed_sample(session, request, request.dimension)
    population = total_population(
        load_populations(
            session, request, request.dimension, measures=EMPATHY_MEASURES, reached=reviewed.reached
        )
    )
    empathy = estimate_measure(request, population, reviewed)
    limit = interval_limit(request)
    width = None if empathy.low is None or empathy.high is None else empathy.high - empathy.low
    missing = reviews_missing(reviewed.n, width, limit) if population.judged else 0
    pace = reviews_per_week(session, request)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "empathy": empathy,
        "sample": sample_figures(request, population, reviewed, empathy),
        "width": width,
        "limit": limit,
        "good_enough": width is not None and width <= limit,
        "missing": missing,
        "reviews_per_week": pace,
        "weeks": None if not pace else missing / pace,
    }


def reviews_missing(n: int, width: float | None, limit: float) -> int:
    """
    Return how many more reviews make an interval as narrow as the limit.

    Its width falls with the square root of the number of reviews. Without an interval yet, scores are
    expected to deviate by `EXPECTED_DEVIATION` points.

    Examples
    --------
    >>> reviews_missing(50, 20.0, 10.0), reviews_missing(50, 9.0, 10.0), reviews_missing(0, None, 10.0)
    (150, 0, 25)
    """
    if width is not None:
        wanted = n * (width / limit) ** 2
    else:
        wanted = (2 * normal_quantile() * EXPECTED_DEVIATION / limit) ** 2
    return max(0, math.ceil(wanted - 1e-9) - n)


def reviews_per_week(session: Session, request: ReportRequest) -> float:
    """Return how many drawn reviews of the client were submitted in a week, of late."""
    since = request.now - timedelta(weeks=PACE_WEEKS)
    done = session.scalar(
        select(func.count()).where(
            Review.client_id == request.client.client_id,
            Review.state == "submitted",
            Review.finished_at >= since,
            ~Review.targeted,
        )
    )
    return (done or 0) / PACE_WEEKS
