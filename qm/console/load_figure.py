"""The figure of workload on the report page: empathy by load of agents, and where it falls."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from qm.console import charts
from qm.console.formatting import number, signed
from qm.console.telling import told

Row = charts.Point | charts.Cut | str


def load_figure(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the figure of the workload report; None where no class of load is known or may be shown."""
    rows = [{**row, "name": _name(row)} for row in report["classes"]]
    drawn: list[Row] = []
    for measure in report["measures"]:
        drawn += _drawn(measure, [row for row in rows if row["measure"] == measure["measure"]])
    if not drawn:
        return None
    legend = gettext(
        "Dot: the mean of the machine's empathy. Line: its interval. Dashed, where there is one: beyond it "
        "empathy falls."
    )
    return {
        "words": told(report["finding"]),
        "svg": charts.ranges(gettext("Empathy by load, of 100"), drawn, legend),
        "rows": rows,
    }


def _drawn(measure: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[Row]:
    """Return the shown classes of one kind of load under its name, with a line where empathy falls."""
    shown = [row for row in rows if not row["suppressed"]]
    if not shown:
        return []
    drawn: list[Row] = [
        charts.Point(row["name"], row["empathy"], row["low"], row["high"], row["interactions"])
        for row in shown
    ]
    if measure["falls"]:
        drawn.insert(sum(_is_up_to(measure, row) for row in shown), charts.Cut(_fall(measure)))
    is_count = measure["measure"] == "concurrency"
    return [str(gettext("Conversations at once") if is_count else gettext("Handling time")), *drawn]


def _fall(measure: Mapping[str, Any]) -> str:
    return str(
        gettext(
            "More than %(n)s: %(change)s points among alike interactions (%(low)s to %(high)s)",
            n=number(measure["beyond"], 0),
            change=signed(measure["difference"]),
            low=signed(measure["low"]),
            high=signed(measure["high"]),
        )
    )


def _is_up_to(measure: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a class lies before the fall; of minutes, `beyond` is where the first class after it begins."""
    if measure["measure"] == "concurrency":
        return bool(row["load_from"] <= measure["beyond"])
    return bool(row["load_from"] < measure["beyond"])


def _name(row: Mapping[str, Any]) -> str:
    least, end = row["load_from"], row["load_below"]
    values = {"n": number(least, 0), "m": number(end, 0)}
    if row["measure"] == "concurrency":
        return str(
            gettext("%(n)s or more at once", **values) if end is None else gettext("%(n)s at once", **values)
        )
    if end is None:
        return str(gettext("%(n)s minutes or more", **values))
    if not least:
        return str(gettext("under %(n)s minutes", n=values["m"]))
    return str(gettext("%(n)s to under %(m)s minutes", **values))
