"""The worked part of a queue: thresholds by day, probabilities, what is reached, and unbiased weights."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.sampling.worked_queue import MIN_ANSWERED, WorkedQueue, response_shares, worked_queue

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=number) for number in (1, 2, 3))
HOUR = timedelta(hours=1)


def test_where_nothing_waits_everything_counts_with_the_probability_of_the_draw():
    queue = worked_queue([], [(MONDAY, TUESDAY, 0.9)])
    assert queue == WorkedQueue()
    assert queue.reached is None
    assert queue.probability(0.24, 0.25, MONDAY, TUESDAY) == 0.25


def test_what_arrived_on_days_before_the_first_that_waits_is_complete():
    queue = worked_queue([(TUESDAY, 0.3)], [(TUESDAY, WEDNESDAY, 0.1)])
    assert queue.threshold(MONDAY) == 1
    assert queue.probability(0.24, 0.25, MONDAY, WEDNESDAY) == 0.25


def test_a_unit_is_worked_below_the_smallest_rank_that_waits_of_its_day_and_of_all_days_before():
    queue = worked_queue([(MONDAY, 0.5), (TUESDAY, 0.8), (WEDNESDAY + HOUR, 0.1)], [])
    days = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY)
    assert [queue.probability(0.0, 0.8, day, THURSDAY + HOUR) for day in days] == pytest.approx(
        [0.4, 0.4, 0.08, 0.08]
    )


def test_what_arrives_after_a_unit_was_worked_does_not_hold_it_up():
    queue = worked_queue([(MONDAY + 2 * HOUR, 0.01)], [(MONDAY, MONDAY + HOUR, 0.9)])
    assert queue.probability(0.09, 0.1, MONDAY, MONDAY + HOUR) == 0.1
    assert queue.probability(0.09, 0.1, MONDAY, MONDAY + 3 * HOUR) is None
    # What is in somebody's hands has the whole day to wait for.
    assert queue.probability(0.09, 0.1, MONDAY) is None
    assert queue.reached == MONDAY + 2 * HOUR - timedelta(microseconds=1)


def test_a_unit_whose_probability_rose_after_it_was_worked_competes_until_it_arrived_anew():
    queue = worked_queue([(TUESDAY - HOUR, 0.5)], [])
    assert queue.probability(0.04, 0.1, TUESDAY, MONDAY) == pytest.approx(0.05)


def test_what_was_worked_out_of_turn_waits_until_its_turn_has_come():
    assert worked_queue([(MONDAY, 0.5)], []).probability(0.06, 0.1, MONDAY, TUESDAY) is None
    assert worked_queue([(MONDAY, 0.7)], []).probability(0.06, 0.1, MONDAY, TUESDAY) == pytest.approx(0.07)
    assert worked_queue([], []).probability(0.06, 0.1, MONDAY, TUESDAY) == 0.1


def test_a_rank_equal_to_the_threshold_is_out_of_turn():
    assert worked_queue([(MONDAY, 0.5)], []).probability(0.05, 0.1, MONDAY, TUESDAY) is None


def test_probabilities_of_1_are_no_certainty_while_something_waits():
    assert worked_queue([(MONDAY, 0.075)], []).probability(0.05, 1.0, MONDAY, TUESDAY) == 0.075


def test_what_arrived_after_the_last_work_in_turn_is_not_reached():
    waiting = [(MONDAY, 0.5), (THURSDAY, 0.4)]
    done = TUESDAY + HOUR
    assert worked_queue(waiting, [(MONDAY, done, 0.1), (TUESDAY, done, 0.3)]).reached == done
    end_of_monday = MONDAY.replace(hour=23, minute=59, second=59, microsecond=999_999)
    # Out of turn does not count.
    assert worked_queue(waiting, [(MONDAY, done, 0.1), (WEDNESDAY, THURSDAY, 0.6)]).reached == end_of_monday


ranks = st.dictionaries(st.integers(0, 9), st.floats(0, 1, exclude_max=True), max_size=10)


def dated(by_number):
    return [(MONDAY + timedelta(days=number), rank) for number, rank in by_number.items()]


@given(ranks)
def test_thresholds_never_rise_and_lie_in_0_1(waiting):
    queue = worked_queue(dated(waiting), [])
    thresholds = [queue.threshold(MONDAY + timedelta(days=number)) for number in range(-1, 11)]
    assert thresholds[0] == 1
    assert all(0 <= after <= before for before, after in pairwise(thresholds))


@given(ranks, st.integers(0, 9), st.floats(0, 1))
def test_more_work_never_lowers_a_probability(waiting, day, p):
    queue = worked_queue(dated(waiting), [])
    later = worked_queue(dated({each: (1 + rank) / 2 for each, rank in waiting.items()}), [])
    arrival, draw = MONDAY + timedelta(days=day), p / 3
    if p and (before := queue.probability(draw, p, arrival)) is not None:
        assert before <= later.probability(draw, p, arrival) <= p


def work(generator, capacity, days=8, n=60):
    """Have people do so many reviews a day; return day, risk and weight of each, 0 if not done."""
    day = np.repeat(np.arange(days), n)
    risky = generator.random(day.size) < 0.2
    p = np.where(risky, 0.5, 0.1)
    rank = generator.random(day.size) / p
    done = np.full(day.size, -1)
    for today in range(days):
        waits = np.flatnonzero((day <= today) & (rank < 1) & (done < 0))
        done[waits[np.argsort(rank[waits])][:capacity]] = today
    open_ = np.flatnonzero((rank < 1) & (done < 0))
    arrived = [MONDAY + timedelta(days=int(each)) for each in day]
    queue = worked_queue([(arrived[each], rank[each]) for each in open_], [])
    weight = np.zeros(day.size)
    for each in np.flatnonzero(done >= 0):
        worked = MONDAY + timedelta(days=int(done[each]), hours=5)
        probability = queue.probability(rank[each] * p[each], p[each], arrived[each], worked)
        weight[each] = 1 / (probability or np.inf)
    return day, risky, weight


@pytest.mark.parametrize("capacity", [3, 6, 9])
def test_what_was_worked_stands_for_early_and_late_for_alarming_and_calm_ones(capacity):
    generator = np.random.default_rng(3)
    late, alarming = [], []
    for _ in range(400):
        day, risky, weight = work(generator, capacity)
        late.append(weight[day >= 4].sum() / weight.sum() - 0.5)
        alarming.append(weight[risky].sum() / weight.sum() - risky.mean())
    for found in (late, alarming):
        assert abs(np.mean(found)) < 0.015 + 4 * np.std(found) / np.sqrt(len(found))


# What was passed over


def test_without_unanswered_ones_every_share_is_1():
    assert response_shares(Counter({0.1: 4}), Counter()) == {}


def test_a_rate_with_few_answers_takes_the_share_of_all():
    answered = Counter({0.1: MIN_ANSWERED, 1.0: MIN_ANSWERED - 1})
    shares = response_shares(answered, Counter({0.1: 5, 1.0: 1}))
    assert shares == {0.1: 0.5, 1.0: pytest.approx(9 / 15)}


def test_skips_at_random_leave_the_weighted_total_right():
    shares = response_shares(Counter({0.1: 30, 0.5: 40}), Counter({0.1: 10, 0.5: 10}))
    assert sum(n / (rate * shares[rate]) for rate, n in ((0.1, 30), (0.5, 40))) == pytest.approx(500)
