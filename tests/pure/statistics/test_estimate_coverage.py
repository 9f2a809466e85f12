"""Simulated coverage of the estimator: do 95 % intervals contain the true value in 95 of 100 repeats?

3,000 interactions, about 100 reviews, a machine that correlates with people at 0.6. Each figure comes
from 1,000 fresh populations, so its own sampling error (one standard error) is about
sqrt(0.95 * 0.05 / 1000) = 0.007: a measured 0.92 lies four standard errors below 0.95.
A short run takes the first 250 of them (0.014).
"""

import math
from typing import NamedTuple

import numpy as np
import pytest

from scorecards.statistics.difference_estimator import estimate
from scorecards.statistics.strata import Stratum
from tests.sizes import short_and_whole

INTERACTIONS, REVIEWS, CORRELATION = 3000, 100, 0.6
TIMES = pytest.mark.parametrize("times", short_and_whole(250, 1000))


def rate_classes(p, most=8):
    """Return the rate of each; of many different ones, the mean of each of some classes of like size."""
    if np.unique(p).size <= most:
        return p
    limits = np.quantile(p, np.linspace(0, 1, most + 1)[1:-1])
    place = np.searchsorted(limits, p)
    return (np.bincount(place, p) / np.maximum(np.bincount(place), 1))[place]


def totals(rate, machine):
    """Return the strata of all interactions."""
    return [
        Stratum(float(each), int(ours.sum()), int((~np.isnan(machine[ours])).sum()), np.nansum(machine[ours]))
        for each in np.unique(rate)
        if (ours := rate == each).any()
    ]


class Coverage(NamedTuple):
    difference: float
    human_only: float
    naive: float
    machine_only: float
    gain: float


def people(generator, prevalence):
    """Rare or common answers (0 or 100) and a machine that agrees at the wanted correlation."""
    truth = generator.random(INTERACTIONS) < prevalence
    hit = CORRELATION + (1 - CORRELATION) * prevalence
    false_alarm = prevalence * (1 - hit) / (1 - prevalence)
    machine = generator.random(INTERACTIONS) < np.where(truth, hit, false_alarm)
    return 100.0 * truth, 100.0 * machine


def points(generator, _prevalence):
    """Skewed scores in 0..100 and a machine that is 6 points too kind."""
    latent = generator.normal(size=INTERACTIONS)
    noise = generator.normal(size=INTERACTIONS)
    seen = CORRELATION * latent + math.sqrt(1 - CORRELATION**2) * noise
    return np.clip(72 + 18 * latent, 0, 100), np.clip(78 + 15 * seen, 0, 100)


def uniform(_generator, _human, _machine):
    return np.full(INTERACTIONS, REVIEWS / INTERACTIONS)


def risk_driven(generator, human, machine, floor=0.5):
    """Ratio of 12 between most and least risky, risk being what the machine and the customer say."""
    spread = (
        0.5 * (machine > machine.mean()) + 0.3 * (human > human.mean()) + 0.2 * generator.random(INTERACTIONS)
    )
    rate = 1 + 11 * spread
    p = rate / rate.mean() * REVIEWS / INTERACTIONS
    p = np.maximum(p, floor * REVIEWS / INTERACTIONS)
    return p * REVIEWS / p.sum()


def adverse(generator, human, machine):
    """Draw those who have the rare answer most rarely, with a floor of a fifth of the mean rate."""
    return risk_driven(generator, -human, -machine, floor=0.2)


