"""Simulated risk guarantee: over 200 samples of reviews, how often is the error limit exceeded?

(In a short run: over 40.)

Each population has 60,000 interactions, of which a few hundred are reviewed. `prove` finds a threshold from
those; what it lets stand is then compared with all 60,000. The share of samples in which the limit is
exceeded may be delta = 0.1 plus what chance adds to 200 trials: 27 of 200 (95 % quantile of the binomial).
"""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import binom

from scorecards.automation.holdout_evaluation import HoldoutCase, evaluate_holdout
from scorecards.automation.risk_control import GRID, NEGLIGIBLE_CLASS_SHARE, RARE_CLASS_SHARE
from scorecards.definitions.form import Option, Question
from tests.sizes import short_and_whole

EVERYTHING, LIMIT, DELTA = 60_000, 0.1, 0.1
SPLITS = pytest.mark.parametrize("splits", short_and_whole(40, 200))


class Population(NamedTuple):
    """All interactions: confidence, the machine's and the person's class, inclusion probability."""

    confidence: np.ndarray
    said: np.ndarray
    human: np.ndarray
    drawn: np.ndarray
    classes: int

    @property
    def question(self):
        options = tuple(Option(str(each), str(each), each / 2) for each in range(self.classes))
        return Question("heard", "Heard?", "single", options=options)


class Kept(NamedTuple):
    broken: int
    given: int
    coverage: float


def uniform_rates(reviews):
    return np.full(EVERYTHING, reviews / EVERYTHING)


def make_population(generator, human, correct, confidence, classes, drawn):
    """Let the machine be right where `correct`, and otherwise name another class by chance."""
    other = (human + generator.integers(1, classes, EVERYTHING)) % classes
    return Population(confidence, np.where(correct, human, other), human, drawn, classes)


def calibrated(generator):
    confidence = generator.beta(4, 1.2, EVERYTHING) / 2 + 0.5
    human = generator.integers(0, 2, EVERYTHING)
    correct = generator.random(EVERYTHING) < confidence
    return make_population(generator, human, correct, confidence, 2, uniform_rates(500))


def overconfident(generator):
    right = generator.beta(3, 1.5, EVERYTHING) / 2 + 0.5
    human = generator.integers(0, 2, EVERYTHING)
    correct = generator.random(EVERYTHING) < right
    return make_population(generator, human, correct, right**0.3, 2, uniform_rates(500))


def overconfident_canned_errors(generator):
    """One in fifty is a canned sentence that the machine takes for the real thing, and is surest of."""
    confidence = generator.beta(4, 1.2, EVERYTHING) * 0.48 + 0.5
    canned = generator.random(EVERYTHING) < 0.02
    human = generator.integers(0, 2, EVERYTHING)
    correct = generator.random(EVERYTHING) < np.where(canned, 0.4, np.minimum(1, confidence + 0.02))
    return make_population(
        generator, human, correct, np.where(canned, 0.97, confidence), 2, uniform_rates(500)
    )


def three_level_confidence(generator):
    """A written rule knows three confidences only."""
    level = generator.integers(0, 3, EVERYTHING)
    human = generator.integers(0, 2, EVERYTHING)
    correct = generator.random(EVERYTHING) < np.array([0.97, 0.83, 0.7])[level]
    return make_population(
        generator, human, correct, np.array([0.9, 0.75, 0.6])[level], 2, uniform_rates(300)
    )


def rare_class(generator):
    """3 % are "no" (class 1), and the machine finds half of them with some confidence."""
    human = (generator.random(EVERYTHING) < 0.03).astype(np.intp)
    evidence = generator.normal(np.where(human == 1, 3.0, 0.0), 1.0)
    odds = 0.03 / 0.97 * np.exp(3 * evidence - 4.5)
    no = odds / (1 + odds)
    return Population(np.maximum(no, 1 - no), (no > 0.5).astype(np.intp), human, uniform_rates(2000), 2)


def low_kappa(generator):
    """A task with a kappa of 0.2: a quarter is easy, the rest is a coin tossed; the machine half knows."""
    easy = generator.random(EVERYTHING) < 0.25
    confidence = np.clip(np.where(easy, 0.9, 0.6) + generator.normal(size=EVERYTHING) / 15, 0.5, 1)
    human = generator.integers(0, 2, EVERYTHING)
    correct = generator.random(EVERYTHING) < np.where(easy, 0.93, 0.48)
    return make_population(generator, human, correct, confidence, 2, uniform_rates(700))


