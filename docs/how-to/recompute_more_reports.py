"""Recomputes reports on customers: `python recompute_more_reports.py FILE FIRST LAST`.

These are friction, outcomes, retention, empowerment and workload. The file is an export with transcripts. It
has to reach seven days beyond the last day, for repeat contacts, and 90 days for customers who left.
All arithmetic is written out here; the package `scorecards` only says which theme a text is of and whether
an agent apologises.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from scipy.stats import t as student

from scorecards.definitions import friction_themes
from scorecards.definitions.conversation import Turn
from scorecards.definitions.theme_phrases import problem_statement
from scorecards.friction.apologies import apologised

Record = Mapping[str, Any]
WEEK = timedelta(days=7)
Z = 1.959963984540054
_NOT_KNOWN = datetime.max.replace(tzinfo=UTC)


@dataclass
class Export:
    """The whole interactions of an export, what is known of each, and the definitions."""

    exported_at: datetime = _NOT_KNOWN
    interactions: dict[str, Record] = field(default_factory=dict)
    facts: dict[str, Record] = field(default_factory=dict)
    definitions: list[Record] = field(default_factory=list)
    evaluations: dict[str, list[Record]] = field(default_factory=dict)
    external_ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Export":
        """Read the lines of an export in NDJSON."""
        export = cls()
        for line in lines:
            record = json.loads(line)
            if record["record"] == "interactions":
                export.external_ids[record["interaction_id"]] = record["external_id"]
            match record["record"]:
                case "export":
                    export.exported_at = datetime.fromisoformat(record["exported_at"])
                case "interactions" if not record["part_agent"]:
                    export.interactions[record["interaction_id"]] = record
                case "facts" if record["scored"]:
                    export.facts[record["interaction_id"]] = record
                case "evaluations" if record["kind"] == "automatic" and record["superseded_at"] is None:
                    export.evaluations.setdefault(record["interaction_id"], []).append(record)
                case "definitions":
                    export.definitions.append(record)
        return export

    def of_days(self, first: date, last: date) -> list[tuple[Record, Record]]:
        """Return interactions with their facts, of days."""
        return [
            (self.interactions[each], facts)
            for each, facts in self.facts.items()
            if first <= date.fromisoformat(facts["day"]) <= last
        ]


def shown(value: float | None, places: int = 1) -> float | None:
    """Round as the API does; never minus zero."""
    return None if value is None else round(float(value), places) + 0.0


def share(part: int, whole: int) -> list[float | None]:
    """Return a share in per cent with Wilson's limits."""
    if not whole:
        return [None, None, None]
    p, z = part / whole, Z
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return [100 * p, 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)]


def mean(values: Sequence[float]) -> list[float | None]:
    """Return a mean with Student's limits."""
    n = len(values)
    if n < 2:
        return [values[0] if n else None, None, None]
    middle = math.fsum(values) / n
    deviation = math.sqrt(math.fsum((each - middle) ** 2 for each in values) / (n - 1))
    half = float(student.ppf(0.975, n - 1)) * deviation / math.sqrt(n)
    return [middle, middle - half, middle + half]


def holm(p_values: Mapping[str, float]) -> set[str]:
    """Return what is significant at 5 % by Holm's method."""
    found: set[str] = set()
    for name, p in sorted(p_values.items(), key=lambda item: item[1]):
        if p > 0.05 / (len(p_values) - len(found)):
            break
        found.add(name)
    return found


# Friction ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contact:
    """What the friction report knows of one interaction."""

    theme: str
    day: date
    sorry: bool
    seconds: float | None
    shift: float | None
    repeated: bool | None


def friction_report(export: Export, first: date, last: date) -> dict[str, Any]:
    """Return the figures of each theme, the largest first."""
    contacts = _contacts(export, first, last)
    by_theme: dict[str, list[Contact]] = {}
    for contact in contacts:
        by_theme.setdefault(contact.theme, []).append(contact)
    named = {theme: own for theme, own in by_theme.items() if theme}
    again, changes, rows, before = _again(named, contacts), _changes(named, contacts), [], 0
    for theme, own in sorted(named.items(), key=lambda item: (-len(item[1]), item[0])):
        before += len(own)
        row = {"theme": theme, **_theme(own), "apologises_again": theme in again}
        row["share"] = shown(100 * len(own) / len(contacts))
        row["cumulative_share"] = shown(100 * before / len(contacts))
        rows.append(row | changes.get(theme, dict.fromkeys(("changed_on", "share_before", "share_after"))))
    return {
        "interactions": len(contacts),
        "without_theme": len(by_theme.get("", ())),
        "themes": rows,
    }


