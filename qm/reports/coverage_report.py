"""The report on coverage: what machine and people have judged, how it was drawn, and what waits."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.learning.effective_gates import effective_gates
from qm.reports import queries
from qm.reports.empathy_report import SUPPRESSED_NOTE
from qm.reports.estimates import estimate_measure, sample_figures
from qm.reports.populations import Population, load_populations
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import WAITING, ReviewedSample, load_reviewed_sample
from qm.reviews.models import Review
from scorecards.automation.gate import STATES

MEASURES = ("empathy",)
METHOD_NOTE = (
    "Chance draws what people review: each interaction with the probability that the sampling policy gives "
    "it, its rate. What was picked by hand is in no estimate. Counted is what was reviewed in the order of "
    "the draw; answered is the share of what had its turn that was not skipped and is in nobody's hands. "
    "Machine minus person is the mean over what both scored, weighted by the inverse of the probability of "
    "having been drawn and reviewed."
)
_COUNTS = ("judged", "later", "drawn", "reviewed", "skipped", "waiting")


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/coverage`."""
    reviewed = load_reviewed_sample(session, request, "rate", MEASURES)
    found = load_populations(session, request, measures=MEASURES, reached=reviewed.reached)
    population = found.get("", Population())
    unscored = queries.count_unscored(session, request).total()
    scored = int(population.sums.get("scored", 0))
    base = {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "method_note": METHOD_NOTE,
    }
    if request.suppresses(scored + unscored):
        return {**base, **_suppressed()}
    empathy = estimate_measure(request, population, reviewed)
    sample = sample_figures(request, population, reviewed, empathy)
    figures = {
        "interactions": scored + unscored,
        "scored": scored,
        "scored_share": _per_cent(scored, scored + unscored),
        "judged": population.judged,
        "reviewed_share": _per_cent(reviewed.reviewed, population.judged),
        "hand_picked": request.visible_count(_count_hand_picked(session, request), population.judged),
    }
    return {
        **base,
        **figures,
        "suppressed": False,
        "finding": finding(figures, sample, undrawable=population.undrawable),
        "sample": sample,
        "agreement": _agreement(request, reviewed),
        "questions": _questions(session, request),
        "rates": _rates(request, population, reviewed),
    }


def finding(figures: Mapping[str, Any], sample: Mapping[str, Any], *, undrawable: int) -> str:
    """
    Return how much is judged in a sentence, or what is missing and what to do.

    Examples
    --------
    >>> figures = {"interactions": 200, "scored": 190, "scored": 190, "scored_share": 95.0, "judged": 190}
    >>> sample = {"drawn": 20, "reviewed": 15, "waiting": 4, "skipped": 1}
    >>> finding(figures, sample, undrawable=0)  # doctest: +ELLIPSIS
    'The machine has judged 95.0 % of 200 interactions. Of 20 drawn people have reviewed 15; ...'
    >>> finding({**figures, "interactions": 0}, sample, undrawable=0)
    'There is no interaction in this period: choose another one, or push interactions.'
    """
    if not figures["interactions"]:
        return "There is no interaction in this period: choose another one, or push interactions."
    share, interactions = f"{figures['scored_share']:.1f} %", f"{figures['interactions']:,} interactions"
    machine = f"The machine has judged {share} of {interactions}."
    if not figures["scored"]:
        return f"{machine} Wait until the workers have scored them."
    return f"{machine} {_people(figures, sample, undrawable=undrawable)}"


def _people(figures: Mapping[str, Any], sample: Mapping[str, Any], *, undrawable: int) -> str:
    drawn = sample["drawn"]
    if drawn is None:
        return f"People have reviewed {sample['reviewed']:,} of what chance drew."
    if drawn == 0:
        return (
            "No sampling policy applied to any of them, so none can be drawn: publish one."
            if undrawable == figures["judged"]
            else "Chance has drawn none of them yet: take a longer period, or a higher rate."
        )
    if not sample["reviewed"]:
        return f"Chance has drawn {drawn:,} and nobody has reviewed one: review what waits."
    skipped = f"{sample['skipped']:,} {'was' if sample['skipped'] == 1 else 'were'} skipped"
    waiting = f"{sample['waiting']:,} {'waits' if sample['waiting'] == 1 else 'wait'}"
    return f"Of {drawn:,} drawn people have reviewed {sample['reviewed']:,}; {waiting}, {skipped}."


def _suppressed() -> dict[str, Any]:
    names = ("interactions", "scored", "scored_share", "judged", "reviewed_share", "hand_picked")
    empty: dict[str, Any] = {"sample": None, "agreement": None, "questions": None, "rates": []}
    return {**dict.fromkeys(names), "suppressed": True, "finding": SUPPRESSED_NOTE, **empty}


def _per_cent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _count_hand_picked(session: Session, request: ReportRequest) -> int:
    """Count the hand-picked reviews that were submitted, of interactions of the period."""
    period = request.period
    found = session.scalar(
        select(func.count()).where(
            Review.tenant_id == request.client.tenant_id,
            Review.client_id == request.client.client_id,
            Review.started_at >= period.start,
            Review.started_at < period.end,
            Review.targeted,
            Review.kind == "standard",
            Review.state == "submitted",
        )
    )
    return found or 0


def _agreement(request: ReportRequest, reviewed: ReviewedSample) -> dict[str, Any] | None:
    """Return how far the machine's empathy is from people's, over what both scored."""
    human, machine = reviewed.human[0], reviewed.machine[0]
    both = ~np.isnan(human) & ~np.isnan(machine)
    n = int(both.sum())
    if not n or request.suppresses(n):
        return None
    weights = 1 / reviewed.probability[both]
    apart = machine[both] - human[both]
    return {
        "n": n,
        "machine_minus_human": float(np.average(apart, weights=weights)),
        "distance": float(np.average(np.abs(apart), weights=weights)),
    }


def _questions(session: Session, request: ReportRequest) -> dict[str, int]:
    """Count the questions of the client's gates by how far the machine goes with them."""
    gates = effective_gates(session, request.client.client_id).values()
    counts = Counter(gate.gate.state for gate in gates)
    return {state: counts[state] for state in STATES}


def _rates(request: ReportRequest, population: Population, reviewed: ReviewedSample) -> list[dict[str, Any]]:
    """Return a row for each sampling rate; kept back where a small count could be told."""
    rows = [_rate(rate, population, reviewed) for rate in sorted(population.rates, reverse=True)]
    hidden = request.suppressed_groups({str(row["rate"]): row["judged"] + row["later"] for row in rows})
    nothing = {**dict.fromkeys((*_COUNTS, "counted", "answered_share")), "suppressed": True}
    return [
        {**row, **nothing}
        if str(row["rate"]) in hidden or any(request.suppresses(row[name]) for name in _COUNTS)
        else row
        for row in rows
    ]


def _rate(rate: float, population: Population, reviewed: ReviewedSample) -> dict[str, Any]:
    own = reviewed.of_group(str(rate))
    return {
        "rate": rate,
        "judged": int(population.rates[rate]["judged"]),
        "later": population.later.get(rate, 0),
        "drawn": own.drawn,
        "reviewed": own.reviewed,
        "counted": own.n,
        "skipped": own.count("skipped"),
        "waiting": own.count(WAITING),
        "answered_share": 100 * (1 - reviewed.unanswered.get(rate, 0.0)) if reviewed.n else None,
        "suppressed": False,
    }
