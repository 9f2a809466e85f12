"""The report on workload: empathy by the load of agents, and the load beyond which it falls.

It reads daily sums, which a periodic job keeps (`qm.friction.workload`). Loads belong to the way work is
handed out, not to an agent: nobody is named here.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.friction.models import LOADS, WorkloadSum
from qm.reports.queries import count_scored
from qm.reports.report_request import NOTHING_SCORED, ReportRequest
from qm.reports.sentiment_report import mean_interval
from scorecards.statistics.load_threshold import Cell, LoadThreshold, load_threshold
from scorecards.statistics.matched_association import Mean

METHOD_NOTE = (
    "Empathy is what the machine gives. A step is fitted at each load, with a level of its own for each "
    "group of interactions of the same channel, program, queue and theme; the one that explains most is "
    "told, with Student's limits that hold for all loads together (Bonferroni). Its own limits are those "
    "loads that a likelihood ratio test does not tell from it (Hansen 2000). Where empathy falls slowly, "
    "the step is only where it falls most clearly. It is an association and no proof of a cause: who has "
    "many conversations at once, or needs long, may differ in what is not recorded. Where several agents "
    "spoke an interaction is left out."
)
_FIGURES = ("compared", "groups", "difference", "low", "high", "falls", "beyond", "beyond_low", "beyond_high")
_UNITS = {
    "concurrency": ("conversation at once", "conversations at once"),
    "handle_time": ("minute of handling time", "minutes of handling time"),
}
Loads = dict[int, list[Mean]]


def report(session: Session, request: ReportRequest, scored: int | None = None) -> dict[str, Any]:
    """Return the answer of `reports/workload`; `scored` is their number, where it is known already."""
    found = _load(session, request)
    total = count_scored(session, request) if scored is None else scored
    rows = {measure: _loads(request, measure, total, cells) for measure, cells in found.items()}
    measures = [_measure(request, measure, total, cells) for measure, cells in found.items()]
    shown = not request.suppresses(total)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "interactions": total if shown else None,
        "finding": finding(total, measures, shown=shown),
        "measures": measures,
        "classes": [row for measure in LOADS for row in rows[measure]],
        "method_note": METHOD_NOTE,
    }


def finding(total: int, measures: list[dict[str, Any]], *, shown: bool) -> str:
    """Return what the period says in sentences, or what is missing and what to do."""
    if not shown:
        return "Fewer than five interactions: the figures are kept back."
    if not total:
        return NOTHING_SCORED
    if not any(each["known"] or each["suppressed"] for each in measures):
        return (
            "Of no interaction with an empathy score the load is known: push `handling` with "
            "`concurrency` or `handle_seconds`."
        )
    return " ".join(_told(each) for each in measures if each["known"] or each["suppressed"])


def _told(row: Mapping[str, Any]) -> str:
    one, many = _UNITS[row["measure"]]
    name = "conversations at once" if row["measure"] == "concurrency" else "handling time"
    if row["suppressed"]:
        return f"Of {name} too little is known: the figures are kept back."
    if row["difference"] is None:
        return f"Too few alike interactions differ in {name} to tell how empathy goes with it."
    if not row["falls"]:
        return f"Empathy does not clearly fall with {name}, among {row['compared']:,} alike interactions."
    load, unit = row["beyond"], one if row["beyond"] == 1 else many
    limits = f"{-row['high']:.1f} to {-row['low']:.1f}"
    between = (
        ""
        if row["beyond_low"] == row["beyond_high"]
        else f"; the load at which it falls lies between {row['beyond_low']} and {row['beyond_high']}"
    )
    return (
        f"With more than {load} {unit} empathy is {-row['difference']:.1f} points lower ({limits}) "
        f"among alike interactions{between}."
    )


def _load(session: Session, request: ReportRequest) -> dict[str, dict[tuple[str, ...], dict[int, Mean]]]:
    """Return the sums of empathy by measure of load, by cell of alike interactions, and by load."""
    cell = (WorkloadSum.channel, WorkloadSum.program, WorkloadSum.queue, WorkloadSum.theme)
    sums = (func.sum(each) for each in (WorkloadSum.interactions, WorkloadSum.y, WorkloadSum.yy))
    statement = (
        select(WorkloadSum.measure, WorkloadSum.load, *cell, *sums)
        .where(
            WorkloadSum.tenant_id == request.client.tenant_id,
            WorkloadSum.client_id == request.client.client_id,
            WorkloadSum.day.between(request.period.first, request.period.last),
            *(getattr(WorkloadSum, name) == value for name, value in request.filters.items()),
        )
        .group_by(WorkloadSum.measure, WorkloadSum.load, *cell)
    )
    found: dict[str, dict[tuple[str, ...], dict[int, Mean]]] = {measure: {} for measure in LOADS}
    for measure, load, *key, n, y, yy in session.execute(statement):
        found[measure].setdefault(tuple(key), {})[load] = Mean(int(n), float(y), float(yy))
    return found


def _measure(
    request: ReportRequest, measure: str, total: int, cells: Mapping[tuple[str, ...], Cell]
) -> dict[str, Any]:
    known = sum(mean.n for cell in cells.values() for mean in cell.values())
    row: dict[str, Any] = {"measure": measure, "known": None, **dict.fromkeys(_FIGURES), "suppressed": True}
    if request.visible_count(known, total) is None:
        return row
    row |= {"suppressed": False, "known": known}
    found = load_threshold(cells.values())
    return row if found is None else row | _threshold(measure, found)


def _threshold(measure: str, found: LoadThreshold) -> dict[str, Any]:
    return {
        "compared": found.n,
        "groups": found.cells,
        "difference": found.difference.estimate,
        "low": found.difference.low,
        "high": found.difference.high,
        "falls": found.falls,
        "beyond": _most(measure, found.threshold),
        "beyond_low": _most(measure, found.low),
        "beyond_high": _most(measure, found.high),
    }


def _most(measure: str, load: int | None) -> int | None:
    """Return the most that a class of load comes to; of minutes, the least of the next class."""
    if load is None or measure == "concurrency":
        return load
    return dict(pairwise(LOADS[measure]))[load]


def _loads(
    request: ReportRequest, measure: str, total: int, cells: Mapping[tuple[str, ...], Cell]
) -> list[dict[str, Any]]:
    """Return a row for each class of load that occurs; small ones are kept back."""
    means: Loads = {}
    for cell in cells.values():
        for load, mean in cell.items():
            means.setdefault(load, []).append(mean)
    counts = {load: sum(each.n for each in own) for load, own in means.items()}
    known = sum(counts.values())
    hidden = request.suppressed_groups({str(load): n for load, n in counts.items()} | {"": total - known})
    upper = dict(pairwise(LOADS[measure]))
    rows = []
    for load in sorted(means):
        row: dict[str, Any] = {"measure": measure, "load_from": load, "load_below": upper.get(load)}
        row |= {"interactions": None, "empathy": None, "low": None, "high": None, "suppressed": True}
        if str(load) not in hidden:
            y, yy = (sum(getattr(each, name) for each in means[load]) for name in ("y", "yy"))
            limits = mean_interval(counts[load], y, yy)
            row |= dict(zip(("empathy", "low", "high"), limits, strict=True))
            row["interactions"] = counts[load]
            row["suppressed"] = False
        rows.append(row)
    return rows
