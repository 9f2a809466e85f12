"""The report on retention: whether customers stayed after emotionally charged cases, and after all others.

It reads daily sums, which a periodic job keeps (`qm.friction.retention`).
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.friction.models import HORIZONS, FrictionFact, RetentionSum
from qm.reports.report_request import NOTHING_SCORED, ReportRequest
from scorecards.statistics.confidence_intervals import Interval, wilson
from tenants.days import day_of

SIDES = ("charged", "other")
_FIGURES = ("cases", "retained", "share", "low", "high")
_DIFFERENCE = ("difference", "difference_low", "difference_high")
METHOD_NOTE = (
    "A case is emotionally charged where the customer's distress, as the machine reads it, rises above the "
    "client's own threshold. Its customer is lost within a horizon where any interaction of theirs says "
    "`churned` of a moment within so many days after the case began, and retained otherwise; cases that are "
    "younger than the horizon, or of unknown customers, are in no share. A customer with several cases "
    "counts with each. Intervals are Wilson's, of the difference Newcombe's. Who is upset may have had more "
    "reason to leave: a difference is an association and no proof of a cause."
)
MIN_CASES = 30
"""With fewer charged cases a longer horizon gives way to a shorter one in the sentence."""
Counts = Mapping[str, int]


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/retention`."""
    found = _load(session, request)
    known = _says_who_left(session, request)
    total = sum(side["cases"] + side["unknown"] for side in found.values())
    shown = not request.suppresses(total)
    rows = [_row(request, days, found, known=known) for days in HORIZONS]
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "interactions": total if shown else None,
        "charged": request.visible_count(_all(found["charged"]), total) if shown else None,
        "unknown_customers": request.visible_count(found["charged"]["unknown"], total) if shown else None,
        "finding": finding(request, found, rows, known=known),
        "horizons": rows,
        "method_note": METHOD_NOTE,
    }


def finding(
    request: ReportRequest, found: Mapping[str, Counts], rows: Sequence[Mapping[str, Any]], *, known: bool
) -> str:
    """Return what the period says in a sentence, or what is missing and what to do."""
    charged, total = found["charged"], sum(map(_all, found.values()))
    missing = (
        (request.suppresses(total), "Fewer than five interactions: the figures are kept back."),
        (not total, NOTHING_SCORED),
        (not _all(charged), "No interaction of this period is emotionally charged: choose a longer period."),
        (
            not charged["cases"],
            "No customer of an emotionally charged case is known: push interactions with `customer`.",
        ),
        (
            not known,
            "Nothing says yet that any customer has left: push `churned` as an outcome or a later event.",
        ),
    )
    told = [row for row in rows if row["charged_share"] is not None]
    first = next((words for is_missing, words in missing if is_missing), None)
    return first or (_told(_headline(told)) if told else _too_young(request, rows))


