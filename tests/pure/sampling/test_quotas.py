"""Quotas: as many as wanted are drawn, and weights of 1/p stay unbiased, also for what comes late."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.sampling.quotas import (
    AgentWeek,
    FixedSize,
    Thresholds,
    Window,
    effective_probability,
    everything,
    thresholds,
)
from scorecards.sampling.worked_queue import worked_queue

RATES = st.floats(0.01, 1)
# Draw numbers are 53 bits of a hash; smaller floats would vanish when they are multiplied.
DRAWS = st.integers(1, 2**53 - 1).map(lambda bits: bits / 2**53)
UNITS = st.lists(st.tuples(DRAWS, RATES), max_size=30, unique_by=lambda unit: unit[0] / unit[1])
BOUNDS = st.tuples(st.integers(0, 9), st.integers(1, 9) | st.none()).filter(
    lambda bounds: bounds[1] is None or bounds[0] <= bounds[1]
)
HIGHEST = everything(0.01)


def drawn(units, found):
    """Return place and probability of the units drawn."""
    ranked = [(place, u, effective_probability(r, found.of(u / r))) for place, (u, r) in enumerate(units)]
    return {place: p for place, u, p in ranked if u < p}


def of(units, bounds):
    return thresholds([u / r for u, r in units], *bounds, highest=HIGHEST)


@given(UNITS, BOUNDS)
def test_as_many_are_drawn_as_the_rates_draw_within_the_bounds(units, bounds):
    by_rate = sum(u < r for u, r in units)
    expected = max(by_rate, min(bounds[0], len(units)))
    expected = expected if bounds[1] is None else min(expected, bounds[1])

    assert len(drawn(units, of(units, bounds))) == expected


@given(UNITS.filter(bool), BOUNDS, st.data())
def test_the_threshold_of_a_unit_does_not_depend_on_its_own_number(units, bounds, data):
    place = data.draw(st.integers(0, len(units) - 1))
    others = sorted(u / r for each, (u, r) in enumerate(units) if each != place)

    def smallest(k):
        return 0.0 if k == 0 else others[k - 1] if k <= len(others) else HIGHEST

    own = max(1.0, smallest(bounds[0]))
    own = own if bounds[1] is None else min(own, smallest(bounds[1]))
    u, r = units[place]

    assert (u < effective_probability(r, of(units, bounds).of(u / r))) == (u / r < own)
    if u / r < own:
        assert of(units, bounds).of(u / r) == own


@given(UNITS, st.integers(1, 9))
def test_without_a_minimum_units_that_the_rate_does_not_draw_change_nothing_for_those_drawn(units, most):
    only = [unit for unit in units if unit[0] < unit[1]]
    assert list(drawn(units, of(units, (0, most))).values()) == list(
        drawn(only, of(only, (0, most))).values()
    )


@given(st.lists(RATES, min_size=1, max_size=20), st.integers(0, 2**32))
def test_all_are_drawn_with_certainty_when_there_are_no_more_than_the_minimum(rates, seed):
    units = list(zip(np.random.default_rng(seed).random(len(rates)).tolist(), rates, strict=True))
    assert drawn(units, of(units, (len(rates), None))) == dict.fromkeys(range(len(rates)), 1.0)


def test_a_quota_that_does_not_bind_changes_nothing():
    assert thresholds([0.2, 0.5, 3.0], 1, 4) == Thresholds(1.0, 1.0)
    assert thresholds([], 0, 4) == Thresholds(1.0, 1.0)


def simulated_total(generator, bounds, values, rates, *, late=0, raised=None):
    """Return sum(y / p) of one draw: some units come after the window closes, some rates rise after."""
    numbers = generator.random(rates.size)
    early = rates.size - late
    found = thresholds(numbers[:early] / rates[:early], *bounds, highest=everything(rates.min()))
    of_unit = [found.of(rank) for rank in numbers[:early] / rates[:early]] + [found.others] * late
    final = rates if raised is None else raised
    p = np.minimum(1, final * np.array(of_unit))
    return float(np.sum(np.where(numbers < p, values / p, 0)))


@pytest.mark.parametrize("bounds", [(0, 4), (9, None), (7, 7), (4, 6), (0, 12), (1, None)])
@pytest.mark.parametrize("story", ["plain", "late", "raised", "late and raised"])
def test_weighted_totals_are_unbiased(bounds, story):
    generator = np.random.default_rng([*map(ord, f"{bounds}{story}")])
    rates = generator.uniform(0.1, 0.4, 40)
    values = generator.lognormal(0, 1, 40) + 3 * rates  # ignoring p would show
    raised = None
    if "raised" in story:
        raised = np.where(
            generator.random(40) < 0.4, np.minimum(1, rates * generator.uniform(1, 4, 40)), rates
        )
    late = 12 if "late" in story else 0
    totals = [
        simulated_total(generator, bounds, values, rates, late=late, raised=raised) for _ in range(6000)
    ]

    assert abs(np.mean(totals) - values.sum()) < 4 * np.std(totals) / math.sqrt(len(totals))


def test_totals_are_unbiased_when_units_were_erased_before_the_window_closed():
    generator = np.random.default_rng(11)
    rates, values = generator.uniform(0.1, 0.4, 40), generator.lognormal(0, 1, 40)
    kept = generator.random(40) < 0.7
    totals = [simulated_total(generator, (5, 5), values[kept], rates[kept]) for _ in range(6000)]
    assert abs(np.mean(totals) - values[kept].sum()) < 4 * np.std(totals) / math.sqrt(len(totals))


# Windows


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_every_day_is_in_exactly_one_window(day, per):
    quota = FixedSize(3, per)
    window = quota.window("anna", day)
    assert window.agent == ""
    assert window.first <= day <= window.last
    assert quota.window("", window.first) == quota.window("", window.last) == window
    assert quota.window("", window.last + timedelta(days=1)).first == window.last + timedelta(days=1)


def test_weeks_of_an_agent_begin_on_monday_and_nobody_has_no_quota():
    window = AgentWeek(1).window("anna", date(2026, 11, 29))
    assert window == Window("anna", date(2026, 11, 23), date(2026, 11, 29))
    assert AgentWeek(1).window("", date(2026, 11, 29)) is None


@pytest.mark.parametrize("bounds", [(0, 3), (5, None), (4, 4)])
def test_the_worked_part_of_a_queue_under_quotas_is_unbiased(bounds):
    generator = np.random.default_rng([7, *(each or 99 for each in bounds)])
    rates, agents = generator.uniform(0.1, 0.5, 60), np.repeat(np.arange(6), 10)
    values, day = generator.lognormal(0, 1, 60) + 3 * rates, datetime(2026, 6, 1, tzinfo=UTC)
    totals = []
    for _ in range(6000):
        ranks, limit = generator.random(60) / rates, np.ones(60)
        for agent in range(6):
            own = np.flatnonzero(agents == agent)
            found = thresholds(ranks[own].tolist(), *bounds, highest=everything(rates.min()))
            limit[own] = [found.of(rank) for rank in ranks[own]]
        p = np.minimum(1, rates * limit)
        place_in_queue = ranks * rates / p
        order = np.argsort(np.where(ranks < limit, place_in_queue, np.inf))
        worked, waiting = order[:9], [each for each in order[9:] if ranks[each] < limit[each]]
        queue = worked_queue([(day, float(place_in_queue[each])) for each in waiting[:1]], [])
        counted = [
            (each, queue.probability(ranks[each] * rates[each], p[each], day))
            for each in worked
            if ranks[each] < limit[each]
        ]
        totals.append(sum(values[each] / share for each, share in counted if share is not None))

    assert abs(np.mean(totals) - values.sum()) < 4 * np.std(totals) / math.sqrt(len(totals))
