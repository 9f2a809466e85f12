"""Sections of a client's report as plain text: targets, mood, themes, outcomes, moments of truth."""

from collections.abc import Iterator, Mapping
from typing import Any

from qm.reports.empathy_report import PILLAR_NAMES

MOST_THEMES = 5
_QUOTE = 90
_OUTCOMES: Mapping[str, str] = {
    "csat": "satisfaction, 1 to 5",
    "nps": "net promoter score",
    "first_contact": "solved at first contact, %",
    "reopened": "reopened, %",
}


def target_lines(report: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the verdict on each quality target; nothing without any."""
    rows = (report or {}).get("targets") or ()
    if not rows:
        return
    yield "  quality targets"
    for row in rows:
        name = PILLAR_NAMES.get(row["measure"]) or row["measure"].replace("_", " ")
        side = "at most" if row["lower_is_better"] else "at least"
        now = "    -" if row["estimate"] is None else f"{row['estimate']:5.1f}"
        yield f"    {name:26} {now}  {side} {row['goal']:.1f}: {_verdict(row)}"


def _verdict(row: Mapping[str, Any]) -> str:
    if row["verdict"] != "open":
        return str(row["verdict"])
    missing = row["reviews_missing"]
    return f"cannot be told yet{f', about {missing} more reviews decide it' if missing else ''}"


def sentiment_lines(report: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield how customers' mood moves from beginning to end, as the machine reads it."""
    if not report or report["shift"] is None:
        return
    interval = ""
    if report["low"] is not None:
        interval = f"  (95 % interval {report['low']:+.2f} to {report['high']:+.2f})"
    yield "  customers' mood, -1 to +1, as the machine reads it"
    ends = f"{report['start']:+.2f} at first, {report['end']:+.2f} at last"
    yield f"    {ends}: {report['shift']:+.2f}{interval}"


def friction_lines(report: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what customers come about most, and what agents apologise for again and again."""
    rows = [row for row in (report or {}).get("themes") or () if not row["suppressed"]]
    if not rows:
        return
    yield "  what customers come about, % of all"
    for row in rows[:MOST_THEMES]:
        apology = "" if row["apology_share"] is None else f"  apology in {row['apology_share']:.0f} %"
        again = ", again and again: a fault of the product" if row["apologises_again"] else ""
        moved = ""
        if row["changed_on"] is not None:
            moved = f"  since {row['changed_on']} {row['share_before']:.1f} to {row['share_after']:.1f} %"
        name = row["name"].replace("_", " ")
        yield f"    {name:26} {row['share']:5.1f}{apology}{again if apology else ''}{moved}"


def outcome_lines(report: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what came of the interactions, and how it goes with empathy: as an association."""
    rows = [row for row in (report or {}).get("measures") or () if row["estimate"] is not None]
    if not rows:
        return
    yield "  what came of it, and how it goes with 10 points more empathy (an association, no cause)"
    for row in rows:
        digits = 2 if row["measure"] == "csat" else 1
        low, high = row["low"], row["high"]
        interval = "" if low is None else f"  (95 % interval {low:.{digits}f} to {high:.{digits}f})"
        relation = ""
        if row["per_10_low"] is not None:
            is_clear = not row["per_10_low"] <= 0 <= row["per_10_high"]
            relation = f"  {row['per_10_points']:+.2f}" if is_clear else "  no clear relation"
        yield f"    {_OUTCOMES[row['measure']]:26} {row['estimate']:5.{digits}f}{interval}{relation}"


def moment_lines(report: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what the lowest and the highest score sound like: the customer's words, short."""
    found = report or {}
    rows = [*(found.get("worst") or ())[:1], *(found.get("best") or ())[:1]]
    if not rows:
        return
    yield "  what the lowest and the highest empathy sound like"
    for row in rows:
        said = next((quote["text"] for quote in row["quotes"] if quote["speaker"] == "customer"), "")
        text = " ".join(said.split())
        short = text if len(text) <= _QUOTE else f"{text[: _QUOTE - 1].rstrip()}…"
        yield f"    {row['empathy']:5.1f}  {row['started_at'][:10]} {row['channel']}: {short}"
