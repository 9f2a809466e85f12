"""The overview: one computed sentence, the figures behind it, and how they compare with the period before."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from qm.reports import queries, sla_report
from qm.reports.empathy import (
    estimate_of,
    heading,
    limit_of,
    method_note,
    nothing,
    rows_of_groups,
)
from qm.reports.queries import ReviewedSample, Sums
from qm.reports.request import ReportRequest
from scorecards.sla.policy import TARGETS
from scorecards.statistics.difference_estimator import Estimate

COMPARED = (
    "interactions",
    "scored",
    "reviewed",
    "scored_share",
    "reviewed_share",
    "empathy",
    "sla_compliance",
    "sentiment_shift",
    "recovery_rate",
    "charged_share",
    "score_mean",
    "pass_share",
)
SUMMED = (
    *("scored", "passed", "charged", "started_negative", "recovered"),
    *queries.both("score", "empathy", "shift"),
)
HEADLINE = queries.JUDGED[:1]


def report(session: Session, question: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/overview`."""
    sums = queries.sums(session, question, question.column, names=SUMMED)
    grouped = {key[0]: part for key, part in sums.items()}
    waiting = queries.unscored(session, question, question.column)
    reviewed = queries.sample(session, question, question.column, measures=HEADLINE)
    whole = queries.total(list(grouped.values()))
    empathy, sla = estimate_of(question, whole, reviewed), sla_report.headline(session, question)
    now = figures(whole, waiting.total(), reviewed.n) | {
        "empathy": empathy.estimate,
        "sla_compliance": sla.get("compliance"),
    }
    earlier, before = _before(session, question.before())
    previous = question.before().period
    kept_back = question.suppresses(int(whole["scored"]) + waiting.total())
    if kept_back:
        now, empathy, sla = dict.fromkeys(COMPARED), nothing(), {"suppressed": True}
    return {
        **heading(question),
        **now,
        "suppressed": kept_back,
        "finding": finding(now, empathy, sla, before=before, days=question.period.days, hidden=kept_back),
        "empathy": empathy,
        "sla": sla,
        "previous": {"from": previous.first, "to": previous.last, "status": before.status, **earlier},
        "change": _changes(now, earlier, comparable=empathy.status == before.status),
        "groups" if not question.by_period else "series": rows_of_groups(
            question, grouped, waiting, reviewed, _row
        ),
        "method_note": method_note(
            empathy, scored=int(whole["scored"]), reviewed=reviewed, limit=limit_of(question)
        ),
    }


def figures(sums: Sums, waiting: int, reviewed: int) -> dict[str, float | None]:
    """Return the plain figures: counts, shares in points of 100, the mean sentiment shift in [-2, 2]."""
    scored = sums.get("scored", 0)
    interactions = scored + waiting
    return {
        "interactions": interactions,
        "scored": scored,
        "reviewed": reviewed,
        "scored_share": _ratio(100 * scored, interactions),
        "reviewed_share": _ratio(100 * reviewed, interactions),
        "sentiment_shift": _ratio(sums.get("shift_sum", 0), sums.get("shift_count", 0)),
        "recovery_rate": _ratio(100 * sums.get("recovered", 0), sums.get("started_negative", 0)),
        "charged_share": _ratio(100 * sums.get("charged", 0), scored),
        "score_mean": _ratio(sums.get("score_sum", 0), sums.get("score_count", 0)),
        "pass_share": _ratio(100 * sums.get("passed", 0), sums.get("score_count", 0)),
    }


def finding(
    now: Mapping[str, float | None],
    empathy: Estimate,
    sla: Mapping[str, Any],
    *,
    before: Estimate,
    days: int,
    hidden: bool = False,
) -> str:
    """Say in one sentence what the period shows.

    Examples
    --------
    >>> from scorecards.statistics.difference_estimator import Population, estimate
    >>> blank = nothing()
    >>> finding({"interactions": 0, "scored": 0}, blank, {}, before=blank, days=28)
    'There are no interactions in this period.'
    >>> machine = estimate(Population(40, 40, 2996.0), [], [], [])
    >>> finding({"interactions": 40, "scored": 40}, machine, {}, before=blank, days=28)
    'The machine puts empathy at 74.9 of 100, which no human review confirms yet.'
    """
    if hidden:
        return "There are too few interactions in this period to show figures."
    if not now["interactions"]:
        return "There are no interactions in this period."
    if not now["scored"]:
        return f"None of the {now['interactions']:,.0f} interactions in this period is scored yet."
    parts = [_empathy_words(empathy, before, days), _sla_words(sla)]
    return "; ".join(part for part in parts if part) + "."


