"""The report on outcomes: satisfaction, promoters, first contact, reopened, and how they go with empathy.

Like is compared with like: interactions of the same channel, program, queue, priority, language and theme.
What is found is an association; what else differs between them is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from qm.friction.models import CELL, OUTCOME_SUMS, OUTCOMES, OutcomeSum
from qm.reports.queries import Sums, add_sums, rollup_sums
from qm.reports.report_request import NOTHING_SCORED, ReportRequest, noted
from qm.reports.sentiment_report import mean_interval
from scorecards.statistics.confidence_intervals import wilson
from scorecards.statistics.matched_association import Cell, Compared, Mean, difference_within, slope_within
from tenants.http.faults import Fault, Invalid

SHARES = ("first_contact", "reopened")
POINTS = 10
"""The relation is told for so many points of empathy."""
METHOD_NOTE = (
    "The relation with empathy compares like with like: interactions of the same channel, program, queue, "
    "priority, language and theme, by least squares within these groups, with Student's 95 % limits. Empathy "
    "is what the machine gives. It is an association and no proof of a cause: customers, cases and agents "
    "may differ in what is not recorded. Only who answered is in it."
)
_FIGURES = ("answered", "estimate", "low", "high")
_RELATION = ("compared", "groups", "per_10_points", "per_10_low", "per_10_high")
_EFFECT = ("before", "after", "difference", "difference_low", "difference_high")
_CellKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme that began on a day of the period, and what a point of one outcome is worth."""

    on: date
    measure: str = "csat"
    value_per_point: float | None = None


def report(session: Session, request: ReportRequest, programme: Programme | None = None) -> dict[str, Any]:
    """Return the answer of `reports/outcomes`."""
    if programme is not None:
        _check(request, programme)
    total = sum(int(each["scored"]) for each in rollup_sums(session, request, names=("scored",)).values())
    found = _load(session, request, request.period.first, request.period.last, None)
    sides = None
    if programme is not None:
        first = request.previous().period.first
        sides = _load(session, request, first, request.period.last, programme.on)
    rows = [_row(request, total, measure, found, sides) for measure in OUTCOMES]
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "interactions": None if request.suppresses(total) else total,
        "measures": rows,
        "programme": _worth(programme, rows, sides) if programme is not None else None,
        "method_note": noted(total, NOTHING_SCORED, METHOD_NOTE),
    }


def _check(request: ReportRequest, programme: Programme) -> None:
    period = request.period
    if request.suppress_small and programme.on != period.first:
        detail = "A client's stakeholders compare whole months: take the first day of the month."
        raise Invalid([Fault("/query/programme_on", "whole_months", detail)])
    if not period.first <= programme.on <= period.last:
        detail = f"This must be a day from {period.first} to {period.last}, the period of the report."
        raise Invalid([Fault("/query/programme_on", "outside_period", detail)])


def _load(
    session: Session, request: ReportRequest, first: date, last: date, split: date | None
) -> dict[str, dict[bool, dict[_CellKey, Sums]]]:
    """Return the sums by measure, by whether they are from the day of a split on, and by cell."""
    after: Any = literal(True) if split is None else case((OutcomeSum.day >= split, True), else_=False)
    keys = [getattr(OutcomeSum, name) for name in CELL]
    sums = [func.sum(getattr(OutcomeSum, name)) for name in OUTCOME_SUMS]
    statement = (
        select(OutcomeSum.measure, after.label("after"), *keys, *sums)
        .where(
            OutcomeSum.tenant_id == request.client.tenant_id,
            OutcomeSum.client_id == request.client.client_id,
            OutcomeSum.day.between(first, last),
            *(getattr(OutcomeSum, name) == value for name, value in request.filters.items()),
        )
        .group_by(OutcomeSum.measure, after, *keys)
    )
    found: dict[str, dict[bool, dict[_CellKey, Sums]]] = {}
    for measure, is_after, *row in session.execute(statement):
        values = dict(zip(OUTCOME_SUMS, map(float, row[len(CELL) :]), strict=True))
        found.setdefault(measure, {}).setdefault(is_after, {})[tuple(row[: len(CELL)])] = values
    return found


