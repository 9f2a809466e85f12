"""The report of quality targets: which are met, which are missed, and which cannot be told yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from qm.reports import sla_report
from qm.reports.csat_target import answers_per_week, csat
from qm.reports.differences import level_for
from qm.reports.empathy_report import SUPPRESSED_NOTE
from qm.reports.estimates import estimate_measure
from qm.reports.number_health import reviews_per_week
from qm.reports.period_data import PeriodData, load_period_data
from qm.reports.populations import Population
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample
from scorecards.authoring import versions
from scorecards.definitions import quality_targets
from scorecards.definitions.quality_targets import CSAT, QualityTarget
from scorecards.statistics.confidence_intervals import Interval
from scorecards.statistics.difference_estimator import Estimate
from scorecards.statistics.verdict import MET, MISSED, OPEN, Verdict, verdict_on
from tenants.days import day_of

METHOD_NOTE = (
    "A target is met where the whole interval of its measure reaches the goal, and missed where none of it "
    "does; between them it cannot be told yet. The intervals of all targets hold together in 95 of 100 such "
    "draws (Bonferroni). How many more reviews it takes supposes that the estimate stays where it is, and by "
    "when, that people go on reviewing at the pace of the last four weeks. Satisfaction is the mean of the "
    "customers who answered, and waits for more answers in the same way. SLA promises are counted, not "
    "estimated: each against the goal of its own policy."
)

MAX_WEEKS = 104
"""What takes longer is given no date."""


def report(
    session: Session,
    request: ReportRequest,
    data: PeriodData | None = None,
    promises: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the answer of `reports/targets`; from `data` with every measure, and `promises`, where given.

    Promises without a goal have no verdict and are left out.
    """
    targets = targets_of_period(session, request)
    asked = (target.measure for target in targets if target.measure != CSAT)
    data = data or load_period_data(session, request, tuple(dict.fromkeys(("empathy", *asked))))
    reviewed, population = data.reviewed, data.population
    suppressed = request.suppresses(int(population.sums.get("scored", 0)) + data.unscored.total())
    rows = [] if suppressed else _rows(session, request, targets, population, reviewed)
    if promises is None:
        promises = [] if suppressed else sla_report.overview(session, request)["promises"]
    promises = [row for row in promises if row["missed"] is not None]
    counts = Counter(row["verdict"] for row in rows)
    counts.update(MISSED if row["missed"] else MET for row in promises)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "suppressed": suppressed,
        "finding": SUPPRESSED_NOTE if suppressed else finding(counts),
        **{verdict: counts[verdict] for verdict in (MET, MISSED, OPEN)},
        "targets": rows,
        "promises": promises,
        "method_note": METHOD_NOTE,
    }


def targets_of_period(session: Session, request: ReportRequest) -> Sequence[QualityTarget]:
    """Return the targets in force at the end of the period, or now, that hold on one of its days."""
    at = min(request.period.end - timedelta(microseconds=1), request.now)
    kinds = ("quality_targets",)
    found = versions.in_force(session, client_id=request.client.client_id, at=at, kinds=kinds)
    targets = [target for each in found for target in quality_targets.from_body(each.body)]
    return [each for each in targets if each.touches(request.period.first, request.period.last)]


def finding(counts: Mapping[str, int]) -> str:
    """Return the verdict in a sentence.

    >>> finding({"met": 2, "missed": 1, "open": 1})
    '1 of 4 targets and promises is missed, 2 are met, 1 cannot be told yet.'
    >>> finding({"met": 1, "missed": 0, "open": 0})
    '1 of 1 targets and promises is met.'
    >>> finding({})
    'No target is set for this period, and no SLA promise has a clock in it.'
    """
    numbers = {name: counts.get(name, 0) for name in (MISSED, MET, OPEN)}
    total = sum(numbers.values())
    if not total:
        return "No target is set for this period, and no SLA promise has a clock in it."
    words = {name: f"{number} {'is' if number == 1 else 'are'} {name}" for name, number in numbers.items()}
    words[OPEN] = f"{numbers[OPEN]} cannot be told yet"
    first, *others = (words[name] for name, number in numbers.items() if number)
    number, rest = first.split(" ", 1)
    return f"{', '.join((f'{number} of {total} targets and promises {rest}', *others))}."


def _rows(
    session: Session,
    request: ReportRequest,
    targets: Sequence[QualityTarget],
    population: Population,
    reviewed: ReviewedSample,
) -> list[dict[str, Any]]:
    pace = reviews_per_week(session, request) if targets else 0.0
    level = level_for(len(targets))
    rows = []
    for target in targets:
        if target.measure == CSAT:
            rows.append(_satisfaction(session, request, target, population, level))
            continue
        found = estimate_measure(request, population, reviewed, target.measure, level=level)
        judged = _verdict(target, found, n=reviewed.n, population=max(population.covered, reviewed.n))
        limits = Interval(found.estimate, found.low, found.high)
        row = _row(target, limits, judged.verdict, found.status)
        rows.append({**row, "reviews_missing": judged.missing, "known_by": _known_by(request, judged, pace)})
    return rows


def _satisfaction(
    session: Session, request: ReportRequest, target: QualityTarget, population: Population, level: float
) -> dict[str, Any]:
    """Return the row of a target of satisfaction, which customers' answers meet or miss."""
    scored = int(population.sums.get("scored", 0))
    found, answered = csat(session, request, of=scored, level=level)
    judged = verdict_on(found, target.goal, n=answered or 0, population=max(scored, answered or 0))
    pace = answers_per_week(session, request) if judged.missing and not request.suppress_small else 0.0
    status = "verified" if found.estimate is not None else "too_few_answers"
    row = _row(target, found, judged.verdict, status)
    return {**row, "answers_missing": judged.missing, "known_by": _known_by(request, judged, pace)}


def _known_by(request: ReportRequest, judged: Verdict, pace: float) -> date | None:
    """Return the day on which what is missing is there, at so much a week."""
    weeks = judged.missing / pace if judged.missing and pace else None
    if weeks is None or weeks > MAX_WEEKS:
        return None
    return day_of(request.now, request.period.time_zone) + timedelta(weeks=weeks)


def _verdict(target: QualityTarget, found: Estimate, *, n: int, population: int) -> Verdict:
    """Judge a target by what people confirm; the machine alone meets and misses nothing."""
    limits = (found.estimate, found.low, found.high) if found.status == "verified" else ()
    return verdict_on(
        Interval(*limits), target.goal, n=n, population=population, lower_is_better=target.lower_is_better
    )


def _row(target: QualityTarget, found: Interval, verdict: str, status: str) -> dict[str, Any]:
    return {
        "measure": target.measure,
        "goal": target.goal,
        "lower_is_better": target.lower_is_better,
        "from": target.first,
        "until": target.last,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "status": status,
        "verdict": verdict,
        "reviews_missing": None,
        "answers_missing": None,
    }
