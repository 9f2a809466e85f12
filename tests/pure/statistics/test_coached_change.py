"""How often a coached question that did not move is said to have moved, and how often one that did."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.statistics.coached_change import (
    MIN_BEFORE,
    AnswerMean,
    Usual,
    answer_mean,
    coached_change,
    usual,
)

SHARES = st.floats(0, 1)


@dataclass(frozen=True)
class Agency:
    """Agents with levels of their own, of whom one is picked to be coached."""

    agents: int
    before: int
    after: int
    levels: str
    picked: str

    def levels_of(self, rng):
        if self.levels == "alike":
            return np.full(self.agents, 0.7)
        return rng.beta(*{"differing": (4, 2), "wide": (1.5, 1.0)}[self.levels], self.agents)

    def pick(self, rng, history):
        """The worst of all, or one whose last five are below 0.6, as a suggestion does."""
        if self.picked == "worst":
            return int(np.argmin([each.mean() for each in history]))
        low = [place for place, each in enumerate(history) if each[-5:].mean() < 0.6]
        return int(rng.choice(low)) if low else None

    def moved(self, rng, *, shift=0.0, weights=False):
        """Coach somebody once; return whether the question is said to have moved, None if nobody is."""
        levels = self.levels_of(rng)
        history = [(rng.random(self.before) < level).astype(float) for level in levels]
        agent = self.pick(rng, history)
        if agent is None:
            return None
        after = (rng.random(self.after) < min(0.98, levels[agent] + shift)).astype(float)
        means = [answer_mean(list(each), self.weights(rng, len(each), weights)) for each in history]
        new = answer_mean(list(after), self.weights(rng, len(after), weights))
        return coached_change(means[agent], new, usual(means), wanted=self.after).verdict == "moved"

    @staticmethod
    def weights(rng, n, unequal):
        return list(rng.choice([1.0, 3.0], n)) if unequal else [1.0] * n

    def rate(self, repeats, **options):
        rng = np.random.default_rng(20_261_130)
        said = [each for _ in range(repeats) if (each := self.moved(rng, **options)) is not None]
        return float(np.mean(said)), len(said)


HARDEST = Agency(30, 12, 15, "alike", "worst")
EVERY = [
    Agency(agents, before, after, levels, picked)
    for agents in (3, 8, 30)
    for before in (MIN_BEFORE, 30)
    for after in (5, 10, 20)
    for levels in ("alike", "differing", "wide")
    for picked in ("worst", "last five")
]


def at_most_five_percent(rate, n):
    """Whether a simulated rate is at most 5 %, but for the chance of the simulation itself."""
    return rate <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / n)


def test_who_is_coached_for_being_low_is_not_said_to_have_moved_by_regression_to_the_mean():
    rate, n = HARDEST.rate(500)

    assert at_most_five_percent(rate, n)


def test_a_comparison_without_shrinking_would_say_so_far_too_often():
    """The simulation would notice: with next to no prior, more than every sixth alarm is false."""
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(300):
        history = (rng.random((30, 12)) < 0.7).astype(float)
        before = AnswerMean(float(history.mean(axis=1).min()), 12, 12.0)
        after = AnswerMean(float((rng.random(15) < 0.7).mean()), 15, 15.0)
        alarms.append(coached_change(before, after, Usual(0.7, 0.01, 360.0), wanted=15).verdict == "moved")

    assert np.mean(alarms) > 1 / 6


def test_a_question_that_moved_is_mostly_said_to_have():
    rate, _ = Agency(8, 12, 20, "alike", "worst").rate(200, shift=0.28)

    assert rate > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("agency", EVERY, ids=str)
@pytest.mark.parametrize("weights", [False, True], ids=["equal", "unequal"])
def test_false_alarms_are_at_most_five_percent(agency, weights):
    rate, n = agency.rate(2000, weights=weights)

    assert at_most_five_percent(rate, n)


def test_looking_again_after_every_answer_changes_nothing():
    """Before the fixed number nothing is said, and what comes after it is not looked at."""
    before, prior = AnswerMean(0.3, 20, 20.0), Usual(0.7, 20.0, 200.0)

    said = [coached_change(before, AnswerMean(1.0, n, n), prior, wanted=10) for n in range(1, 11)]

    assert [each.verdict for each in said] == ["too_early"] * 9 + ["moved"]
    assert [each.missing for each in said] == [*range(9, 0, -1), 0]


def test_too_few_answers_before_say_so():
    change = coached_change(
        AnswerMean(0.1, 7, 7.0), AnswerMean(1.0, 20, 20.0), Usual(0.7, 20.0, 200.0), wanted=20
    )

    assert (change.verdict, change.missing) == ("too_little_before", 3)
    assert coached_change(None, None, Usual(0.7, 20.0, 200.0), wanted=20).missing == MIN_BEFORE


@given(SHARES, SHARES, SHARES, st.integers(10, 60), st.integers(5, 60), st.integers(1, 3))
def test_the_interval_holds_its_estimate_and_more_questions_widen_it(b, a, m, n, k, questions):
    change = coached_change(
        AnswerMean(b, n, n), AnswerMean(a, k, k), Usual(m, 20.0, 200.0), wanted=k, questions=questions
    )
    alone = coached_change(AnswerMean(b, n, n), AnswerMean(a, k, k), Usual(m, 20.0, 200.0), wanted=k)

    assert change.difference.low <= change.difference.estimate <= change.difference.high
    assert change.difference.width >= alone.difference.width - 1e-12
    assert min(b, m) - 1e-9 <= change.shrunken.estimate <= max(b, m) + 1e-9


@given(st.lists(st.tuples(SHARES, st.floats(1, 50)), min_size=1, max_size=12))
def test_what_agents_usually_reach_lies_between_them(agents):
    found = usual([AnswerMean(mean, int(n), n) for mean, n in agents])

    means = [mean for mean, _ in agents]
    assert min(means) - 1e-9 <= found.mean <= max(means) + 1e-9
    assert 4 <= found.strength <= 100
