"""Formats a client's reports as plain text."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from infra import report_sections

_SCALE = 40
_NAMES: Mapping[str, str] = {
    "pass_rate": "pass rate",
    "critical_customer": "critical for customers",
    "critical_business": "critical for the business",
    "critical_compliance": "critical for compliance",
}
SECTIONS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "targets": report_sections.target_lines,
    "sentiment": report_sections.sentiment_lines,
    "friction": report_sections.friction_lines,
    "outcomes": report_sections.outcome_lines,
    "moments": report_sections.moment_lines,
}
_LEFT_OUT = (
    ("skipped", "reviews were put aside for good; they count as missing"),
    ("waiting", "reviews still wait"),
    ("outdated", "reviews were of words that have changed since"),
    ("unreached", "interactions arrived after the queue was last worked through"),
    ("undrawable", "interactions are under no sampling policy"),
)


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main figures of one client's three reports."""
    empathy, overview = found["empathy"], found["overview"]
    return {
        "slug": found["slug"],
        "from": empathy["from"],
        "to": empathy["to"],
        "notice": found.get("notice"),
        "finding": overview["finding"],
        "interactions": empathy["interactions"],
        "scored": empathy["scored"],
        "reviewed": empathy["reviewed"],
        "empathy": empathy["empathy"],
        "pillars": empathy["pillars"],
        "estimates": overview["estimates"],
        "bands": found.get("bands", []),
        "previous": overview["previous"],
        "changes": overview["changes"],
        "sample": overview["sample"],
        "sla": found["sla"],
        **{name: found[name] for name in SECTIONS if name in found},
        "method_note": empathy["method_note"],
    }


def common_bands(scorecards: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the bands of the score where all scorecards have the same; none where they differ."""
    bands = [list(body.get("bands") or []) for body in scorecards]
    return bands[0] if bands and all(each == bands[0] for each in bands) else []


def client_lines(client: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one client's summary."""
    yield f"{client['slug']}, {client['from']} to {client['to']}"
    if client["notice"]:
        yield f"  {client['notice']}"
    counted = f"{client['interactions']} interactions, {client['scored']} scored"
    yield f"  {counted}, {client['reviewed']} reviewed by people"
    yield f"  {client['finding']}"
    yield from _estimate_lines(client)
    sla = list(_sla_lines(client["sla"]))
    if sla:
        yield "  SLA met, per cent"
        yield from sla
    for name, section in SECTIONS.items():
        yield from section(client.get(name))
    left_out = list(_left_out(client))
    if left_out:
        yield "  left out"
        yield from left_out


def _estimate_lines(client: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each measure with a number, and one for all that have none."""
    changes = {row["measure"]: row for row in client["changes"]}
    rows = [("empathy", "empathy", client["empathy"])]
    rows += [("", f"  {each.get('name') or each['key']}", each) for each in client["pillars"]]
    rows += [
        (each["measure"], _NAMES.get(each["measure"], each["measure"]), each)
        for each in client["estimates"]
        if each["measure"] != "empathy"
    ]
    yield "  what people would say, 0 to 100"
    for measure, name, found in rows:
        if found.get("estimate") is not None:
            band = _band(client["bands"], found["estimate"]) if measure == "score" else ""
            yield f"{_estimate_line(name, found)}{band}{_trend(changes.get(measure))}"
    without: dict[str, list[str]] = {}
    for _, name, found in rows:
        if found.get("estimate") is None:
            without.setdefault(found.get("status") or "unknown", []).append(name.strip())
    for status, names in without.items():
        yield f"    no number yet ({status.replace('_', ' ')}): {', '.join(names)}"
    before = client["previous"]
    if not changes:
        yield f"    {before['from']} to {before['to']} has too little to compare with"


def _estimate_line(name: str, found: Mapping[str, Any]) -> str:
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return f"    {name:26} {found['estimate']:5.1f}  (by the machine only, unverified)"
    return (
        f"    {name:26} {found['estimate']:5.1f}  (95 % interval {low:.1f} to {high:.1f})  {_bar(low, high)}"
    )


def _band(bands: Sequence[Mapping[str, Any]], score: float) -> str:
    reached = [band for band in bands if band["from"] <= score]
    return f"  {max(reached, key=lambda band: band['from'])['name']}" if reached else ""


def _trend(change: Mapping[str, Any] | None) -> str:
    if change is None or change["difference"] is None:
        return ""
    moved = f"{change['difference']:+.1f}"
    return f"  {moved} on the period before" if change["clear"] else f"  no clear change ({moved})"


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
            verdict = ""
            if row["goal"] is not None:
                verdict = f"  goal {row['goal']:.1f}: {'missed' if row['missed'] else 'kept'}"
            name = f"{row['rule']} {row['target'].replace('_', ' ')}"
            yield f"{_compliance_line(name, row)}{verdict}{days}"
    for row in [{**report, "value": "all channels"}, *report["groups"]]:
        if row["compliance"] is not None:
            yield _compliance_line(row["value"], row)
    if report.get("closed_unanswered"):
        yield f"    closed without an answer   {report['closed_unanswered']:5}"


def _compliance_line(name: str, row: Mapping[str, Any]) -> str:
    low, high = row["low"], row["high"]
    interval = f"(95 % interval {low:.1f} to {high:.1f})"
    return f"    {name:26} {row['compliance']:5.1f}  {interval}  {_bar(low, high)}"


def _left_out(client: Mapping[str, Any]) -> Iterator[str]:
    if client["interactions"] is not None and client["scored"] is not None:
        unscored = client["interactions"] - client["scored"]
        if unscored:
            yield f"    {unscored:5} interactions are not scored"
    sample = client["sample"] or {}
    for name, words in _LEFT_OUT:
        if sample.get(name):
            yield f"    {sample[name]:5} {words}"
    for name, words in (("running", "run"), ("paused", "stand still")):
        if client["sla"].get(name):
            yield f"    {client['sla'][name]:5} SLA clocks {words} with time left"
