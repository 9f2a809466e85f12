"""The figures of empathy on the report page: by month and by pillar, each with what it shows in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from qm.console import charts
from qm.console.formatting import month, number
from qm.console.interaction_links import Link
from qm.console.trend_chart import trend
from qm.reports.report_request import Period, ReportRequest

TREND_MONTHS = 6
FEW = 30
"""Of fewer reviews a figure is too rough to be compared: its range is shown alone."""


def by_month(request: ReportRequest) -> ReportRequest:
    """Return the request for the trend: whole months up to the period's last, each a report of its own."""
    first = request.period.last.replace(day=1)
    for _ in range(TREND_MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return replace(request, period=replace(request.period, first=first), group_by="month")


def goals_of(verdict: Mapping[str, Any]) -> dict[str, float]:
    """Return the goal of each measure that the report of targets has one for."""
    return {row["measure"]: row["goal"] for row in verdict["targets"]}


def trend_figure(
    report: Mapping[str, Any], goals: Mapping[str, float], period: Period, link: Link
) -> dict[str, Any] | None:
    """Return the trend by month of the report on empathy; None where no month has a number."""
    rows = [row for row in report["series"] if row["suppressed"] or row["interactions"]]
    goal = goals.get("empathy")
    points = [
        charts.Point(
            *(month(row["period"]), row["estimate"], row["low"], row["high"], row["counted"], goal),
            href=link(period=_month_of(row["period"], period)),
        )
        for row in rows
    ]
    known = [point for point in points if point.low is not None]
    if not known:
        return None
    few = [point.name for point in known if (point.n or 0) < FEW]
    names = {
        "goal": "" if goal is None else gettext("goal %(goal)s", goal=number(goal)),
        "unknown": gettext("too few reviews"),
        "legend": gettext("Dot: empathy, of 100. Blue: its interval. Grey: too few reviews to compare."),
    }
    return {
        "words": _trend_words([point for point in known if point.name not in few]),
        "svg": trend(gettext("Empathy by month with its interval"), points, few, **names),
        "rows": rows,
    }


def _month_of(name: str, period: Period) -> Period:
    """Return the days of a month as far as the report reads them."""
    first = date.fromisoformat(f"{name}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return replace(period, first=first, last=min(last, period.last))


def _trend_words(points: Sequence[charts.Point]) -> str:
    """Say what the trend shows: a change only where the intervals of first and last month do not overlap."""
    if not points:
        return str(gettext("Single months have fewer than %(few)d reviews: too few to compare", few=FEW))
    first, last = points[0], points[-1]
    told = {"begin": first.name, "end": last.name, "first": number(first.value), "last": number(last.value)}
    if len(points) == 1:
        return str(gettext("Empathy was %(last)s in %(end)s", **told))
    if (last.low or 0) > (first.high or 0):
        return str(gettext("Empathy rose from %(first)s in %(begin)s to %(last)s in %(end)s", **told))
    if (last.high or 0) < (first.low or 0):
        return str(gettext("Empathy fell from %(first)s in %(begin)s to %(last)s in %(end)s", **told))
    return str(gettext("No clear change of empathy from %(begin)s (%(first)s) to %(end)s (%(last)s)", **told))


def pillars_figure(
    report: Mapping[str, Any], goals: Mapping[str, float], link: Link
) -> dict[str, Any] | None:
    """Return the pillars with what they show in words; None where none of them is measured."""
    rows = [row for row in report["pillars"] if row["estimate"] is not None]
    if not rows:
        return None
    points = [
        charts.Point(
            *(row["name"], row["estimate"], row["low"], row["high"], None, goals.get(row["key"])),
            href=link(),
        )
        for row in rows
    ]
    title = gettext("The four pillars of empathy, of 100")
    legend = gettext("Dot: the estimate. Line: its interval. Dashed: the goal, where there is one.")
    svg = charts.ranges(title, points, legend)
    return {"words": pillars_words(rows), "svg": svg, "rows": report["pillars"]}


def pillars_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """Name the strongest and the weakest pillar, but only where their intervals do not overlap."""
    best, worst = max(rows, key=lambda row: row["estimate"]), min(rows, key=lambda row: row["estimate"])
    if len(rows) == 1:
        return str(gettext("%(name)s is at %(value)s", name=best["name"], value=number(best["estimate"])))
    if None in (best["low"], worst["high"]) or best["low"] <= worst["high"]:
        return str(gettext("No pillar is clearly ahead of the others"))
    told = {"best": best["name"], "high": number(best["estimate"]), "worst": worst["name"]}
    return str(
        gettext(
            "Strongest is %(best)s (%(high)s), weakest %(worst)s (%(low)s)",
            **told,
            low=number(worst["estimate"]),
        )
    )