def _headline(told: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the row of the longest horizon with enough charged cases, or else of the most."""
    enough = [row for row in told if row["charged_cases"] >= MIN_CASES]
    return enough[-1] if enough else max(told, key=lambda row: (row["charged_cases"], row["days"]))


def _told(row: Mapping[str, Any]) -> str:
    others = "" if row["other_share"] is None else f", after all others {row['other_share']:.1f} %"
    limits = f"{row['charged_low']:.1f} to {row['charged_high']:.1f}"
    return (
        f"Of the customers of {row['charged_cases']:,} emotionally charged cases "
        f"{row['charged_share']:.1f} % ({limits}) had not left {row['days']} days later{others}."
    )


def _too_young(request: ReportRequest, rows: Sequence[Mapping[str, Any]]) -> str:
    if any(row["suppressed"] for row in rows):
        return "Too few emotionally charged cases are old enough: the figures are kept back."
    return (
        f"No emotionally charged case of this period is {HORIZONS[0]} days old yet: choose a period that "
        f"begins on {_last_old_enough(request, HORIZONS[0])} or before."
    )


def newcombe(one: Interval, other: Interval) -> Interval:
    """
    Return the difference of two independent shares with its interval, from their Wilson intervals.

    R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17, method 10.

    Examples
    --------
    >>> difference = newcombe(wilson(56 / 70, 70), wilson(48 / 80, 80))
    >>> [round(each, 4) for each in (difference.estimate, difference.low, difference.high)]
    [0.2, 0.0524, 0.3339]
    """
    if one.estimate is None or other.estimate is None:
        return Interval()
    a, low, high = one.estimate, one.low or 0.0, one.high or 0.0
    b, other_low, other_high = other.estimate, other.low or 0.0, other.high or 0.0
    below, above = math.hypot(a - low, other_high - b), math.hypot(high - a, b - other_low)
    return Interval(a - b, a - b - below, a - b + above)


def _all(side: Counts) -> int:
    return side["cases"] + side["unknown"]


def _last_old_enough(request: ReportRequest, days: int) -> date:
    """Return the last day of which all cases are so many days old."""
    return day_of(request.now, request.period.time_zone) - timedelta(days=days + 1)


def _load(session: Session, request: ReportRequest) -> dict[str, Counts]:
    """Return the counts of charged cases and of others; `cases_30` are those at least 30 days old."""
    names = ["cases", "unknown"]
    sums: list[Any] = [func.sum(getattr(RetentionSum, name)) for name in names]
    for days in HORIZONS:
        old = RetentionSum.day <= _last_old_enough(request, days)
        names += [f"cases_{days}", f"left_{days}"]
        left = getattr(RetentionSum, f"left_{days}")
        sums += [func.sum(each).filter(old) for each in (RetentionSum.cases, left)]
    statement = (
        select(RetentionSum.charged, *sums)
        .where(
            RetentionSum.tenant_id == request.client.tenant_id,
            RetentionSum.client_id == request.client.client_id,
            RetentionSum.day.between(request.period.first, request.period.last),
            *(getattr(RetentionSum, name) == value for name, value in request.filters.items()),
        )
        .group_by(RetentionSum.charged)
    )
    found: dict[str, Counts] = {side: dict.fromkeys(names, 0) for side in SIDES}
    for charged, *values in session.execute(statement):
        found["charged" if charged else "other"] = {
            name: int(value or 0) for name, value in zip(names, values, strict=True)
        }
    return found


def _says_who_left(session: Session, request: ReportRequest) -> bool:
    """Whether anything says of any customer that they left: without it, nobody knows who stayed."""
    said = select(FrictionFact.interaction_id).where(
        FrictionFact.tenant_id == request.client.tenant_id,
        FrictionFact.client_id == request.client.client_id,
        FrictionFact.churned_at.is_not(None),
    )
    return session.scalar(said.limit(1)) is not None


def _row(request: ReportRequest, days: int, found: Mapping[str, Counts], *, known: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"days": days, "suppressed": True, "too_young": None}
    row |= dict.fromkeys([*(f"{side}_{name}" for side in SIDES for name in _FIGURES), *_DIFFERENCE])
    old = {side: found[side][f"cases_{days}"] for side in SIDES}
    young = {side: found[side]["cases"] - old[side] for side in SIDES}
    if any(request.suppresses(each) for each in (*old.values(), *young.values())):
        return row
    row |= {"suppressed": False, "too_young": young["charged"]}
    shares = {side: _share(found[side], days, known=known) for side in SIDES}
    for side, share in shares.items():
        retained = old[side] - found[side][f"left_{days}"] if known else None
        limits = (_per_cent(each) for each in (share.estimate, share.low, share.high))
        values = zip(_FIGURES, (old[side], retained, *limits), strict=True)
        row |= {f"{side}_{name}": value for name, value in values}
    apart = newcombe(shares["charged"], shares["other"])
    limits = (_per_cent(each) for each in (apart.estimate, apart.low, apart.high))
    return row | dict(zip(_DIFFERENCE, limits, strict=True))


def _share(side: Counts, days: int, *, known: bool) -> Interval:
    cases = side[f"cases_{days}"]
    return wilson(1 - side[f"left_{days}"] / cases, cases) if cases and known else Interval()


def _per_cent(share: float | None) -> float | None:
    return None if share is None else 100 * share