def _contacts(export: Export, first: date, last: date) -> list[Contact]:
    bodies = [
        each["body"]
        for each in export.definitions
        if each["kind"] == "friction_themes" and each["effective_to"] is None
    ]
    themes = friction_themes.from_body(bodies[-1]) if bodies else friction_themes.FrictionThemes()
    moments: dict[str, list[datetime]] = {}
    for each in export.interactions.values():
        if each["customer"]:
            moments.setdefault(each["customer"], []).append(datetime.fromisoformat(each["started_at"]))
    found = []
    for interaction, facts in export.of_days(first, last):
        turns = [Turn(each["speaker"], each["text"]) for each in interaction["turns"]]
        at = datetime.fromisoformat(interaction["started_at"])
        own = moments.get(interaction["customer"], [])
        known = interaction["customer"] and at + WEEK <= export.exported_at
        found.append(
            Contact(
                themes.theme_of(
                    interaction["intent"], interaction["details"].get("tags") or [], problem_statement(turns)
                ),
                date.fromisoformat(facts["day"]),
                apologised(turns),
                (interaction["details"].get("handling") or {}).get("handle_seconds"),
                facts["shift"],
                any(at < other <= at + WEEK for other in own) if known else None,
            )
        )
    return found


def _theme(own: Sequence[Contact]) -> dict[str, Any]:
    sorry = [each for each in own if each.sorry]
    hours = [each.seconds for each in sorry if each.seconds is not None]
    handled = [each.seconds for each in own if each.seconds is not None]
    followed = [each.repeated for each in own if each.repeated is not None]
    shares = {"apology": share(len(sorry), len(own)), "repeat": share(sum(followed), len(followed))}
    shift = mean([each.shift for each in own if each.shift is not None])
    return {
        "interactions": len(own),
        **{
            f"{name}_{part}": shown(value)
            for name, values in shares.items()
            for part, value in zip(("share", "low", "high"), values, strict=True)
        },
        "apology_hours": shown(sum(hours) / 3600) if hours else None,
        "followed": len(followed),
        "handled": len(handled),
        "handle_minutes": shown(sum(handled) / len(handled) / 60) if handled else None,
        **{
            name: shown(value, 2)
            for name, value in zip(("shift", "shift_low", "shift_high"), shift, strict=True)
        },
    }


def _again(named: Mapping[str, Sequence[Contact]], contacts: Sequence[Contact]) -> set[str]:
    """Return the themes with an accumulation of apologies: Fisher's exact test, written out."""
    total, sorry = len(contacts), sum(each.sorry for each in contacts)
    p_values, often = {}, set()
    for theme, own in named.items():
        k, n = sum(each.sorry for each in own), len(own)
        if k >= 20:
            ways = sum(
                math.comb(sorry, x) * math.comb(total - sorry, n - x) for x in range(k, min(n, sorry) + 1)
            )
            p_values[theme] = ways / math.comb(total, n) if n < total else 1.0
            if 2 * k >= n:
                often.add(theme)
    return holm(p_values) & often


def _changes(named: Mapping[str, Sequence[Contact]], contacts: Sequence[Contact]) -> dict[str, Any]:
    """Return when the daily share of themes changed: Pettitt's test by its definition, written out."""
    totals = Counter(each.day for each in contacts)
    days, p_values, found = sorted(totals), {}, {}
    n = len(days)
    for theme, own in named.items():
        if len(own) < 20 or n < 14:
            continue
        counts = Counter(each.day for each in own)
        shares = [counts[day] / totals[day] for day in days]
        sums = {
            place: abs(sum((a < b) - (a > b) for a in shares[:place] for b in shares[place:]))
            for place in range(1, n)
        }
        place = max(sums, key=lambda each: (sums[each], -each))
        p_values[theme] = min(1.0, 2 * math.exp(-6 * sums[place] ** 2 / (n**3 + n**2)))
        early, late = days[:place], days[place:]
        found[theme] = {
            "changed_on": days[place].isoformat(),
            "share_before": shown(
                100 * sum(counts[day] for day in early) / sum(totals[day] for day in early)
            ),
            "share_after": shown(100 * sum(counts[day] for day in late) / sum(totals[day] for day in late)),
        }
    return {theme: found[theme] for theme in holm(p_values)}