def risk_driven(generator):
    """What the machine is unsure of is drawn up to four times as often."""
    found = calibrated(generator)
    rate = np.where(found.confidence < 0.75, 4.0, np.where(found.confidence < 0.9, 2.0, 1.0))
    return found._replace(drawn=rate / rate.sum() * 900)


def errors_undersampled(generator):
    """The worst that a sampling policy can do: errors are drawn a quarter as often as the rest."""
    found = calibrated(generator)
    rate = np.where(found.said == found.human, 4.0, 1.0)
    return found._replace(drawn=rate / rate.sum() * 1600)


def limit_exceeded_by_threshold(population):
    """Tell for each threshold of the grid whether letting answers stand from there breaks the promise."""
    stands = population.confidence[:, np.newaxis] >= np.array(GRID)
    astray = stands & (population.said != population.human)[:, np.newaxis]
    broken = astray.sum(axis=0) > LIMIT * stands.sum(axis=0)
    for each in range(population.classes):
        of_class = population.human == each
        if NEGLIGIBLE_CLASS_SHARE <= of_class.mean() < RARE_CLASS_SHARE:
            broken |= astray[of_class].mean(axis=0) > LIMIT
    return dict(zip(GRID, broken, strict=True))


def sampled(population, generator, split):
    (drawn,) = np.nonzero(generator.random(EVERYTHING) < population.drawn)
    columns = (population.said, population.confidence, population.human, population.drawn)
    return [
        HoldoutCase(f"{split}-{place}", str(said), confidence, str(human), probability)
        for place, said, confidence, human, probability in zip(
            drawn.tolist(), *(each[drawn].tolist() for each in columns), strict=True
        )
    ]


def plug_in_threshold(_population, cases):
    """Return the loosest threshold at which the sample itself shows no more errors than the limit."""
    confidence = np.array([each.confidence for each in cases])
    wrong = np.array([each.machine != each.human for each in cases])
    for threshold in reversed(GRID):
        stands = confidence >= threshold
        if stands.any() and wrong[stands].mean() <= LIMIT:
            return threshold
    return None


def most_broken(splits):
    return int(binom.ppf(0.95, splits, DELTA))


def compare_threshold_methods(population, splits, *ways, seed=1):
    """Look for a threshold in each way on the same samples, and see which of them keep the promise."""
    generator = np.random.default_rng([seed, 7])
    broken_from = limit_exceeded_by_threshold(population)
    samples = [sampled(population, generator, split) for split in range(splits)]
    kept = []
    for way in ways:
        given = [each for each in (way(population, sample) for sample in samples) if each is not None]
        coverage = [(population.confidence >= each).mean() for each in given]
        broken = sum(bool(broken_from[each]) for each in given)
        kept.append(Kept(broken, len(given), float(np.mean(coverage or [0]))))
    print(kept)
    return kept


def guaranteed_threshold(population, cases):
    return evaluate_holdout(cases, population.question, limit=LIMIT, delta=DELTA).threshold


def guaranteed_threshold_without_thinning(population, cases):
    even = [HoldoutCase(each.interaction, each.machine, each.confidence, each.human, 1.0) for each in cases]
    return guaranteed_threshold(population, even)


@SPLITS
@pytest.mark.parametrize("make", [calibrated, overconfident, rare_class])
def test_risk_guarantee_holds_where_plug_in_threshold_exceeds_limit(make, splits):
    kept, plugged = compare_threshold_methods(
        make(np.random.default_rng(20261122)), splits, guaranteed_threshold, plug_in_threshold
    )
    assert kept.broken <= most_broken(splits) < plugged.broken
    assert kept.given >= 0.6 * splits
    assert kept.coverage >= 0.2


@SPLITS
@pytest.mark.parametrize(
    "make", [three_level_confidence, low_kappa, overconfident_canned_errors, risk_driven]
)
def test_risk_guarantee_holds_for_poorly_calibrated_confidence(make, splits):
    (kept,) = compare_threshold_methods(make(np.random.default_rng(20261122)), splits, guaranteed_threshold)
    assert kept.broken <= most_broken(splits)


@SPLITS
def test_risk_guarantee_needs_thinning_when_errors_are_undersampled(splits):
    population = errors_undersampled(np.random.default_rng(20261122))
    kept, unthinned = compare_threshold_methods(
        population, splits, guaranteed_threshold, guaranteed_threshold_without_thinning
    )
    assert kept.broken <= most_broken(splits)
    assert unthinned.broken > 2 * most_broken(splits)
