"""The sentiment report: how customers feel at first and at last, by contact reason and by group."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Double, cast, func, select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reports import queries
from qm.reports.empathy_report import report_heading
from qm.reports.queries import Sums
from qm.reports.report_request import NOTHING_SCORED, ReportRequest, noted
from scorecards.statistics.confidence_intervals import LEVEL, t_quantile, wilson

METHOD_NOTE = (
    "Feelings are what the machine reads in the customers' words, from -1 to 1; no person has confirmed "
    "them. The shift is the last third of a customer's turns minus the first, where there are two turns and "
    "more. Intervals (Student's t; Wilson's for shares) say how far chance moves a figure of so many "
    "interactions; they do not say how often the machine misreads."
)
_RECOVERY = ("recovery_rate", "recovery_low", "recovery_high")
FIGURES = ("interactions", "measured", "start", "end", "shift", "low", "high", *_RECOVERY, "charged_share")
_FEELINGS = ("shift", "sentiment_start", "sentiment_end")
_SUMS = {
    "interactions": func.count(),
    "measured": func.count(InteractionFacts.shift),
    "squares": func.sum(cast(InteractionFacts.shift, Double) * cast(InteractionFacts.shift, Double)),
    **{name: func.sum(getattr(InteractionFacts, name)) for name in _FEELINGS},
    "started_negative": func.sum(InteractionFacts.started_negative),
    "recovered": func.sum(InteractionFacts.recovered),
    "charged": func.sum(InteractionFacts.charged),
}


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/sentiment`."""
    reasons, groups = _load(session, request)
    total = queries.add_sums(list(groups.values()))
    return {
        **report_heading(request),
        **figures(request, total),
        "reasons": [{"reason": name or None, **row} for name, row in _rows(request, reasons)],
        "groups" if not request.by_period else "series": _group_rows(request, groups),
        "method_note": noted(int(total.get("interactions", 0)), NOTHING_SCORED, METHOD_NOTE),
    }


def _load(session: Session, request: ReportRequest) -> tuple[dict[str, Sums], dict[str, Sums]]:
    """Return the sums by contact reason and by group, both of one reading of the period."""
    key = getattr(InteractionFacts, request.dimension)
    reason = func.coalesce(Interaction.intent, "").label("reason")
    statement = (
        _of_wholes(request, select(func.grouping(reason).label("of_group"), reason, key, *_SUMS.values()))
        .join(
            Interaction,
            (Interaction.tenant_id == InteractionFacts.tenant_id)
            & (Interaction.interaction_id == InteractionFacts.interaction_id),
        )
        .group_by(func.grouping_sets(reason, key))
    )
    reasons: dict[str, Sums] = {}
    groups: dict[str, list[Sums]] = {}
    for of_group, name, value, *sums in session.execute(statement):
        if of_group:
            groups.setdefault(request.group_of(value), []).append(_named(sums))
        else:
            reasons[name] = _named(sums)
    return reasons, {name: queries.add_sums(parts) for name, parts in groups.items()}


def _of_wholes(request: ReportRequest, statement: Any) -> Any:
    """Filter by the period, and leave out the parts of several agents: feelings are of whole interactions."""
    return queries.filter_period(statement, request, InteractionFacts).where(InteractionFacts.scored == 1)


def _named(sums: Sequence[Any]) -> Sums:
    return {name: float(value or 0) for name, value in zip(_SUMS, sums, strict=True)}


def figures(request: ReportRequest, sums: Sums) -> dict[str, Any]:
    """Return the figures of a group: means from -1 to 1, shares in per cent; None if they are suppressed."""
    interactions, measured = int(sums.get("interactions", 0)), int(sums.get("measured", 0))
    suppressed = request.suppresses(interactions) or request.suppresses(measured)
    if suppressed:
        return {**dict.fromkeys(FIGURES), "suppressed": True}
    found = _known_figures(interactions, measured, sums)
    if request.suppresses(int(sums.get("started_negative", 0))):
        found |= dict.fromkeys(_RECOVERY)
    return {**found, "suppressed": False}


def _known_figures(interactions: int, measured: int, sums: Sums) -> dict[str, Any]:
    shift, low, high = mean_interval(measured, sums.get("shift", 0.0), sums.get("squares", 0.0))
    began = int(sums.get("started_negative", 0))
    recovery = wilson(sums.get("recovered", 0.0) / began if began else 0.0, began)
    shares = (recovery.estimate, recovery.low, recovery.high)
    return {
        "interactions": interactions,
        "measured": measured,
        "start": sums["sentiment_start"] / measured if measured else None,
        "end": sums["sentiment_end"] / measured if measured else None,
        "shift": shift,
        "low": low,
        "high": high,
        **{name: None if each is None else 100 * each for name, each in zip(_RECOVERY, shares, strict=True)},
        "charged_share": 100 * sums["charged"] / interactions if interactions else None,
    }


def mean_interval(
    n: int, total: float, squares: float, level: float = LEVEL
) -> tuple[float | None, float | None, float | None]:
    """
    Return a mean with its limits (Student's t; 95 %) from a count, a sum and a sum of squares.

    Examples
    --------
    >>> [round(each, 3) for each in mean_interval(3, 6.0, 14.0)]
    [2.0, -0.484, 4.484]
    >>> mean_interval(1, 0.5, 0.25), mean_interval(0, 0.0, 0.0)
    ((0.5, None, None), (None, None, None))
    """
    if n < 2:
        return (total if n else None), None, None
    mean = total / n
    deviation = math.sqrt(max(squares - n * mean * mean, 0.0) / (n - 1))
    half = t_quantile(n - 1, level) * deviation / math.sqrt(n)
    return mean, mean - half, mean + half


def _rows(request: ReportRequest, parts: Mapping[str, Sums]) -> list[tuple[str, dict[str, Any]]]:
    """Return the figures of parts, the largest first; kept back where one could be told from the others."""
    hidden = frozenset[str]().union(
        *(
            request.suppressed_groups({name: int(sums[counted]) for name, sums in parts.items()})
            for counted in ("interactions", "measured")
        )
    )
    in_order = sorted(parts, key=lambda name: (-parts[name]["interactions"], name))
    nothing = {**dict.fromkeys(FIGURES), "suppressed": True}
    return [(name, nothing if name in hidden else figures(request, parts[name])) for name in in_order]


def _group_rows(request: ReportRequest, groups: Mapping[str, Sums]) -> list[dict[str, Any]]:
    known, blank = dict(_rows(request, groups)), figures(request, {})
    named = "period" if request.by_period else "value"
    return [{named: name, **known.get(name, blank)} for name in request.groups(list(groups))]