# Outcomes ------------------------------------------------------------------------------------------------


ALIKE = ("channel", "program", "queue", "priority", "language")
OUTCOMES = ("csat", "nps", "first_contact", "reopened")


def outcomes_report(export: Export, first: date, last: date) -> list[dict[str, Any]]:
    """Return each outcome, and how it goes with empathy by least squares with an intercept for each group."""
    known: dict[str, list[tuple[float, float | None, tuple[str, ...]]]] = {name: [] for name in OUTCOMES}
    themes = [contact.theme for contact in _contacts(export, first, last)]
    for (interaction, facts), theme in zip(export.of_days(first, last), themes, strict=True):
        group = (*(interaction[name] or "" for name in ALIKE), theme)
        for name, value in _outcomes(interaction).items():
            if value is not None:
                known[name].append((value, facts["empathy"], group))
    rows = []
    for name, found in known.items():
        values = [value for value, _, _ in found]
        if name in {"first_contact", "reopened"}:
            level = share(sum(value == 100 for value in values), len(values))
        else:
            level = mean(values)
        row: dict[str, Any] = {"measure": name, "answered": len(values)}
        row |= {key: shown(each, 2) for key, each in zip(("estimate", "low", "high"), level, strict=True)}
        rows.append(row | _relation([each for each in found if each[1] is not None]))
    return rows


def _outcomes(interaction: Record) -> dict[str, float | None]:
    outcome, changes = interaction["outcome"], {each["to"] for each in interaction["status"]}
    nps, first = outcome.get("nps"), outcome.get("first_contact")
    reopened = bool(outcome.get("reopened")) or "reopened" in changes
    ended = outcome.get("reopened") is not None or outcome.get("resolved") or changes & {"resolved", "closed"}
    return {
        "csat": outcome.get("csat"),
        "nps": None if nps is None else (100 if nps >= 9 else -100 if nps <= 6 else 0),
        "first_contact": None if first is None else 100 * first,
        "reopened": 100 * reopened if ended or reopened else None,
    }


def _relation(found: Sequence[tuple[float, float | None, tuple[str, ...]]]) -> dict[str, Any]:
    names = ("compared", "groups", "per_10_points", "per_10_low", "per_10_high")
    sizes = Counter(group for _, _, group in found)
    rows = [(y, x, group) for y, x, group in found if sizes[group] > 1]
    groups = sorted({group for _, _, group in rows})
    degrees = len(rows) - len(groups) - 1
    if degrees < 30:
        return dict.fromkeys(names)
    y = np.array([float(each) for each, _, _ in rows])
    design = np.array([[float(x or 0), *(group == each for each in groups)] for _, x, group in rows], float)
    solved = np.linalg.lstsq(design, y, rcond=None)[0]
    variance = ((y - design @ solved) ** 2).sum() / degrees * np.linalg.inv(design.T @ design)[0, 0]
    half = float(student.ppf(0.975, degrees)) * math.sqrt(variance)
    limits = [shown(10 * each, 2) for each in (solved[0], solved[0] - half, solved[0] + half)]
    return dict(zip(names, (len(rows), len(groups), *limits), strict=True))


# Retention -----------------------------------------------------------------------------------------------


def retention_report(export: Export, first: date, last: date) -> list[dict[str, Any]]:
    """Return what became of the customers of charged cases and of others, for each horizon."""
    left: dict[str, list[datetime]] = {}
    for each in export.interactions.values():
        if each["customer"] and each["churned_at"]:
            left.setdefault(each["customer"], []).append(datetime.fromisoformat(each["churned_at"]))
    today, rows = export.exported_at.date(), []
    for days in (30, 60, 90):
        stays: dict[str, list[bool]] = {"charged": [], "other": []}
        for interaction, facts in export.of_days(first, last):
            old = date.fromisoformat(facts["day"]) + timedelta(days=days) < today
            if old and interaction["customer"]:
                at = datetime.fromisoformat(interaction["started_at"])
                moments = left.get(interaction["customer"], ())
                gone = any(at <= moment <= at + timedelta(days=days) for moment in moments)
                stays["charged" if facts["charged"] else "other"].append(not gone)
        row: dict[str, Any] = {"days": days}
        shares = {side: share(sum(own), len(own)) for side, own in stays.items()}
        for side, own in stays.items():
            row |= {f"{side}_cases": len(own), f"{side}_retained": sum(own)}
            limits = zip(("share", "low", "high"), shares[side], strict=True)
            row |= {f"{side}_{name}": shown(value) for name, value in limits}
        rows.append(row | _difference(shares["charged"], shares["other"]))
    return rows


