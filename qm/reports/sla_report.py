"""The SLA report: compliance by channel, priority and target, compared with the goal of the policy."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from qm.reports import queries
from qm.reports.empathy_report import report_heading
from qm.reports.queries import Sums
from qm.reports.report_request import ReportRequest
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, Conversation
from scorecards.sla.clocks import compliance
from scorecards.sla.policy import TARGETS, SlaPolicy, from_body

Key = tuple[str, ...]
METHOD_NOTE = (
    "A clock is met when it stopped in time and breached when it stopped late or still runs past due; "
    "clocks that run with time left are not counted. Compliance is met / (met + breached), with Wilson's "
    "95 % interval. Goals are those of the SLA policy in force at the end of the period."
)


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/sla`."""
    policy = _policy(session, request)
    parts = count_clocks(session, request, "channel", "priority", "program")
    groups = {key[0]: part for key, part in count_clocks(session, request, request.dimension).items()}
    return {
        **report_heading(request),
        **overall_figures(request, parts, policy),
        "targets": _targets(request, parts, policy),
        "groups" if not request.by_period else "series": _groups(request, groups),
        "method_note": METHOD_NOTE,
    }


def overall_compliance(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the compliance of all clocks of the period together."""
    parts = count_clocks(session, request, "channel", "priority", "program")
    return overall_figures(request, parts, _policy(session, request))


def count_clocks(session: Session, request: ReportRequest, *dimensions: str) -> dict[Key, Counter[str]]:
    """Return met, breached, past-due and running clocks of each target; past-due ones are breached too."""
    stopped = queries.rollup_sums(session, request, *dimensions, names=queries.STOPPED_CLOCKS)
    open_clocks = queries.count_running_clocks(session, request, *dimensions)
    keys = sorted({*stopped, *open_clocks})
    return {key: merge_clock_counts(stopped.get(key, {}), open_clocks.get(key, {})) for key in keys}


def merge_clock_counts(stopped: Sums, open_clocks: Sums) -> Counter[str]:
    """Return those counts from the sums of stopped clocks and the counts of running ones."""
    counts = Counter[str]()
    for clock in TARGETS:
        late = int(open_clocks.get(f"{clock}_late", 0))
        counts[f"{clock}_met"] = int(stopped.get(f"{clock}_met", 0))
        counts[f"{clock}_breached"] = int(stopped.get(f"{clock}_breached", 0)) + late
        counts[f"{clock}_past_due"] = late
        counts[f"{clock}_running"] = int(open_clocks.get(f"{clock}_running", 0))
    return counts


def overall_figures(
    request: ReportRequest, parts: Mapping[Key, Counter[str]], policy: SlaPolicy | None
) -> dict[str, Any]:
    """Return the figures of all channels, priorities and targets together."""
    totals = queries.add_sums(list(parts.values()))
    goal = _goal(request, policy, [(key, part, clock) for key, part in parts.items() for clock in TARGETS])
    return compliance_figures(request, totals, TARGETS, goal)


def compliance_figures(
    request: ReportRequest,
    counts: Sums,
    clocks: Iterable[str],
    goal: float | None,
    *,
    suppressed: bool = False,
) -> dict[str, Any]:
    """Return counts and compliance (per cent) of some clocks; no figures if they are suppressed."""
    counted = {
        state: sum(int(counts.get(f"{clock}_{state}", 0)) for clock in clocks)
        for state in ("met", "breached", "past_due", "running")
    }
    if suppressed or request.suppresses(counted["met"] + counted["breached"] + counted["running"]):
        return {"suppressed": True}
    interval = compliance(counted["met"], counted["breached"])
    row: dict[str, Any] = {"suppressed": False, **counted, "compliance": _points(interval.share)}
    row |= {"low": _points(interval.low), "high": _points(interval.high), "goal": _points(goal)}
    gap = None if interval.share is None or goal is None else 100 * (interval.share - goal)
    return {**row, "gap": gap}


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _targets(
    request: ReportRequest, parts: Mapping[Key, Counter[str]], policy: SlaPolicy | None
) -> list[dict[str, Any]]:
    rows = []
    pairs: dict[tuple[str, str], dict[Key, Counter[str]]] = {}
    for key, part in parts.items():
        pairs.setdefault((key[0], key[1]), {})[key] = part
    for channel, priority in sorted(pairs, key=_sort_key):
        programs = pairs[channel, priority]
        counts = queries.add_sums(list(programs.values()))
        for clock in TARGETS:
            if not sum(counts[f"{clock}_{state}"] for state in ("met", "breached", "running")):
                continue
            goal = _goal(request, policy, [(key, part, clock) for key, part in programs.items()])
            names = {"channel": channel, "priority": priority, "target": clock}
            rows.append({**names, **compliance_figures(request, counts, (clock,), goal)})
    return rows


def _sort_key(pair: tuple[str, str]) -> tuple[int, int, tuple[str, str]]:
    """Return the sort key of a channel and priority: in the order of the contract, unknown ones last."""
    channel, priority = pair
    return (
        CHANNELS.index(channel) if channel in CHANNELS else len(CHANNELS),
        PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES),
        pair,
    )


def _groups(request: ReportRequest, clock_counts: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
    counts = {
        group: sum(
            clock_counts[group][f"{clock}_{state}"]
            for clock in TARGETS
            for state in ("met", "breached", "running")
            if group in clock_counts
        )
        for group in request.groups(list(clock_counts))
    }
    suppressed, name = request.suppressed_groups(counts), "period" if request.by_period else "value"
    return [
        {
            name: group,
            **compliance_figures(
                request, clock_counts.get(group, {}), TARGETS, None, suppressed=group in suppressed
            ),
        }
        for group in counts
    ]


def _policy(session: Session, request: ReportRequest) -> SlaPolicy | None:
    definition = queries.sla_policy(session, request)
    return None if definition is None else from_body(definition.body)


def _goal(
    request: ReportRequest, policy: SlaPolicy | None, parts: Iterable[tuple[Key, Counter[str], str]]
) -> float | None:
    """Return the goal: the mean of the rules' goals, weighted by their number of stopped clocks."""
    weighted_goals, stopped = 0.0, 0
    for (channel, priority, program), counts, clock in parts:
        conversation = Conversation(channel, (), request.now, program=program or None, priority=priority)
        rule = None if policy is None else policy.rule_for(conversation)
        clocks = counts[f"{clock}_met"] + counts[f"{clock}_breached"]
        if rule is not None:
            weighted_goals, stopped = weighted_goals + rule.goal * clocks, stopped + clocks
    return weighted_goals / stopped if stopped else None
