"""The report on agents: what reviews of their own turns say of each, shrunk where reviews are few.

It is for those who lead agents, and for an agent about themselves; never for a client's stakeholders.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.disclosure import is_small
from qm.reports.differences import total_population
from qm.reports.domain_estimates import GroupEstimate, group_estimates
from qm.reports.estimates import estimate_measure
from qm.reports.populations import Population, load_populations
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample, load_reviewed_sample
from scorecards.definitions.form import AREAS
from scorecards.statistics.difference_estimator import MIN_REVIEWS

SHRUNK = ("empathy", "score")
CRITICAL = tuple(f"critical_{area}" for area in AREAS)
MEASURES = (*SHRUNK, *CRITICAL)
METHOD_NOTE = (
    "Each agent's numbers are of their own turns: of interactions that are theirs alone, and of their "
    "part of shared ones; the mood of the customer only of those that are theirs alone. They are shrunk "
    "towards the mean of all agents, the more the fewer reviews there are of them (Fay and Herriot), so "
    "that luck with a few reviews makes nobody the best or the worst; `own` says how much is the agent's "
    "own. With fewer than ten reviews a range alone is shown. Agents of whom no review tells stand apart. "
    "Rates of critical errors are not shrunk. Reviews are drawn by chance: what was picked by hand is not "
    "in it. Differences have many causes: look at the work before you judge a person."
)


def report(session: Session, request: ReportRequest, only: str | None = None) -> dict[str, Any]:
    """Return the answer of `reports/agents`; of one agent alone with `only`."""
    reviewed = load_reviewed_sample(session, request, "agent", MEASURES)
    found = load_populations(
        session,
        request,
        "agent",
        measures=MEASURES,
        names=("shift_count", "shift_sum"),
        reached=reviewed.reached,
    )
    agents = {name: population for name, population in found.items() if name and population.judged}
    total = total_population(agents)
    estimates = {measure: group_estimates(request, agents, reviewed, measure, total) for measure in SHRUNK}
    shown = [name for name in sorted(agents) if only is None or name == only]
    rows = [_row(request, name, agents[name], reviewed.of_group(name), estimates) for name in shown]
    known = [row for row in rows if row["counted"]]
    whole = {name: estimate_measure(request, total, reviewed, name) for name in SHRUNK}
    tells = reviewed.n > 0 and (only is None or not is_small(len(agents)))
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "finding": finding(known, len(rows)),
        "client_empathy": whole["empathy"].estimate if tells else None,
        "client_score": whole["score"].estimate if tells else None,
        "shrunk": any(each.own is not None for each in estimates["empathy"].values()),
        "agents": known,
        "not_reviewed": [
            {name: row[name] for name in ("agent", "judged", "reviewed", "sentiment_shift")}
            for row in rows
            if not row["counted"]
        ],
        "method_note": METHOD_NOTE,
    }


def finding(known: Sequence[Mapping[str, Any]], agents: int) -> str:
    """
    Return what there is to see in a sentence, or what is missing and what to do.

    Examples
    --------
    >>> finding([], 0)
    'No interaction of a known agent has been judged: choose another period, or push `agent`.'
    >>> finding([], 3)
    'No drawn interaction of these 3 agents is reviewed in turn yet: review what waits.'
    >>> finding([{"empathy_range": False}, {"empathy_range": True}], 3)
    'Reviews tell of 2 of 3 agents; of 1 they are so few that a range alone is shown.'
    """
    if not agents:
        return "No interaction of a known agent has been judged: choose another period, or push `agent`."
    if not known:
        return f"No drawn interaction of these {agents:,} agents is reviewed in turn yet: review what waits."
    ranges = sum(bool(row["empathy_range"]) for row in known)
    few = f"; of {ranges:,} they are so few that a range alone is shown" if ranges else ""
    return f"Reviews tell of {len(known):,} of {agents:,} agents{few}."


def _row(
    request: ReportRequest,
    agent: str,
    population: Population,
    sample: ReviewedSample,
    estimates: Mapping[str, Mapping[str, GroupEstimate]],
) -> dict[str, Any]:
    measured = int(population.sums.get("shift_count", 0))
    row: dict[str, Any] = {
        "agent": agent,
        "judged": population.judged,
        "reviewed": sample.reviewed,
        "counted": sample.n,
        "sentiment_shift": population.sums["shift_sum"] / measured if measured else None,
    }
    for measure, found in estimates.items():
        row |= {f"{measure}{part}": value for part, value in shrunk_figures(found.get(agent)).items()}
    for measure in CRITICAL:
        enough = sample.n >= MIN_REVIEWS
        rate = (
            estimate_measure(request, population, sample, measure, others_reviewed=True) if enough else None
        )
        row |= {
            measure: rate.estimate if rate else None,
            f"{measure}_low": rate.low if rate else None,
            f"{measure}_high": rate.high if rate else None,
        }
    return row


def shrunk_figures(found: GroupEstimate | None) -> dict[str, Any]:
    """Return the figures of a group's estimate by the ends of their names; all None without a review."""
    names = ("", "_low", "_high", "_range", "_shrunk", "_own", "_direct", "_direct_low", "_direct_high")
    if found is None:
        return dict.fromkeys(names)
    interval, direct = found.interval, found.direct
    return dict(
        zip(
            names,
            (
                None if found.is_range else interval.estimate,
                interval.low,
                interval.high,
                found.is_range,
                found.own is not None,
                found.own,
                direct.estimate,
                direct.low,
                direct.high,
            ),
            strict=True,
        )
    )
