"""Dry run: expected reviews by week, reason and agent, where quotas bind, and the expected half-width."""

from datetime import date, timedelta
from random import Random

import pytest

from scorecards.sampling.dry_run import PastInteraction, dry_run
from scorecards.sampling.inclusion import RiskFacts
from scorecards.sampling.policy import from_body

MONDAY = date(2026, 6, 1)
TERMS = [{"when": "charged", "rate": 0.4}, {"when": "critical", "rate": 0.8}]


def past(number=1200, agents=("anna", "ben", "")):
    chance = Random(4)
    return [
        PastInteraction(
            chance.choice(agents),
            MONDAY + timedelta(days=chance.randrange(28)),
            RiskFacts(charged=chance.random() < 0.2, critical=chance.random() < 0.05),
        )
        for _ in range(number)
    ]


def run(*, deviation=12.5, interactions=None, **more):
    policy = from_body({"base_rate": 0.1, "terms": TERMS, **more})
    return dry_run(policy, past() if interactions is None else interactions, deviation=deviation)


def test_without_quotas_the_expectation_is_the_sum_of_the_rates():
    found = run()
    charged = sum(each.facts.charged and not each.facts.critical for each in past())
    critical = sum(each.facts.critical for each in past())
    exact = 0.4 * charged + 0.8 * critical + 0.1 * (1200 - charged - critical)

    assert found.reviews == pytest.approx(exact)
    assert found.mean_rate == pytest.approx(exact / 1200)
    assert sum(each.reviews for each in found.weeks.values()) == pytest.approx(exact)
    assert sum(each.reviews for each in found.agents.values()) == pytest.approx(exact)
    assert found.reasons["critical"].reviews == pytest.approx(0.8 * critical)
    assert found.reasons["base_rate"].reviews == pytest.approx(0.1 * found.reasons["base_rate"].interactions)
    assert (found.windows, found.minimum_binds, found.maximum_binds) == (0, {}, {})


def test_a_fixed_number_draws_as_many_in_every_period():
    found = run(quotas={"fixed": {"size": 12}})
    assert {round(each.reviews, 6) for each in found.weeks.values()} == {12.0}
    assert (found.windows, found.maximum_binds) == (4, {"": 4.0})
    assert run(quotas={"fixed": {"size": 3, "per": "day"}}).reviews == pytest.approx(84)


def test_bounds_of_agents_hold_and_it_is_told_where_they_bind():
    found = run(quotas={"agent_week": {"max": 5}})
    assert found.agents["anna"].reviews == pytest.approx(20)
    assert found.maximum_binds == {"anna": 4.0, "ben": 4.0}
    assert found.agents[""].reviews == pytest.approx(run().agents[""].reviews)

    found = run(quotas={"agent_week": {"min": 60}})
    assert found.minimum_binds == {"anna": 4.0, "ben": 4.0}
    assert found.agents["anna"].reviews == pytest.approx(240)


def test_more_reviews_make_a_narrower_interval_and_a_wider_spread_a_wider_one():
    few, many = run(quotas={"fixed": {"size": 10}}), run(quotas={"fixed": {"size": 40}})
    assert many.half_width < few.half_width
    assert run(deviation=25).half_width == pytest.approx(2 * run().half_width)


def test_half_width_of_a_simple_random_sample_is_that_of_the_textbook():
    interactions = [PastInteraction("", MONDAY, RiskFacts()) for _ in range(1000)]
    found = run(interactions=interactions, quotas={"fixed": {"size": 100}})
    finite = (900 / 999) ** 0.5
    assert found.half_width == pytest.approx(1.96 * 12.5 / 10 * finite, rel=0.01)


def test_without_interactions_or_with_too_few_reviews_there_is_no_half_width():
    assert run(interactions=[]).half_width is None
    assert run(interactions=[]).mean_rate is None
    assert run(quotas={"fixed": {"size": 1}}).half_width is None


def test_everything_reviewed_leaves_no_width():
    assert run(quotas={"fixed": {"size": 5000}}).half_width == 0.0


def test_the_warning_is_that_of_the_mean_rate_of_these_interactions():
    assert run().warning is None
    assert (
        "Raise it" in run(terms=[{"when": "charged", "rate": 1.0}, {"when": "critical", "rate": 1.0}]).warning
    )
