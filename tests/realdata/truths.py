"""Ground truth of every dialogue beside the reported figures, computed without the code under test.

Only `redrawn` calls QM's estimator: it asks how often its interval holds the truth over many draws.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from scorecards.statistics.difference_estimator import estimate
from scorecards.statistics.strata import Stratum
from tests.realdata.brand_definitions import INTERVAL_LIMIT, PILLARS
from tests.realdata.end_to_end import Found

SEED = 20_230_913
REPEATS = 400


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a client's report, and the truth that the labels of all its dialogues give."""

    slug: str
    name: str
    reported: Mapping[str, Any]
    truth: float

    @property
    def covers(self) -> bool | None:
        """Whether the report's interval holds the truth; None where it gave no number."""
        if self.reported["low"] is None:
            return None
        return bool(self.reported["low"] <= self.truth <= self.reported["high"])

    @property
    def error(self) -> float:
        """How far the report's estimate is from the truth."""
        return abs(float(self.reported["estimate"]) - self.truth)

    @property
    def machine_error(self) -> float:
        """How far the machine alone is from the truth."""
        return abs(float(self.reported["machine_only"]) - self.truth)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What many draws of reviews from the same dialogues would have reported, on average.

    `coverage` is the share of draws whose interval holds the truth; `effective` the effective number of
    reviews as a share of those done.
    """

    coverage: float
    width: float
    reviews: float
    effective: float


def figures(found: Found, slug: str) -> list[Figure]:
    """Return the empathy of a client, then its pillars, each with its truth."""
    truths = found.brands[slug].truths.values()
    report = found.reports[slug]["empathy"]
    named = {pillar["key"]: pillar for pillar in report["pillars"]}
    whole = Figure(slug, "empathy", report["empathy"], mean([each.empathy for each in truths]))
    return [
        whole,
        *(
            Figure(slug, pillar, named[pillar], mean([each.pillars[pillar] for each in truths]))
            for pillar in PILLARS
        ),
    ]


def mean(points: Sequence[float | None]) -> float:
    """Return the mean of those that are defined."""
    return fmean(each for each in points if each is not None)


def stratified_mean(pairs: Sequence[tuple[float | None, float]], sizes: Mapping[float, int]) -> float:
    """Return the mean of human scores; those of one sampling rate stand for all interactions of that rate."""
    scores = share = 0.0
    for rate, size in sizes.items():
        reviewed = [score for score, probability in pairs if probability == rate]
        defined = [score for score in reviewed if score is not None]
        scores += size * sum(defined) / len(reviewed)
        share += size * len(defined) / len(reviewed)
    return scores / share


def redrawn(found: Found, slug: str) -> Redrawn:
    """Draw and review the client's dialogues again and again, with the same probabilities."""
    brand = found.brands[slug]
    listed = found.interactions[slug]
    human = np.array([number(brand.truths[each["external_id"]].empathy) for each in listed])
    machine = np.array([number(each["empathy"]) for each in listed])
    rates = (brand.brand.base_rate, brand.brand.charged_rate)
    probability = np.array([rates[each["charged"]] for each in listed])
    everything = [
        Stratum(rate, int(ours.sum()), int(np.isfinite(machine[ours]).sum()), float(np.nansum(machine[ours])))
        for rate in sorted(set(rates))
        if (ours := probability == rate).any()
    ]
    truth, random = float(np.nanmean(human)), np.random.default_rng(SEED)
    drawn = [random.random(len(listed)) < probability for _ in range(REPEATS)]
    made = [
        estimate(
            everything,
            human[each],
            machine[each],
            probability[each],
            probability[each],
            interval_limit=INTERVAL_LIMIT,
        )
        for each in drawn
    ]
    known = [(one.low, one.high) for one in made if one.low is not None and one.high is not None]
    return Redrawn(
        coverage=sum(low <= truth <= high for low, high in known) / REPEATS,
        width=fmean(high - low for low, high in known),
        reviews=fmean(int(each.sum()) for each in drawn),
        effective=fmean(one.effective_n / one.n for one in made),
    )


def number(points: float | None) -> float:
    """Return nan for what is not defined."""
    return math.nan if points is None else float(points)