def _row(
    request: ReportRequest,
    total: int,
    measure: str,
    found: Mapping[str, Mapping[bool, Mapping[_CellKey, Sums]]],
    sides: Mapping[str, Mapping[bool, Mapping[_CellKey, Sums]]] | None,
) -> dict[str, Any]:
    cells = found.get(measure, {}).get(True, {})
    answered = int(add_sums(list(cells.values())).get("answered", 0))
    row: dict[str, Any] = {"measure": measure, "suppressed": True}
    row |= dict.fromkeys((*_FIGURES, *_RELATION, *_EFFECT))
    if request.visible_count(answered, total) is None:
        return row
    row |= {"suppressed": False, **_level(measure, answered, list(cells.values()))}
    row |= _relation(cells)
    if sides is not None:
        row |= _effect(request, measure, sides.get(measure, {}))
    return row


def _level(measure: str, answered: int, cells: Sequence[Sums]) -> dict[str, Any]:
    sums = add_sums(cells)
    if measure in SHARES:
        share = wilson(sums["y"] / 100 / answered if answered else 0.0, answered)
        limits = [None if each is None else 100 * each for each in (share.estimate, share.low, share.high)]
    else:
        limits = list(mean_interval(answered, sums.get("y", 0.0), sums.get("yy", 0.0)))
    return dict(zip(_FIGURES, (answered, *limits), strict=True))


def _relation(cells: Mapping[_CellKey, Sums]) -> dict[str, Any]:
    names = ("paired_x", "paired_xx", "paired_y", "paired_yy", "paired_xy")
    compared = slope_within(
        Cell(int(sums["paired"]), *(sums[name] for name in names))
        for sums in cells.values()
        if sums["paired"]
    )
    if compared is None:
        return dict.fromkeys(_RELATION)
    limits = compared.interval
    per_ten = (POINTS * (each or 0.0) for each in (limits.estimate, limits.low, limits.high))
    return dict(zip(_RELATION, (compared.n, compared.cells, *per_ten), strict=True))


def _effect(
    request: ReportRequest, measure: str, sides: Mapping[bool, Mapping[_CellKey, Sums]]
) -> dict[str, Any]:
    """Return the level before and after, and the difference among interactions that are alike."""
    before, after = sides.get(False, {}), sides.get(True, {})
    counts = [int(add_sums(list(each.values())).get("answered", 0)) for each in (before, after)]
    if any(request.suppresses(count) for count in counts) or not all(counts):
        return dict.fromkeys(_EFFECT)
    levels = [
        _level(measure, count, list(each.values()))["estimate"]
        for count, each in zip(counts, (before, after), strict=True)
    ]
    compared = _difference(before, after)
    limits = compared.interval if compared else None
    return dict(
        zip(
            _EFFECT,
            (*levels, *((limits.estimate, limits.low, limits.high) if limits else (None, None, None))),
            strict=True,
        )
    )


def _difference(before: Mapping[_CellKey, Sums], after: Mapping[_CellKey, Sums]) -> Compared | None:
    empty = Mean(0, 0.0, 0.0)

    def mean(sums: Sums | None) -> Mean:
        return empty if sums is None else Mean(int(sums["answered"]), sums["y"], sums["yy"])

    return difference_within(
        [(mean(before.get(key)), mean(after.get(key))) for key in before.keys() | after.keys()]
    )


def _worth(
    programme: Programme,
    rows: Sequence[Mapping[str, Any]],
    sides: Mapping[str, Mapping[bool, Mapping[_CellKey, Sums]]] | None,
) -> dict[str, Any]:
    """Return what the difference is worth: that of one answer, times the answers since, times the value."""
    row = next(each for each in rows if each["measure"] == programme.measure)
    after = (sides or {}).get(programme.measure, {}).get(True, {})
    answers = (
        int(add_sums(list(after.values())).get("answered", 0)) if row["difference"] is not None else None
    )
    worth = [
        None
        if row[name] is None or answers is None or programme.value_per_point is None
        else row[name] * answers * programme.value_per_point
        for name in ("difference", "difference_low", "difference_high")
    ]
    return {
        "on": programme.on,
        "measure": programme.measure,
        "value_per_point": programme.value_per_point,
        "answers_after": answers,
        **dict(zip(("value", "value_low", "value_high"), worth, strict=True)),
    }
