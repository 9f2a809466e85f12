"""How often do gates fall without reason, and how soon do they fall with one?

A year is looked at every other week: 25 double-scored interactions come each week, the newest 300 count.
"""

import numpy as np
import pytest

from scorecards.automation.drift import Familiarity, Seen, inputs, recent
from scorecards.definitions.form import Option, Question
from tests.sizes import short_and_whole

QUESTION = Question("heard", "?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))
LIMIT, LOOKS, BETWEEN, NEWEST = 0.1, 26, 50, 300


def reviewed(generator, n, error, start=0):
    human = generator.random(n) < 0.5
    said = np.where(generator.random(n) < error, ~human, human)
    return [
        Seen(f"{start + place}", "yes" if one else "no", "yes" if other else "no", 0.1)
        for place, (one, other) in enumerate(zip(said, human, strict=True))
    ]


def falls_within_a_year(generator, error):
    every = reviewed(generator, LOOKS * BETWEEN, error)
    looks = (every[max(0, end - NEWEST) : end] for end in range(BETWEEN, len(every) + 1, BETWEEN))
    return any(recent(look, QUESTION, limit=LIMIT).broken for look in looks)


@pytest.mark.parametrize("years", short_and_whole(10, 40))
@pytest.mark.parametrize(("error", "most"), [(0.05, 0.0), (0.08, 0.05)])
def test_a_machine_as_good_as_promised_hardly_ever_falls_in_a_year(error, most, years):
    generator = np.random.default_rng(20261122)
    fell = np.mean([falls_within_a_year(generator, error) for _ in range(years)])
    print(f"error {error}: {fell:.3f} of years with a fall")
    assert fell <= most


@pytest.mark.parametrize(("reviews", "least"), [(60, 0.6), (150, 0.95)])
def test_a_machine_that_errs_three_times_as_often_as_promised_is_seen(reviews, least):
    generator = np.random.default_rng(20261123)
    seen = np.mean(
        [bool(recent(reviewed(generator, reviews, 0.3), QUESTION, limit=LIMIT).broken) for _ in range(200)]
    )
    print(f"{reviews} reviews: {seen:.3f} seen")
    assert seen >= least


def test_twenty_answers_are_the_fewest_that_can_make_a_gate_fall():
    generator = np.random.default_rng(1)
    assert recent(reviewed(generator, 19, 1.0), QUESTION, limit=LIMIT).broken is None
    assert recent(reviewed(generator, 20, 1.0), QUESTION, limit=LIMIT).broken == "too_often_wrong"


def read(generator, n, mean):
    found = np.clip(generator.normal(mean, 0.1, n), 0, 1)
    return Familiarity(float(found.mean()), float(found.std(ddof=1)), n)


def test_chance_alone_hardly_ever_looks_like_strange_input():
    generator = np.random.default_rng(5)
    alarms = [inputs(read(generator, 100, 0.8), read(generator, 50, 0.8)).drifted for _ in range(2000)]
    assert np.mean(alarms) <= 0.001


def test_a_small_shift_does_not_matter_however_sure_it_is():
    generator = np.random.default_rng(6)
    assert not inputs(read(generator, 5000, 0.8), read(generator, 5000, 0.77)).drifted


def test_input_of_another_kind_is_seen_at_once():
    generator = np.random.default_rng(7)
    found = [inputs(read(generator, 200, 0.8), read(generator, 100, 0.7)).drifted for _ in range(300)]
    assert np.mean(found) >= 0.95


def test_a_few_interactions_say_nothing_of_input():
    assert not inputs(Familiarity(0.8, 0.01, 400), Familiarity(0.1, 0.01, 49)).drifted
