"""Differences between estimates of separate samples, with intervals that hold together.

With m differences each is given at the level of Bonferroni, 1 - 0.05 / m: with 95 % confidence all of their
intervals hold at once, so that none of them is clear by mere number.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from qm.reports.estimates import estimate_measure
from qm.reports.populations import Population
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample
from scorecards.statistics.difference_estimator import Estimate

Part = tuple[Population, ReviewedSample]


def difference_limits(one: Estimate, other: Estimate) -> tuple[float | None, float | None]:
    """Return the limits of `one` minus `other`, from separate samples; None where one has no interval.

    low = d - sqrt((one - low of one)^2 + (high of other - other)^2), and high likewise: MOVER (Zou & Donner
    2008).
    """
    limits = (one.estimate, one.low, one.high, other.estimate, other.low, other.high)
    if any(each is None for each in limits):
        return None, None
    a, a_low, a_high, b, b_low, b_high = (float(each or 0.0) for each in limits)
    return a - b - math.hypot(a - a_low, b_high - b), a - b + math.hypot(a_high - a, b - b_low)


def change_rows(
    request: ReportRequest, now: Part, before: Part, measures: Sequence[str]
) -> list[dict[str, Any]]:
    """Return by how much the measures with an interval in both periods have changed."""
    pairs = {name: (_estimate(request, now, name), _estimate(request, before, name)) for name in measures}
    known = [name for name, pair in pairs.items() if None not in difference_limits(*pair)]
    level = level_for(len(known))
    return [
        {
            "measure": name,
            **difference(
                _estimate(request, now, name, level=level), _estimate(request, before, name, level=level)
            ),
        }
        for name in known
    ]


def level_for(number: int) -> float:
    """Return the confidence level of each of so many differences."""
    return 1 - 0.05 / max(number, 1)


def difference(one: Estimate, other: Estimate) -> dict[str, Any]:
    """Return `one` minus `other` with its limits, and whether they leave out 0; nothing without intervals."""
    low, high = difference_limits(one, other)
    if low is None or high is None:
        return {"difference": None, "low": None, "high": None, "clear": None}
    change = (one.estimate or 0.0) - (other.estimate or 0.0)
    return {"difference": change, "low": low, "high": high, "clear": low > 0 or high < 0}


def group_differences(
    request: ReportRequest, groups: Mapping[str, Population], reviewed: ReviewedSample
) -> dict[str, dict[str, Any]]:
    """Return how each group with a number differs: periods from the one before, others from the rest."""
    parts = {group: (population, reviewed.of_group(group)) for group, population in groups.items()}
    known = [group for group, part in parts.items() if _estimate(request, part).low is not None]
    if request.by_period:
        ordered = [group for group in request.groups(list(groups)) if group in known]
        pairs = {now: (parts[now], parts[before]) for before, now in pairwise(ordered)}
    else:
        total = total_population(groups)
        pairs = {
            group: (parts[group], (total.plus(groups[group], -1), reviewed.without_group(group)))
            for group in known
            if len(known) > 1
        }
    level = level_for(len(pairs))
    found = {
        group: difference(*(_estimate(request, part, level=level) for part in pair))
        for group, pair in pairs.items()
    }
    return {group: _row(found.get(group, {})) for group in groups}


def _row(found: Mapping[str, Any]) -> dict[str, Any]:
    limits = {f"difference_{name}": found.get(name) for name in ("low", "high", "clear")}
    return {"difference": found.get("difference"), **limits}


def total_population(groups: Mapping[str, Population]) -> Population:
    """Return the population of all groups together."""
    sums, later = Counter[str](), Counter[float]()
    rates: dict[float, Counter[str]] = {}
    for population in groups.values():
        sums.update(population.sums)
        later.update(population.later)
        for rate, own in population.rates.items():
            rates.setdefault(rate, Counter()).update(own)
    return Population(sums, rates, later)


def _estimate(request: ReportRequest, part: Part, measure: str = "empathy", level: float = 0.95) -> Estimate:
    population, sample = part
    return estimate_measure(request, population, sample, measure, others_reviewed=True, level=level)