def coverage(population, design, prevalence, times, *, not_applicable=0.0, seed=20260306) -> Coverage:
    generator = np.random.default_rng([seed, int(prevalence * 1000)])
    hits, widths = np.zeros(4), []
    for _ in range(times):
        human, machine = population(generator, prevalence)
        p = design(generator, human, machine)
        human = np.where(generator.random(INTERACTIONS) < not_applicable, np.nan, human)
        machine = np.where(generator.random(INTERACTIONS) < not_applicable / 2, np.nan, machine)
        drawn = generator.random(INTERACTIONS) < p
        rate = rate_classes(p)
        strata = totals(rate, machine)
        found = estimate(strata, human[drawn], machine[drawn], p[drawn], rate[drawn], interval_limit=100)
        truth = np.nanmean(human)
        plain = found.human_only
        scored = human[drawn][~np.isnan(human[drawn])]
        half = 1.96 * scored.std(ddof=1) / math.sqrt(scored.size)
        hits += [
            found.low <= truth <= found.high,
            plain.low <= truth <= plain.high,
            abs(scored.mean() - truth) <= half,
            abs(found.machine_only - truth) <= 1.96 * np.nanstd(machine) / math.sqrt(INTERACTIONS),
        ]
        widths.append((found.high - found.low, plain.width))
    mean_widths = np.mean(widths, axis=0)
    return Coverage(
        *(float(share) for share in hits / times), gain=float((mean_widths[1] / mean_widths[0]) ** 2)
    )


@TIMES
@pytest.mark.parametrize("prevalence", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("design", [uniform, risk_driven])
def test_interval_coverage_of_binary_scores_is_near_nominal(design, prevalence, times):
    found = coverage(people, design, prevalence, times)
    print(f"{design.__name__:12} prevalence {prevalence}: {found}")
    assert found.difference >= 0.92
    assert found.human_only >= 0.92


@TIMES
@pytest.mark.parametrize("design", [uniform, risk_driven])
def test_interval_coverage_of_skewed_scores_with_biased_machine(design, times):
    found = coverage(points, design, 0.5, times)
    print(f"{design.__name__:12} points: {found}")
    assert found.difference >= 0.92
    assert found.gain > (1.2 if design is uniform else 1.0)
    assert found.machine_only < 0.1


@TIMES
def test_interval_coverage_with_a_third_not_applicable(times):
    found = coverage(people, risk_driven, 0.2, times, not_applicable=0.33)
    print(f"not applicable: {found}")
    assert found.difference >= 0.92


@TIMES
def test_interval_coverage_of_undersampled_rare_class(times):
    found = coverage(people, adverse, 0.05, times)
    print(f"adverse: {found}")
    assert found.difference >= 0.92
    assert found.human_only >= 0.92


def rare(generator, failing, base, critical, *, size=1000, points=False):
    """Draw rare failures, of which the machine finds 60 %, at their own rate; return estimate and truth."""
    bad = generator.random(size) < failing
    seen = np.where(bad, generator.random(size) < 0.6, generator.random(size) < 0.01)
    good = np.clip(generator.normal(85, 10, size), 0, 100) if points else np.full(size, 100.0)
    human = np.where(bad, 0.0, good)
    machine = np.where(seen, 0.0, np.clip(good + generator.normal(0, 8 * points, size), 0, 100))
    p = np.where(seen, critical, base)
    drawn = generator.random(size) < p
    strata = totals(p, machine)
    found = estimate(strata, human[drawn], machine[drawn], p[drawn], p[drawn])
    return found, human.mean()


@TIMES
@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize(
    ("failing", "base", "critical"),
    [(0.02, 0.1, 1.0), (0.04, 0.1, 1.0), (0.04, 0.1, 0.5), (0.1, 0.1, 1.0), (0.1, 0.05, 0.25)],
)
def test_rare_failures_that_are_drawn_often_keep_an_honest_interval(failing, base, critical, points, times):
    generator = np.random.default_rng([7, int(failing * 100), int(critical * 100)])
    found = [rare(generator, failing, base, critical, points=points) for _ in range(times)]
    held = [each.low <= truth <= each.high for each, truth in found if each.low is not None]
    print(f"failing {failing} base {base} critical {critical} points {points}: {np.mean(held):.3f}")
    assert len(held) > 0.9 * times
    assert np.mean(held) >= 0.92


@TIMES
@pytest.mark.parametrize("prevalence", [0.2, 0.5])
def test_unweighted_mean_of_risk_driven_sample_undercovers(prevalence, times):
    assert coverage(people, risk_driven, prevalence, times).naive < 0.85
