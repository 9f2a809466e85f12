"""Figures of friction themes from their daily sums: Pareto order, shares, hours, and what changed when."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from qm.disclosure import is_small
from qm.reports.queries import Sums, add_sums
from qm.reports.report_request import ReportRequest
from qm.reports.sentiment_report import mean_interval
from scorecards.definitions.friction_themes import NO_THEME
from scorecards.statistics.change_point import pettitt
from scorecards.statistics.confidence_intervals import wilson
from scorecards.statistics.exact_share import larger_share_p
from scorecards.statistics.group_differences import holm_rejects

MIN_TESTED = 20
"""Of fewer interactions of a theme no change is looked for, of fewer apologies no accumulation."""
MIN_AGAIN = 0.5
"""Where agents apologise in a smaller share of a theme's interactions, they do not do so again and again."""
FIGURES = (
    *("interactions", "share", "cumulative_share", "apology_share", "apology_low", "apology_high"),
    *("apologises_again", "apology_hours", "followed", "repeat_share", "repeat_low", "repeat_high"),
    *("handled", "handle_minutes", "shift", "shift_low", "shift_high"),
    *("changed_on", "share_before", "share_after"),
)
_CHANGE = ("changed_on", "share_before", "share_after")
_APOLOGIES = ("apology_share", "apology_low", "apology_high", "apologises_again", "apology_hours")
_REPEATS = ("followed", "repeat_share", "repeat_low", "repeat_high")


@dataclass(frozen=True, slots=True)
class ThemeSums:
    """The sums of one theme, day by day."""

    theme: str
    days: Mapping[date, Sums]
    all: Sums = field(init=False)

    def __post_init__(self) -> None:
        """Add up the days."""
        object.__setattr__(self, "all", add_sums(list(self.days.values())))

    @property
    def interactions(self) -> int:
        """How many interactions are of this theme."""
        return int(self.all.get("interactions", 0))

    @property
    def apologised(self) -> int:
        """In how many of them an agent apologised."""
        return int(self.all.get("apologised", 0))


def theme_rows(request: ReportRequest, found: Sequence[ThemeSums]) -> list[dict[str, Any]]:
    """Return the figures of every theme, the largest first, those that are kept back last."""
    total = add_sums([each.all for each in found])
    hidden = request.suppressed_groups({each.theme: each.interactions for each in found})
    themes = [each for each in found if each.theme != NO_THEME]
    in_order = sorted(themes, key=lambda each: _place(each, hidden))
    again, changes = _again(themes, total), _changes(found)
    rows, before = [], 0
    for each in in_order:
        row: dict[str, Any] = {"theme": each.theme, **dict.fromkeys(FIGURES), "suppressed": True}
        if each.theme not in hidden:
            before += each.interactions
            row |= _figures(request, each, total, before)
            row |= {"apologises_again": each.theme in again, "suppressed": False}
            row |= _change(request, changes.get(each.theme))
            row |= _kept_back(request, each)
        rows.append(row)
    return rows


def _place(theme: ThemeSums, hidden: Collection[str]) -> tuple[bool, int, str]:
    """Return where a theme stands; the order of those that are kept back tells nothing of their size."""
    is_hidden = theme.theme in hidden
    return is_hidden, 0 if is_hidden else -theme.interactions, theme.theme


def _figures(request: ReportRequest, theme: ThemeSums, total: Sums, before: int) -> dict[str, Any]:
    sums, n = theme.all, theme.interactions
    apologies = wilson(theme.apologised / n if n else 0.0, n)
    followed = int(sums["followed"])
    repeats = wilson(sums["repeated"] / followed if followed else 0.0, followed)
    shift, low, high = mean_interval(int(sums["shift_count"]), sums["shift_sum"], sums["shift_squares"])
    if request.suppresses(int(sums["shift_count"])):
        shift = low = high = None
    handled = int(sums["handled"])
    return {
        "interactions": n,
        "share": 100 * n / total["interactions"],
        "cumulative_share": 100 * before / total["interactions"],
        **_percents("apology", apologies),
        "apology_hours": sums["apologised_seconds"] / 3600 if sums["apologised_handled"] else None,
        "followed": followed,
        **_percents("repeat", repeats),
        "handled": handled,
        "handle_minutes": sums["handle_seconds"] / handled / 60 if handled else None,
        "shift": shift,
        "shift_low": low,
        "shift_high": high,
    }


