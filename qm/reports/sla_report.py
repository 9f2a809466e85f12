"""The SLA report: promises met and broken by channel, priority and target, against the goal."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from qm.reports import queries
from qm.reports.empathy import heading
from qm.reports.queries import Sums
from qm.reports.request import ReportRequest
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, Conversation
from scorecards.sla.clocks import compliance
from scorecards.sla.policy import TARGETS, SlaPolicy, from_body

Key = tuple[str, ...]
NOTE = (
    "A clock is met when it stopped in time and breached when it stopped late or still runs past due; "
    "clocks that run with time left are not counted. Compliance is met / (met + breached), with Wilson's "
    "95 % interval. Goals are those of the SLA policy in force at the end of the period."
)


def report(session: Session, question: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/sla`."""
    policy = _policy(session, question)
    parts = tallies(session, question, "channel", "priority", "program")
    groups = {key[0]: part for key, part in tallies(session, question, question.column).items()}
    return {
        **heading(question),
        **overall(question, parts, policy),
        "targets": _targets(question, parts, policy),
        "groups" if not question.by_period else "series": _groups(question, groups),
        "method_note": NOTE,
    }


def headline(session: Session, question: ReportRequest) -> dict[str, Any]:
    """Return the compliance of all clocks of the period together."""
    parts = tallies(session, question, "channel", "priority", "program")
    return overall(question, parts, _policy(session, question))


def tallies(session: Session, question: ReportRequest, *dimensions: str) -> dict[Key, Counter[str]]:
    """Return met, breached and running of each target; past due counts as breached, and is named besides."""
    settled = queries.sums(session, question, *dimensions, names=queries.SETTLED)
    open_clocks = queries.running(session, question, *dimensions)
    keys = sorted({*settled, *open_clocks})
    return {key: tally_of(settled.get(key, {}), open_clocks.get(key, {})) for key in keys}


def tally_of(settled: Sums, open_clocks: Sums) -> Counter[str]:
    """Return the same from the sums of settled clocks and the counts of open ones."""
    tally = Counter[str]()
    for clock in TARGETS:
        late = int(open_clocks.get(f"{clock}_late", 0))
        tally[f"{clock}_met"] = int(settled.get(f"{clock}_met", 0))
        tally[f"{clock}_breached"] = int(settled.get(f"{clock}_breached", 0)) + late
        tally[f"{clock}_past_due"] = late
        tally[f"{clock}_running"] = int(open_clocks.get(f"{clock}_running", 0))
    return tally


def overall(
    question: ReportRequest, parts: Mapping[Key, Counter[str]], policy: SlaPolicy | None
) -> dict[str, Any]:
    """Return the figures of all channels, priorities and targets together."""
    whole = queries.total(list(parts.values()))
    goal = _goal(question, policy, [(key, part, clock) for key, part in parts.items() for clock in TARGETS])
    return figure(question, whole, TARGETS, goal)


def figure(
    question: ReportRequest, tally: Sums, clocks: Iterable[str], goal: float | None, *, hidden: bool = False
) -> dict[str, Any]:
    """Return counts and compliance (points of 100) of some clocks; blank when they must not be shown."""
    counted = {
        state: sum(int(tally.get(f"{clock}_{state}", 0)) for clock in clocks)
        for state in ("met", "breached", "past_due", "running")
    }
    if hidden or question.suppresses(counted["met"] + counted["breached"] + counted["running"]):
        return {"suppressed": True}
    found = compliance(counted["met"], counted["breached"])
    row: dict[str, Any] = {"suppressed": False, **counted, "compliance": _points(found.share)}
    row |= {"low": _points(found.low), "high": _points(found.high), "goal": _points(goal)}
    gap = None if found.share is None or goal is None else 100 * (found.share - goal)
    return {**row, "gap": gap}


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _targets(
    question: ReportRequest, parts: Mapping[Key, Counter[str]], policy: SlaPolicy | None
) -> list[dict[str, Any]]:
    rows = []
    pairs: dict[tuple[str, str], dict[Key, Counter[str]]] = {}
    for key, part in parts.items():
        pairs.setdefault((key[0], key[1]), {})[key] = part
    for channel, priority in sorted(pairs, key=_place):
        programs = pairs[channel, priority]
        tally = queries.total(list(programs.values()))
        for clock in TARGETS:
            if not sum(tally[f"{clock}_{state}"] for state in ("met", "breached", "running")):
                continue
            goal = _goal(question, policy, [(key, part, clock) for key, part in programs.items()])
            names = {"channel": channel, "priority": priority, "target": clock}
            rows.append({**names, **figure(question, tally, (clock,), goal)})
    return rows


def _place(pair: tuple[str, str]) -> tuple[int, int, tuple[str, str]]:
    """Channels and priorities in the order people know them; unknown ones last."""
    channel, priority = pair
    return (
        CHANNELS.index(channel) if channel in CHANNELS else len(CHANNELS),
        PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES),
        pair,
    )


def _groups(question: ReportRequest, found: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
    counts = {
        group: sum(
            found[group][f"{clock}_{state}"]
            for clock in TARGETS
            for state in ("met", "breached", "running")
            if group in found
        )
        for group in question.groups(list(found))
    }
    hidden, name = question.suppressed_groups(counts), "period" if question.by_period else "value"
    return [
        {name: group, **figure(question, found.get(group, {}), TARGETS, None, hidden=group in hidden)}
        for group in counts
    ]


def _policy(session: Session, question: ReportRequest) -> SlaPolicy | None:
    definition = queries.sla_policy(session, question)
    return None if definition is None else from_body(definition.body)


def _goal(
    question: ReportRequest, policy: SlaPolicy | None, parts: Iterable[tuple[Key, Counter[str], str]]
) -> float | None:
    """Return the share to be met: the mean goal of the rules, weighted by the decided clocks of each."""
    wanted, decided = 0.0, 0
    for (channel, priority, program), tally, clock in parts:
        like = Conversation(channel, (), question.now, program=program or None, priority=priority)
        rule = None if policy is None else policy.rule_for(like)
        clocks = tally[f"{clock}_met"] + tally[f"{clock}_breached"]
        if rule is not None:
            wanted, decided = wanted + rule.goal * clocks, decided + clocks
    return wanted / decided if decided else None
