"""Formats a client's reports as plain text."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

_SCALE = 40


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main figures of one client's three reports."""
    empathy = found["empathy"]
    return {
        "slug": found["slug"],
        "finding": found["overview"]["finding"],
        "interactions": empathy["interactions"],
        "scored": empathy["scored"],
        "reviewed": empathy["reviewed"],
        "empathy": empathy["empathy"],
        "pillars": empathy["pillars"],
        "sla": found["sla"],
        "method_note": empathy["method_note"],
    }


def client_lines(client: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one client's summary."""
    counted = (
        f"{client['interactions']} interactions, {client['scored']} scored, {client['reviewed']} reviewed"
    )
    yield f"{client['slug']}: {counted}"
    yield f"  {client['finding']}"
    yield "  empathy"
    yield _estimate_line("all four pillars", client["empathy"])
    for pillar in client["pillars"]:
        yield _estimate_line(pillar.get("name") or pillar["key"], pillar)
    sla = list(_sla_lines(client["sla"]))
    if sla:
        yield "  SLA met"
        yield from sla


def _estimate_line(name: str, found: Mapping[str, Any]) -> str:
    if found.get("estimate") is None:
        return f"    {name:26} {found.get('status', 'unknown').replace('_', ' ')}"
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return f"    {name:26} {found['estimate']:5.1f}  (by the machine only, unverified)"
    return (
        f"    {name:26} {found['estimate']:5.1f}  (95 % interval {low:.1f} to {high:.1f})  {_bar(low, high)}"
    )


def _bar(low: float, high: float) -> str:
    """Return an interval on a scale from 0 to 100."""
    start = round(low / 100 * _SCALE)
    end = max(round(high / 100 * _SCALE), start + 1)
    return "|" + "." * start + "=" * (end - start) + "." * (_SCALE - end) + "|"


def _sla_lines(report: Mapping[str, Any]) -> Iterator[str]:
    goals = Counter((row["rule"], row["target"]) for row in report["promises"])
    for row in report["promises"]:
        if row["compliance"] is not None:
            several = goals[row["rule"], row["target"]] > 1 and row["days"]
            days = f"  ({row['days']})" if several else ""
            goal = "" if row["goal"] is None else f"  goal {row['goal']:.1f} %"
            missed = ", missed" if row["missed"] else ""
            name = f"{row['rule']} {row['target'].replace('_', ' ')}"
            yield f"{_compliance_line(name, row)}{goal}{missed}{days}"
    for row in [{**report, "value": "all channels"}, *report["groups"]]:
        if row["compliance"] is not None:
            yield _compliance_line(row["value"], row)
    if report.get("closed_unanswered"):
        yield f"    closed without an answer   {report['closed_unanswered']:5}"


def _compliance_line(name: str, row: Mapping[str, Any]) -> str:
    low, high = row["low"], row["high"]
    interval = f"(95 % interval {low:.1f} to {high:.1f})"
    return f"    {name:26} {row['compliance']:5.1f}  {interval}  {_bar(low, high)}"
