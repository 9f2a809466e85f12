"""The empathy report: the mean that reviewers would give to all interactions, estimated with an interval."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from qm.reports import queries
from qm.reports.queries import REVIEWED_MEASURES, ReviewedSample, Sums
from qm.reports.report_request import ReportRequest
from scorecards.definitions.form import PILLARS
from scorecards.statistics.difference_estimator import Estimate, Population, estimate
from tenants.clients import DEFAULT_SETTINGS

NOT_MEASURED = "not_asked"
PILLAR_NAMES: Mapping[str, str] = {
    "listen_validate": "Listen & Validate",
    "acknowledge_own": "Acknowledge & Own",
    "resolve_personalize": "Resolve & Personalize",
    "follow_up_reassure": "Follow-up & Reassure",
}


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/empathy`."""
    sums = queries.rollup_sums(
        session,
        request,
        request.dimension,
        names=("scored", *queries.count_and_sum_names(*REVIEWED_MEASURES)),
    )
    grouped = {key[0]: part for key, part in sums.items()}
    unscored = queries.count_unscored(session, request, request.dimension)
    reviewed = queries.load_reviewed_sample(session, request, request.dimension)
    totals = queries.add_sums(list(grouped.values()))
    return {
        **report_heading(request),
        **period_figures(request, totals, unscored.total(), reviewed),
        "groups" if not request.by_period else "series": group_rows(
            request, grouped, unscored, reviewed, _row
        ),
    }


def report_heading(request: ReportRequest) -> dict[str, Any]:
    """Return the client, period and breakdown of a report."""
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "group_by": request.group_by,
        "series": [],
        "groups": [],
    }


def period_figures(
    request: ReportRequest, sums: Sums, unscored: int, reviewed: ReviewedSample
) -> dict[str, Any]:
    """Return the figures of the whole period; empty if they are suppressed."""
    scored = int(sums.get("scored", 0))
    if request.suppresses(scored + unscored):
        blank = empty_estimate()
        pillars = [_pillar(key, blank, blank.status) for key in PILLARS]
        note = "Fewer than five interactions: the figures are kept back."
        return {"suppressed": True, "empathy": blank, "pillars": pillars, "method_note": note}
    empathy = estimate_measure(request, sums, reviewed)
    return {
        "suppressed": False,
        "interactions": scored + unscored,
        "scored": scored,
        "reviewed": reviewed.n,
        "empathy": empathy,
        "pillars": [_estimated_pillar(request, sums, reviewed, key) for key in PILLARS],
        "method_note": method_note(empathy, scored=scored, reviewed=reviewed, limit=interval_limit(request)),
    }


def estimate_measure(
    request: ReportRequest, sums: Sums, reviewed: ReviewedSample, measure: str = "empathy"
) -> Estimate:
    """Estimate a measure from its sums over all scored interactions and the reviewed sample."""
    scored = int(sums.get("scored", 0))
    row, columns = REVIEWED_MEASURES.index(measure), slice(None) if scored else slice(0)
    return estimate(
        Population(scored, int(sums.get(f"{measure}_count", 0)), float(sums.get(f"{measure}_sum", 0))),
        reviewed.human[row][columns],
        reviewed.machine[row][columns],
        reviewed.probability[columns],
        interval_limit=interval_limit(request),
    )


def empty_estimate() -> Estimate:
    """Return the estimate of an empty population, which stands in for a suppressed one."""
    return estimate(Population(0, 0, 0.0), [], [], [])


def interval_limit(request: ReportRequest) -> float:
    """Return the widest interval at which this client's estimates are still reported."""
    return float(request.client.settings.get("interval_limit", DEFAULT_SETTINGS["interval_limit"]))


def method_note(empathy: Estimate, *, scored: int, reviewed: ReviewedSample, limit: float) -> str:
    """Return two or three sentences on the method: sample size, inclusion probabilities and estimator."""
    if not scored:
        return "No interaction of this period has been scored, so there is nothing to estimate."
    if empathy.status == "unverified":
        return (
            f"This is the mean of the machine's scores of {scored:,} interactions. No human review of the "
            "period confirms it, so it is unverified and has no interval."
        )
    lowest, highest = float(reviewed.probability.min()), float(reviewed.probability.max())
    sampling = (
        f"{reviewed.n:,} of {scored:,} scored interactions were drawn by chance, each with a probability "
        f"known beforehand ({_percent(lowest)} to {_percent(highest)}), and reviewed by people; hand-picked "
        "reviews are left out."
    )
    if empathy.status == "too_few_reviews":
        return (
            f"{sampling} That is too few for a number: at least ten, and a 95 % interval of at most "
            f"{limit:g} points, are asked for."
        )
    method = (
        f"The estimate is what reviewers would say of every interaction: their scores, made more precise "
        f"by the machine's with a weight (lambda) of {empathy.lambda_:.2f}."
        if empathy.method == "difference"
        else "The estimate is the reviewers' own mean, weighted by those probabilities; the machine adds "
        "nothing."
    )
    return f"{sampling} {method} In 95 of 100 such draws the interval holds the value for all interactions."


def _percent(probability: float) -> str:
    return f"{100 * probability:.3g} %"


def _estimated_pillar(
    request: ReportRequest, sums: Sums, reviewed: ReviewedSample, key: str
) -> dict[str, Any]:
    """Return the estimate of one pillar; its status says if no scorecard of the period measures it."""
    pillar = estimate_measure(request, sums, reviewed, key)
    human = reviewed.human[REVIEWED_MEASURES.index(key)]
    has_question = not reviewed.n or bool(sums.get(f"{key}_count")) or not bool(np.isnan(human).all())
    return _pillar(key, pillar, pillar.status if has_question else NOT_MEASURED)


def _pillar(key: str, pillar: Estimate, status: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": PILLAR_NAMES[key],
        "estimate": pillar.estimate,
        "low": pillar.low,
        "high": pillar.high,
        "status": status,
        "machine_only": pillar.machine_only,
    }


def group_rows(
    request: ReportRequest,
    grouped: Mapping[str, Sums],
    unscored: Counter[str],
    reviewed: ReviewedSample,
    row_figures: Callable[[Sums, int, ReviewedSample, Estimate], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return a row for each group, with an estimate from its own reviews; suppressed rows have no figures.

    `row_figures` computes the figures of a row from the group's sums, number of unscored interactions,
    reviews and estimate.
    """
    counts = {
        group: int(grouped.get(group, {}).get("scored", 0)) + unscored[group]
        for group in request.groups([*grouped, *unscored])
    }
    suppressed, rows = request.suppressed_groups(counts), []
    for group in counts:
        row: dict[str, Any] = {"period" if request.by_period else "value": group}
        if group in suppressed:
            rows.append({**row, "suppressed": True, "status": "too_few_reviews"})
            continue
        reviewed_in_group, sums = reviewed.of_group(group), grouped.get(group, {})
        group_estimate = estimate_measure(request, sums, reviewed_in_group)
        figures = row_figures(sums, unscored[group], reviewed_in_group, group_estimate)
        rows.append({**row, "suppressed": False, **figures, "status": group_estimate.status})
    return rows


def _row(sums: Sums, unscored: int, reviewed: ReviewedSample, group_estimate: Estimate) -> Mapping[str, Any]:
    scored = int(sums.get("scored", 0))
    return {
        "interactions": scored + unscored,
        "scored": scored,
        "reviewed": reviewed.n,
        "estimate": group_estimate.estimate,
        "low": group_estimate.low,
        "high": group_estimate.high,
        "machine_only": group_estimate.machine_only,
    }
