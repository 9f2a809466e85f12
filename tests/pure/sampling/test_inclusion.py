"""Sampling: deterministic draw numbers, known inclusion probabilities, and unbiased totals under caps."""

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
    SamplingPolicy,
    Term,
    capped,
    draw_number,
    expected_mean,
    fixed_size,
    floor_warning,
    from_body,
    inclusion_probability,
    redraw,
)
from tenants.http.faults import Invalid

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


# Caps and draws of a fixed size


def random_units(generator, size):
    return [
        (i, u, p)
        for i, (u, p) in enumerate(
            zip(generator.random(size), generator.uniform(0.02, 0.6, size), strict=True)
        )
    ]


def test_a_cap_that_does_not_bind_changes_nothing():
    units = random_units(np.random.default_rng(1), 50)
    draw = capped(units, 50)
    assert draw.tau == 1
    assert draw.drawn == {i: p for i, u, p in units if u < p}


def test_cap_on_sampled_units_equals_cap_on_all_units():
    units = random_units(np.random.default_rng(2), 60)
    assert capped([unit for unit in units if unit[1] < unit[2]], 5) == capped(units, 5)


def test_cap_of_zero_samples_nothing():
    assert capped(random_units(np.random.default_rng(3), 60), 0).drawn == {}


def test_a_negative_cap_is_refused():
    with pytest.raises(ValueError, match="negative"):
        capped([], -1)


# Draw numbers are 53 bits of a hash; smaller floats would vanish when they are multiplied.
DRAWS = st.integers(0, 2**53 - 1).map(lambda bits: bits / 2**53)


@given(
    st.lists(st.tuples(DRAWS, st.floats(0.01, 1)), max_size=30),
    st.integers(0, 12),
)
def test_cap_is_respected_and_never_raises_probabilities(pairs, k):
    draw = capped([(i, u, p) for i, (u, p) in enumerate(pairs)], k)
    assert len(draw.drawn) <= k
    assert all(0 < drawn <= pairs[i][1] for i, drawn in draw.drawn.items())


def test_fixed_size_sample_has_requested_size():
    units = random_units(np.random.default_rng(4), 60)
    assert len(fixed_size(units, 10).drawn) == 10
    assert fixed_size(units, 80).drawn == {i: 1.0 for i, _, _ in units}


@pytest.mark.parametrize("draw", [capped, fixed_size])
def test_horvitz_thompson_total_is_unbiased_after_cap_or_fixed_size(draw):
    generator = np.random.default_rng(6)
    probabilities, values = generator.uniform(0.1, 0.6, 40), generator.lognormal(0, 1, 40)
    values += 3 * probabilities  # what is drawn more often is worth more: ignoring p would show
    totals, naive = [], []
    for numbers_of_run in generator.random((4000, 40)):
        found = draw(zip(range(40), numbers_of_run, probabilities, strict=True), 6).drawn
        totals.append(sum(values[i] / p for i, p in found.items()))
        naive.append(np.mean([values[i] for i in found]) * 40)
    error = np.std(totals) / math.sqrt(len(totals))
    assert abs(np.mean(totals) - values.sum()) < 4 * error
    assert abs(np.mean(naive) - values.sum()) > 10 * np.std(naive) / math.sqrt(len(naive))


# The policy


def test_a_policy_is_read_with_its_defaults():
    policy = from_body({"base_rate": 0.05})
    assert policy == SamplingPolicy(0.05, 0.5, ())


def test_every_fault_of_a_policy_is_reported():
    body = {
        "floor": 2,
        "terms": [
            {"when": "bored", "rate": 0.1},
            {"when": "low_csat", "rate": 0},
            {"when": "charged", "rate": 0.1, "days": 3},
            {"when": "charged"},
            {"when": "low_confidence", "below": 1.5, "rate": True},
            7,
        ],
        "colour": "red",
    }
    with pytest.raises(Invalid) as caught:
        from_body(body)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/colour", "unknown_field"),
        ("/base_rate", "required"),
        ("/floor", "out_of_range"),
        ("/terms/0/when", "unknown_choice"),
        ("/terms/1/below", "required"),
        ("/terms/1/rate", "out_of_range"),
        ("/terms/2/days", "unknown_field"),
        ("/terms/3/rate", "required"),
        ("/terms/4/below", "out_of_range"),
        ("/terms/4/rate", "wrong_type"),
        ("/terms/5", "wrong_type"),
        ("/terms/5/when", "unknown_choice"),
        ("/terms/5/rate", "required"),
        ("/terms/3/when", "duplicate"),
    ]


@pytest.mark.parametrize("rate", [0, -0.1, 1.1, "x", math.nan, True, None])
def test_base_rate_outside_0_1_is_rejected(rate):
    with pytest.raises(Invalid):
        from_body({"base_rate": rate})


@pytest.mark.parametrize("body", [None, [], "x", {"base_rate": 0.1, "terms": "x"}])
def test_a_body_of_the_wrong_shape_is_refused_with_faults(body):
    with pytest.raises(Invalid):
        from_body(body)
