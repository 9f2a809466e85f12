"""Drift monitoring: false-alarm rate and detection power of the checks that demote a gate.

A year is looked at every other week: 25 double-scored interactions come each week, the newest 300 count.
"""

import numpy as np
import pytest

from scorecards.automation.drift import ReviewedAnswer, VocabularyShare, input_drift, recent_agreement
from scorecards.definitions.form import Option, Question
from tests.sizes import short_and_whole

QUESTION = Question("heard", "?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))
LIMIT, LOOKS, BETWEEN, NEWEST = 0.1, 26, 50, 300


def reviewed(generator, n, error, start=0):
    human = generator.random(n) < 0.5
    said = np.where(generator.random(n) < error, ~human, human)
    return [
        ReviewedAnswer(f"{start + place}", "yes" if one else "no", "yes" if other else "no", 0.1)
        for place, (one, other) in enumerate(zip(said, human, strict=True))
    ]


def falls_within_a_year(generator, error):
    every = reviewed(generator, LOOKS * BETWEEN, error)
    looks = (every[max(0, end - NEWEST) : end] for end in range(BETWEEN, len(every) + 1, BETWEEN))
    return any(recent_agreement(look, QUESTION, limit=LIMIT).broken for look in looks)


@pytest.mark.parametrize("years", short_and_whole(10, 40))
@pytest.mark.parametrize(("error", "most"), [(0.05, 0.0), (0.08, 0.05)])
def test_agreement_drift_rarely_fires_in_a_year_when_error_is_below_limit(error, most, years):
    generator = np.random.default_rng(20261122)
    fell = np.mean([falls_within_a_year(generator, error) for _ in range(years)])
    print(f"error {error}: {fell:.3f} of years with a fall")
    assert fell <= most


@pytest.mark.parametrize(("reviews", "least"), [(60, 0.6), (150, 0.95)])
def test_agreement_drift_detects_error_rate_of_three_times_the_limit(reviews, least):
    generator = np.random.default_rng(20261123)
    seen = np.mean(
        [
            bool(recent_agreement(reviewed(generator, reviews, 0.3), QUESTION, limit=LIMIT).broken)
            for _ in range(200)
        ]
    )
    print(f"{reviews} reviews: {seen:.3f} seen")
    assert seen >= least


def test_agreement_drift_needs_at_least_20_reviewed_answers():
    generator = np.random.default_rng(1)
    assert recent_agreement(reviewed(generator, 19, 1.0), QUESTION, limit=LIMIT).broken is None
    assert recent_agreement(reviewed(generator, 20, 1.0), QUESTION, limit=LIMIT).broken == "too_often_wrong"


def familiarity_sample(generator, n, mean):
    found = np.clip(generator.normal(mean, 0.1, n), 0, 1)
    return VocabularyShare(float(found.mean()), float(found.std(ddof=1)), n)


def test_input_drift_false_alarm_rate_is_at_most_one_in_1000():
    generator = np.random.default_rng(5)
    alarms = [
        input_drift(familiarity_sample(generator, 100, 0.8), familiarity_sample(generator, 50, 0.8)).drifted
        for _ in range(2000)
    ]
    assert np.mean(alarms) <= 0.001


def test_input_drift_ignores_small_shift_even_in_large_samples():
    generator = np.random.default_rng(6)
    assert not input_drift(
        familiarity_sample(generator, 5000, 0.8), familiarity_sample(generator, 5000, 0.77)
    ).drifted


def test_input_drift_detects_large_familiarity_shift():
    generator = np.random.default_rng(7)
    found = [
        input_drift(familiarity_sample(generator, 200, 0.8), familiarity_sample(generator, 100, 0.7)).drifted
        for _ in range(300)
    ]
    assert np.mean(found) >= 0.95


def test_input_drift_needs_at_least_50_conversations():
    assert not input_drift(VocabularyShare(0.8, 0.01, 400), VocabularyShare(0.1, 0.01, 49)).drifted
