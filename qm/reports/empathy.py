"""The empathy report: what human reviewers would say of every interaction, and how sure that is."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from qm.reports import queries
from qm.reports.queries import JUDGED, ReviewedSample, Sums
from qm.reports.request import ReportRequest
from scorecards.definitions.form import PILLARS
from scorecards.statistics.difference_estimator import Estimate, Population, estimate
from tenants.clients import DEFAULT_SETTINGS

NOT_ASKED = "not_asked"
PILLAR_NAMES: Mapping[str, str] = {
    "listen_validate": "Listen & Validate",
    "acknowledge_own": "Acknowledge & Own",
    "resolve_personalize": "Resolve & Personalize",
    "follow_up_reassure": "Follow-up & Reassure",
}


def report(session: Session, question: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/empathy`."""
    sums = queries.sums(session, question, question.column, names=("scored", *queries.both(*JUDGED)))
    grouped = {key[0]: part for key, part in sums.items()}
    waiting = queries.unscored(session, question, question.column)
    reviewed = queries.sample(session, question, question.column)
    whole = queries.total(list(grouped.values()))
    return {
        **heading(question),
        **figure(question, whole, waiting.total(), reviewed),
        "groups" if not question.by_period else "series": rows_of_groups(
            question, grouped, waiting, reviewed, _row
        ),
    }


def heading(question: ReportRequest) -> dict[str, Any]:
    """Return whom and which days an answer is about."""
    return {
        "client": question.client.slug,
        "from": question.period.first,
        "to": question.period.last,
        "group_by": question.group_by,
        "series": [],
        "groups": [],
    }


def figure(question: ReportRequest, sums: Sums, waiting: int, reviewed: ReviewedSample) -> dict[str, Any]:
    """Return the figures of the whole period; blank when they must not be shown."""
    scored = int(sums.get("scored", 0))
    if question.suppresses(scored + waiting):
        blank = nothing()
        pillars = [_pillar(key, blank, blank.status) for key in PILLARS]
        note = "Fewer than five interactions: the figures are kept back."
        return {"suppressed": True, "empathy": blank, "pillars": pillars, "method_note": note}
    empathy = estimate_of(question, sums, reviewed)
    return {
        "suppressed": False,
        "interactions": scored + waiting,
        "scored": scored,
        "reviewed": reviewed.n,
        "empathy": empathy,
        "pillars": [_estimated_pillar(question, sums, reviewed, key) for key in PILLARS],
        "method_note": method_note(empathy, scored=scored, reviewed=reviewed, limit=limit_of(question)),
    }


def estimate_of(
    question: ReportRequest, sums: Sums, reviewed: ReviewedSample, measure: str = "empathy"
) -> Estimate:
    """Estimate a measure from its sums over all scored interactions and the reviewed sample."""
    scored = int(sums.get("scored", 0))
    place, part = JUDGED.index(measure), slice(None) if scored else slice(0)
    return estimate(
        Population(scored, int(sums.get(f"{measure}_count", 0)), float(sums.get(f"{measure}_sum", 0))),
        reviewed.human[place][part],
        reviewed.machine[place][part],
        reviewed.probability[part],
        interval_limit=limit_of(question),
    )


def nothing() -> Estimate:
    """Return the estimate of no interactions at all, which takes the place of one that is kept back."""
    return estimate(Population(0, 0, 0.0), [], [], [])


def limit_of(question: ReportRequest) -> float:
    """Return the widest interval that this client still wants reported as a number."""
    return float(question.client.settings.get("interval_limit", DEFAULT_SETTINGS["interval_limit"]))


def method_note(empathy: Estimate, *, scored: int, reviewed: ReviewedSample, limit: float) -> str:
    """Say in two or three sentences what the number rests on."""
    if not scored:
        return "No interaction of this period has been scored, so there is nothing to estimate."
    if empathy.status == "unverified":
        return (
            f"This is the mean of the machine's scores of {scored:,} interactions. No human review of the "
            "period confirms it, so it is unverified and has no interval."
        )
    least, most = float(reviewed.probability.min()), float(reviewed.probability.max())
    drawn = (
        f"{reviewed.n:,} of {scored:,} scored interactions were drawn by chance, each with a probability "
        f"known beforehand ({_share(least)} to {_share(most)}), and reviewed by people; hand-picked reviews "
        "are left out."
    )
    if empathy.status == "too_few_reviews":
        return (
            f"{drawn} That is too few for a number: at least ten, and a 95 % interval of at most "
            f"{limit:g} points, are asked for."
        )
    corrected = (
        f"The estimate is what reviewers would say of every interaction: their scores, made more precise "
        f"by the machine's with a weight (lambda) of {empathy.lambda_:.2f}."
        if empathy.method == "difference"
        else "The estimate is the reviewers' own mean, weighted by those probabilities; the machine adds "
        "nothing."
    )
    return f"{drawn} {corrected} In 95 of 100 such draws the interval holds the value for all interactions."


def _share(probability: float) -> str:
    return f"{100 * probability:.3g} %"


def _estimated_pillar(
    question: ReportRequest, sums: Sums, reviewed: ReviewedSample, key: str
) -> dict[str, Any]:
    """Return one pillar; one that no scorecard of the period asks about says so."""
    found = estimate_of(question, sums, reviewed, key)
    human = reviewed.human[JUDGED.index(key)]
    asked = not reviewed.n or bool(sums.get(f"{key}_count")) or not bool(np.isnan(human).all())
    return _pillar(key, found, found.status if asked else NOT_ASKED)


def _pillar(key: str, found: Estimate, status: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": PILLAR_NAMES[key],
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "status": status,
        "machine_only": found.machine_only,
    }


def rows_of_groups(
    question: ReportRequest,
    grouped: Mapping[str, Sums],
    waiting: Counter[str],
    reviewed: ReviewedSample,
    figures_of: Callable[[Sums, int, ReviewedSample, Estimate], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return a row for each group, with an estimate from its own reviews; blank where it must not be shown.

    `figures_of` makes the figures of a row of its sums, how many wait, its reviews and its estimate.
    """
    counts = {
        group: int(grouped.get(group, {}).get("scored", 0)) + waiting[group]
        for group in question.groups([*grouped, *waiting])
    }
    hidden, rows = question.suppressed_groups(counts), []
    for group in counts:
        row: dict[str, Any] = {"period" if question.by_period else "value": group}
        if group in hidden:
            rows.append({**row, "suppressed": True, "status": "too_few_reviews"})
            continue
        own, sums = reviewed.of(group), grouped.get(group, {})
        found = estimate_of(question, sums, own)
        figures = figures_of(sums, waiting[group], own, found)
        rows.append({**row, "suppressed": False, **figures, "status": found.status})
    return rows


def _row(sums: Sums, waiting: int, reviewed: ReviewedSample, found: Estimate) -> Mapping[str, Any]:
    scored = int(sums.get("scored", 0))
    return {
        "interactions": scored + waiting,
        "scored": scored,
        "reviewed": reviewed.n,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "machine_only": found.machine_only,
    }
