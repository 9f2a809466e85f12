"""The figure of customers' feelings on the report page, with what it shows in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from qm.console import charts
from qm.console.formatting import signed, words
from qm.console.interaction_links import Link

MAX_REASONS = 10


def sentiment_figure(report: Mapping[str, Any], link: Link) -> dict[str, Any] | None:
    """Return the figure of the sentiment report; None where no feeling is measured or may be shown."""
    if report["shift"] is None:
        return None
    rows = [row for row in report["reasons"] if row["shift"] is not None][:MAX_REASONS]
    shown = [
        charts.Shift(_name(row["reason"]), row["start"], row["end"], row["shift"], link(intent=row["reason"]))
        for row in rows
    ]
    if len(shown) != 1:
        shown.insert(0, _all(report, link()))
    legend = gettext("Ring: at the beginning. Dot: at the end. The number is the change.")
    svg = charts.shifts(gettext("Customers' feelings at the beginning and at the end"), shown, legend)
    return {"words": _finding(report), "svg": svg, "rows": report["reasons"], "all": report}


def _all(report: Mapping[str, Any], href: str | None) -> charts.Shift:
    return charts.Shift(str(gettext("all together")), report["start"], report["end"], report["shift"], href)


def _name(reason: str | None) -> str:
    return words(reason) if reason else str(gettext("no reason named"))


def _finding(report: Mapping[str, Any]) -> str:
    """Say whether customers left better or worse than they came: only where the interval leaves out 0."""
    told = {"start": signed(report["start"], 2), "end": signed(report["end"], 2)}
    if (report["low"] or 0) > 0:
        return str(gettext("Customers end in a better mood than they begin: %(start)s to %(end)s", **told))
    if (report["high"] or 0) < 0:
        return str(gettext("Customers end in a worse mood than they begin: %(start)s to %(end)s", **told))
    return str(
        gettext("No clear change of mood from %(start)s at the beginning to %(end)s at the end", **told)
    )
