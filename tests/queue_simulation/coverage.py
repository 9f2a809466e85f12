"""How often the intervals of simulated reports held the truth, by setting."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tests.queue_simulation.repeat import ROUNDING, Moment, Seen
from tests.queue_simulation.settings import Setting
from tests.queue_simulation.world import RARE

Choice = Callable[[Seen], bool]


def scores(seen: Seen) -> bool:
    """Choose the means of scores and the pass rate."""
    return seen.kind == "level" and seen.measure not in RARE


def failures(seen: Seen) -> bool:
    """Choose the rates of critical errors."""
    return seen.kind == "level" and seen.measure in RARE


def groups(seen: Seen) -> bool:
    return seen.kind == "group"


def differences(seen: Seen) -> bool:
    return seen.kind == "difference"


def changes(seen: Seen) -> bool:
    """Choose whether the changes of all measures held together."""
    return seen.kind == "changes"


PARTS: dict[str, Choice] = {each.__name__: each for each in (scores, failures, groups, differences, changes)}


@dataclass(frozen=True)
class Coverage:
    """Share of shown intervals that held the truth.

    `error` is the standard error over repeats, whose figures are independent; `least` is the share at the
    worst day that was asked for, `bias` the mean error in points.
    """

    share: float
    error: float
    shown: int
    asked: int
    least: float
    width: float
    bias: float
    bias_error: float
    anytime: float

    def to_json(self):
        return asdict(self)


def coverage(repeats: Sequence[Sequence[Moment]], choice: Choice) -> Coverage | None:
    """Return the coverage of the chosen figures; None when none was shown."""
    rows = [[each for moment in moments for each in moment.seen if choice(each)] for moments in repeats]
    shown = [[each for each in row if each.shown] for row in rows]
    flat = [each for row in shown for each in row]
    if not flat:
        return None
    share = np.mean([each.covers for each in flat])
    bias = np.mean([each.estimate - each.truth for each in flat])
    days = sorted({each.day for each in flat})
    return Coverage(
        float(share),
        _error([[each.covers - share for each in row] for row in shown]),
        len(flat),
        sum(map(len, rows)),
        float(min(np.mean([each.covers for each in flat if each.day == day]) for day in days)),
        float(np.mean([each.high - each.low for each in flat])),
        float(bias),
        _error([[each.estimate - each.truth - bias for each in row] for row in shown]),
        float(np.mean([_held_anytime(each) for each in flat])),
    )


def _held_anytime(seen: Seen) -> bool:
    low, high = seen.anytime
    return seen.covers if low is None else low - ROUNDING <= seen.truth <= high + ROUNDING


def _error(deviations: Iterable[Sequence[float]]) -> float:
    sums = [float(np.sum(row)) for row in deviations]
    count = sum(len(row) for row in deviations)
    return math.sqrt(sum(each**2 for each in sums)) / count


def points_without_width(repeats: Sequence[Sequence[Moment]]) -> int:
    """Count intervals without width of figures of which something waits."""
    every = [each for moments in repeats for moment in moments for each in moment.seen]
    return sum(each.shown and each.waits and not each.high > each.low for each in every)


def done(repeats: Sequence[Sequence[Moment]]) -> tuple[float, float]:
    """Return the least and the highest share of the draws that were reviewed, over the days."""
    days: dict[int, list[float]] = {}
    for moments in repeats:
        for moment in moments:
            days.setdefault(moment.day, []).append(moment.done / max(moment.drawn, 1))
    shares = [float(np.mean(each)) for each in days.values()]
    return min(shares), max(shares)


def summary(setting: Setting, repeats: Sequence[Sequence[Moment]]) -> dict:
    """Return everything that is told of one setting."""
    least, most = done(repeats)
    worst = [moment.worst for moments in repeats for moment in moments if moment.worst is not None]
    found = {name: coverage(repeats, choice) for name, choice in PARTS.items()}
    return {
        "setting": setting.name,
        "repeats": len(repeats),
        "reviews": float(np.mean([moments[-1].done for moments in repeats])),
        "counted": float(np.mean([moments[-1].counted / max(moments[-1].done, 1) for moments in repeats])),
        "done": [least, most],
        "reached": float(np.mean([moment.reached for moments in repeats for moment in moments])),
        "worst_case": float(np.mean(worst)) if worst else None,
        "without_width": points_without_width(repeats),
        **{name: each and each.to_json() for name, each in found.items()},
    }
