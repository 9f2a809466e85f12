"""Draws of an export are recomputed, and each decision and its review is compared with them."""

import uuid
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.sampling.inclusion import draw_number
from scorecards.sampling.verification import CODES, verify

KEY = b"a key of sixteen bytes"
POLICY = str(uuid.UUID(int=7))


def sample(number, p=0.4, **changes):
    """Return facts and drawn reviews of so many interactions, as an export has them."""
    facts, reviews = [], []
    for place in range(number):
        interaction_id = str(uuid.UUID(int=1000 + place))
        numbers = {"inclusion_probability": p, "policy_id": POLICY}
        quota = {"rate": p, "threshold": 1.0, "settled": True, "agent": "anna", "day": "2026-06-01"}
        numbers |= {"draw": draw_number(KEY, POLICY, interaction_id)}
        drawn = int(numbers["draw"] < p)
        facts.append(
            {"record": "facts", "interaction_id": interaction_id, "sampled": drawn, **numbers, **quota}
        )
        if drawn:
            reviews.append(
                {
                    "record": "reviews",
                    "interaction_id": interaction_id,
                    "review_id": f"r-{place}",
                    "state": "submitted",
                    "targeted": False,
                    **numbers,
                    **changes,
                }
            )
    return facts, reviews


def codes(*parts):
    return [each.code for each in verify([row for part in parts for row in part], KEY).differences]


def test_a_true_sample_has_no_difference():
    facts, reviews = sample(200)

    found = verify([*facts, *reviews], KEY)

    assert found.differences == ()
    assert (found.interactions, found.drawn, found.reviews) == (200, len(reviews), len(reviews))
    assert 40 < found.drawn < 120


def test_interactions_without_policy_are_counted_and_no_difference():
    nothing = dict.fromkeys(("inclusion_probability", "draw", "policy_id"))
    facts = {"record": "facts", "interaction_id": "one", "sampled": 0, **nothing}

    assert verify([facts], KEY).without_policy == 1
    assert codes([facts]) == []
    assert codes([{**facts, "sampled": 1}]) == ["other_decision"]


def test_a_draw_is_compared_to_its_last_bit():
    facts, reviews = sample(30, p=1.0)
    facts[3] |= {"draw": facts[3]["draw"] + 2**-53}

    assert codes(facts, reviews) == ["other_draw", "other_numbers"]


def test_another_decision_than_the_draw_gives_is_found_both_ways():
    facts, reviews = sample(50)
    drawn = next(each for each in facts if each["sampled"])
    undrawn = next(each for each in facts if not each["sampled"])
    drawn["sampled"], undrawn["sampled"] = 0, 1

    assert sorted(codes(facts, reviews)) == ["no_review", "other_decision", "other_decision"]


@pytest.mark.parametrize("p", [0.0, -0.1, 1.0001])
def test_an_impossible_probability_is_found(p):
    facts, _ = sample(1, p=1e-9)

    assert "bad_probability" in codes([{**facts[0], "inclusion_probability": p}])


def test_a_drawn_interaction_without_review_and_one_with_two_are_found():
    facts, reviews = sample(50)

    assert codes(facts, reviews[1:]) == ["no_review"]
    assert codes(facts, reviews, [{**reviews[0], "review_id": "again"}]) == ["two_reviews"]


def test_a_drawn_review_of_what_was_not_drawn_or_has_no_facts_is_found():
    facts, reviews = sample(50)
    undrawn = next(each for each in facts if not each["sampled"])

    assert codes(facts, reviews, [{**reviews[0], "interaction_id": undrawn["interaction_id"]}]) == [
        "not_drawn"
    ]
    assert codes(facts, reviews, [{**reviews[0], "interaction_id": "unknown"}]) == ["not_drawn"]


@pytest.mark.parametrize(
    ("name", "value"), [("inclusion_probability", 0.41), ("draw", 0.1), ("policy_id", "8"), ("draw", None)]
)
def test_other_numbers_of_a_review_are_found(name, value):
    facts, reviews = sample(20)
    reviews[0][name] = value

    assert codes(facts, reviews) == ["other_numbers"]


def test_hand_picked_and_outdated_reviews_are_counted_beside_the_draw():
    facts, reviews = sample(20)
    by_hand = {**reviews[0], "targeted": True, "inclusion_probability": None, "draw": None}
    outdated = {**reviews[0], "state": "outdated", "review_id": "old"}

    found = verify([*facts, *reviews, by_hand, outdated], KEY)

    assert (found.differences, found.targeted, found.outdated) == ((), 1, 1)
    assert codes(facts, reviews[1:], [outdated]) == ["no_review"]


