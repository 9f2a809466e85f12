"""The empathy report: the mean that reviewers would give to all interactions, estimated with an interval."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from qm.reports.differences import group_differences
from qm.reports.domain_estimates import group_estimates
from qm.reports.estimates import (
    correction_figures,
    drawn_words,
    empty_estimate,
    estimate_measure,
    interval_limit,
    reviewer_variance,
    sample_figures,
    severity_shift_of,
)
from qm.reports.period_data import PeriodData, load_period_data
from qm.reports.populations import Population
from qm.reports.queries import Sums
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import EMPATHY_MEASURES, ReviewedSample
from scorecards.definitions.form import PILLARS
from scorecards.statistics.confidence_intervals import Interval
from scorecards.statistics.difference_estimator import EXPECTED_DEVIATION, Estimate

SUPPRESSED_NOTE = "Fewer than five interactions: the figures are kept back."
NOT_MEASURED = "not_asked"
PILLAR_NAMES: Mapping[str, str] = {
    "listen_validate": "Listen & Validate",
    "acknowledge_own": "Acknowledge & Own",
    "resolve_personalize": "Resolve & Personalize",
    "follow_up_reassure": "Follow-up & Reassure",
}


def report(session: Session, request: ReportRequest, data: PeriodData | None = None) -> dict[str, Any]:
    """Return the answer of `reports/empathy`; from `data` where they are read already."""
    data = data or load_period_data(session, request, EMPATHY_MEASURES)
    reviewed, groups, unscored = data.reviewed, data.groups, data.unscored
    rows = group_rows(request, groups, unscored, reviewed, _row)
    _shrink(request, rows, groups, reviewed)
    return {
        **report_heading(request),
        **period_figures(request, data.population, unscored.total(), reviewed),
        "groups" if not request.by_period else "series": rows,
    }


def _shrink(
    request: ReportRequest,
    rows: Sequence[dict[str, Any]],
    groups: Mapping[str, Population],
    reviewed: ReviewedSample,
) -> None:
    """Add to rows what their group says when it is shrunk towards the mean of all that are shown."""
    name = "period" if request.by_period else "value"
    shown = {row[name]: groups[row[name]] for row in rows if not row["suppressed"] and row[name] in groups}
    found = group_estimates(request, shown, reviewed)
    for row in rows:
        own = found.get(row[name])
        shrunk = own is not None and own.own is not None
        limits = own.interval if own is not None and shrunk else Interval()
        row |= {
            "shrunk": shrunk,
            "shrunk_estimate": None if own is None or own.is_range else limits.estimate,
            "shrunk_low": limits.low,
            "shrunk_high": limits.high,
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
    request: ReportRequest, population: Population, unscored: int, reviewed: ReviewedSample
) -> dict[str, Any]:
    """Return the figures of the whole period; empty if they are suppressed."""
    scored = int(population.sums.get("scored", 0))
    if request.suppresses(scored + unscored):
        blank = empty_estimate()
        pillars = [_pillar(key, blank, blank.status) for key in PILLARS]
        nothing = {
            "empathy": blank,
            "pillars": pillars,
            "corrected_for_severity": None,
            "reviewer_variance": None,
        }
        return {"suppressed": True, **nothing, "method_note": SUPPRESSED_NOTE}
    empathy = estimate_measure(request, population, reviewed)
    return {
        "suppressed": False,
        "interactions": scored + unscored,
        "scored": scored,
        "reviewed": reviewed.reviewed,
        "empathy": empathy,
        "sample": sample_figures(request, population, reviewed, empathy),
        "corrected_for_severity": correction_figures(
            request, population, reviewed, EMPATHY_MEASURES, empathy
        ),
        "reviewer_variance": reviewer_variance(population, reviewed, empathy),
        "pillars": [_estimated_pillar(request, population, reviewed, key) for key in PILLARS],
        "method_note": method_note(request, empathy, population, reviewed),
    }


def method_note(
    request: ReportRequest, empathy: Estimate, population: Population, reviewed: ReviewedSample
) -> str:
    """Return a few sentences on the method: the sample, what it leaves out, and the estimator."""
    judged = _judged_words(population)
    if not population.judged:
        return "No interaction of this period has been scored, so there is nothing to estimate."
    if empathy.status == "unverified":
        return (
            f"The machine found no empathy to score in {judged}, and no drawn one is reviewed."
            if empathy.estimate is None
            else f"This is the mean of the machine's scores of {judged}. No review of a drawn one "
            "of the period confirms it, so it is unverified and has no interval."
        )
    sampling = _sampling_words(request, judged, population, reviewed)
    if empathy.status == "too_few_reviews":
        return (
            f"{sampling} That is too few for a number: at least ten reviews are asked for, and as many as "
            f"scores with a standard deviation of {EXPECTED_DEVIATION:g} points need for an interval of "
            f"{interval_limit(request):g} points."
        )
    method = (
        f"The estimate is what reviewers would say of every interaction: their scores, made more precise "
        f"by the machine's, which have a weight of {empathy.lambda_:.2f}."
        if empathy.method == "difference"
        else "The estimate is the reviewers' own mean, weighted by those probabilities; the machine adds "
        "nothing."
    )
    severity = _severity_words(request, population, reviewed)
    if request.anytime:
        return (
            f"{sampling} {method} {severity} The moment of this report was chosen by hand: in 95 of 100 such "
            "draws its interval holds the value at every moment that could have been chosen."
        )
    return (
        f"{sampling} {method} {severity} In 95 of 100 such draws the interval "
        "holds the value for all interactions, at any moment that was fixed beforehand"
        f"{_anytime_words(empathy)}."
    )


def _anytime_words(empathy: Estimate) -> str:
    """Say which limits hold for somebody who looks again and again, where they are known."""
    if empathy.anytime_low is None or empathy.anytime_high is None:
        return ""
    limits = f"{empathy.anytime_low:.1f} to {empathy.anytime_high:.1f}"
    return f"; where somebody chooses the moment by the number, only wider limits hold, {limits}"


def _severity_words(request: ReportRequest, population: Population, reviewed: ReviewedSample) -> str:
    """Say whether the severity of reviewers is in the number, and how far they differ in the interval."""
    shift = severity_shift_of(population, reviewed)
    if shift is None:
        return (
            "It is what these reviewers would say: how far reviewers differ in severity is neither taken out "
            "nor in the interval."
        )
    count = "A few" if request.suppresses(shift.uncorrected) else f"{shift.uncorrected:,}"
    rest = f" {count} reviews are by people without a calibration and stay as they are."
    left = rest if shift.uncorrected else ""
    return (
        f"The severity of reviewers, as calibration measured it, is taken out: that moves the number by "
        f"{shift.by:+.1f} points, and what is uncertain of it is in the interval.{left}"
    )


def _judged_words(population: Population) -> str:
    """Say how many are judged: where several agents spoke, these are the parts of each."""
    shared = population.judged != population.sums.get("scored")
    return f"{population.judged:,} interactions{' and parts of them' if shared else ''}"


def _sampling_words(
    request: ReportRequest, judged: str, population: Population, reviewed: ReviewedSample
) -> str:
    lowest, highest = (f(reviewed.probability, default=0.0) for f in (min, max))
    chance = _percent(lowest) if lowest == highest else f"{_percent(lowest)} to {_percent(highest)}"
    words = f"{drawn_words(request, reviewed)} of {judged} were drawn by chance"
    words += (
        f"; {reviewed.n:,} are reviewed by people in the order of the draw, each with a known probability of "
        f"having been drawn and reviewed by now ({chance})"
        if reviewed.n
        else "; none of them is reviewed in the order of the draw yet"
    )
    parts = (
        (reviewed.reviewed - reviewed.n, "reviews were done before their turn and count when it has come"),
        (
            population.unreached,
            "interactions arrived after the last review in turn: they are not in the number",
        ),
        (population.undrawable, "interactions under no sampling policy are not in the number"),
    )
    left_out = [
        f"{'A few' if request.suppresses(count) else f'{count:,}'} {what}" for count, what in parts if count
    ]
    return ". ".join([words, *left_out]) + "."


def _percent(probability: float) -> str:
    return f"{100 * probability:.3g} %"


def _estimated_pillar(
    request: ReportRequest, population: Population, reviewed: ReviewedSample, key: str
) -> dict[str, Any]:
    """Return the estimate of one pillar; its status says if no scorecard of the period measures it."""
    pillar = estimate_measure(request, population, reviewed, key)
    human = reviewed.human[reviewed.measures.index(key)]
    asked_by_machine = bool(population.sums.get(f"{key}_count"))
    has_question = not reviewed.n or asked_by_machine or not bool(np.isnan(human).all())
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
    groups: Mapping[str, Population],
    unscored: Counter[str],
    reviewed: ReviewedSample,
    row_figures: Callable[[Sums, int, ReviewedSample, Estimate], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return a row for each group, with an estimate from its own reviews; suppressed rows have no figures.

    `row_figures` computes the figures of a row from the group's sums, number of unscored interactions,
    reviews and estimate.
    """
    counts = {
        group: request.scored_in_group(groups.get(group, Population()).sums) + unscored[group]
        for group in request.groups([*groups, *unscored])
    }
    suppressed, rows = request.suppressed_periods(counts), []
    shown = {group: population for group, population in groups.items() if group not in suppressed}
    differences = group_differences(request, shown, reviewed)
    for group in counts:
        row: dict[str, Any] = {"period" if request.by_period else "value": group}
        if group in suppressed:
            rows.append({**row, "suppressed": True, "status": "too_few_reviews"})
            continue
        population, sample = groups.get(group, Population()), reviewed.of_group(group)
        found = estimate_measure(request, population, sample, others_reviewed=bool(reviewed.reviewed))
        sums = {**population.sums, "wholes": population.sums.get("scored", 0)}
        sums["scored"] = request.scored_in_group(population.sums)
        figures = row_figures(sums, unscored[group], sample, found)
        figures = {**figures, **differences.get(group, {})}
        rows.append({**row, "suppressed": False, **figures, "status": found.status})
    return rows


def _row(sums: Sums, unscored: int, reviewed: ReviewedSample, group_estimate: Estimate) -> Mapping[str, Any]:
    scored = int(sums.get("scored", 0))
    return {
        "interactions": scored + unscored,
        "scored": scored,
        "reviewed": reviewed.reviewed,
        "counted": reviewed.n,
        "estimate": group_estimate.estimate,
        "low": group_estimate.low,
        "high": group_estimate.high,
        "machine_only": group_estimate.machine_only,
    }