def _difference(one: Sequence[float | None], other: Sequence[float | None]) -> dict[str, float | None]:
    """Return the difference of two shares with Newcombe's limits."""
    names = ("difference", "difference_low", "difference_high")
    if None in one or None in other:
        return dict.fromkeys(names)
    (a, a_low, a_high), (b, b_low, b_high) = ([float(each or 0) for each in side] for side in (one, other))
    low = a - b - math.sqrt((a - a_low) ** 2 + (b_high - b) ** 2)
    high = a - b + math.sqrt((a_high - a) ** 2 + (b - b_low) ** 2)
    return dict(zip(names, map(shown, (a - b, low, high)), strict=True))


# Empowerment ---------------------------------------------------------------------------------------------


def empowerment_report(export: Export, first: date, last: date) -> dict[str, Any]:
    """Return how discretion was used: over interactions, and for each discretion of each playbook."""
    judged: dict[str, list[Record]] = {}
    for interaction_id, found in export.evaluations.items():
        judged.setdefault(export.external_ids[interaction_id], []).extend(found)
    everything, by_clause = Counter[str](), dict[str, Counter[str]]()
    for interaction, _ in export.of_days(first, last):
        logged = interaction["outcome"].get("discretion_used") or []
        uses = _uses(judged.get(interaction["external_id"], []), logged)
        for clause, use in uses.items():
            by_clause.setdefault(clause, Counter()).update(_counts([use]))
        everything.update(_counts(list(uses.values())))
    rows = [
        {"playbook": clause.split("/")[0], "discretion": clause.split("/")[1], **_empowerment(counts)}
        for clause, counts in sorted(by_clause.items(), key=lambda each: (-each[1]["applied"], each[0]))
    ]
    return {"overall": _empowerment(everything), "discretions": rows}


def _uses(judged: Sequence[Record], logged: Sequence[Record]) -> dict[str, tuple[bool, str]]:
    """Return for each clause that applied or was used whether it was needed, and how it was used."""
    needed: Counter[str] = Counter()
    said: dict[str, list[str]] = {}
    for book in (each for one in judged for each in one["findings"].get("playbooks") or []):
        for finding in book["discretion"]:
            clause = f"{book['playbook']}/{finding['key']}"
            words = {True: "within", False: "over", None: "unclear"}[finding["within"]]
            words = words if finding["used"] else "unused"
            events = [_logged_use(finding, each) for each in logged if each["key"] == finding["key"]]
            said.setdefault(clause, []).extend(events if events and words != "over" else [words])
            needed[clause] += finding["needed"]
    order = ("over", "within", "unclear", "unused")
    uses = {clause: (needed[clause] > 0, min(given, key=order.index)) for clause, given in said.items()}
    return {clause: use for clause, use in uses.items() if use[0] or use[1] != "unused"}


def _logged_use(finding: Record, event: Record) -> str:
    if finding["limit"] is None:
        return "within"
    if event["amount"] is None or event["currency"] != finding["currency"]:
        return "unclear"
    return "within" if event["amount"] <= finding["limit"] else "over"


def _counts(uses: Sequence[tuple[bool, str]]) -> dict[str, int]:
    """Return what one interaction counts for: the worst use of what was needed, and what was not."""
    asked, unasked = {use for need, use in uses if need}, {use for need, use in uses if not need}
    first = next((use for use in ("over", "within", "unclear", "unused") if use in asked), None)
    return {
        "applied": int(bool(asked)),
        **{use: int(use == first) for use in ("over", "within", "unclear", "unused")},
        "unasked": int(bool(unasked)),
        "unasked_over": int("over" in unasked),
    }


def _empowerment(counts: Mapping[str, int]) -> dict[str, Any]:
    told = counts["applied"] - counts["unclear"]
    row: dict[str, Any] = {name: counts[name] for name in ("applied", "unclear", "unused")}
    row |= {"used_within": counts["within"], "over_limit": counts["over"]}
    row |= {name: counts[name] for name in ("unasked", "unasked_over")}
    names = ("share", "low", "high"), ("over_share", "over_low", "over_high")
    for those, part in zip(names, (counts["within"], counts["over"]), strict=True):
        row |= dict(zip(those, map(shown, share(part, told)), strict=True))
    return row


# Workload ------------------------------------------------------------------------------------------------