def test_cancelled_reviews_of_what_is_no_longer_judged_by_itself_are_counted_beside_the_draw():
    facts, reviews = sample(20)
    shared = next(each for each in facts if each["interaction_id"] == reviews[0]["interaction_id"])
    numbers = dict.fromkeys(("inclusion_probability", "draw", "policy_id"))
    shared |= {**numbers, "sampled": 0, "judged": 0}
    cancelled = [{**reviews[0], "state": "cancelled"}, *reviews[1:]]

    found = verify([*facts, *cancelled], KEY)

    assert (found.differences, found.withdrawn, found.reviews) == ((), 1, len(reviews) - 1)
    assert (found.interactions, found.not_judged, found.without_policy) == (20, 1, 0)
    assert codes(facts, reviews) == ["not_drawn"]


def test_facts_that_stand_twice_are_found():
    facts, reviews = sample(20, p=1.0)

    assert codes(facts, reviews, facts[:1]) == ["twice"]


@given(st.integers(0, 40), st.floats(0.01, 1), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(number, p, random: Random):
    facts, reviews = sample(number, p)
    records = [*facts, *reviews[1:]]
    shuffled = random.sample(records, len(records))

    def found(given):
        result = verify(given, KEY)
        return result.drawn, result.reviews, sorted(each.code for each in result.differences)

    assert found(records) == found(shuffled)


def test_every_code_has_words():
    assert all(text and not text.endswith(".") for text in CODES.values())


# Quotas

POLICY_RECORD = {
    "record": "definitions",
    "kind": "sampling_policy",
    "definition_id": POLICY,
    "body": {"base_rate": 0.1, "quotas": {"agent_week": {"max": 2}}},
}
WINDOW = {
    "record": "sampling_windows",
    "policy_id": POLICY,
    "agent": "anna",
    "first_day": "2026-06-01",
    "last_day": "2026-06-07",
    "drawn_threshold": 0.5,
    "other_threshold": 0.25,
}


def under_quota(threshold, *, settled=True, number=40, rate=0.4):
    facts, reviews = sample(number, p=rate * threshold)
    return [each | {"rate": rate, "threshold": threshold, "settled": settled} for each in facts], reviews


def test_thresholds_of_a_closed_window_are_those_of_its_record():
    found = verify([POLICY_RECORD, WINDOW, *(row for part in under_quota(0.5) for row in part)], KEY)
    assert (found.differences, found.windows) == ((), 1)
    assert codes([POLICY_RECORD, WINDOW], *under_quota(0.25)) == []
    assert codes([POLICY_RECORD, WINDOW], *under_quota(0.6)) == ["other_threshold"]
    assert codes([POLICY_RECORD, WINDOW], *under_quota(0.5, settled=False)) == ["not_settled"]


def test_a_probability_that_is_not_rate_times_threshold_is_found():
    facts, reviews = under_quota(0.5)
    facts[0]["rate"] = 0.41
    assert codes([POLICY_RECORD, WINDOW], facts, reviews) == ["other_probability"]


def test_a_threshold_without_a_quota_is_found():
    plain = {**POLICY_RECORD, "body": {"base_rate": 0.1}}
    assert codes([plain], *under_quota(0.5)) == ["other_threshold"]
    assert codes([plain], *under_quota(1.0)) == []


def test_more_than_the_maximum_of_an_open_window_is_found():
    assert codes([POLICY_RECORD], *under_quota(1.0, settled=False)) == ["over_maximum"]
    fixed = {**POLICY_RECORD, "body": {"base_rate": 0.1, "quotas": {"fixed": {"size": 1}}}}
    assert codes([fixed], *under_quota(1.0, settled=False)) == []


def test_nothing_is_drawn_with_probability_0_before_the_window_of_a_fixed_number_closes():
    facts, _ = under_quota(0.5)
    facts = [each | {"threshold": 0.0, "inclusion_probability": 0.0, "sampled": 0} for each in facts]
    assert set(codes(facts)) == {"bad_probability"}
    assert codes([each | {"settled": False} for each in facts]) == []


def test_reviews_of_what_a_quota_pushed_out_are_counted_beside_the_draw():
    facts, reviews = under_quota(0.5)
    undrawn = next(each for each in facts if not each["sampled"])
    numbers = {
        name: undrawn[name] for name in ("interaction_id", "inclusion_probability", "draw", "policy_id")
    }
    out = {"record": "reviews", "review_id": "out", "state": "submitted", "targeted": False, **numbers}

    found = verify([*facts, *reviews, out], KEY)
    assert (found.differences, found.pushed_out) == ((), 1)