def _percents(name: str, interval: Any) -> dict[str, float | None]:
    parts = {"share": interval.estimate, "low": interval.low, "high": interval.high}
    return {f"{name}_{part}": None if value is None else 100 * value for part, value in parts.items()}


def _kept_back(request: ReportRequest, theme: ThemeSums) -> dict[str, None]:
    """Return the figures of parts of a theme that are too small, or leave too few others, to be shown."""
    hidden: list[str] = []
    sums, n = theme.all, theme.interactions
    if request.visible_count(theme.apologised, n) is None:
        hidden += _APOLOGIES
    followed = int(sums["followed"])
    parts = (request.visible_count(int(sums["repeated"]), followed), request.visible_count(followed, n))
    if None in parts:
        hidden += _REPEATS
    if request.visible_count(int(sums["handled"]), n) is None:
        hidden += ["handled", "handle_minutes"]
    if request.suppresses(int(sums["apologised_handled"])):
        hidden.append("apology_hours")
    return dict.fromkeys(hidden)


def _again(themes: Sequence[ThemeSums], total: Sums) -> set[str]:
    """Return the themes about which agents apologise again and again: most often, and more than elsewhere.

    Fisher's exact test of each theme against all other interactions, corrected by Holm for their number.
    """
    tested = [each for each in themes if each.apologised >= MIN_TESTED]
    tests = [
        larger_share_p(
            each.apologised,
            each.interactions,
            int(total["apologised"]) - each.apologised,
            int(total["interactions"]) - each.interactions,
        )
        for each in tested
    ]
    often = (each.apologised >= MIN_AGAIN * each.interactions for each in tested)
    return {
        each.theme
        for each, rejected, is_often in zip(tested, holm_rejects(tests), often, strict=True)
        if rejected and is_often
    }


@dataclass(frozen=True, slots=True)
class _Change:
    """When a theme's share of all interactions changed: the counts before and from that day on."""

    on: date
    before: int
    of_before: int
    after: int
    of_after: int


def _changes(found: Sequence[ThemeSums]) -> dict[str, _Change]:
    """Return the themes whose daily share changed: Pettitt's test, corrected by Holm for their number."""
    totals = Counter[date]()
    for each in found:
        totals.update({day: int(sums["interactions"]) for day, sums in each.days.items()})
    days = sorted(day for day, count in totals.items() if count)
    changes: dict[str, _Change] = {}
    p_values: dict[str, float] = {}
    for each in found:
        if each.theme == NO_THEME or each.interactions < MIN_TESTED:
            continue
        counts = [int(each.days[day]["interactions"]) if day in each.days else 0 for day in days]
        point = pettitt([count / totals[day] for count, day in zip(counts, days, strict=True)])
        if point is not None:
            place = point.before
            of_before = sum(totals[day] for day in days[:place])
            of_after = totals.total() - of_before
            p_values[each.theme] = point.p
            changes[each.theme] = _Change(
                days[place], sum(counts[:place]), of_before, sum(counts[place:]), of_after
            )
    rejected = holm_rejects(list(p_values.values()))
    return {theme: changes[theme] for theme, clear in zip(p_values, rejected, strict=True) if clear}


def _change(request: ReportRequest, found: _Change | None) -> dict[str, Any]:
    if found is None or (request.suppress_small and (is_small(found.before) or is_small(found.after))):
        return dict.fromkeys(_CHANGE)
    shares = (100 * found.before / found.of_before, 100 * found.after / found.of_after)
    return dict(zip(_CHANGE, (found.on, *shares), strict=True))
