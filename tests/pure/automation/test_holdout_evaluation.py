import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from scorecards.automation.holdout_evaluation import HoldoutCase, HoldoutEvaluation, evaluate_holdout
from scorecards.automation.risk_control import min_cases
from scorecards.automation.thinning import thinned
from scorecards.definitions.form import Option, Question
from scorecards.definitions.question_conditions import Critical
from scorecards.statistics.confidence_intervals import share_at_least, share_at_most

YES_NO = Question("heard", "Heard?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))
FIVE = Question("care", "How much?", "scale", options=tuple(Option(str(i), str(i), i / 4) for i in range(5)))


def cases(*groups):
    """Make (how many, said, human, confidence) into cases."""
    every = [(said, human, confidence) for n, said, human, confidence in groups for _ in range(n)]
    return [
        HoldoutCase(str(place), said, confidence, human, 0.1)
        for place, (said, human, confidence) in enumerate(every)
    ]


GOOD = cases((120, "yes", "yes", 0.95), (120, "no", "no", 0.95), (4, "yes", "no", 0.6), (4, "no", "yes", 0.6))


def evaluated(given_cases, question=YES_NO, limit=0.1):
    return evaluate_holdout(given_cases, question, limit=limit)


def test_accurate_model_gets_risk_guarantee_with_wording():
    found = evaluated(GOOD)
    assert (found.code, found.threshold) == (None, 0.0)
    assert found.coverage == 1
    assert found.selective_error_upper < 0.1
    assert found.words == (
        "All answers stand. People would answer otherwise in at most 10 % of them. "
        "The chance of being told this although it is not so is at most 10 %."
    )


def test_holdout_evaluation_survives_json_round_trip():
    for each in (evaluated(GOOD), evaluated([])):
        assert HoldoutEvaluation.from_body(json.loads(json.dumps(each.to_body()))) == each


def test_holdout_evaluation_ignores_unknown_json_fields():
    assert HoldoutEvaluation.from_body(evaluated(GOOD).to_body() | {"astrology": 7}) == evaluated(GOOD)


def test_fewer_than_min_cases_give_no_risk_guarantee():
    found = evaluated(cases((21, "yes", "yes", 0.99)))
    assert found.code == "too_few"
    assert found.words == "21 of the at least 22 reviewed interactions needed to promise anything."


def test_holdout_evaluation_computes_accuracy_recall_macro_f1_kappa_ece():
    found = evaluated(cases((60, "yes", "yes", 0.9), (20, "yes", "no", 0.9), (20, "no", "no", 0.7)))
    assert found.accuracy == pytest.approx(0.8)
    assert found.recall == {"yes": 1.0, "no": 0.5}
    assert found.macro_f1 == pytest.approx((120 / 140 + 40 / 60) / 2)
    assert found.kappa == pytest.approx(0.5454545)
    assert found.ece == pytest.approx((abs(72 - 60) + abs(14 - 20)) / 100)


def test_rare_class_with_too_few_cases_blocks_risk_guarantee():
    found = evaluated(cases((300, "yes", "yes", 0.99), (21, "no", "no", 0.99)))
    assert found.code == "rare_class"
    assert "'no'" in found.words


def test_missed_rare_class_blocks_risk_guarantee_despite_high_accuracy():
    found = evaluated(cases((970, "yes", "yes", 0.99), (30, "yes", "no", 0.99)))
    assert found.accuracy == pytest.approx(0.97)
    assert found.code == "misses_rare"
    assert found.miss_bounds["no"] == 1


def test_recalled_rare_class_is_named_in_risk_guarantee():
    found = evaluated(cases((900, "yes", "yes", 0.99), (30, "no", "no", 0.99)))
    assert found.code is None
    assert found.miss_bounds["no"] < 0.1
    assert "Of what people answer with 'no', at most 10 % each stands as something else." in found.words


def test_negligible_class_is_unguaranteed_and_wording_says_so():
    found = evaluated(cases((300, "yes", "yes", 0.99), (1, "no", "no", 0.99)))
    assert found.unguaranteed_classes == ("no",)
    assert "Nothing is promised of 'no'" in found.words


def test_critical_class_is_never_treated_as_negligible():
    critical = Question(
        "heard",
        "Heard?",
        "yes_no",
        options=YES_NO.options,
        critical=Critical("fail_form", "customer", frozenset({"no"})),
    )
    assert evaluated(cases((300, "yes", "yes", 0.99), (1, "no", "no", 0.99)), critical).code == "rare_class"


def test_adjacent_scale_options_are_not_counted_as_errors():
    near = cases(*((40, str(i), str(max(0, i - 1)), 0.9) for i in range(5)))
    far = cases(*((40, str(i), str((i + 2) % 5), 0.9) for i in range(5)))
    assert (evaluated(near, FIVE).wrong, evaluated(near, FIVE).code) == (0, None)
    assert evaluated(far, FIVE).code == "wrong_too_often"


def test_answer_options_of_an_earlier_version_are_counted():
    assert "maybe" in evaluated([*GOOD, HoldoutCase("x", "yes", 0.9, "maybe", 0.1)]).answers


def test_wording_mentions_thinning_when_sampling_weights_are_uneven():
    uneven = [HoldoutCase(str(place), "yes", 0.9, "yes", 0.9) for place in range(60)]
    found = evaluated([*uneven, HoldoutCase("seldom", "yes", 0.9, "yes", 0.01)])
    assert found.weight_ratio == pytest.approx(90)
    assert "could be counted, as some were drawn far more often than others." in found.words


def test_likeliest_class_is_taken_and_ties_go_by_name():
    found = HoldoutCase.of("x", {"yes": 0.4, "no": 0.4, "n/a": 0.2}, human="yes", probability=1)
    assert (found.machine, found.confidence) == ("no", 0.4)


@pytest.mark.parametrize("probability", [0, -0.1, 1.1, float("nan")])
def test_an_inclusion_probability_is_above_zero_and_at_most_one(probability):
    with pytest.raises(ValueError, match="inclusion probability"):
        thinned([HoldoutCase("x", "yes", 0.9, "yes", probability)])


@given(st.lists(st.sampled_from([0.05, 0.1, 0.5]), max_size=30))
def test_thinning_keeps_all_cases_with_the_lowest_inclusion_probability(probabilities):
    drawn = [HoldoutCase(str(place), "yes", 0.9, "yes", each) for place, each in enumerate(probabilities)]
    smallest = min(probabilities, default=1)
    kept = thinned(drawn)
    assert {each for each in drawn if each.probability == smallest} <= set(kept)


@given(st.integers(1, 200), st.data(), st.sampled_from([0.01, 0.1, 0.2]))
def test_clopper_pearson_bounds_match_binomial_tails(n, data, delta):
    events = data.draw(st.integers(0, n))
    upper, lower = float(share_at_most(events, n, delta)), float(share_at_least(events, n, delta))
    assert lower <= events / n <= upper
    assert events == n or binom.cdf(events, n, upper) == pytest.approx(delta, rel=1e-6)
    assert events == 0 or binom.sf(events - 1, n, lower) == pytest.approx(delta, rel=1e-6)


@given(st.sampled_from([0.01, 0.05, 0.1, 0.3]), st.sampled_from([0.05, 0.1]))
def test_min_cases_is_the_smallest_sufficient_sample_size(limit, delta):
    needed = min_cases(limit, delta)
    assert share_at_most(0, needed, delta) <= limit < share_at_most(0, needed - 1, delta)


def test_holdout_evaluation_is_invariant_to_case_order():
    order = np.random.default_rng(3).permutation(len(GOOD))
    assert evaluated([GOOD[place] for place in order]) == evaluated(GOOD)
