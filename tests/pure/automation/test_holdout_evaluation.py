import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from scorecards.automation.holdout_evaluation import Proof, Proven, prove, thinned
from scorecards.automation.risk_control import fewest
from scorecards.definitions.form import Option, Question
from scorecards.definitions.question_conditions import Critical
from scorecards.statistics.confidence_intervals import share_at_least, share_at_most

YES_NO = Question("heard", "Heard?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))
FIVE = Question("care", "How much?", "scale", options=tuple(Option(str(i), str(i), i / 4) for i in range(5)))


def cases(*groups):
    """Make (how many, said, human, confidence) into cases."""
    every = [(said, human, confidence) for n, said, human, confidence in groups for _ in range(n)]
    return [
        Proven(str(place), said, confidence, human, 0.1)
        for place, (said, human, confidence) in enumerate(every)
    ]


GOOD = cases((120, "yes", "yes", 0.95), (120, "no", "no", 0.95), (4, "yes", "no", 0.6), (4, "no", "yes", 0.6))


def proved(given_cases, question=YES_NO, limit=0.1):
    return prove(given_cases, question, limit=limit)


def test_a_good_machine_is_promised_in_words_and_numbers():
    found = proved(GOOD)
    assert (found.code, found.threshold) == (None, 0.0)
    assert found.coverage == 1
    assert found.upper < 0.1
    assert found.words == (
        "All answers stand. People would answer otherwise in at most 10 % of them. "
        "The chance of being told this although it is not so is at most 10 %."
    )


def test_a_proof_is_the_same_after_a_journey_through_json():
    for each in (proved(GOOD), proved([])):
        assert Proof.from_body(json.loads(json.dumps(each.to_body()))) == each


def test_a_proof_written_by_a_later_version_is_read_as_far_as_it_is_known():
    assert Proof.from_body(proved(GOOD).to_body() | {"astrology": 7}) == proved(GOOD)


def test_fewer_than_the_needed_reviews_promise_nothing():
    found = proved(cases((21, "yes", "yes", 0.99)))
    assert found.code == "too_few"
    assert found.words == "21 of the at least 22 reviewed interactions needed to promise anything."


def test_the_proof_measures_what_a_card_shows():
    found = proved(cases((60, "yes", "yes", 0.9), (20, "yes", "no", 0.9), (20, "no", "no", 0.7)))
    assert found.accuracy == pytest.approx(0.8)
    assert found.recall == {"yes": 1.0, "no": 0.5}
    assert found.macro_f1 == pytest.approx((120 / 140 + 40 / 60) / 2)
    assert found.kappa == pytest.approx(0.5454545)
    assert found.ece == pytest.approx((abs(72 - 60) + abs(14 - 20)) / 100)


def test_a_rare_answer_that_was_seen_too_rarely_forbids_a_promise():
    found = proved(cases((300, "yes", "yes", 0.99), (21, "no", "no", 0.99)))
    assert found.code == "rare_class"
    assert "'no'" in found.words


def test_a_rare_answer_that_is_missed_forbids_a_promise_however_accurate_the_rest_is():
    found = proved(cases((970, "yes", "yes", 0.99), (30, "yes", "no", 0.99)))
    assert found.accuracy == pytest.approx(0.97)
    assert found.code == "misses_rare"
    assert found.missed["no"] == 1


def test_a_rare_answer_that_is_found_is_promised_by_name():
    found = proved(cases((900, "yes", "yes", 0.99), (30, "no", "no", 0.99)))
    assert found.code is None
    assert found.missed["no"] < 0.1
    assert "Of what people answer with 'no', at most 10 % each stands as something else." in found.words


def test_an_answer_that_hardly_anybody_gives_is_left_out_and_said_so():
    found = proved(cases((300, "yes", "yes", 0.99), (1, "no", "no", 0.99)))
    assert found.untold == ("no",)
    assert "Nothing is promised of 'no'" in found.words


def test_an_answer_that_fails_the_form_is_never_left_out():
    critical = Question(
        "heard",
        "Heard?",
        "yes_no",
        options=YES_NO.options,
        critical=Critical("fail_form", "customer", frozenset({"no"})),
    )
    assert proved(cases((300, "yes", "yes", 0.99), (1, "no", "no", 0.99)), critical).code == "rare_class"


def test_neighbours_on_a_scale_do_not_contradict_each_other():
    near = cases(*((40, str(i), str(max(0, i - 1)), 0.9) for i in range(5)))
    far = cases(*((40, str(i), str((i + 2) % 5), 0.9) for i in range(5)))
    assert (proved(near, FIVE).wrong, proved(near, FIVE).code) == (0, None)
    assert proved(far, FIVE).code == "wrong_too_often"


def test_answers_of_an_earlier_version_are_counted_too():
    assert "maybe" in proved([*GOOD, Proven("x", "yes", 0.9, "maybe", 0.1)]).answers


def test_thinning_that_costs_most_of_the_reviews_is_said():
    uneven = [Proven(str(place), "yes", 0.9, "yes", 0.9) for place in range(60)]
    found = proved([*uneven, Proven("seldom", "yes", 0.9, "yes", 0.01)])
    assert found.ratio == pytest.approx(90)
    assert "could be counted, as some were drawn far more often than others." in found.words


def test_likeliest_class_is_taken_and_ties_go_by_name():
    found = Proven.of("x", {"yes": 0.4, "no": 0.4, "n/a": 0.2}, human="yes", probability=1)
    assert (found.said, found.confidence) == ("no", 0.4)


@pytest.mark.parametrize("probability", [0, -0.1, 1.1, float("nan")])
def test_an_inclusion_probability_is_above_zero_and_at_most_one(probability):
    with pytest.raises(ValueError, match="inclusion probability"):
        thinned([Proven("x", "yes", 0.9, "yes", probability)])


@given(st.lists(st.sampled_from([0.05, 0.1, 0.5]), max_size=30))
def test_the_rarest_drawn_are_all_kept(probabilities):
    drawn = [Proven(str(place), "yes", 0.9, "yes", each) for place, each in enumerate(probabilities)]
    smallest = min(probabilities, default=1)
    kept = thinned(drawn)
    assert {each for each in drawn if each.probability == smallest} <= set(kept)


@given(st.integers(1, 200), st.data(), st.sampled_from([0.01, 0.1, 0.2]))
def test_exact_bounds_are_where_the_binomial_says(n, data, delta):
    events = data.draw(st.integers(0, n))
    upper, lower = float(share_at_most(events, n, delta)), float(share_at_least(events, n, delta))
    assert lower <= events / n <= upper
    assert events == n or binom.cdf(events, n, upper) == pytest.approx(delta, rel=1e-6)
    assert events == 0 or binom.sf(events - 1, n, lower) == pytest.approx(delta, rel=1e-6)


@given(st.sampled_from([0.01, 0.05, 0.1, 0.3]), st.sampled_from([0.05, 0.1]))
def test_fewest_cases_are_just_enough(limit, delta):
    needed = fewest(limit, delta)
    assert share_at_most(0, needed, delta) <= limit < share_at_most(0, needed - 1, delta)


def test_the_same_cases_prove_the_same():
    order = np.random.default_rng(3).permutation(len(GOOD))
    assert proved([GOOD[place] for place in order]) == proved(GOOD)