LOADS = {"concurrency": (1, 2, 3, 4, 5, 6, 7, 8), "handle_time": (0, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60)}


def workload_report(export: Export, first: date, last: date) -> dict[str, Any]:
    """Return empathy by load, and the cut that fits best by least squares with a level for each group."""
    themes = [contact.theme for contact in _contacts(export, first, last)]
    known: dict[str, list[tuple[int, float, tuple[str, ...]]]] = {measure: [] for measure in LOADS}
    for (interaction, facts), theme in zip(export.of_days(first, last), themes, strict=True):
        handling = interaction["details"].get("handling") or {}
        seconds = handling.get("handle_seconds")
        loads = {
            "concurrency": handling.get("concurrency"),
            "handle_time": None if seconds is None else seconds / 60,
        }
        group = (*(interaction[name] or "" for name in ALIKE[:3]), theme)
        for measure, load in loads.items():
            if load is not None and facts["empathy"] is not None:
                lowest = max(edge for edge in LOADS[measure] if edge <= load)
                known[measure].append((lowest, facts["empathy"], group))
    measures = [{"measure": name, "known": len(own), **_step(name, own)} for name, own in known.items()]
    classes = [row for name, own in known.items() for row in _classes(name, own)]
    return {"measures": measures, "classes": classes}


def _classes(measure: str, known: Sequence[tuple[int, float, tuple[str, ...]]]) -> list[dict[str, Any]]:
    edges, rows = LOADS[measure], []
    for load in sorted({each for each, _, _ in known}):
        own = [empathy for each, empathy, _ in known if each == load]
        above = [edge for edge in edges if edge > load]
        row = {"measure": measure, "load_from": load, "load_below": above[0] if above else None}
        row |= {"interactions": len(own), "suppressed": False}
        rows.append(row | dict(zip(("empathy", "low", "high"), map(shown, mean(own)), strict=True)))
    return rows


def _step(measure: str, known: Sequence[tuple[int, float, tuple[str, ...]]]) -> dict[str, Any]:
    several = {group for _, _, group in known if len({each for each, _, own in known if own == group}) > 1}
    rows = [each for each in known if each[2] in several]
    y, load = np.array([each[1] for each in rows], float), np.array([each[0] for each in rows])
    levels = np.array([[group == each for each in sorted(several)] for _, _, group in rows], float)
    fits = {}
    for cut in sorted(set(load.tolist()))[:-1]:
        design = np.column_stack([load > cut, levels])
        if np.linalg.matrix_rank(design) == design.shape[1]:
            solved = np.linalg.lstsq(design, y, rcond=None)[0]
            left = float(((y - design @ solved) ** 2).sum())
            fits[cut] = (left, float(solved[0]), float(np.linalg.inv(design.T @ design)[0, 0]))
    falling = {cut: fit for cut, fit in fits.items() if fit[1] < 0}
    best = min(falling, key=lambda cut: falling[cut][0], default=min(fits, key=lambda cut: fits[cut][1]))
    (left, difference, unit), degrees = fits[best], len(y) - len(several) - 2
    half = float(student.ppf(1 - 0.025 / len(fits), degrees)) * math.sqrt(left / degrees * unit)
    near = [cut for cut, fit in falling.items() if fit[0] - left <= 7.35 * left / degrees]
    limits = map(shown, (difference, difference - half, difference + half))
    falls = difference + half < 0
    most = {edge: edge for edge in LOADS[measure]}
    if measure == "handle_time":
        most = dict(zip(LOADS[measure], LOADS[measure][1:], strict=False))
    places = [most.get(cut) if falls else None for cut in (best, min(near, default=0), max(near, default=0))]
    return {
        "compared": len(y),
        "groups": len(several),
        "falls": falls,
        **dict(zip(("difference", "low", "high"), limits, strict=True)),
        **dict(zip(("beyond", "beyond_low", "beyond_high"), places, strict=True)),
    }


def main(path: str, first: str, last: str) -> None:
    """Print the reports as JSON."""
    with sys.stdin if path == "-" else open(path, encoding="utf-8") as lines:  # noqa: PTH123
        export = Export.read(lines)
    days = date.fromisoformat(first), date.fromisoformat(last)
    reports = {"friction": friction_report, "outcomes": outcomes_report, "retention": retention_report}
    reports |= {"empowerment": empowerment_report, "workload": workload_report}
    print(json.dumps({name: report(export, *days) for name, report in reports.items()}, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
