"""Estimates of the groups of a report, shrunk towards their common mean where their reviews are few."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qm.reports.differences import total_population
from qm.reports.estimates import estimate_measure, severity_shift_of
from qm.reports.populations import Population
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample
from scorecards.statistics.confidence_intervals import Interval
from scorecards.statistics.difference_estimator import MIN_REVIEWS, Estimate
from scorecards.statistics.domain_estimates import DomainEstimate, shrink

MIN_DEGREES = 10
"""With fewer reviews beyond one for each group, their variance is not known well enough to shrink by."""


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """
    What reviews say of a group.

    Attributes
    ----------
    direct : Estimate
        From its own reviews alone.
    interval : Interval
        Shrunk; or the direct one where groups are too few to shrink.
    own : float or None
        How much of the shrunk one is its own, in [0, 1]; None where it is not shrunk.
    reviews : int
        Its reviews with a score.
    """

    direct: Estimate
    interval: Interval
    own: float | None
    reviews: int

    @property
    def is_range(self) -> bool:
        """Whether reviews are so few that a range alone is shown."""
        return self.interval.low is not None and self.reviews < MIN_REVIEWS


def group_estimates(
    request: ReportRequest,
    groups: Mapping[str, Population],
    reviewed: ReviewedSample,
    measure: str = "empathy",
    total: Population | None = None,
) -> dict[str, GroupEstimate]:
    """
    Return the estimates of the groups that have a review with a score.

    A group's direct estimate is that of `estimate_measure`. Where its reviews are too few for that it is the
    machine's mean over the group and the weighted mean of what people gave beyond it, as far as the machine's
    scores weigh for the whole client. The variance of one review is pooled over all groups, as few reviews
    tell little of their own. `total` is the population of all groups, where it is known.
    """
    whole = estimate_measure(request, total or total_population(groups), reviewed, measure)
    row = reviewed.measures.index(measure)
    known = {
        name: sample
        for name in groups
        if bool(np.any(~np.isnan((sample := reviewed.of_group(name)).human[row])))
    }
    parts = {
        name: _Part.of(groups[name], sample, measure, whole.lambda_ if whole.status == "verified" else 0.0)
        for name, sample in known.items()
    }
    direct = {
        name: estimate_measure(request, groups[name], sample, measure, others_reviewed=True)
        for name, sample in known.items()
    }
    shrunk = _shrunk(parts, direct)
    return {name: _estimate(direct[name], shrunk.get(name), parts[name].n) for name in known}


@dataclass(frozen=True, slots=True)
class _Part:
    """A group: its direct estimate, and what its variance is made of."""

    n: int
    mean: float
    squares: float
    design: float
    fixed: float

    @classmethod
    def of(cls, population: Population, sample: ReviewedSample, measure: str, weight: float) -> "_Part":
        row = sample.measures.index(measure)
        scored = ~np.isnan(sample.human[row])
        human, p = sample.human[row][scored], sample.probability[scored]
        everything = population.everything(measure)
        mean = everything.total / everything.defined if everything.defined else 0.0
        machine = np.where(np.isnan(sample.machine[row][scored]), mean, sample.machine[row][scored])
        beyond = human - weight * machine
        w = 1 / p
        own = float(np.average(beyond, weights=w))
        shift = severity_shift_of(population, sample, measure)
        return cls(
            n=int(human.size),
            mean=min(100.0, max(0.0, weight * mean + own + (shift.by if shift else 0.0))),
            squares=float(np.sum((beyond - beyond.mean()) ** 2)),
            design=float(np.sum((1 - p) * w**2) / np.sum(w) ** 2),
            fixed=shift.standard_error**2 if shift else 0.0,
        )


def _shrunk(parts: Mapping[str, _Part], direct: Mapping[str, Estimate]) -> dict[str, DomainEstimate]:
    degrees = sum(part.n - 1 for part in parts.values())
    if degrees < MIN_DEGREES:
        return {}
    pooled = sum(part.squares for part in parts.values()) / degrees
    told = {name: direct[name].estimate for name in parts}
    means = [part.mean if told[name] is None else told[name] for name, part in parts.items()]
    variances = [pooled * part.design + part.fixed for part in parts.values()]
    found = shrink(np.array(means, dtype=np.float64), np.array(variances), degrees=float(degrees))
    return dict(zip(parts, found, strict=False))


def _estimate(direct: Estimate, shrunk: DomainEstimate | None, reviews: int) -> GroupEstimate:
    if shrunk is None:
        return GroupEstimate(direct, Interval(direct.estimate, direct.low, direct.high), None, reviews)
    return GroupEstimate(direct, shrunk.interval, shrunk.own, reviews)
