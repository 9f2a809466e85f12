"""Sampling: deterministic draw numbers and known inclusion probabilities."""

import math
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scorecards.sampling.inclusion import (
    Inclusion,
    RiskFacts,
    draw_number,
    expected_mean,
    floor_warning,
    inclusion_probability,
    redraw,
)
from scorecards.sampling.policy import SamplingPolicy, Term, from_body

KEY = b"a key of more than sixteen bytes"
IDS = [UUID(int=number) for number in range(20_000)]
BODY = {
    "base_rate": 0.05,
    "terms": [
        {"when": "charged", "rate": 0.25},
        {"when": "sla_breach", "rate": 0.15},
        {"when": "critical", "rate": 0.5},
        {"when": "low_confidence", "below": 0.6, "rate": 0.2},
        {"when": "abstained", "rate": 0.21},
        {"when": "low_csat", "below": 3, "rate": 0.3},
        {"when": "new_agent", "days": 30, "rate": 0.16},
    ],
}


def numbers(key=KEY, version="1"):
    return np.array([draw_number(key, version, each) for each in IDS])


# Numbers


def test_draw_numbers_are_uniform():
    assert stats.kstest(numbers(), "uniform").pvalue > 0.001
    counts = np.histogram(numbers(), bins=100, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > 0.001


def test_draw_number_is_deterministic():
    assert draw_number(KEY, "7", IDS[3]) == draw_number(KEY, "7", IDS[3])


def test_draw_number_is_equal_for_uuid_and_its_text():
    assert draw_number(KEY, "7", IDS[3]) == draw_number(KEY, "7", str(IDS[3]))


@pytest.mark.parametrize(("key", "version"), [(b"another key of sixteen bytes", "1"), (KEY, "2")])
def test_another_key_or_version_changes_every_number_and_is_independent(key, version):
    ours, others = numbers(), numbers(key, version)
    assert (ours != others).all()
    assert abs(np.corrcoef(ours, others)[0, 1]) < 4 / math.sqrt(len(IDS))


def test_version_and_id_cannot_be_shifted_into_each_other():
    assert draw_number(KEY, "1", "23") != draw_number(KEY, "12", "3")


def test_draw_number_rejects_key_shorter_than_16_bytes():
    with pytest.raises(ValueError, match="16 bytes"):
        draw_number(b"short", "1", "x")


@given(st.text(), st.text())
def test_draw_number_lies_in_half_open_unit_interval(version, identity):
    version, identity = (text.encode(errors="replace").decode() for text in (version, identity))
    assert 0 <= draw_number(KEY, version, identity) < 1


# Probabilities


@pytest.mark.parametrize(
    ("facts", "probability", "reasons"),
    [
        (RiskFacts(), 0.05, ()),
        (RiskFacts(charged=True), 0.25, ("charged",)),
        (RiskFacts(sla_breach=True), 0.15, ("sla_breach",)),
        (RiskFacts(critical=True, charged=True), 0.5, ("charged", "critical")),
        (RiskFacts(confidence=0.59), 0.2, ("low_confidence",)),
        (RiskFacts(confidence=0.6), 0.05, ()),
        (RiskFacts(confidence=0.0), 0.2, ("low_confidence",)),
        (RiskFacts(abstained=True), 0.21, ("abstained",)),
        (RiskFacts(csat=2), 0.3, ("low_csat",)),
        (RiskFacts(csat=3), 0.05, ()),
        (RiskFacts(agent_days=0), 0.16, ("new_agent",)),
        (RiskFacts(agent_days=30), 0.05, ()),
    ],
)
def test_each_term_raises_the_probability_when_its_risk_is_there(facts, probability, reasons):
    assert inclusion_probability(from_body(BODY), facts) == Inclusion(probability, reasons)


def test_a_term_below_the_base_rate_lowers_nothing():
    policy = SamplingPolicy(0.2, terms=(Term("charged", 0.1),))
    assert inclusion_probability(policy, RiskFacts(charged=True)) == Inclusion(0.2, ())


facts_of_any_kind = st.builds(
    RiskFacts,
    charged=st.booleans(),
    sla_breach=st.booleans(),
    critical=st.booleans(),
    abstained=st.booleans(),
    confidence=st.none() | st.floats(0, 1),
    csat=st.none() | st.floats(0, 10),
    agent_days=st.none() | st.floats(0, 4000),
)


@given(facts_of_any_kind, st.floats(1e-6, 1))
def test_inclusion_probability_is_between_base_rate_and_one(facts, base_rate):
    policy = SamplingPolicy(base_rate, terms=from_body(BODY).terms)
    assert base_rate <= inclusion_probability(policy, facts).probability <= 1


@pytest.mark.parametrize("probability", [0.01, 0.05, 0.3, 0.9])
def test_inclusion_frequencies_match_their_probability(probability):
    drawn = sum(Inclusion(probability).includes(number) for number in numbers())
    spread = math.sqrt(len(IDS) * probability * (1 - probability))
    assert abs(drawn - len(IDS) * probability) < 4 * spread


@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_probability_never_falls_when_facts_arrive(earlier, current):
    assert redraw(Inclusion(earlier), Inclusion(current)).probability == max(earlier, current)


def test_redraw_without_earlier_inclusion_returns_current():
    assert redraw(None, Inclusion(0.1, ("charged",))) == Inclusion(0.1, ("charged",))


def test_inclusion_frequencies_match_the_probability_after_facts_arrived():
    earlier, later = Inclusion(0.05), Inclusion(0.3)
    drawn = sum(earlier.includes(number) or later.includes(number) for number in numbers())
    assert abs(drawn / len(IDS) - redraw(earlier, later).probability) < 4 * math.sqrt(0.3 * 0.7 / len(IDS))


# Floor


def test_the_expected_mean_is_that_of_independent_conditions():
    policy = SamplingPolicy(
        0.05, terms=(Term("charged", 0.25), Term("critical", 0.5), Term("abstained", 0.01))
    )
    generator = np.random.default_rng(5)
    charged, critical = (generator.random((2, 200_000)).T < [0.2, 0.1]).T
    rates = np.where(critical, 0.5, np.where(charged, 0.25, 0.05))
    shares = {"charged": 0.2, "critical": 0.1, "abstained": 0.5}
    assert expected_mean(policy, shares) == pytest.approx(rates.mean(), abs=0.002)


def test_floor_warning_only_if_base_rate_is_below_floor():
    policy = SamplingPolicy(0.05, 0.5)
    assert floor_warning(policy, 0.1) is None
    assert "Raise it to 6.0%" in floor_warning(policy, 0.12)
