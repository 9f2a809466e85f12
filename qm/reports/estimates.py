"""Estimates of what reviewers would say of all interactions, what they rest on and what they leave out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qm.reports.populations import Population
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample
from scorecards.statistics.confidence_intervals import Interval, normal_quantile
from scorecards.statistics.difference_estimator import (
    EXPECTED_DEVIATION,
    Estimate,
    Fitted,
    WithoutInterval,
    effective_size,
    estimate,
    fit,
    too_few_reviews,
)
from scorecards.statistics.severity_correction import SeverityShift, severity_shift, shifted
from tenants.clients import DEFAULT_SETTINGS

UNVERIFIED = "unverified"


def estimate_measure(
    request: ReportRequest,
    population: Population,
    sample: ReviewedSample,
    measure: str = "empathy",
    *,
    others_reviewed: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Estimate a measure from its sums over all interactions and the reviewed sample.

    Without any review it is the machine's mean, unverified; but no number where other groups of the same
    report were reviewed (`others_reviewed`), beside which the least known could look best.
    """
    if not sample.reviewed and not others_reviewed:
        return estimate([population.everything(measure)], [], [], [])
    strata = population.strata(measure)
    if not sample.n or not strata:
        return too_few_reviews(sample.n, estimate([population.everything(measure)], [], [], []).machine_only)
    found = _fitted(population, sample, measure, interval_limit(request)).at(level)
    shift = severity_shift_of(population, sample, measure)
    corrected = found if shift is None else shifted(found, shift)
    return at_any_time(corrected) if request.anytime else corrected


def _fitted(
    population: Population, sample: ReviewedSample, measure: str, limit: float
) -> Fitted | WithoutInterval:
    """Return what is fitted to a sample, once for all levels and all parts of a report that ask for it."""
    key = ("estimate", id(population), measure, limit)
    if key not in sample.fits:
        row = sample.measures.index(measure)
        found = fit(
            population.strata(measure),
            sample.human[row],
            sample.machine[row],
            sample.probability,
            sample.rate,
            interval_limit=limit,
        )
        # The population is kept so that no other one gets its id.
        sample.fits[key] = (population, found)
    fitted: Fitted | WithoutInterval = sample.fits[key][1]
    return fitted


def at_any_time(found: Estimate) -> Estimate:
    """Return an estimate whose interval holds at all moments together, in place of that for one moment."""
    return replace(
        found,
        low=found.anytime_low,
        high=found.anytime_high,
        human_only=Interval(found.human_only.estimate, None, None),
    )


REVIEWER_VARIANCE = ("not_in_interval", "severity_corrected")


def severity_shift_of(
    population: Population, sample: ReviewedSample, measure: str = "empathy"
) -> SeverityShift | None:
    """Return by how much the severity of the reviewers moves a measure; None where that is not taken out."""
    if sample.severity is None or measure not in sample.severity.by_measure or not sample.n:
        return None
    key = ("severity", id(population), measure)
    if key not in sample.fits:
        strata = population.strata(measure)
        found = (
            None
            if not strata
            else severity_shift(
                strata,
                sample.probability,
                sample.rate,
                defined=~np.isnan(sample.human[sample.measures.index(measure)]),
                rater=sample.severity.places_of(sample.reviewers),
                severities=sample.severity.by_measure[measure],
            )
        )
        sample.fits[key] = (population, found)
    shift: SeverityShift | None = sample.fits[key][1]
    return shift


def correction_figures(
    request: ReportRequest,
    population: Population,
    sample: ReviewedSample,
    measures: Sequence[str],
    found: Estimate,
) -> dict[str, Any] | None:
    """Return what was taken out of the estimates for the severity of reviewers; None where nothing was."""
    shift = severity_shift_of(population, sample)
    if shift is None or sample.severity is None or found.status != "verified":
        return None
    reviews = shift.corrected + shift.uncorrected
    moved = {name: severity_shift_of(population, sample, name) for name in measures}
    return {
        "by": shift.by,
        "standard_error": shift.standard_error,
        "reviews_corrected": request.visible_count(shift.corrected, reviews),
        "reviews_uncorrected": request.visible_count(shift.uncorrected, reviews),
        "sessions": sample.severity.sessions,
        "measures": [{"measure": name, "by": each.by} for name, each in moved.items() if each is not None],
    }


