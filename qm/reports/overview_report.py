"""The overview report: a headline sentence, key figures, and their change from the previous period."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from qm.facts.models import CLOCK_COUNTS
from qm.reports import queries, sla_report
from qm.reports.differences import change_rows, difference_limits
from qm.reports.empathy_report import SUPPRESSED_NOTE, group_rows, method_note, report_heading
from qm.reports.estimates import (
    correction_figures,
    empty_estimate,
    estimate_measure,
    reviewer_variance,
    sample_figures,
)
from qm.reports.period_data import PeriodData, load_period_data
from qm.reports.populations import Population, load_populations
from qm.reports.queries import Sums
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import OUTCOME_MEASURES, ReviewedSample, load_reviewed_sample
from scorecards.sampling.worked_queue import WorkedQueue
from scorecards.statistics.difference_estimator import Estimate

ESTIMATED = ("empathy", *OUTCOME_MEASURES)
"""The measures that are estimated from reviews."""
COMPARED_FIGURES = (
    "interactions",
    "scored",
    "reviewed",
    "scored_share",
    "reviewed_share",
    *ESTIMATED,
    "sla_compliance",
    "sentiment_shift",
    "recovery_rate",
    "charged_share",
)
ROLLUP_NAMES = ("charged", "started_negative", "recovered", *queries.count_and_sum_names("shift"))
MAX_NAMED = 3
"""So many missed promises are named in the headline."""


def report(session: Session, request: ReportRequest, data: PeriodData | None = None) -> dict[str, Any]:
    """Return the answer of `reports/overview`; from `data` where they are read already."""
    data = data or load_period_data(session, request, ESTIMATED, ROLLUP_NAMES)
    reviewed, groups, unscored, population = data.reviewed, data.groups, data.unscored, data.population
    measured = _estimates(request, population, reviewed)
    sla = sla_report.overview(session, request)
    described = figures(request, population.sums, unscored.total(), reviewed.reviewed)
    current = _compared_figures(described, measured, sla)
    earlier = _previous(session, request.previous(), reviewed.queue)
    suppressed = request.suppresses(int(population.sums.get("scored", 0)) + unscored.total())
    sample = sample_figures(request, population, reviewed, measured["empathy"])
    if suppressed:
        current, sla = dict.fromkeys(COMPARED_FIGURES), {"suppressed": True, "promises": []}
        measured, sample = dict.fromkeys(ESTIMATED, empty_estimate()), {}
    return {
        **report_heading(request),
        **current,
        "suppressed": suppressed,
        "finding": headline(
            current,
            measured["empathy"],
            sla,
            previous=earlier.estimates["empathy"],
            days=request.period.days,
            suppressed=suppressed,
        ),
        "empathy": measured["empathy"],
        "estimates": [_estimate_row(name, measured[name]) for name in ESTIMATED],
        "sample": sample,
        "corrected_for_severity": None
        if suppressed
        else correction_figures(request, population, reviewed, ESTIMATED, measured["empathy"]),
        "reviewer_variance": None
        if suppressed
        else reviewer_variance(population, reviewed, measured["empathy"]),
        "sla": sla,
        "previous": {
            "from": request.previous().period.first,
            "to": request.previous().period.last,
            "status": earlier.estimates["empathy"].status,
            **earlier.figures,
        },
        "change": _changes(current, earlier.figures, measured, earlier.estimates),
        "changes": []
        if suppressed or earlier.reviewed is None
        else change_rows(request, (population, reviewed), (earlier.population, earlier.reviewed), ESTIMATED),
        "groups" if not request.by_period else "series": group_rows(
            request, groups, unscored, reviewed, partial(_row, request)
        ),
        "method_note": SUPPRESSED_NOTE
        if suppressed
        else method_note(request, measured["empathy"], population, reviewed),
    }


@dataclass(frozen=True, slots=True)
class _Previous:
    """The previous period: its figures and estimates, and what they were estimated from."""

    figures: dict[str, float | None]
    estimates: Mapping[str, Estimate]
    population: Population
    reviewed: ReviewedSample | None


def _estimates(
    request: ReportRequest, population: Population, reviewed: ReviewedSample
) -> dict[str, Estimate]:
    return {name: estimate_measure(request, population, reviewed, name) for name in ESTIMATED}


def _estimate_row(name: str, found: Estimate) -> dict[str, Any]:
    limits = {limit: getattr(found, limit) for limit in ("estimate", "low", "high", "machine_only", "status")}
    return {"measure": name, **limits}


def figures(request: ReportRequest, sums: Sums, unscored: int, reviewed: int) -> dict[str, float | None]:
    """Return the descriptive figures: counts, percentages, the mean sentiment shift in [-2, 2].

    Feelings are known of whole interactions; what is reviewed are whole ones and parts of shared ones.
    """

    def share(part: str, of: str, per: float = 100.0) -> float | None:
        total = sums.get(of, 0)
        return None if request.suppresses(int(total)) else _ratio(per * sums.get(part, 0), total)

    scored = sums.get("scored", 0)
    interactions = scored + unscored
    return {
        "interactions": interactions,
        "scored": scored,
        "reviewed": reviewed,
        "scored_share": _ratio(100 * scored, interactions),
        "reviewed_share": _ratio(100 * reviewed, sums.get("judged", 0) + unscored),
        "sentiment_shift": share("shift_sum", "shift_count", 1.0),
        "recovery_rate": share("recovered", "started_negative"),
        "charged_share": share("charged", "wholes" if "wholes" in sums else "scored"),
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
    """Return a sentence that sums up the period, after one that names the SLA promises that were missed.

    Examples
    --------
    >>> from scorecards.statistics.difference_estimator import estimate
    >>> from scorecards.statistics.strata import Stratum
    >>> blank = empty_estimate()
    >>> headline({"interactions": 0, "scored": 0}, blank, {}, previous=blank, days=28)
    'There are no interactions in this period.'
    >>> machine = estimate([Stratum(1.0, 40, 40, 2996.0)], [], [], [])
    >>> headline({"interactions": 40, "scored": 40}, machine, {}, previous=blank, days=28)
    'The machine puts empathy at 74.9 of 100, which no human review confirms yet.'
    >>> late = {"rule": "chat", "target": "next_response", "compliance": 80.0, "goal": 95.0, "gap": -15.0}
    >>> sla = {"compliance": 95.4, "promises": [{**late, "days": "2026-07-02", "missed": True}]}
    >>> headline({"interactions": 40, "scored": 40}, machine, sla, previous=blank, days=28)[:70]
    'SLA promise missed: chat next response 80.0 % in time against 95.0 %. '
    """
    if suppressed:
        return "There are too few interactions in this period to show figures."
    if not current["interactions"]:
        return "There are no interactions in this period."
    if not current["scored"]:
        return f"None of the {current['interactions']:,.0f} interactions in this period is scored yet."
    parts = [_empathy_words(empathy, int(current.get("reviewed") or 0), previous, days), _sla_words(sla)]
    return _missed_words(sla) + "; ".join(part for part in parts if part) + "."


def differ_significantly(current: Estimate, previous: Estimate) -> bool:
    """Whether two estimates from separate samples differ by more than chance: 0 is outside the interval."""
    low, high = difference_limits(current, previous)
    return low is not None and high is not None and (low > 0 or high < 0)


def _empathy_words(empathy: Estimate, reviewed: int, previous: Estimate, days: int) -> str:
    if empathy.status == "too_few_reviews":
        reviews = "1 review is" if empathy.n == 1 else f"{empathy.n:,} reviews are"
        if reviewed > empathy.n:
            reviews = f"{empathy.n:,} of {reviewed:,} reviews count by now, which is"
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


def _missed_words(sla: Mapping[str, Any]) -> str:
    """Name the promises that were missed, each against its own goal; the worst first."""
    promises = sla.get("promises", ())
    missed = sla_report.missed_promises(promises)
    if not missed:
        return ""
    goals = Counter((row["rule"], row["target"]) for row in promises)
    named = [
        f"{rows[0]['rule']} {rows[0]['target']} ".replace("_", " ")
        + " and ".join(_against_goal(row, dated=goals[row["rule"], row["target"]] > 1) for row in rows)
        for rows in missed[:MAX_NAMED]
    ]
    others = len(missed) - len(named)
    more = f" and {others} more" if others else ""
    return f"{'SLA promise' if len(missed) == 1 else 'SLA promises'} missed: {', '.join(named)}{more}. "


def _against_goal(row: Mapping[str, Any], *, dated: bool) -> str:
    """Return how far a promise was kept; with the days of its goal where it had several."""
    words = f"{row['compliance']:.1f} % in time against {row['goal']:.1f} %"
    return f"{words} ({row['days']})" if dated and row["days"] else words


def _sla_words(sla: Mapping[str, Any]) -> str:
    if sla.get("compliance") is None:
        return ""
    words = f"{sla['compliance']:.1f} % of all SLA clocks were met"
    judged = [row["missed"] for row in sla.get("promises", ()) if row["missed"] is not None]
    return f"{words}, every promise by its own goal" if judged and not any(judged) else words


def _previous(session: Session, request: ReportRequest, queue: WorkedQueue | None) -> _Previous:
    """Return the same figures of the previous period, and its estimates."""
    reviewed = load_reviewed_sample(session, request, measures=ESTIMATED, queue=queue)
    names = (*ROLLUP_NAMES, *CLOCK_COUNTS)
    found = load_populations(session, request, measures=ESTIMATED, names=names, reached=reviewed.reached)
    population = found.get("", Population())
    unscored = queries.count_unscored(session, request).total()
    if request.suppresses(int(population.sums.get("scored", 0)) + unscored):
        blank = dict.fromkeys(ESTIMATED, empty_estimate())
        return _Previous(dict.fromkeys(COMPARED_FIGURES), blank, population, None)
    measured = _estimates(request, population, reviewed)
    clocks = sla_report.merge_clock_counts(
        population.sums, queries.count_running_clocks(session, request).get((), Counter())
    )
    timed = int(population.sums.get("scored", 0))
    sla = sla_report.figures(request, sla_report.all_targets(clocks), timed)
    described = figures(request, population.sums, unscored, reviewed.reviewed)
    compared = _compared_figures(described, measured, sla)
    return _Previous(compared, measured, population, reviewed)


def _compared_figures(
    described: Mapping[str, float | None], measured: Mapping[str, Estimate], sla: Mapping[str, Any]
) -> dict[str, float | None]:
    """Return all figures that are compared with the previous period."""
    estimates = {name: measured[name].estimate for name in ESTIMATED}
    return {**described, **estimates, "sla_compliance": sla.get("compliance")}


def _ratio(part: float, total: float) -> float | None:
    return float(part) / float(total) if total else None


def _changes(
    current: Mapping[str, float | None],
    previous: Mapping[str, float | None],
    measured: Mapping[str, Estimate],
    earlier: Mapping[str, Estimate],
) -> dict[str, float | None]:
    """Return current minus previous figures; an unverified mean is not compared with an estimate."""
    changes: dict[str, float | None] = {}
    for name in COMPARED_FIGURES:
        now, before = current[name], previous[name]
        comparable = name not in ESTIMATED or measured[name].status == earlier[name].status
        known = now is not None and before is not None and comparable
        changes[name] = (now or 0) - (before or 0) if known else None
    return changes


def _row(
    request: ReportRequest, sums: Sums, unscored: int, reviewed: ReviewedSample, found: Estimate
) -> Mapping[str, Any]:
    estimate = {"empathy": found.estimate, "empathy_low": found.low, "empathy_high": found.high}
    return {**figures(request, sums, unscored, reviewed.reviewed), "counted": reviewed.n, **estimate}
