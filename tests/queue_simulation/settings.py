"""The settings of simulated queues: what arrives, how it is drawn, and how people work."""

from dataclasses import dataclass

DAYS = 21


@dataclass(frozen=True)
class Setting:
    """One simulated client.

    Shares and rates are in [0, 1], days are counted from 0, on which a week begins.
    """

    name: str
    per_day: float = 60.0
    days: int = DAYS
    base: float = 0.1
    charged: float = 0.25
    """Sampling rate of emotionally charged interactions."""
    critical: float = 0.25
    """Sampling rate where the machine found a critical error."""
    failing: tuple[float, float, float] = (0.02, 0.04, 0.10)
    """Share with a critical error, by area."""
    fall: float = 0.0
    """Points by which the level falls in the middle of the days."""
    per_working_day: float = 6.0
    """Reviews that all reviewers together do in a day of work."""
    reviewers: int = 3
    weekends: bool = True
    works_until: int = 1000
    foreign: float = 0.0
    """Share of interactions, below the others by some points, that only the first reviewer can review."""
    skipped: float = 0.0
    skipped_low: float = 0.0
    """Share of interactions with low empathy that are skipped."""
    left_open: float = 0.0
    """Share of claims that end a person's day undone; each second such person is away for a week."""
    picked: int = 0
    """The worst of those in sight that a manager picks on each day of work."""
    clusters: float = 0.0
    """Share of the variance that is the agent's."""
    raised: float = 0.0
    """Share of interactions whose later facts raise their probability to that of charged ones."""
    pushed_again: float = 0.0
    """Share that arrives again with other words."""
    erased: float = 0.0
    at_once: bool = False
    """Whether all arrive on the first day."""
    asks: tuple[int, ...] = (6, 10, 13, 17, 20)
    """Days at whose end the reports are asked for."""
    groups: str = "week"
    """Breakdown whose groups are compared too: `channel` or `week`."""


def _settings() -> list[Setting]:
    third, everything = 3.0, 14.0
    return [
        Setting("a third of the draws done", per_working_day=third),
        Setting("two thirds done"),
        Setting("all done", per_working_day=everything),
        Setting("a third done, level falls by 8", per_working_day=third, fall=8.0),
        Setting("two thirds done, level falls by 8", fall=8.0),
        Setting("work stops in mid-month, level falls by 8", works_until=11, fall=8.0),
        Setting(
            "base rate 1, 200 on one day",
            per_day=200,
            days=8,
            base=1,
            charged=1,
            critical=1,
            weekends=False,
            at_once=True,
            per_working_day=15,
            asks=(1, 3, 5, 7),
        ),
        Setting(
            *("base rate 1, one draw a day", 1.5, 40, 1, 1, 1), per_working_day=0.9, asks=(20, 27, 34, 39)
        ),
        Setting("base rate 1, all done", 6, DAYS, 1, 1, 1, per_working_day=20),
        Setting("1 reviewer", reviewers=1),
        Setting("8 reviewers, two languages", reviewers=8, foreign=0.2, fall=8.0),
        Setting("3 reviewers, two languages", foreign=0.2, fall=8.0),
        Setting("claims left open and expiring", per_working_day=7, left_open=0.15, fall=8.0),
        Setting("15 % skipped at random", per_working_day=7, skipped=0.15),
        Setting("half of the low ones skipped", per_working_day=7, skipped_low=0.5),
        Setting("the worst picked by hand", per_working_day=8, picked=2, fall=8.0),
        Setting("more picked by hand than can be done", picked=5, fall=8.0),
        Setting("a third of the variance is the agent's", clusters=0.3),
        Setting("later facts raise the probability", raised=0.15, fall=8.0),
        Setting("pushed again with other words", per_working_day=7, pushed_again=0.2, fall=8.0),
        Setting("5 % erased", erased=0.05),
        Setting("two channels", per_day=80, per_working_day=9, groups="channel"),
        *(
            Setting(
                f"rare failures, critical rate {rate:g}, {share}",
                per_day=40,
                charged=0.1,
                critical=rate,
                per_working_day=capacity,
            )
            for rate, share, capacity in (
                (0.25, "half done", 3.0),
                (0.5, "half done", 4.0),
                (1.0, "half done", 5.0),
                (1.0, "all done", 14.0),
            )
        ),
    ]


GRID = tuple(_settings())
BY_NAME = {each.name: each for each in GRID}
