"""The overview report: a headline sentence, key figures, and their change from the previous period."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from qm.reports import queries, sla_report
from qm.reports.empathy_report import (
    empty_estimate,
    estimate_measure,
    group_rows,
    interval_limit,
    method_note,
    report_heading,
)
from qm.reports.queries import ReviewedSample, Sums
from qm.reports.report_request import ReportRequest
from scorecards.sla.policy import TARGETS
from scorecards.statistics.difference_estimator import Estimate

COMPARED_FIGURES = (
    "interactions",
    "scored",
    "reviewed",
    "scored_share",
    "reviewed_share",
    "empathy",
    "sla_compliance",
    "sentiment_shift",
    "recovery_rate",
    "charged_share",
    "score_mean",
    "pass_share",
)
ROLLUP_NAMES = (
    *("scored", "passed", "charged", "started_negative", "recovered"),
    *queries.count_and_sum_names("score", "empathy", "shift"),
)
EMPATHY_ONLY = queries.REVIEWED_MEASURES[:1]


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/overview`."""
    sums = queries.rollup_sums(session, request, request.dimension, names=ROLLUP_NAMES)
    grouped = {key[0]: part for key, part in sums.items()}
    unscored = queries.count_unscored(session, request, request.dimension)
    reviewed = queries.load_reviewed_sample(session, request, request.dimension, measures=EMPATHY_ONLY)
    totals = queries.add_sums(list(grouped.values()))
    empathy = estimate_measure(request, totals, reviewed)
    sla = sla_report.overall_compliance(session, request)
    current = _compared_figures(totals, unscored.total(), reviewed, empathy, sla)
    earlier, earlier_empathy = _previous_figures(session, request.previous())
    previous = request.previous().period
    suppressed = request.suppresses(int(totals["scored"]) + unscored.total())
    if suppressed:
        current, empathy, sla = dict.fromkeys(COMPARED_FIGURES), empty_estimate(), {"suppressed": True}
    return {
        **report_heading(request),
        **current,
        "suppressed": suppressed,
        "finding": headline(
            current, empathy, sla, previous=earlier_empathy, days=request.period.days, suppressed=suppressed
        ),
        "empathy": empathy,
        "sla": sla,
        "previous": {
            "from": previous.first,
            "to": previous.last,
            "status": earlier_empathy.status,
            **earlier,
        },
        "change": _changes(current, earlier, comparable=empathy.status == earlier_empathy.status),
        "groups" if not request.by_period else "series": group_rows(
            request, grouped, unscored, reviewed, _row
        ),
        "method_note": method_note(
            empathy, scored=int(totals["scored"]), reviewed=reviewed, limit=interval_limit(request)
        ),
    }


def figures(sums: Sums, unscored: int, reviewed: int) -> dict[str, float | None]:
    """Return the descriptive figures: counts, percentages, the mean sentiment shift in [-2, 2]."""
    scored = sums.get("scored", 0)
    interactions = scored + unscored
    return {
        "interactions": interactions,
        "scored": scored,
        "reviewed": reviewed,
        "scored_share": _ratio(100 * scored, interactions),
        "reviewed_share": _ratio(100 * reviewed, interactions),
        "sentiment_shift": _ratio(sums.get("shift_sum", 0), sums.get("shift_count", 0)),
        "recovery_rate": _ratio(100 * sums.get("recovered", 0), sums.get("started_negative", 0)),
        "charged_share": _ratio(100 * sums.get("charged", 0), scored),
        "score_mean": _ratio(sums.get("score_sum", 0), sums.get("score_count", 0)),
        "pass_share": _ratio(100 * sums.get("passed", 0), sums.get("score_count", 0)),
    }


def headline(
    current: Mapping[str, float | None],
    empathy: Estimate,
    sla: Mapping[str, Any],
    *,
    previous: Estimate,
    days: int,
    suppressed: bool = False,
) -> str:
    """Return one sentence that sums up the period.

    Examples
    --------
    >>> from scorecards.statistics.difference_estimator import Population, estimate
    >>> blank = empty_estimate()
    >>> headline({"interactions": 0, "scored": 0}, blank, {}, previous=blank, days=28)
    'There are no interactions in this period.'
    >>> machine = estimate(Population(40, 40, 2996.0), [], [], [])
    >>> headline({"interactions": 40, "scored": 40}, machine, {}, previous=blank, days=28)
    'The machine puts empathy at 74.9 of 100, which no human review confirms yet.'
    """
    if suppressed:
        return "There are too few interactions in this period to show figures."
    if not current["interactions"]:
        return "There are no interactions in this period."
    if not current["scored"]:
        return f"None of the {current['interactions']:,.0f} interactions in this period is scored yet."
    parts = [_empathy_words(empathy, previous, days), _sla_words(sla)]
    return "; ".join(part for part in parts if part) + "."


