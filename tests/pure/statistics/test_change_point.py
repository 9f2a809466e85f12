"""Pettitt's test: the published change of the Nile, its definition word by word, and its false alarms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.change_point import MIN_OBSERVATIONS, pettitt

# Annual flow at Aswan 1871-1970, 10^8 m^3 (Cobb 1978, Biometrika 65): the level fell after 1898.
# fmt: off
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799,
    958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916,
    692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698,
    845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801,
    1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170,
    912, 746, 919, 718, 714, 740,
]
# fmt: on
SERIES = st.lists(st.integers(0, 9), min_size=MIN_OBSERVATIONS, max_size=60)


def test_the_published_change_of_the_nile_is_found():
    found = pettitt(NILE)

    assert 1871 + found.before - 1 == 1898
    assert found.p < 1e-6


@given(SERIES)
def test_it_is_the_largest_sum_of_signs_between_before_and_after(values):
    def signs(t):
        return sum((a < b) - (a > b) for a in values[:t] for b in values[t:])

    sums = {t: abs(signs(t)) for t in range(1, len(values))}
    found = pettitt(values)

    assert found.statistic == max(sums.values()) == sums[found.before]
    n = len(values)
    assert found.p == pytest.approx(min(1.0, 2 * math.exp(-6 * found.statistic**2 / (n**3 + n**2))))


@given(SERIES, st.floats(0.1, 50), st.floats(-100, 100))
def test_the_unit_of_the_values_does_not_matter(values, factor, shift):
    assert pettitt(values) == pettitt([round(value * factor + shift, 9) for value in values])


@given(SERIES)
def test_backwards_it_is_the_same_change(values):
    forth, back = pettitt(values), pettitt(values[::-1])

    assert (forth.statistic, forth.p) == (back.statistic, back.p)


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_without_a_change_there_are_few_false_alarms(share):
    draw = np.random.default_rng(1)
    alarms = [pettitt(draw.binomial(100, share, 28) / 100).p <= 0.05 for _ in range(600)]

    assert np.mean(alarms) <= 0.06


def test_a_doubled_share_is_found():
    draw = np.random.default_rng(2)
    found = [
        pettitt(np.concatenate([draw.binomial(100, 0.08, 14), draw.binomial(100, 0.16, 14)]))
        for _ in range(200)
    ]

    assert np.mean([each.p <= 0.05 and 11 <= each.before <= 17 for each in found]) > 0.85


def test_too_few_days_tell_nothing():
    assert pettitt(range(MIN_OBSERVATIONS - 1)) is None