def reviewer_variance(population: Population, sample: ReviewedSample, found: Estimate) -> str | None:
    """Return whether the interval knows how far reviewers differ: one of `REVIEWER_VARIANCE`, or None.

    Without a correction it is about what these very reviewers would say. With it, their severity is taken
    out, and what is uncertain of that is in the interval. Without an interval there is nothing to say.
    """
    if found.status != "verified":
        return None
    return REVIEWER_VARIANCE[severity_shift_of(population, sample) is not None]


def empty_estimate() -> Estimate:
    """Return the estimate of an empty population, which stands in for a suppressed one."""
    return estimate([], [], [], [])


def interval_limit(request: ReportRequest) -> float:
    """Return the width of the interval up to which a number is useful to this client."""
    return float(request.client.settings.get("interval_limit", DEFAULT_SETTINGS["interval_limit"]))


def sample_figures(
    request: ReportRequest, population: Population, sample: ReviewedSample, found: Estimate
) -> dict[str, Any]:
    """Return how many interactions were drawn, reviewed, skipped and wait, and what is left out."""
    counts = {name: sample.count(name) for name in ("skipped", "waiting", "outdated")}
    low, high = _with_unanswered(population, sample, found)
    return {
        "reviewed": sample.reviewed,
        "counted": sample.n,
        **_visible(request, {"drawn": sample.drawn, **counts}),
        "waiting_since": min(sample.waiting_since.values(), default=None),
        "reached": sample.reached,
        "unreached": request.visible_count(population.unreached, population.covered + population.unreached),
        "undrawable": request.visible_count(population.undrawable, population.judged),
        "expected_width": _expected_width(population, sample, found) if counts["waiting"] else None,
        "worst_low": low,
        "worst_high": high,
    }


def drawn_words(request: ReportRequest, sample: ReviewedSample) -> str:
    """Say how many were drawn; not by number where subtraction of those reviewed would tell of a few."""
    counts = {name: sample.count(name) for name in ("skipped", "waiting", "outdated")}
    drawn = _visible(request, {"drawn": sample.drawn, **counts})["drawn"]
    return "Some" if drawn is None else f"{drawn:,}"


def _visible(request: ReportRequest, counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return the counts, all of them None where one could be told from the others and is small."""
    hidden = any(request.suppresses(counts[name]) for name in ("skipped", "waiting", "outdated"))
    return {name: None if hidden else count for name, count in counts.items()}


def _with_unanswered(
    population: Population, sample: ReviewedSample, found: Estimate
) -> tuple[float | None, float | None]:
    """Return the interval if all that had its turn and was not answered had the lowest or highest score."""
    if found.low is None or found.high is None or not any(sample.unanswered.values()):
        return None, None
    strata = population.strata("empathy")
    interactions = sum(each.n for each in strata)
    missing = sum(each.n * sample.unanswered.get(each.rate, 0.0) for each in strata) / interactions
    return found.low * (1 - missing), 100 - (100 - found.high) * (1 - missing)


def _expected_width(population: Population, sample: ReviewedSample, found: Estimate) -> float | None:
    """Return how wide the interval will be when all that was drawn is reviewed, at most the whole scale."""
    strata, finished = population.strata("empathy"), population.sizes()
    rates = [rate for rate, count in sample.drawn_rates.items() for _ in range(count) if rate > 0]
    if not finished or not rates:
        return None
    done = effective_size(finished, rates, rates)
    if found.low is None or found.high is None:
        return min(100.0, 2 * normal_quantile() * EXPECTED_DEVIATION / math.sqrt(done))
    now = effective_size(strata, sample.probability, sample.rate)
    return min(100.0, (found.high - found.low) * math.sqrt(now / done)) if math.isfinite(done) else 0.0