def differ_significantly(current: Estimate, previous: Estimate) -> bool:
    """Whether two estimates from separate samples differ by more than chance: |d| > sqrt(h1² + h2²).

    h is half the width of each 95 % interval; the root is the half width of their difference.
    """
    if None in {current.estimate, current.low, current.high, previous.estimate, previous.low, previous.high}:
        return False
    widths = [((each.high or 0.0) - (each.low or 0.0)) / 2 for each in (current, previous)]
    return abs((current.estimate or 0.0) - (previous.estimate or 0.0)) > math.hypot(*widths)


def _empathy_words(empathy: Estimate, previous: Estimate, days: int) -> str:
    if empathy.status == "too_few_reviews":
        reviews = "1 review is" if empathy.n == 1 else f"{empathy.n:,} reviews are"
        return f"{reviews} too few to give empathy as a number"
    if empathy.estimate is None:
        return "No interaction in this period has an empathy score"
    if empathy.status == "unverified":
        return (
            f"The machine puts empathy at {empathy.estimate:.1f} of 100, which no human review confirms yet"
        )
    words = (
        f"Empathy is {empathy.estimate:.1f} of 100 (95 % interval {empathy.low:.1f} to {empathy.high:.1f})"
    )
    if previous.status != "verified" or previous.estimate is None:
        return words
    earlier = "day" if days == 1 else f"{days} days"
    if not differ_significantly(empathy, previous):
        return f"{words}, no clear change from the {earlier} before"
    change = empathy.estimate - previous.estimate
    return f"{words}, {'up' if change > 0 else 'down'} {abs(change):.1f} points on the {earlier} before"


def _sla_words(sla: Mapping[str, Any]) -> str:
    if sla.get("compliance") is None:
        return ""
    words = f"{sla['compliance']:.1f} % of SLA clocks were met"
    if sla["gap"] is None:
        return words
    gap = round(sla["gap"], 1)
    position = f"{abs(gap):.1f} points {'above' if gap > 0 else 'below'}" if gap else "exactly at"
    return f"{words}, {position} the goal of {sla['goal']:.1f} %"


def _previous_figures(session: Session, request: ReportRequest) -> tuple[dict[str, float | None], Estimate]:
    """Return the same figures of the previous period, and its empathy estimate."""
    sums = queries.rollup_sums(session, request, names=(*ROLLUP_NAMES, *queries.STOPPED_CLOCKS)).get(
        (), Counter()
    )
    unscored = queries.count_unscored(session, request).total()
    reviewed = queries.load_reviewed_sample(session, request, measures=EMPATHY_ONLY)
    if request.suppresses(int(sums.get("scored", 0)) + unscored):
        return dict.fromkeys(COMPARED_FIGURES), empty_estimate()
    empathy = estimate_measure(request, sums, reviewed)
    clocks = sla_report.merge_clock_counts(
        sums, queries.count_running_clocks(session, request).get((), Counter())
    )
    sla = sla_report.compliance_figures(request, clocks, TARGETS, None)
    return _compared_figures(sums, unscored, reviewed, empathy, sla), empathy


def _compared_figures(
    sums: Sums, unscored: int, reviewed: ReviewedSample, empathy: Estimate, sla: Mapping[str, Any]
) -> dict[str, float | None]:
    """Return all figures that are compared with the previous period."""
    compared = {"empathy": empathy.estimate, "sla_compliance": sla.get("compliance")}
    return figures(sums, unscored, reviewed.n) | compared


def _ratio(part: float, total: float) -> float | None:
    return float(part) / float(total) if total else None


def _changes(
    current: Mapping[str, float | None], previous: Mapping[str, float | None], *, comparable: bool
) -> dict[str, float | None]:
    """Return current minus previous figures; an unverified empathy mean is not compared with an estimate."""
    changes: dict[str, float | None] = {}
    for name in COMPARED_FIGURES:
        current_value, previous_value = current[name], previous[name]
        unknown = current_value is None or previous_value is None or (name == "empathy" and not comparable)
        changes[name] = None if unknown else (current_value or 0) - (previous_value or 0)
    return changes


def _row(sums: Sums, unscored: int, reviewed: ReviewedSample, found: Estimate) -> Mapping[str, Any]:
    estimate = {"empathy": found.estimate, "empathy_low": found.low, "empathy_high": found.high}
    return {**figures(sums, unscored, reviewed.n), **estimate}