def clearly_differ(now: Estimate, before: Estimate) -> bool:
    """Whether two estimates from separate samples differ by more than chance: |d| > sqrt(h1² + h2²).

    h is half the width of each 95 % interval; the root is the half width of their difference.
    """
    if None in {now.estimate, now.low, now.high, before.estimate, before.low, before.high}:
        return False
    widths = [((each.high or 0.0) - (each.low or 0.0)) / 2 for each in (now, before)]
    return abs((now.estimate or 0.0) - (before.estimate or 0.0)) > math.hypot(*widths)


def _empathy_words(empathy: Estimate, before: Estimate, days: int) -> str:
    if empathy.status == "too_few_reviews":
        reviews = "1 review is" if empathy.n == 1 else f"{empathy.n:,} reviews are"
        return f"{reviews} too few to give empathy as a number"
    if empathy.estimate is None:
        return "No interaction in this period has an empathy score"
    if empathy.status == "unverified":
        return (
            f"The machine puts empathy at {empathy.estimate:.1f} of 100, which no human review confirms yet"
        )
    words = (
        f"Empathy is {empathy.estimate:.1f} of 100 (95 % interval {empathy.low:.1f} to {empathy.high:.1f})"
    )
    if before.status != "verified" or before.estimate is None:
        return words
    earlier = "day" if days == 1 else f"{days} days"
    if not clearly_differ(empathy, before):
        return f"{words}, no clear change from the {earlier} before"
    change = empathy.estimate - before.estimate
    return f"{words}, {'up' if change > 0 else 'down'} {abs(change):.1f} points on the {earlier} before"


def _sla_words(sla: Mapping[str, Any]) -> str:
    if sla.get("compliance") is None:
        return ""
    words = f"{sla['compliance']:.1f} % of SLA clocks were met"
    if sla["gap"] is None:
        return words
    gap = round(sla["gap"], 1)
    place = f"{abs(gap):.1f} points {'above' if gap > 0 else 'below'}" if gap else "exactly at"
    return f"{words}, {place} the goal of {sla['goal']:.1f} %"


def _before(session: Session, question: ReportRequest) -> tuple[dict[str, float | None], Estimate]:
    """Return the same figures of the period before, and its estimate."""
    sums = queries.sums(session, question, names=(*SUMMED, *queries.SETTLED)).get((), Counter())
    waiting = queries.unscored(session, question).total()
    reviewed = queries.sample(session, question, measures=HEADLINE)
    if question.suppresses(int(sums.get("scored", 0)) + waiting):
        return dict.fromkeys(COMPARED), nothing()
    empathy = estimate_of(question, sums, reviewed)
    clocks = sla_report.tally_of(sums, queries.running(session, question).get((), Counter()))
    sla = sla_report.figure(question, clocks, TARGETS, None)
    found = figures(sums, waiting, reviewed.n)
    return found | {"empathy": empathy.estimate, "sla_compliance": sla.get("compliance")}, empathy


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _changes(
    now: Mapping[str, float | None], before: Mapping[str, float | None], *, comparable: bool
) -> dict[str, float | None]:
    """Return now minus before; a machine's mean is not compared with an estimate of what people say."""
    changes: dict[str, float | None] = {}
    for name in COMPARED:
        one, other = now[name], before[name]
        unknown = one is None or other is None or (name == "empathy" and not comparable)
        changes[name] = None if unknown else (one or 0) - (other or 0)
    return changes


def _row(sums: Sums, waiting: int, reviewed: ReviewedSample, found: Estimate) -> Mapping[str, Any]:
    ends = {"empathy": found.estimate, "empathy_low": found.low, "empathy_high": found.high}
    return {**figures(sums, waiting, reviewed.n), **ends}
