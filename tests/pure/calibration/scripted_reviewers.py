"""Reviewers of known severity and noise, who answer forms whose true answers are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import score
from scorecards.statistics.difference_estimator import estimate
from scorecards.statistics.severity import severities
from scorecards.statistics.severity_correction import severity_shift, shifted
from scorecards.statistics.strata import Stratum

Truth = Mapping[str, str | None]
EXPERT = 0
"""The column of the reviewer whose answers are the truth, now and then mistaken."""


@dataclass(frozen=True)
class Scripted:
    """How often a reviewer takes the next better (or, below 0, worse) option, and how often any other one."""

    leniency: float
    noise: float


REVIEWERS = (
    Scripted(0.0, 0.03),
    Scripted(-0.25, 0.08),
    Scripted(-0.1, 0.05),
    Scripted(0.12, 0.15),
    Scripted(-0.35, 0.05),
)
SHARES = (0.0, 0.4, 0.2, 0.1, 0.3)
"""What share of the reviews each of them does."""


def total(form: Form, answers: Mapping[str, Answer]) -> float:
    points = score(form, answers, channel="chat", intent=None).total
    return np.nan if points is None else points


def true_answers(truth: Truth) -> dict[str, Answer]:
    return {key: Answer(key, value, na=value is None) for key, value in truth.items()}


def answered(
    generator: np.random.Generator, form: Form, truth: Truth, reviewer: Scripted
) -> dict[str, Answer]:
    given = {}
    for key, value in truth.items():
        options = sorted(form.questions[key].values.items(), key=lambda option: option[1])
        names = [name for name, _ in options]
        chosen = value
        if value in names:
            place = names.index(value)
            if generator.random() < abs(reviewer.leniency):
                place = min(len(names) - 1, max(0, place + (1 if reviewer.leniency > 0 else -1)))
            if generator.random() < reviewer.noise:
                place = int(generator.integers(len(names)))
            chosen = names[place]
        given[key] = Answer(key, chosen, na=chosen is None)
    return given


@dataclass(frozen=True)
class World:
    """All interactions of a client: what the truth scores, what each reviewer would give, and the machine."""

    truth: np.ndarray
    given: np.ndarray
    machine: np.ndarray

    @classmethod
    def of(cls, forms: Sequence[tuple[Form, Truth]], seed: int) -> "World":
        generator = np.random.default_rng(seed)
        truth = np.array([total(form, true_answers(known)) for form, known in forms])
        given = np.array(
            [
                [total(form, answered(generator, form, known, each)) for each in REVIEWERS]
                for form, known in forms
            ]
        )
        machine = np.clip(truth + generator.normal(4, 15, truth.size), 0, 100)
        return cls(truth, given, machine)

    @property
    def severity(self) -> np.ndarray:
        """What each reviewer gives more than the expert, over all interactions."""
        return (self.given - self.given[:, [EXPERT]]).mean(axis=0)


@dataclass
class Outcome:
    """How often intervals held what they should, and the mean errors of the client's number."""

    severity: float
    plain: float
    corrected: float
    plain_error: float
    corrected_error: float


def simulate(world: World, *, repeats: int, sessions: int = 4, reviews: int = 300, seed: int = 1) -> Outcome:
    """Repeat a year: calibrate on drawn interactions, review others, and estimate with and without."""
    generator = np.random.default_rng(seed)
    size, held, known = world.truth.size, 0, 0
    inside, errors = np.zeros(2), np.zeros(2)
    target = world.given[:, EXPERT].mean()
    rate = reviews / size
    strata = [Stratum(rate, size, size, float(world.machine.sum()))]
    for _ in range(repeats):
        calibrated = world.given[generator.choice(size, 12 * sessions, replace=False)].copy()
        calibrated[generator.random(calibrated.shape) < 0.1] = np.nan
        found = severities(calibrated, [EXPERT])
        for rater in range(1, len(REVIEWERS)):
            interval = found.interval(rater)
            known += 1
            held += interval.low <= world.severity[rater] <= interval.high
        sample = generator.choice(size, reviews, replace=False)
        rater = generator.choice(len(REVIEWERS), reviews, p=SHARES)
        human, machine = world.given[sample, rater], world.machine[sample]
        even = np.full(reviews, rate)
        plain = estimate(strata, human, machine, even)
        shift = severity_shift(
            strata, even, even, defined=~np.isnan(human), rater=rater.astype(np.int64), severities=found
        )
        for place, number in enumerate((plain, shifted(plain, shift))):
            inside[place] += number.low <= target <= number.high
            errors[place] += number.estimate - target
    return Outcome(held / known, *(inside / repeats), *(errors / repeats))
