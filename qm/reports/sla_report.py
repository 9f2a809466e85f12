"""The SLA report: every promise against its own goal, and counts of clocks beside them.

A promise is a target of a rule, as it stood in the version of the policy under which an interaction began.
Compliance of several promises together describes a period or group; it has no goal, for none stands in any
contract.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session

from qm.facts.models import CLOCK_COUNTS
from qm.reports import queries
from qm.reports.empathy_report import report_heading
from qm.reports.queries import Sums
from qm.reports.report_request import ReportRequest, noted
from scorecards.definitions.conversation import CHANNELS, PRIORITIES
from scorecards.sla.clocks import UNANSWERED, compliance
from scorecards.sla.policy import TARGETS, SlaPolicy, from_body

Key = tuple[str, ...]
_DIMENSIONS = ("sla_rule", "sla_version", "channel", "priority")
STATES = ("met", "breached", "past_due", "running", "paused", UNANSWERED)
NO_CLOCKS = "No interaction of this period has an SLA clock: set an SLA policy, or choose another period."
METHOD_NOTE = (
    "A clock is met when it stopped in time and breached when it stopped late or still runs past due; "
    "compliance is met / (met + breached), with Wilson's 95 % interval. Not part of it are clocks that run "
    "or stand still with time left, and those of customers whom nobody answered before the interaction was "
    "closed in time (closed_unanswered). Each promise has the goal of the policy under which its "
    "interactions began; what several promises come to together has none."
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A target of a rule: a time limit, and the share of clocks that should keep it; None where unknown."""

    rule: str
    target: str
    goal: float | None
    goal_seconds: int | None


Segment = tuple[Promise, str, str]
"""A promise on one channel at one priority."""


@dataclass(frozen=True, slots=True)
class CountedClocks:
    """The clocks of each promise by channel and priority, and the days of each promise in words.

    `interactions` says how many have such clocks, for callers who may not see figures of a few; `timed` how
    many have any.
    """

    segments: Mapping[Segment, Counter[str]]
    days: Mapping[Promise, str]
    interactions: Mapping[Segment, int]
    timed: int


def report(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the answer of `reports/sla`."""
    counted = count_segments(session, request)
    segments = counted.segments
    groups = {key[0]: part for key, part in count_clocks(session, request, request.dimension).items()}
    timed = {key[0]: part for key, part in _count_timed(session, request, request.dimension).items()}
    return {
        **report_heading(request),
        **figures(request, queries.add_sums(list(segments.values())), counted.timed),
        "promises": promise_rows(request, counted),
        "targets": _segment_rows(request, counted),
        "groups" if not request.by_period else "series": _groups(request, groups, timed),
        "method_note": noted(counted.timed, NO_CLOCKS, METHOD_NOTE),
    }


def overview(session: Session, request: ReportRequest) -> dict[str, Any]:
    """Return the counts and compliance of all clocks of the period, and its promises."""
    counted = count_segments(session, request)
    totals = figures(request, queries.add_sums(list(counted.segments.values())), counted.timed)
    return {**totals, "promises": promise_rows(request, counted)}


def count_segments(session: Session, request: ReportRequest) -> CountedClocks:
    """Count the clocks of each promise by channel and priority, in the order of the policy."""
    counted = count_clocks(session, request, *_DIMENSIONS)
    timed = _count_timed(session, request, *_DIMENSIONS)
    numbers = {int(version) for _, version, _, _ in counted}
    policies = {
        number: from_body(body) for number, body in queries.sla_policies(session, request, numbers).items()
    }
    segments: dict[Segment, Counter[str]] = {}
    interactions = Counter[Segment]()
    for (rule, version, channel, priority), counts in counted.items():
        for target in TARGETS:
            states = Counter({state: counts[f"{target}_{state}"] for state in STATES})
            if states.total():
                promise = _promise(policies.get(int(version)), rule, target)
                segments.setdefault((promise, channel, priority), Counter()).update(states)
                found = timed.get((rule, version, channel, priority), Counter())
                interactions[promise, channel, priority] += found[target]
    orders = [[rule.key for rule in policies[number].rules] for number in sorted(policies, reverse=True)]
    in_order = {key: segments[key] for key in sorted(segments, key=lambda key: _sort_key(key, orders))}
    days = _promise_days(policies, queries.sla_days(session, request))
    in_all = sum(each[queries.ANY_TARGET] for each in timed.values())
    return CountedClocks(in_order, days, interactions, in_all)


def _count_timed(session: Session, request: ReportRequest, *dimensions: str) -> Mapping[Key, Counter[str]]:
    """Return how many interactions have clocks, if the caller may not see figures of a few."""
    return queries.count_timed(session, request, *dimensions) if request.suppress_small else {}


def _promise_days(
    policies: Mapping[int, SlaPolicy], days: Mapping[tuple[str, int], tuple[date, date]]
) -> dict[Promise, str]:
    """Return the days of each promise in words: several times where its goal changed and changed back."""
    spans: dict[tuple[str, str], list[tuple[Promise, date, date]]] = {}
    for (rule, version), (first, last) in sorted(days.items(), key=lambda each: each[1]):
        for target in TARGETS:
            promise = _promise(policies.get(version), rule, target)
            known = spans.setdefault((rule, target), [])
            if known and known[-1][0] == promise:
                _, began, ended = known.pop()
                known.append((promise, began, max(last, ended)))
            else:
                known.append((promise, first, last))
    words: dict[Promise, list[str]] = {}
    for promise, first, last in chain.from_iterable(spans.values()):
        words.setdefault(promise, []).append(f"{first}" if first == last else f"{first} to {last}")
    return {promise: ", ".join(each) for promise, each in words.items()}


def _promise(policy: SlaPolicy | None, key: str, target: str) -> Promise:
    rule = None if policy is None else next((rule for rule in policy.rules if rule.key == key), None)
    if rule is None or target not in rule.targets:
        return Promise(key, target, None, None)
    return Promise(key, target, rule.goal, rule.targets[target])


def _sort_key(segment: Segment, orders: Sequence[Sequence[str]]) -> tuple[Any, ...]:
    """Return the sort key of a segment: rules as in the newest policy that has them, unknown names last."""
    promise, channel, priority = segment
    rule = next((keys.index(promise.rule) for keys in orders if promise.rule in keys), len(TARGETS) + 1_000)
    return (
        (rule, promise.rule, TARGETS.index(promise.target), promise.goal or 0.0, promise.goal_seconds or 0),
        CHANNELS.index(channel) if channel in CHANNELS else len(CHANNELS),
        PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES),
        (channel, priority),
    )


def count_clocks(session: Session, request: ReportRequest, *dimensions: str) -> dict[Key, Counter[str]]:
    """Return the clocks of each target by state; past-due ones are breached too."""
    counted = queries.rollup_sums(session, request, *dimensions, names=CLOCK_COUNTS)
    open_clocks = queries.count_running_clocks(session, request, *dimensions)
    keys = sorted({*counted, *open_clocks})
    return {key: merge_clock_counts(counted.get(key, {}), open_clocks.get(key, {})) for key in keys}


def merge_clock_counts(counted: Sums, open_clocks: Sums) -> Counter[str]:
    """Return those counts from the sums of `CLOCK_COUNTS` and the counts of running clocks."""
    counts = Counter({name: int(counted.get(name, 0)) for name in CLOCK_COUNTS})
    for clock in TARGETS:
        late = int(open_clocks.get(f"{clock}_late", 0))
        counts[f"{clock}_breached"] += late
        counts[f"{clock}_past_due"] = late
        counts[f"{clock}_running"] = int(open_clocks.get(f"{clock}_running", 0))
    return counts


def all_targets(counts: Sums) -> Counter[str]:
    """Return the counts by state of all targets together."""
    return Counter(
        {state: sum(int(counts.get(f"{clock}_{state}", 0)) for clock in TARGETS) for state in STATES}
    )


def figures(
    request: ReportRequest, counts: Counter[str], interactions: int, *, suppressed: bool = False
) -> dict[str, Any]:
    """Return counts by state and compliance (per cent); no figures if they are suppressed."""
    if suppressed or request.suppresses(_size(request, counts, interactions)):
        return {"suppressed": True}
    interval = compliance(counts["met"], counts["breached"])
    return {
        "suppressed": False,
        **{state: counts[state] for state in STATES},
        "compliance": _points(interval.share),
        "low": _points(interval.low),
        "high": _points(interval.high),
    }


def promise_rows(request: ReportRequest, counted: CountedClocks) -> list[dict[str, Any]]:
    """Return a row for each promise, with its compliance against its own goal."""
    promises: dict[Promise, Counter[str]] = {}
    interactions = Counter[Promise]()
    for (promise, channel, priority), counts in counted.segments.items():
        promises.setdefault(promise, Counter()).update(counts)
        interactions[promise] += counted.interactions[promise, channel, priority]
    sizes = {promise: _size(request, counts, interactions[promise]) for promise, counts in promises.items()}
    hidden = _suppressed(request, sizes)
    return [
        _promise_row(
            request, counted, promise, promises[promise], sizes[promise], suppressed=promise in hidden
        )
        for promise in promises
    ]


def _segment_rows(request: ReportRequest, counted: CountedClocks) -> list[dict[str, Any]]:
    sizes = {
        segment: _size(request, counts, counted.interactions[segment])
        for segment, counts in counted.segments.items()
    }
    hidden = _suppressed(request, sizes)
    return [
        {
            "channel": channel,
            "priority": priority,
            **_promise_row(
                request,
                counted,
                promise,
                counts,
                sizes[promise, channel, priority],
                suppressed=(promise, channel, priority) in hidden,
            ),
        }
        for (promise, channel, priority), counts in counted.segments.items()
    ]


def _suppressed(request: ReportRequest, sizes: Mapping[Any, int]) -> frozenset[Any]:
    """Return which of some parts are suppressed, whatever names them."""
    parts = list(sizes)
    hidden = request.suppressed_groups({str(place): sizes[part] for place, part in enumerate(parts)})
    return frozenset(parts[int(place)] for place in hidden)


def _promise_row(
    request: ReportRequest,
    counted: CountedClocks,
    promise: Promise,
    counts: Counter[str],
    interactions: int,
    *,
    suppressed: bool,
) -> dict[str, Any]:
    row = {
        "rule": promise.rule,
        "target": promise.target,
        "goal_seconds": promise.goal_seconds,
        "goal": _points(promise.goal),
        "days": None if suppressed else counted.days.get(promise),
        **figures(request, counts, interactions, suppressed=suppressed),
    }
    share = row.get("compliance")
    gap = None if share is None or row["goal"] is None else share - row["goal"]
    return {**row, "gap": gap, "missed": None if gap is None else gap < 0}


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _clocks(counts: Counter[str]) -> int:
    """Return how many clocks were counted; past-due ones are among the breached."""
    return counts.total() - counts["past_due"]


def _size(request: ReportRequest, counts: Counter[str], interactions: int) -> int:
    """Return of how many figures are, for whoever may not see those of a few: clocks or interactions."""
    return min(_clocks(counts), interactions) if request.suppress_small else _clocks(counts)


def _groups(
    request: ReportRequest, clock_counts: Mapping[str, Counter[str]], timed: Mapping[str, Counter[str]]
) -> list[dict[str, Any]]:
    counts = {group: all_targets(clock_counts.get(group, {})) for group in request.groups(list(clock_counts))}
    sizes = {
        group: _size(request, counted, timed.get(group, Counter())[queries.ANY_TARGET])
        for group, counted in counts.items()
    }
    suppressed, name = request.suppressed_periods(sizes), "period" if request.by_period else "value"
    return [
        {name: group, **figures(request, counted, sizes[group], suppressed=group in suppressed)}
        for group, counted in counts.items()
    ]


def missed_promises(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the rows that fell short of their goal: those of one promise together, the furthest first."""
    missed: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in sorted((row for row in rows if row["missed"]), key=lambda row: float(row["gap"])):
        missed.setdefault((row["rule"], row["target"]), []).append(row)
    return list(missed.values())
